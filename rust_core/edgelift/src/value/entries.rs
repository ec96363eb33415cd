//! Entries of `headers` and `names`: they are separated by `%0A`, and empty ones are skipped.

use super::encoder::SEPARATOR_LEN;
use super::line::Line;

/// Counts the entries of the value `line.bytes[start..end]`.
pub(crate) fn count(line: &mut Line<'_>, start: usize, end: usize) -> usize {
    let mut entries = 0;
    let mut from = start;
    while from < end {
        line.specials.skip_to(from);
        let to = next_separator(line, end);
        entries += usize::from(to > from);
        from = to + SEPARATOR_LEN;
    }
    entries
}

/// Moves the line's cursor to the next separator and returns its position, or `end` if there is none.
pub(crate) fn next_separator(line: &mut Line<'_>, end: usize) -> usize {
    while line.specials.next < end && !is_separator(&line.bytes[..end], line.specials.next) {
        line.specials.advance();
    }
    line.specials.next.min(end)
}

/// Returns true if a separator begins at `at`.
#[inline(always)]
fn is_separator(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[at..], [b'%', b'0', b'A' | b'a', ..])
}
