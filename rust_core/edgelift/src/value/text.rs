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
#[inline(never)]
pub(crate) fn string<const DECODE: bool>(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    line.specials.skip_to(start);
    let room = out.len();
    let mut cursor = Cursor::new(line, start, &mut out[at..]);
    while cursor.specials.next < end {
        cursor.special::<DECODE, false>(end, CLOSE_NONE);
    }
    cursor.rest(end);
    line.specials = cursor.specials;
    room - cursor.room.len()
}

/// For values that are not split.
const CLOSE_NONE: Close = [0; 8];
/// What stands behind a piece: three characters in the eight bytes that are one store.
pub(super) type Close = [u8; 8];
/// Length of `%0A`, and of what a separator becomes.
pub(super) const SEPARATOR: usize = 3;

/// How far a value is read and written. The input has a place, which follows from that of a special byte; the
/// output is a slice that shrinks, which costs one comparison where places in a whole one cost three.
pub(super) struct Cursor<'a, 'o> {
    /// The line and what follows it.
    pub(super) bytes: &'a [u8],
    /// Place of the first byte that is not read yet.
    pub(super) start: usize,
    /// What is not written yet.
    pub(super) room: &'o mut [u8],
    pub(super) specials: Specials<'a>,
    /// Place where the piece between two separators begins.
    pub(super) piece: usize,
    /// Pieces that have been closed.
    pub(super) pieces: usize,
}

/// `%20`, the escape that stands in most logs more often than all others together.
const BLANK: u32 = u32::from_le_bytes(*b"%20\0");
const LINE_FEED: u32 = u32::from_le_bytes(*b"%0a\0");
/// What makes `%0A` the same.
const LOWER_CASE: u32 = u32::from_le_bytes([0, 0, 0x20, 0]);

/// Bytes that are copied at once before a special one.
const CLEAN: usize = 32;
/// These, and room for what follows them: an escape, or its form.
const LOOK: usize = CLEAN + 8;

impl<'a, 'o> Cursor<'a, 'o> {
    #[inline(always)]
    pub(super) fn new(line: &Line<'a>, start: usize, room: &'o mut [u8]) -> Self {
        Self {
            bytes: line.bytes,
            start,
            room,
            specials: line.specials,
            piece: start,
            pieces: 0,
        }
    }

    /// What is not read yet.
    #[inline(always)]
    pub(super) fn source<const SIZE: usize>(&self) -> &'a [u8; SIZE] {
        write::window_at(self.bytes, self.start)
    }

    /// Passes over what has been read and written.
    #[inline(always)]
    pub(super) fn advance(&mut self, read: usize, written: usize) {
        self.start += read;
        self.room = &mut std::mem::take(&mut self.room)[written..];
    }

    /// Has read up to a place, and written so much.
    #[inline(always)]
    fn advance_to(&mut self, place: usize, written: usize) {
        self.start = place;
        self.room = &mut std::mem::take(&mut self.room)[written..];
    }

    /// Writes what stands before the next special byte, and the byte or the character that begins with it;
    /// of too many bytes at first a part. With `SPLIT` a `%0A` is a separator, which becomes `close` unless
    /// the piece before it is empty; then the answer is true.
    #[inline(always)]
    pub(super) fn special<const DECODE: bool, const SPLIT: bool>(
        &mut self,
        end: usize,
        close: Close,
    ) -> bool {
        let place = self.specials.next;
        let clean = place - self.start;
        let source: &[u8; LOOK] = self.source();
        let target: &mut [u8; LOOK] = write::window_mut(self.room);
        target[..CLEAN].copy_from_slice(&source[..CLEAN]);
        if clean > CLEAN {
            self.advance(CLEAN, CLEAN);
            return false;
        }
        // What follows a value is no hexadecimal digit, so that no escape reaches beyond it.
        let escape_word = u32::from_le_bytes(*write::window(&source[clean..])) & 0xff_ffff;
        if DECODE && escape_word == BLANK {
            target[clean] = b' ';
            self.specials.advance();
            self.advance_to(place + 3, clean + 1);
            return false;
        }
        if SPLIT && escape_word | LOWER_CASE == LINE_FEED {
            target[clean..clean + 8].copy_from_slice(&close);
            let empty = place == self.piece;
            self.piece = place + SEPARATOR;
            self.pieces += usize::from(!empty);
            self.specials.advance();
            self.advance_to(self.piece, if empty { 0 } else { clean + SEPARATOR });
            return true;
        }
        let mut byte = u16::from(source[clean]);
        let mut read = 1;
        if DECODE && byte == u16::from(b'%') {
            let escaped = escape(source[clean + 1], source[clean + 2]);
            if escaped < 256 {
                byte = escaped;
                read = 3;
            }
        }
        let form = FORMS[usize::from(byte)];
        if form == 0 {
            let value = &self.bytes[place..end];
            let (read, written) = wide::<DECODE>(value, &mut self.room[clean..]);
            self.advance_to(place + read, clean + written);
            self.specials.skip_to(self.start);
            return false;
        }
        target[clean..clean + 8].copy_from_slice(&form.to_le_bytes());
        self.specials.advance();
        self.advance_to(place + read, clean + (form >> LENGTH) as usize % 8);
        false
    }

    /// Copies up to `end`, before which there is no special byte.
    #[inline(always)]
    pub(super) fn rest(&mut self, end: usize) {
        loop {
            let clean = end - self.start;
            *write::window_mut(self.room) = *self.source::<CLEAN>();
            if clean <= CLEAN {
                return self.advance(clean, clean);
            }
            self.advance(CLEAN, CLEAN);
        }
    }
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

/// Writes the character outside ASCII with which a value begins, or U+FFFD for as many bytes as could have
/// begun one. Returns how many bytes it takes in input and output.
#[inline(never)]
fn wide<const DECODE: bool>(bytes: &[u8], out: &mut [u8]) -> (usize, usize) {
    let (first, mut after) = unit::<DECODE>(bytes, 0);
    // Table 3-7 of the Unicode standard: length, and the range of the second byte.
    let (len, mut range) = match first {
        0xc2..=0xdf => (2, 0x80..=0xbf),
        0xe0 => (3, 0xa0..=0xbf),
        0xed => (3, 0x80..=0x9f),
        0xe1..=0xef => (3, 0x80..=0xbf),
        0xf0 => (4, 0x90..=0xbf),
        0xf1..=0xf3 => (4, 0x80..=0xbf),
        0xf4 => (4, 0x80..=0x8f),
        _ => return (after, write::eight(out, 0, REPLACEMENT, 3)),
    };
    let mut character = [0; 8];
    character[0] = first;
    for next in &mut character[1..len] {
        if after >= bytes.len() {
            return (after, write::eight(out, 0, REPLACEMENT, 3));
        }
        let (byte, following) = unit::<DECODE>(bytes, after);
        if !range.contains(&byte) {
            return (after, write::eight(out, 0, REPLACEMENT, 3));
        }
        *next = byte;
        after = following;
        range = 0x80..=0xbf;
    }
    (after, write::eight(out, 0, character, len))
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
