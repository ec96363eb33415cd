//! `text` and `keyword`: a JSON string, percent-decoded once; invalid UTF-8 is replaced as in Python's
//! `bytes.decode("utf-8", "replace")`.
//!
//! The bytes between two special bytes, which the scan has found, are copied in blocks. The bytes of a character
//! outside ASCII may be raw, escaped or both, so that `write_non_ascii` reads them one by one.

use super::escapes::{self, decode_hex};
use super::line::Line;
use super::write;
use crate::scan::Specials;
use crate::slice_writer::SliceWriter;

/// U+FFFD in UTF-8.
const REPLACEMENT: [u8; 8] = [0xef, 0xbf, 0xbd, 0, 0, 0, 0, 0];

/// Writes the string `line.bytes[start..end]` without its quotes. The line's cursor must not be after `start`.
#[inline(never)]
pub(crate) fn write_string<const DECODE: bool>(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    line.specials.skip_to(start);
    let len = out.len();
    let mut encoder = Encoder::new(line, start, &mut out[at..]);
    while encoder.specials.next < end {
        encoder.write_through_special::<DECODE, false>(end, NO_CLOSING);
    }
    encoder.write_rest(end);
    line.specials = encoder.specials;
    len - encoder.out.remaining()
}

/// For values that are not split.
const NO_CLOSING: Closing = [0; 8];
/// The three characters that close an entry, padded to the eight bytes of one store.
pub(super) type Closing = [u8; 8];
/// Length of the separator `%0A`, and of the characters that close an entry.
pub(super) const SEPARATOR_LEN: usize = 3;

/// Reads a value and writes a JSON string. The input is a slice with an offset, since special bytes have one, too.
pub(super) struct Encoder<'a, 'o> {
    /// The line and the bytes that follow it.
    pub(super) bytes: &'a [u8],
    /// Offset of the first byte that is not read yet.
    pub(super) start: usize,
    pub(super) out: SliceWriter<'o>,
    pub(super) specials: Specials<'a>,
    /// Offset of the current entry.
    pub(super) entry_start: usize,
    /// Number of entries that have been closed.
    pub(super) entries: usize,
}

/// `%20`, in most logs more frequent than all other escapes together.
const BLANK: u32 = u32::from_le_bytes(*b"%20\0");
const LINE_FEED: u32 = u32::from_le_bytes(*b"%0a\0");
/// Makes `%0A` equal to `%0a`.
const LOWER_CASE: u32 = u32::from_le_bytes([0, 0, 0x20, 0]);

/// Bytes before a special byte that are copied at once.
const BLOCK: usize = 32;
/// A block, and the escape that may follow it in input and output.
const WINDOW: usize = BLOCK + 8;

impl<'a, 'o> Encoder<'a, 'o> {
    #[inline(always)]
    pub(super) fn new(line: &Line<'a>, start: usize, out: &'o mut [u8]) -> Self {
        Self {
            bytes: line.bytes,
            start,
            out: SliceWriter::new(out),
            specials: line.specials,
            entry_start: start,
            entries: 0,
        }
    }

