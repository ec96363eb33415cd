//! Where the tabs of a line are, and which of its bytes need work. Knows no field.
//!
//! One pass over the line in blocks of 64 bytes makes two bit masks a block. The tabs are written down as
//! column ends, the mask of special bytes is kept: the encoders walk its set bits and copy what lies between.
//! `memchr` iteration in place of the masks was measured at seven times the instructions.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

use std::slice;

use wide::i8x16;

/// What a scan finds, in memory that is used again for the next line.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Bit `i % 64` of word `i / 64`: byte `i` is a control other than TAB, `"`, `%`, `\` or not ASCII, or one
    /// of a few that happen to lie between them. The word
    /// after the last one is full, so that there is always a next special byte.
    special: Vec<u64>,
    /// End of each column, the last one included; of lines with more columns than there is room for, only the
    /// number counts.
    pub(crate) ends: Vec<u32>,
}

/// Bytes in a block, and bits in a mask.
const BLOCK: usize = 64;

impl Scan {
    /// Room for lines of so many columns; those get their ends written down.
    pub(crate) fn with_columns(columns: usize) -> Self {
        Self {
            special: Vec::new(),
            ends: vec![0; columns],
        }
    }

    /// Scans the line `bytes[..len]` and returns its number of columns. What follows the line is not looked at,
    /// but where it is there, whole blocks can be read.
    #[inline(never)]
    pub(crate) fn line(&mut self, bytes: &[u8], len: usize) -> usize {
        let (blocks, rest) = bytes[..len].as_chunks::<BLOCK>();
        let words = blocks.len() + 2;
        if self.special.len() < words {
            self.special.resize(words, 0);
        }
        let mut tabs = Tabs {
            free: self.ends.iter_mut(),
            more: 0,
        };
        let mut start = 0;
        for (block, special) in blocks.iter().zip(&mut self.special) {
            let masks = masks(block);
            *special = masks.special;
            tabs.note(start, masks.tabs);
            start += BLOCK;
        }
        let masks = match bytes[start..].first_chunk() {
            Some(block) => masks(block),
            None => masks(&padded(rest)),
        };
        let inside = (1 << rest.len()) - 1;
        tabs.note(start, masks.tabs & inside);
        tabs.note(len, 1);
        let (free, more) = (tabs.free.len(), tabs.more);
        if let Some([special, after]) = self.special.get_mut(blocks.len()..words) {
            *special = masks.special & inside;
            *after = u64::MAX;
        }
        self.ends.len() - free + more
    }

    /// Room for lines of so many columns.
    pub(crate) fn widen(&mut self, columns: usize) {
        if self.ends.len() < columns {
            self.ends.resize(columns, 0);
        }
    }

    /// The same for a line of which is known where its columns end, so that tabs inside them are special bytes.
    pub(crate) fn parts(&mut self, bytes: &[u8], len: usize, ends: &[u32]) -> usize {
        self.widen(ends.len());
        if self.line(bytes, len) != ends.len() {
            let mut columns = ends.iter().map(|&end| end as usize).peekable();
            for place in memchr::memchr_iter(b'\t', &bytes[..len]) {
                if columns.next_if_eq(&place).is_none() {
                    self.special[place / BLOCK] |= 1 << (place % BLOCK);
                }
            }
            self.ends[..ends.len()].copy_from_slice(ends);
        }
        ends.len()
    }

    /// The special bytes of the last line.
    pub(crate) fn specials(&self) -> Specials<'_> {
        let (&mask, masks) = self.special.split_first().unwrap_or((&u64::MAX, &[]));
        let mut specials = Specials {
            masks,
            base: 0,
            mask,
            next: 0,
        };
        specials.find();
        specials
    }
}

/// The ends of columns, as far as there is room for them.
struct Tabs<'a> {
    free: slice::IterMut<'a, u32>,
    /// Tabs without room.
    more: usize,
}

impl Tabs<'_> {
    /// Writes down the tabs of a block.
    #[inline(always)]
    fn note(&mut self, start: usize, mut tabs: u64) {
        while tabs != 0 {
            let Some(end) = self.free.next() else {
                self.more += tabs.count_ones() as usize;
                return;
            };
            *end = position(start) + tabs.trailing_zeros();
            tabs &= tabs - 1;
        }
    }
}

/// Records are limited to 2^26 bytes by the configuration.
#[expect(clippy::cast_possible_truncation)]
const fn position(place: usize) -> u32 {
    place as u32
}

