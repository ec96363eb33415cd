//! Where the tabs of a line are, and which of its bytes need work. Knows no field.
//!
//! One pass over the line in blocks of 64 bytes makes two bit masks a block. The tabs are written down as
//! column ends, the mask of special bytes is kept: the encoders walk its set bits and copy what lies between.
//! `memchr` iteration in place of the masks was measured at seven times the instructions.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

use wide::i8x16;

/// What a scan finds, in memory that is used again for the next line.
#[derive(Debug)]
pub(crate) struct Scan {
    /// Bit `i % 64` of word `i / 64`: byte `i` is a control other than TAB, `"`, `%`, `\` or not ASCII, or one
    /// of a few that happen to lie between them. The word
    /// after the last one is full, so that there is always a next special byte.
    special: Vec<u64>,
    /// End of each column, the last one included, and room for those of a block, so that several can be written
    /// at once; of lines with more columns than that, only the number counts.
    ends: Vec<u32>,
}

/// Bytes in a block, and bits in a mask.
pub(crate) const BLOCK: usize = 64;
/// A place behind every line.
const FAR: usize = u32::MAX as usize;

impl Scan {
    /// Room for lines of so many columns; those get their ends written down.
    pub(crate) fn with_columns(columns: usize) -> Self {
        Self {
            special: Vec::new(),
            ends: vec![0; columns + BLOCK],
        }
    }

    /// Scans the line `bytes[..len]` and returns its number of columns. What follows the line is not looked at,
    /// but where it is there, whole blocks can be read.
    #[inline(never)]
    pub(crate) fn line(&mut self, bytes: &[u8], len: usize) -> usize {
        self.line_with(bytes, len, masks)
    }

    /// The same for every way to make masks.
    #[inline(always)]
    pub(crate) fn line_with(
        &mut self,
        bytes: &[u8],
        len: usize,
        masks: impl Fn(&[u8; BLOCK]) -> Masks,
    ) -> usize {
        let (blocks, rest) = bytes[..len].as_chunks::<BLOCK>();
        let words = blocks.len() + 2;
        if self.special.len() < words {
            self.special.resize(words, 0);
        }
        let (mut start, mut tabs) = (0, 0);
        for (block, special) in blocks.iter().zip(&mut self.special) {
            let masks = masks(block);
            *special = masks.special;
            let Some(room) = room_behind(&mut self.ends, tabs) else {
                return count_columns(&bytes[..len]);
            };
            tabs += note(room, start, masks.tabs);
            start += BLOCK;
        }
        let masks = match bytes[start..].first_chunk() {
            Some(block) => masks(block),
            None => masks(&padded(rest)),
        };
        // Special bytes behind the line do no harm: no column goes so far.
        if let Some([special, after]) = self.special.get_mut(blocks.len()..words) {
            (*special, *after) = (masks.special, u64::MAX);
        }
        let inside = (1 << rest.len()) - 1;
        let Some(room) = room_behind(&mut self.ends, tabs) else {
            return count_columns(&bytes[..len]);
        };
        let found = note(room, start, masks.tabs & inside);
        room[found] = position(len);
        tabs + found + 1
    }

    /// Where the columns of the last line end.
    pub(crate) fn ends(&self, columns: usize) -> &[u32] {
        &self.ends[..columns]
    }

    /// Room for lines of so many columns.
    pub(crate) fn widen(&mut self, columns: usize) {
        let room = columns + BLOCK;
        if self.ends.len() < room {
            self.ends.resize(room, 0);
        }
    }

    /// The same for a line of which is known where its columns end, so that tabs inside them are special bytes.
    pub(crate) fn parts(&mut self, bytes: &[u8], len: usize, ends: &[u32]) -> usize {
        self.widen(ends.len());
        self.ends[..ends.len()].copy_from_slice(ends);
        let words = len / BLOCK + 2;
        if self.special.len() < words {
            self.special.resize(words, 0);
        }
        for (index, special) in self.special[..words - 1].iter_mut().enumerate() {
            let rest = &bytes[index * BLOCK..];
            let masks = rest
                .first_chunk()
                .map_or_else(|| masks(&padded(rest)), masks);
            *special = masks.special | masks.tabs;
        }
        self.special[words - 1] = u64::MAX;
        for &end in ends {
            let place = end as usize;
            self.special[place / BLOCK] &= !(1 << (place % BLOCK));
        }
        ends.len()
    }

    /// The special bytes of the last line.
    #[inline]
    pub(crate) fn specials(&self) -> Specials<'_> {
        let mut specials = Specials {
            masks: &self.special,
            base: 0_usize.wrapping_sub(BLOCK),
            mask: 0,
            next: 0,
        };
        specials.find();
        specials
    }
}

/// Room for the ends in one block. If there is none, the columns are too many and need no more than their number.
#[inline(always)]
fn room_behind(ends: &mut [u32], count: usize) -> Option<&mut [u32; BLOCK]> {
    ends.get_mut(count..count + BLOCK)?.first_chunk_mut()
}

#[cold]
fn count_columns(line: &[u8]) -> usize {
    memchr::memchr_iter(b'\t', line).count() + 1
}

/// Writes down the places of a mask's bits, and returns how many there are.
///
/// The first four whether there are so many or not: a loop over the bits would end after another number of
/// turns each time, which no processor foresees.
#[inline(always)]
fn note(room: &mut [u32; BLOCK], start: usize, mut mask: u64) -> usize {
    const AT_ONCE: usize = 4;
    let found = mask.count_ones() as usize;
    for (index, place) in room.iter_mut().enumerate() {
        if index >= AT_ONCE && mask == 0 {
            break;
        }
        *place = position(start) + mask.trailing_zeros();
        mask &= mask.wrapping_sub(1);
    }
    found
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
            let Some((&mask, masks)) = self.masks.split_first() else {
                // Behind the last word, everything is special.
                (self.base, self.mask) = (FAR, u64::MAX);
                break;
            };
            self.base = self.base.wrapping_add(BLOCK);
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

pub(crate) struct Masks {
    pub(crate) tabs: u64,
    pub(crate) special: u64,
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
                assert_eq!(scan.ends(2), ends);
                assert!(scan.specials().next >= len);
                bytes[place] = b'x';
            }
        }
    }

    #[test]
    fn tabs_in_a_column_are_special_however_many_there_are() {
        for tabs in 0..300 {
            let mut bytes = [vec![b'\t'; tabs], b"x\"".to_vec()].concat();
            let (len, room) = (bytes.len(), bytes.len() + BLOCK);
            bytes.resize(room, 0);
            let mut scan = Scan::with_columns(1);
            assert_eq!(scan.parts(&bytes, len, &[position(len)]), 1);
            let mut specials = scan.specials();
            for place in (0..tabs).chain([tabs + 1]) {
                assert_eq!(specials.next, place);
                specials.advance();
            }
            assert!(specials.next >= len);
        }
    }

    #[test]
    fn columns_without_room_are_counted() {
        let mut scan = Scan::with_columns(3);
        assert_eq!(scan.line(&vec![b'\t'; 100_000], 100_000), 100_001);
        assert_eq!(scan.ends(3), [0, 1, 2]);
    }
}
