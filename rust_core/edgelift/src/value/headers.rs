//! headers: an array of `{name, value}` from pieces between `%0A`, each split at its first colon.

use wide::i8x16;

use super::pieces::next_separator;
use super::text::{self, Close, Cursor, SEPARATOR};
use super::{Line, write};

/// Names up to this length are one fixed copy.
const SHORT: usize = 32;
const OPENING: [u8; 16] = *b"{\"name\":\"\0\0\0\0\0\0\0";
const OPENING_LEN: usize = 9;
const BETWEEN: [u8; 16] = *b"\",\"value\":\"\0\0\0\0\0";
const BETWEEN_LEN: usize = 11;
const CLOSE: Close = *b"\"},\0\0\0\0\0";
const CLOSE_LEN: usize = 3;

/// Writes the array without its opening bracket. Returns the place after it and the number of entries.
#[inline(never)]
pub(crate) fn headers<const DECODE: bool>(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> (usize, usize) {
    line.specials.skip_to(start);
    let room = out.len();
    let mut cursor = Cursor::new(line, start, &mut out[at..]);
    while cursor.start < end {
        if !name(&mut cursor, end) {
            let from = cursor.start;
            let entry = Line {
                bytes: line.bytes,
                specials: cursor.specials,
            };
            let (to, written) = whole_entry::<DECODE>(entry, from, end, cursor.room);
            cursor.pieces += usize::from(to > from);
            cursor.advance((to + SEPARATOR).min(end) - from, written);
            cursor.specials.skip_to(cursor.start);
            continue;
        }
        loop {
            if cursor.specials.next >= end {
                cursor.rest(end);
                *write::window_mut(cursor.room) = CLOSE;
                cursor.advance(0, CLOSE_LEN);
                cursor.pieces += 1;
                break;
            }
            if cursor.special::<DECODE, true>(end, CLOSE) {
                break;
            }
        }
    }
    line.specials = cursor.specials;
    let (after, entries) = (room - cursor.room.len(), cursor.pieces);
    // The last entry's comma makes room for the bracket.
    let end = if entries > 0 { after - 1 } else { at };
    (write::byte(out, end, b']'), entries)
}

/// Writes the name of an entry and what stands before its value, unless it is long, needs work or there is
/// none. A colon at place 0 belongs to the name, as in `:method:GET`.
#[inline(always)]
fn name(cursor: &mut Cursor<'_, '_>, end: usize) -> bool {
    let source: &[u8; SHORT + 8] = cursor.source();
    let look = |from: usize| {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&source[from..from + 16]);
        let bytes = i8x16::from(bytes.map(u8::cast_signed));
        bytes.simd_eq(i8x16::splat(b':'.cast_signed())).to_bitmask()
    };
    let mut found = look(1);
    if found == 0 {
        found = look(17) << 16;
    }
    // Nothing in the name needs work, so this colon is the first one after decoding too.
    let clean = cursor.specials.next.min(end) - cursor.start;
    let len = 1 + found.trailing_zeros() as usize;
    if len > SHORT || len >= clean {
        return false;
    }
    let target: &mut [u8; SHORT + 32] = write::window_mut(cursor.room);
    target[..16].copy_from_slice(&OPENING);
    target[OPENING_LEN..OPENING_LEN + SHORT].copy_from_slice(&source[..SHORT]);
    target[OPENING_LEN + len..][..16].copy_from_slice(&BETWEEN);
    cursor.advance(len + 1, OPENING_LEN + len + BETWEEN_LEN);
    true
}

/// Writes an entry whose name is long, needs work or has no value, and splits it afterwards: escapes of JSON
/// hold no colon, so that it is the same colon. Returns its end and the number of bytes written.
#[cold]
#[inline(never)]
fn whole_entry<const DECODE: bool>(
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
    let mut written = text::string::<DECODE>(&mut entry, from, to, out, start);
    let colon = memchr::memchr(b':', &out[start + 1..written]).map(|place| start + 1 + place);
    if let Some(colon) = colon {
        out.copy_within(colon + 1..written, colon + BETWEEN_LEN);
        write::bytes(out, colon, &BETWEEN[..BETWEEN_LEN]);
        written += BETWEEN_LEN - 1;
    } else {
        written = write::bytes(out, written, &BETWEEN[..BETWEEN_LEN]);
    }
    (to, write::bytes(out, written, &CLOSE[..CLOSE_LEN]))
}
