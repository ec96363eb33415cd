//! names: an array of the pieces between `%0A`.

use super::text::{Close, Cursor};
use super::{Line, write};

/// Writes the array without its opening bracket, which stands in the prefix.
#[inline(never)]
pub(crate) fn names<const DECODE: bool>(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    const CLOSE: Close = *b"\",\"\0\0\0\0\0";
    line.specials.skip_to(start);
    let room = out.len();
    let first = write::byte(out, at, b'"');
    let mut cursor = Cursor::new(line, start, &mut out[first..]);
    while cursor.specials.next < end {
        cursor.special::<DECODE, true>(end, CLOSE);
    }
    if cursor.piece < end {
        cursor.rest(end);
        *write::window_mut(cursor.room) = CLOSE;
        cursor.advance(0, 3);
        cursor.pieces += 1;
    }
    line.specials = cursor.specials;
    // The last entry's comma and quote, or the quote of none, make room for the bracket.
    let end = if cursor.pieces > 0 {
        room - cursor.room.len() - 2
    } else {
        at
    };
    write::byte(out, end, b']')
}
