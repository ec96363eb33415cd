//! text and keyword: a JSON string, percent-decoded once, lossily, as `bytes.decode("utf-8", "replace")` does.
//!
//! What needs no work is copied between the set bits of the scan's mask. Bytes of a character outside ASCII
//! may stand raw or as escapes, even mixed, so that a character is put together byte by byte in `wide`.

use super::digits::{HIGH_HALF, LOW};
use super::{Line, write};
use crate::scan::Specials;

/// U+FFFD in UTF-8.
const REPLACEMENT: [u8; 8] = [0xef, 0xbf, 0xbd, 0, 0, 0, 0, 0];

/// Writes what stands between the quotes. The line's cursor must not be behind `start`.
#[inline(always)]
pub(crate) fn string<const DECODE: bool>(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    line.specials.skip_to(start);
    if line.specials.next >= end {
        return write::run(out, at, line.bytes, start, end);
    }
    string_with_specials::<DECODE>(line.bytes, &mut line.specials, start, end, out, at)
}

#[inline(never)]
fn string_with_specials<const DECODE: bool>(
    bytes: &[u8],
    line_specials: &mut Specials<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    let mut specials = *line_specials;
    let mut cursor = Cursor { start, at };
    while specials.next < end {
        cursor.special::<DECODE>(bytes, &mut specials, end, out);
    }
    *line_specials = specials;
    write::run(out, cursor.at, bytes, cursor.start, end)
}

/// How far a value is read and written.
pub(super) struct Cursor {
    /// What stands before it in the input is written.
    pub(super) start: usize,
    /// Place in the output.
    pub(super) at: usize,
}

impl Cursor {
    /// Writes what stands before the next special byte, and the byte or the character that begins with it.
    #[inline(always)]
    pub(super) fn special<const DECODE: bool>(
        &mut self,
        bytes: &[u8],
        specials: &mut Specials<'_>,
        end: usize,
        out: &mut [u8],
    ) {
        let place = specials.next;
        let Some((source, target, clean)) = look(bytes, self.start, place, out, self.at) else {
            // Too much to copy at once, or too near an end of a buffer.
            let at = write::bytes(out, self.at, &bytes[self.start..place]);
            (self.start, self.at) = one::<DECODE>(&bytes[..end], place, out, at);
            return specials.skip_to(self.start);
        };
        target[..CLEAN].copy_from_slice(&source[..CLEAN]);
        let mut byte = u16::from(source[clean]);
        let mut len = 1;
        if DECODE && byte == u16::from(b'%') && place + 2 < end {
            let escaped = escape(source[clean + 1], source[clean + 2]);
            if escaped < 256 {
                byte = escaped;
                len = 3;
            }
        }
        let form = FORMS[usize::from(byte)];
        if form == 0 {
            (self.start, self.at) = wide::<DECODE>(&bytes[..end], place, out, self.at + clean);
            return specials.skip_to(self.start);
        }
        target[clean..clean + 8].copy_from_slice(&form.to_le_bytes());
        self.start = place + len;
        self.at += clean + (form >> LENGTH) as usize;
        specials.advance();
    }
}

/// Bytes that are copied at once before a special one.
const CLEAN: usize = 32;
/// These, and room for what follows them: an escape, or its form.
const LOOK: usize = CLEAN + 8;

/// What stands from `start` on, where it is going to stand, and how many clean bytes it has before the special
/// one at `place`; none if they are too many. With arrays the compiler knows that everything stays inside.
#[inline(always)]
fn look<'a>(
    bytes: &'a [u8],
    start: usize,
    place: usize,
    out: &'a mut [u8],
    at: usize,
) -> Option<(&'a [u8; LOOK], &'a mut [u8; LOOK], usize)> {
    let clean = place - start;
    if clean > CLEAN {
        return None;
    }
    Some((
        bytes[start..].first_chunk()?,
        out[at..].first_chunk_mut()?,
        clean,
    ))
}

/// Writes one special byte, or the character that begins with it.
#[inline(never)]
fn one<const DECODE: bool>(
    bytes: &[u8],
    place: usize,
    out: &mut [u8],
    at: usize,
) -> (usize, usize) {
    let (byte, after) = unit::<DECODE>(bytes, place);
    let form = FORMS[usize::from(byte)];
    if form == 0 {
        return wide::<DECODE>(bytes, place, out, at);
    }
    (
        after,
        write::eight(out, at, form.to_le_bytes(), (form >> LENGTH) as usize),
    )
}

/// The byte that stands at a place, raw or as an escape, and the place after it. What is no complete escape
/// stands for itself.
#[inline(always)]
fn unit<const DECODE: bool>(bytes: &[u8], place: usize) -> (u8, usize) {
    let byte = bytes[place];
    if DECODE
        && byte == b'%'
        && let Some(&[_, high, low]) = bytes[place..].first_chunk()
        && let Ok(escaped) = u8::try_from(escape(high, low))
    {
        return (escaped, place + 3);
    }
    (byte, place + 1)
}

/// The byte that two hexadecimal digits make; above 255 if they are none.
#[inline(always)]
fn escape(high: u8, low: u8) -> u16 {
    HIGH_HALF[usize::from(high)] | LOW[usize::from(low)]
}

/// Writes the character that begins at a place outside ASCII, or U+FFFD for as many bytes as could have
/// begun one. Returns the places after it in input and output.
#[inline(never)]
fn wide<const DECODE: bool>(
    bytes: &[u8],
    place: usize,
    out: &mut [u8],
    at: usize,
) -> (usize, usize) {
    let (first, mut after) = unit::<DECODE>(bytes, place);
    // Table 3-7 of the Unicode standard: length, and the range of the second byte.
    let (len, mut range) = match first {
        0xc2..=0xdf => (2, 0x80..=0xbf),
        0xe0 => (3, 0xa0..=0xbf),
        0xed => (3, 0x80..=0x9f),
        0xe1..=0xef => (3, 0x80..=0xbf),
        0xf0 => (4, 0x90..=0xbf),
        0xf1..=0xf3 => (4, 0x80..=0xbf),
        0xf4 => (4, 0x80..=0x8f),
        _ => return (after, write::eight(out, at, REPLACEMENT, 3)),
    };
    let mut character = [0; 8];
    character[0] = first;
    for next in &mut character[1..len] {
        if after >= bytes.len() {
            return (after, write::eight(out, at, REPLACEMENT, 3));
        }
        let (byte, following) = unit::<DECODE>(bytes, after);
        if !range.contains(&byte) {
            return (after, write::eight(out, at, REPLACEMENT, 3));
        }
        *next = byte;
        after = following;
        range = 0x80..=0xbf;
    }
    (after, write::eight(out, at, character, len))
}

/// Where in a form its length stands.
const LENGTH: u32 = 56;

/// How each ASCII character is written in a JSON string: up to six bytes, the first one lowest, and in the
/// highest byte their number. Zero for every other byte.
static FORMS: [u64; 256] = {
    let mut forms = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let short = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0c => b'f',
            b'\r' => b'r',
            _ => 0,
        };
        forms[byte as usize] = u64::from_le_bytes(if short != 0 {
            [b'\\', short, 0, 0, 0, 0, 0, 2]
        } else if byte < b' ' {
            let low = b"0123456789abcdef"[byte as usize & 15];
            [b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), low, 0, 6]
        } else {
            [byte, 0, 0, 0, 0, 0, 0, 1]
        });
        byte += 1;
    }
    forms
};
