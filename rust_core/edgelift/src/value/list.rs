//! `list`: an array of the entries between commas. Blanks around entries are trimmed, empty entries are skipped.

use super::line::Line;
use super::{text, write};

/// A blank: plain, percent-encoded, and as some proxies write it.
const BLANKS: [&[u8]; 3] = [b" ", b"%20", b"\\x20"];

/// Writes the array without its opening bracket. Returns `None` if there is no entry: the list counts as missing.
pub(crate) fn write_list<const DECODE: bool>(
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
            at = text::write_string::<DECODE>(line, entry, entry_end, out, at);
            at = write::byte(out, at, b'"');
        }
        from = to + 1;
    }
    (at > first).then(|| write::byte(out, at, b']'))
}

/// Returns the range of the entry without the blanks at both ends.
pub(crate) fn trim(bytes: &[u8], mut from: usize, mut to: usize) -> (usize, usize) {
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