    /// Returns the next bytes of the input.
    #[inline(always)]
    pub(super) fn source<const SIZE: usize>(&self) -> &'a [u8; SIZE] {
        write::window_at(self.bytes, self.start)
    }

    /// Skips the bytes that have been read and written.
    #[inline(always)]
    pub(super) fn advance(&mut self, read: usize, written: usize) {
        self.start += read;
        self.out.advance(written);
    }

    /// Sets the input offset, and skips the bytes that have been written.
    #[inline(always)]
    fn advance_to(&mut self, start: usize, written: usize) {
        self.start = start;
        self.out.advance(written);
    }

    /// Writes the bytes before the next special byte, and that byte or the character that begins with it. Writes only
    /// one block if more than that come before it. With `SPLIT`, `%0A` closes the entry with `closing` unless the entry
    /// is empty; returns true for a separator.
    #[inline(always)]
    pub(super) fn write_through_special<const DECODE: bool, const SPLIT: bool>(
        &mut self,
        end: usize,
        closing: Closing,
    ) -> bool {
        let special = self.specials.next;
        let clean = special - self.start;
        let source: &[u8; WINDOW] = self.source();
        let target: &mut [u8; WINDOW] = write::window_mut(self.out.unwritten());
        target[..BLOCK].copy_from_slice(&source[..BLOCK]);
        if clean > BLOCK {
            self.advance(BLOCK, BLOCK);
            return false;
        }
        // A value is followed by a byte other than a hexadecimal digit, so that no escape extends past its end.
        let escape_word = u32::from_le_bytes(*write::window(&source[clean..])) & 0xff_ffff;
        if DECODE && escape_word == BLANK {
            target[clean] = b' ';
            self.specials.advance();
            self.advance_to(special + 3, clean + 1);
            return false;
        }
        if SPLIT && escape_word | LOWER_CASE == LINE_FEED {
            target[clean..clean + 8].copy_from_slice(&closing);
            let empty = special == self.entry_start;
            self.entry_start = special + SEPARATOR_LEN;
            self.entries += usize::from(!empty);
            self.specials.advance();
            self.advance_to(
                self.entry_start,
                if empty { 0 } else { clean + SEPARATOR_LEN },
            );
            return true;
        }
        let mut byte = source[clean];
        let mut read = 1;
        if DECODE
            && byte == b'%'
            && let Ok(escaped) = u8::try_from(decode_hex(source[clean + 1], source[clean + 2]))
        {
            byte = escaped;
            read = 3;
        }
        let (escape, len) = escapes::json(byte);
        if len == 0 {
            let value = &self.bytes[special..end];
            let (read, written) =
                write_non_ascii::<DECODE>(value, &mut self.out.unwritten()[clean..]);
            self.advance_to(special + read, clean + written);
            self.specials.skip_to(self.start);
            return false;
        }
        target[clean..clean + 8].copy_from_slice(&escape);
        self.specials.advance();
        self.advance_to(special + read, clean + len);
        false
    }

    /// Copies up to `end`. There must be no special byte before it.
    #[inline(always)]
    pub(super) fn write_rest(&mut self, end: usize) {
        loop {
            let clean = end - self.start;
            *write::window_mut(self.out.unwritten()) = *self.source::<BLOCK>();
            if clean <= BLOCK {
                return self.advance(clean, clean);
            }
            self.advance(BLOCK, BLOCK);
        }
    }
}

/// Returns the byte at an offset, raw or decoded, and the offset after it. Incomplete escapes are raw bytes.
#[inline(always)]
fn next_byte<const DECODE: bool>(bytes: &[u8], at: usize) -> (u8, usize) {
    let byte = bytes[at];
    if DECODE
        && byte == b'%'
        && let Some(&[_, high, low]) = bytes[at..].first_chunk()
        && let Ok(escaped) = u8::try_from(decode_hex(high, low))
    {
        return (escaped, at + 3);
    }
    (byte, at + 1)
}

/// Writes the character outside ASCII that a value begins with, or U+FFFD for the longest invalid prefix. Returns the
/// number of bytes read and written.
#[inline(never)]
fn write_non_ascii<const DECODE: bool>(bytes: &[u8], out: &mut [u8]) -> (usize, usize) {
    let (first, mut read) = next_byte::<DECODE>(bytes, 0);
    // Length, and range of the second byte: Unicode Standard, table 3-7.
    let (len, mut range) = match first {
        0xc2..=0xdf => (2, 0x80..=0xbf),
        0xe0 => (3, 0xa0..=0xbf),
        0xed => (3, 0x80..=0x9f),
        0xe1..=0xef => (3, 0x80..=0xbf),
        0xf0 => (4, 0x90..=0xbf),
        0xf1..=0xf3 => (4, 0x80..=0xbf),
        0xf4 => (4, 0x80..=0x8f),
        _ => return (read, write::eight(out, 0, REPLACEMENT, 3)),
    };
    let mut character = [0; 8];
    character[0] = first;
    for next in &mut character[1..len] {
        if read >= bytes.len() {
            return (read, write::eight(out, 0, REPLACEMENT, 3));
        }
        let (byte, after) = next_byte::<DECODE>(bytes, read);
        if !range.contains(&byte) {
            return (read, write::eight(out, 0, REPLACEMENT, 3));
        }
        *next = byte;
        read = after;
        range = 0x80..=0xbf;
    }
    (read, write::eight(out, 0, character, len))
}
