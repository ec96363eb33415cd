//! `headers`: an array of `{name, value}`. Entries are separated by `%0A`, and split at their first colon.

use wide::i8x16;

use super::encoder::{Closing, Encoder, SEPARATOR_LEN};
use super::entries::next_separator;
use super::line::Line;
use super::{text, write};

/// Names up to this length are written as one copy of fixed size.
const MAX_COPIED: usize = 32;
const OPENING: [u8; 16] = *b"{\"name\":\"\0\0\0\0\0\0\0";
const OPENING_LEN: usize = 9;
const BETWEEN: [u8; 16] = *b"\",\"value\":\"\0\0\0\0\0";
const BETWEEN_LEN: usize = 11;
const CLOSING: Closing = *b"\"},\0\0\0\0\0";
const CLOSING_LEN: usize = 3;

/// Writes the array without its opening bracket. Returns the end of the output and the number of entries.
#[inline(never)]
pub(crate) fn write_headers<const DECODE: bool>(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> (usize, usize) {
    line.specials.skip_to(start);
    let len = out.len();
    let mut encoder = Encoder::new(line, start, &mut out[at..]);
    while encoder.start < end {
        if !write_name(&mut encoder, end) {
            let from = encoder.start;
            let entry = Line {
                bytes: line.bytes,
                specials: encoder.specials,
            };
            let (to, written) = write_entry::<DECODE>(entry, from, end, encoder.out.unwritten());
            encoder.entries += usize::from(to > from);
            encoder.advance((to + SEPARATOR_LEN).min(end) - from, written);
            encoder.specials.skip_to(encoder.start);
            continue;
        }
        loop {
            if encoder.specials.next >= end {
                encoder.write_rest(end);
                *write::window_mut(encoder.out.unwritten()) = CLOSING;
                encoder.advance(0, CLOSING_LEN);
                encoder.entries += 1;
                break;
            }
            if encoder.write_through_special::<DECODE, true>(end, CLOSING) {
                break;
            }
        }
    }
    line.specials = encoder.specials;
    let (after, entries) = (len - encoder.out.remaining(), encoder.entries);
    // The bracket replaces the comma of the last entry.
    let end = if entries > 0 { after - 1 } else { at };
    (write::byte(out, end, b']'), entries)
}

/// Writes the name of an entry and everything up to its value. Writes nothing and returns false if the name is long
/// or has special bytes, or if the entry has no colon. A colon at the beginning is part of the name, as in
/// `:method:GET`.
#[inline(always)]
fn write_name(encoder: &mut Encoder<'_, '_>, end: usize) -> bool {
    let source: &[u8; MAX_COPIED + 8] = encoder.source();
    let colons = |from: usize| {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&source[from..from + 16]);
        let bytes = i8x16::from(bytes.map(u8::cast_signed));
        bytes.simd_eq(i8x16::splat(b':'.cast_signed())).to_bitmask()
    };
    let mut found = colons(1);
    if found == 0 {
        found = colons(17) << 16;
    }
    // The name has no special bytes, so that this colon is the first one after decoding, too.
    let clean = encoder.specials.next.min(end) - encoder.start;
    let len = 1 + found.trailing_zeros() as usize;
    if len > MAX_COPIED || len >= clean {
        return false;
    }
    let target: &mut [u8; MAX_COPIED + 32] = write::window_mut(encoder.out.unwritten());
    target[..16].copy_from_slice(&OPENING);
    target[OPENING_LEN..OPENING_LEN + MAX_COPIED].copy_from_slice(&source[..MAX_COPIED]);
    target[OPENING_LEN + len..][..16].copy_from_slice(&BETWEEN);
    encoder.advance(len + 1, OPENING_LEN + len + BETWEEN_LEN);
    true
}

/// Writes an entry as a string and splits it afterwards. JSON escapes contain no colon, so that the first colon is the
/// same. Returns the end of the entry and the number of bytes written.
#[cold]
#[inline(never)]
fn write_entry<const DECODE: bool>(
    mut entry: Line<'_>,
    from: usize,
    end: usize,
    out: &mut [u8],
) -> (usize, usize) {
    let specials = entry.specials;
    let to = next_separator(&mut entry, end);
    if to == from {
        return (to, 0);
    }
    entry.specials = specials;
    let start = write::bytes(out, 0, &OPENING[..OPENING_LEN]);
    let mut written = text::write_string::<DECODE>(&mut entry, from, to, out, start);
    let colon = memchr::memchr(b':', &out[start + 1..written]).map(|found| start + 1 + found);
    if let Some(colon) = colon {
        out.copy_within(colon + 1..written, colon + BETWEEN_LEN);
        write::bytes(out, colon, &BETWEEN[..BETWEEN_LEN]);
        written += BETWEEN_LEN - 1;
    } else {
        written = write::bytes(out, written, &BETWEEN[..BETWEEN_LEN]);
    }
    (to, write::bytes(out, written, &CLOSING[..CLOSING_LEN]))
}
