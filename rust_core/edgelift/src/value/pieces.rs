//! What headers and names have in common: pieces between `%0A`, empty ones left out.

use super::text::Cursor;
use super::{Line, write};
use crate::scan::Specials;

/// Length of `%0A`.
const SEPARATOR: usize = 3;

/// Writes the pieces of a range. For each one `open` writes what comes before it, with as much of the piece as
/// it likes; behind it comes `close`. Returns the place after them and their number.
#[inline(always)]
pub(super) fn write<const DECODE: bool>(
    line: &mut Line<'_>,
    (start, end): (usize, usize),
    out: &mut [u8],
    at: usize,
    open: impl Fn(&[u8], &mut Specials<'_>, usize, &mut [u8], &mut Cursor),
    (close, close_len): ([u8; 8], usize),
) -> (usize, usize) {
    line.specials.skip_to(start);
    let (bytes, mut specials) = (line.bytes, line.specials);
    let range = &bytes[..end];
    let mut cursor = Cursor { start, at };
    let mut pieces = 0;
    while cursor.start < end {
        let piece = cursor.start;
        open(bytes, &mut specials, end, out, &mut cursor);
        while specials.next < end && !is_separator(range, specials.next) {
            cursor.special::<DECODE>(bytes, &mut specials, end, out);
        }
        let to = specials.next.min(end);
        if to > piece {
            let after = write::run(out, cursor.at, bytes, cursor.start, to);
            cursor.at = write::eight(out, after, close, close_len);
            pieces += 1;
        }
        cursor.start = to + SEPARATOR;
        if to < end {
            specials.advance();
        }
    }
    line.specials = specials;
    (cursor.at, pieces)
}

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