/// Walks the special bytes of a line, forwards.
#[derive(Clone, Copy)]
pub(crate) struct Specials<'a> {
    /// The words after this one.
    masks: &'a [u64],
    /// Place of the word's first bit.
    base: usize,
    /// What is left of the word, the next one included.
    mask: u64,
    /// Place of the next special byte; behind the line if there is none.
    pub(crate) next: usize,
}

impl Specials<'_> {
    /// Goes on to the special byte after the next one.
    #[inline]
    pub(crate) fn advance(&mut self) {
        self.mask &= self.mask - 1;
        self.find();
    }

    #[inline]
    fn find(&mut self) {
        while self.mask == 0 {
            self.base += BLOCK;
            // Behind the last word, everything is special.
            let Some((&mask, masks)) = self.masks.split_first() else {
                self.mask = u64::MAX;
                break;
            };
            (self.mask, self.masks) = (mask, masks);
        }
        self.next = self.base + self.mask.trailing_zeros() as usize;
    }

    /// Passes over the special bytes before a place.
    #[inline]
    pub(crate) fn skip_to(&mut self, place: usize) {
        while self.next < place {
            self.advance();
        }
    }
}

/// The last bytes of a buffer as a whole block.
#[cold]
fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    block
}

struct Masks {
    tabs: u64,
    special: u64,
}

/// The masks of one block, 16 bytes at a time.
#[inline(always)]
fn masks(block: &[u8; BLOCK]) -> Masks {
    let bits = |found: i8x16| u64::from(found.to_bitmask());
    let mut result = Masks {
        tabs: 0,
        special: 0,
    };
    for (index, part) in block.as_chunks::<16>().0.iter().enumerate() {
        let bytes = i8x16::from(part.map(u8::cast_signed));
        let equal = |byte: u8| bytes.simd_eq(i8x16::splat(byte.cast_signed()));
        // Signed: what is not ASCII is negative, and so below "&" like the controls, the quote and "%". So are the
        // blank, "!", "#" and "$", which need no work but stand in few logs: one comparison for all of them
        // pays for the times that an encoder stops in vain.
        let below = bytes.simd_lt(i8x16::splat(b'&'.cast_signed()));
        result.tabs |= bits(equal(b'\t')) << (index * 16);
        result.special |= bits(below | equal(b'\\')) << (index * 16);
    }
    // Tabs are controls, so that each of them is there to be taken out.
    result.special ^= result.tabs;
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same masks, one byte after the other.
    fn masks_by_byte(block: &[u8; BLOCK]) -> Masks {
        let mut result = Masks {
            tabs: 0,
            special: 0,
        };
        for (index, &byte) in block.iter().enumerate() {
            let special = !(b'&'..0x80).contains(&byte) || byte == b'\\';
            result.tabs |= u64::from(byte == b'\t') << index;
            result.special |= u64::from(special && byte != b'\t') << index;
        }
        result
    }

    #[test]
    fn each_byte_at_each_place_has_the_masks_of_the_slow_way() {
        for byte in 0..=u8::MAX {
            for place in 0..BLOCK {
                for around in [b'a', b'\t', b'%', 0xff] {
                    let mut block = [around; BLOCK];
                    block[place] = byte;
                    let (fast, slow) = (masks(&block), masks_by_byte(&block));
                    assert_eq!(
                        (fast.tabs, fast.special),
                        (slow.tabs, slow.special),
                        "{byte} at {place}"
                    );
                }
            }
        }
    }

    #[test]
    fn columns_end_at_tabs_and_at_the_end_of_the_line() {
        for len in 0..200 {
            let mut bytes = vec![b'x'; len + 100];
            bytes[len..].fill(b'\t');
            for place in 0..len {
                bytes[place] = b'\t';
                let mut scan = Scan::with_columns(2);
                assert_eq!(scan.line(&bytes, len), 2);
                let ends = [u32::try_from(place).unwrap(), u32::try_from(len).unwrap()];
                assert_eq!(scan.ends[..2], ends);
                assert!(scan.specials().next >= len);
                bytes[place] = b'x';
            }
        }
    }

    #[test]
    fn columns_without_room_are_counted() {
        let mut scan = Scan::with_columns(3);
        assert_eq!(scan.line(&vec![b'\t'; 100_000], 100_000), 100_001);
        assert_eq!(scan.ends[..3], [0, 1, 2]);
    }
}
