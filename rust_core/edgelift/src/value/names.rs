//! `names`: an array of the entries, which are separated by `%0A`.

use super::encoder::{Closing, Encoder};
use super::line::Line;
use super::write;

/// Writes the array without its opening bracket, which is part of the prefix.
#[inline(never)]
pub(crate) fn write_names<const DECODE: bool>(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    const CLOSING: Closing = *b"\",\"\0\0\0\0\0";
    line.specials.skip_to(start);
    let len = out.len();
    let first = write::byte(out, at, b'"');
    let mut encoder = Encoder::new(line, start, &mut out[first..]);
    while encoder.specials.next < end {
        encoder.write_through_special::<DECODE, true>(end, CLOSING);
    }
    if encoder.entry_start < end {
        encoder.write_rest(end);
        *write::window_mut(encoder.out.unwritten()) = CLOSING;
        encoder.advance(0, 3);
        encoder.entries += 1;
    }
    line.specials = encoder.specials;
    // The bracket replaces the comma and quote after the last entry, or the quote of an empty array.
    let end = if encoder.entries > 0 {
        len - encoder.out.remaining() - 2
    } else {
        at
    };
    write::byte(out, end, b']')
}
