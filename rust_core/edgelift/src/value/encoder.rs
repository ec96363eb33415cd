//! Encodes strings and lists of entries. The bytes between two special bytes, which the scan has found, are copied in
//! blocks.

use super::escapes::{self, decode_hex};
use super::line::Line;
use super::non_ascii::write_non_ascii;
use super::write;
use crate::scan::Specials;
use crate::slice_writer::SliceWriter;

/// For values that are not split.
pub(super) const NO_CLOSING: Closing = [0; 8];
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
        let source: &[u8; WINDOW] = if SPLIT {
            self.source()
        } else {
            // Where the variables of lists leave no register to the last start, it costs more.
            write::window_up_to_last(self.bytes, self.start)
        };
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
            self.close_entry(special, clean);
            return true;
        }
        self.write_special::<DECODE>(end, special, clean);
        false
    }

    /// Ends the current entry at a separator. Its closing characters are already written after `clean` bytes.
    #[inline(always)]
    fn close_entry(&mut self, separator: usize, clean: usize) {
        let empty = separator == self.entry_start;
        self.entry_start = separator + SEPARATOR_LEN;
        self.entries += usize::from(!empty);
        self.specials.advance();
        let written = if empty { 0 } else { clean + SEPARATOR_LEN };
        self.advance_to(self.entry_start, written);
    }

    /// Writes a special byte, or the character that begins with it. The `clean` bytes before it are already written.
    #[inline(always)]
    fn write_special<const DECODE: bool>(&mut self, end: usize, special: usize, clean: usize) {
        let source: &[u8; WINDOW] = self.source();
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
        if len > 0 {
            let target: &mut [u8; WINDOW] = write::window_mut(self.out.unwritten());
            target[clean..clean + 8].copy_from_slice(&escape);
            self.specials.advance();
            self.advance_to(special + read, clean + len);
            return;
        }
        let value = &self.bytes[special..end];
        let out = &mut self.out.unwritten()[clean..];
        let (read, written) = write_non_ascii::<DECODE>(value, out);
        self.advance_to(special + read, clean + written);
        self.specials.skip_to(self.start);
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
