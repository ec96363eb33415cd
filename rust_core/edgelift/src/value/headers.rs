//! headers: an array of `{name, value}` from pieces between `%0A`, each split at its first colon.

use wide::i8x16;

use super::pieces::{self, next_separator};
use super::text::{self, Cursor};
use super::{Line, write};
use crate::scan::Specials;

/// Names up to this length are one fixed copy.
const SHORT: usize = 32;
const OPENING: [u8; 16] = *b"{\"name\":\"\0\0\0\0\0\0\0";
const OPENING_LEN: usize = 9;
const BETWEEN: [u8; 16] = *b"\",\"value\":\"\0\0\0\0\0";
const BETWEEN_LEN: usize = 11;

/// Writes the array without its opening bracket. Returns the place after it and the number of entries.
#[inline(never)]
pub(crate) fn headers<const DECODE: bool>(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> (usize, usize) {
    const CLOSE: ([u8; 8], usize) = (*b"\"},\0\0\0\0\0", 3);
    let range = (start, end);
    let (after, entries) = pieces::write::<DECODE>(line, range, out, at, name::<DECODE>, CLOSE);
    // The last entry's comma makes room for the bracket.
    let end = if entries > 0 { after - 1 } else { at };
    (write::byte(out, end, b']'), entries)
}

/// Writes the name of an entry and what stands before its value. A colon at place 0 belongs to the name, as in
/// `:method:GET`.
#[inline(always)]
fn name<const DECODE: bool>(
    bytes: &[u8],
    specials: &mut Specials<'_>,
    end: usize,
    out: &mut [u8],
    cursor: &mut Cursor,
) {
    let clean = specials.next.min(end);
    let Some(colon) = find_colon(bytes, cursor.start + 1, clean) else {
        return whole_entry::<DECODE>(bytes, specials, end, out, cursor);
    };
    // Nothing in the name needs work, so this colon is the first one after decoding too.
    let len = colon - cursor.start;
    if len <= SHORT
        && let Some(source) = bytes[cursor.start..].first_chunk::<SHORT>()
        && let Some(target) = out[cursor.at..].first_chunk_mut::<{ SHORT + 32 }>()
    {
        target[..16].copy_from_slice(&OPENING);
        target[OPENING_LEN..OPENING_LEN + SHORT].copy_from_slice(source);
        target[OPENING_LEN + len..][..16].copy_from_slice(&BETWEEN);
        cursor.at += OPENING_LEN + len + BETWEEN_LEN;
    } else {
        let at = write::bytes(out, cursor.at, &OPENING[..OPENING_LEN]);
        let at = write::bytes(out, at, &bytes[cursor.start..colon]);
        cursor.at = write::bytes(out, at, &BETWEEN[..BETWEEN_LEN]);
    }
    cursor.start = colon + 1;
}

/// The first colon in a range. Most names are shorter than what one look takes in.
#[inline(always)]
fn find_colon(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    if let Some(look) = bytes[from.min(bytes.len())..].first_chunk::<16>() {
        let look = i8x16::from(look.map(u8::cast_signed));
        let found = look.simd_eq(i8x16::splat(b':'.cast_signed())).to_bitmask();
        if found != 0 {
            let place = from + found.trailing_zeros() as usize;
            return (place < to).then_some(place);
        }
    }
    memchr::memchr(b':', bytes.get(from..to)?).map(|place| from + place)
}

/// Writes an entry whose name needs work or that has no value, and splits it afterwards: escapes of JSON hold
/// no colon, so that it is the same colon.
#[cold]
#[inline(never)]
fn whole_entry<const DECODE: bool>(
    bytes: &[u8],
    specials: &mut Specials<'_>,
    end: usize,
    out: &mut [u8],
    cursor: &mut Cursor,
) {
    let mut entry = Line {
        bytes,
        specials: *specials,
    };
    let to = next_separator(&mut entry, end);
    if to == cursor.start {
        return;
    }
    entry.specials = *specials;
    let start = write::bytes(out, cursor.at, &OPENING[..OPENING_LEN]);
    let written = text::string::<DECODE>(&mut entry, cursor.start, to, out, start);
    specials.skip_to(to);
    cursor.start = to;
    let Some(place) = memchr::memchr(b':', &out[start + 1..written]) else {
        cursor.at = write::bytes(out, written, &BETWEEN[..BETWEEN_LEN]);
        return;
    };
    let colon = start + 1 + place;
    out.copy_within(colon + 1..written, colon + BETWEEN_LEN);
    write::bytes(out, colon, &BETWEEN[..BETWEEN_LEN]);
    cursor.at = written - 1 + BETWEEN_LEN;
}
