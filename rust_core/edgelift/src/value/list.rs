//! list: an array of the pieces between commas, trimmed of blanks in any spelling, empty ones left out.

use super::{Line, text, write};

/// A blank, percent-encoded, and as some proxies spell it.
const BLANKS: [&[u8]; 3] = [b" ", b"%20", b"\\x20"];

/// Writes the array without its opening bracket; `None` if no entry is left, so that the list is missing.
pub(crate) fn list<const DECODE: bool>(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    mut at: usize,
) -> Option<usize> {
    let first = at;
    let mut from = start;
    while from <= end {
        let rest = &line.bytes[from..end];
        let to = from + memchr::memchr(b',', rest).unwrap_or(rest.len());
        let (entry, entry_end) = trim(line.bytes, from, to);
        if entry < entry_end {
            if at > first {
                at = write::byte(out, at, b',');
            }
            at = write::byte(out, at, b'"');
            at = text::string::<DECODE>(line, entry, entry_end, out, at);
            at = write::byte(out, at, b'"');
        }
        from = to + 1;
    }
    (at > first).then(|| write::byte(out, at, b']'))
}

/// The entry without the blanks at both ends.
fn trim(bytes: &[u8], mut from: usize, mut to: usize) -> (usize, usize) {
    while let Some(blank) = BLANKS
        .iter()
        .find(|blank| bytes[from..to].starts_with(blank))
    {
        from += blank.len();
    }
    while let Some(blank) = BLANKS.iter().find(|blank| bytes[from..to].ends_with(blank)) {
        to -= blank.len();
    }
    (from, to)
}
