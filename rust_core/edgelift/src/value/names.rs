//! names: an array of the pieces between `%0A`.

use super::{Line, pieces, write};

/// Writes the array without its opening bracket, which stands in the prefix.
#[inline(never)]
pub(crate) fn names<const DECODE: bool>(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    const CLOSE: ([u8; 8], usize) = (*b"\",\"\0\0\0\0\0", 3);
    let first = write::byte(out, at, b'"');
    let range = (start, end);
    let (at, pieces) = pieces::write::<DECODE>(line, range, out, first, |_, _, _, _, _| {}, CLOSE);
    // The last entry's comma and quote, or the quote of none, make room for the bracket.
    let end = if pieces > 0 { at - 2 } else { first - 1 };
    write::byte(out, end, b']')
}
