//! What headers and names have in common: pieces between `%0A`, empty ones left out.

use super::Line;
use super::text::SEPARATOR;

/// Number of pieces in a range.
pub(crate) fn count(line: &mut Line<'_>, start: usize, end: usize) -> usize {
    let mut pieces = 0;
    let mut from = start;
    while from < end {
        line.specials.skip_to(from);
        let to = next_separator(line, end);
        pieces += usize::from(to > from);
        from = to + SEPARATOR;
    }
    pieces
}

/// The next separator from where the line's cursor is, or the end.
pub(super) fn next_separator(line: &mut Line<'_>, end: usize) -> usize {
    while line.specials.next < end && !is_separator(&line.bytes[..end], line.specials.next) {
        line.specials.advance();
    }
    line.specials.next.min(end)
}

/// Whether a separator begins here.
#[inline(always)]
fn is_separator(range: &[u8], place: usize) -> bool {
    matches!(range[place..], [b'%', b'0', b'A' | b'a', ..])
}
