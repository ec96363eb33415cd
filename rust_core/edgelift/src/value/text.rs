//! `text` and `keyword`: a JSON string, percent-decoded once; invalid UTF-8 is replaced as in Python's
//! `bytes.decode("utf-8", "replace")`.

use super::encoder::{Encoder, NO_CLOSING};
use super::line::{Line, SLACK};

/// Writes the string `line.bytes[start..end]` without its quotes. The line's cursor must not be after `start`.
#[inline(never)]
pub(crate) fn write_string<const DECODE: bool>(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    line.specials.skip_to(start);
    let len = out.len();
    // Known from here on, so that one comparison proves each window.
    assert!(line.bytes.len() >= SLACK, "bytes follow every line");
    let mut encoder = Encoder::new(line, start, &mut out[at..]);
    while encoder.specials.next < end {
        encoder.write_through_special::<DECODE, false>(end, NO_CLOSING);
    }
    encoder.write_rest(end);
    line.specials = encoder.specials;
    len - encoder.out.remaining()
}
