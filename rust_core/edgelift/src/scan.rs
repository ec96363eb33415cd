//! Finds the end of a line, the ends of its columns and the bytes that need escaping. It knows nothing about fields.
//!
//! One pass over the line computes two bit masks per block of 64 bytes. The tabs are stored as column ends. The mask
//! of special bytes is kept: encoders walk its set bits and copy the bytes between them. Iterating with `memchr`
//! instead of masks took seven times the instructions.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

mod masks;
mod specials;

use std::num::NonZeroUsize;

use crate::offset::narrow;
use masks::{masks, padded};

pub(crate) use masks::{BLOCK, Masks};
pub(crate) use specials::Specials;

/// The result of a scan, in memory that is reused for the next line.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    /// Bit `i % 64` of word `i / 64`: byte `i` is a control character other than TAB, `"`, `%`, `\`, not ASCII, or one
    /// of a few characters between these. Each line is followed by one more set bit: that of its line feed, or the
    /// first bit of a word of ones.
    special: Vec<u64>,
    /// End of each column, including the last one, and room for those of another block, so that several can be written
    /// at once. Of a line with more columns, only the number is recorded.
    ends: Vec<u32>,
}

/// A line that was found by its line feed. Two words, of which one is never zero: `Option` returns it in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScannedLine {
    /// Length of the line in bytes, without its line end.
    pub(crate) len: usize,
    pub(crate) columns: NonZeroUsize,
}

/// The ends of the first columns, of which an index of one byte, or the one after it, needs no check.
pub(crate) type FirstEnds = [u32; FIRST_ENDS];

const FIRST_ENDS: usize = u8::MAX as usize + 2;

impl Scan {
    /// Returns a scan with room for the ends of so many columns.
    pub(crate) fn with_columns(columns: usize) -> Self {
        Self {
            special: Vec::new(),
            ends: vec![0; Self::ends_for(columns)],
        }
    }

    /// Scans the line at the start of `bytes` up to its line feed, so that no separate search is needed. With
    /// `may_return` a CR before it is part of the line end. Returns `None` if no whole block has a line feed.
    #[inline(never)]
    pub(crate) fn first_line(&mut self, bytes: &[u8], may_return: bool) -> Option<ScannedLine> {
        self.first_line_with(bytes, may_return, masks)
    }

    /// Does the same with another implementation of the masks.
    #[inline(always)]
    pub(crate) fn first_line_with(
        &mut self,
        bytes: &[u8],
        may_return: bool,
        masks: impl Fn(&[u8; BLOCK]) -> Masks,
    ) -> Option<ScannedLine> {
        let blocks = bytes.as_chunks::<BLOCK>().0;
        self.reserve_masks(blocks.len());
        let mut ends = &mut self.ends[..];
        let mut start = 0;
        let mut blocks = blocks.iter().zip(&mut self.special);
        let feed = loop {
            let (block, special) = blocks.next()?;
            let masks = masks(block);
            *special = masks.special;
            // Bits up to the first line feed, or all of them.
            let line_mask = masks.feeds ^ masks.feeds.wrapping_sub(1);
            let Some(positions) = ends.first_chunk_mut() else {
                return first_wide_line(bytes);
            };
            let count = push_positions(positions, start, masks.tabs & line_mask);
            ends = &mut std::mem::take(&mut ends)[count..];
            if masks.feeds != 0 {
                break start + masks.feeds.trailing_zeros() as usize;
            }
            start += BLOCK;
        };
        let returns = may_return && bytes[..feed].ends_with(b"\r");
        let len = feed - usize::from(returns);
        let left = ends.len();
        let last = self.ends.len() - left;
        let Some(end) = self.ends.get_mut(last) else {
            return first_wide_line(bytes);
        };
        *end = narrow(len);
        let columns = NonZeroUsize::MIN.saturating_add(last);
        // The line feed is special, too, and ends all columns, so the bits after it are harmless.
        Some(ScannedLine { len, columns })
    }

    /// Scans the line `bytes[..len]`, whose values may contain line feeds, and returns its number of columns. Bytes
    /// after the line do not change the result, but allow whole blocks to be read.
    #[inline(never)]
    pub(crate) fn line(&mut self, bytes: &[u8], len: usize) -> usize {
        self.line_with(bytes, len, masks)
    }

    /// Does the same with another implementation of the masks.
    #[inline(always)]
    pub(crate) fn line_with(
        &mut self,
        bytes: &[u8],
        len: usize,
        masks: impl Fn(&[u8; BLOCK]) -> Masks,
    ) -> usize {
        let (blocks, rest) = bytes[..len].as_chunks::<BLOCK>();
        self.reserve_masks(blocks.len() + 2);
        let mut ends = &mut self.ends[..];
        let capacity = ends.len();
        let mut start = 0;
        for (block, special) in blocks.iter().zip(&mut self.special) {
            let masks = masks(block);
            *special = masks.special;
            let Some(positions) = ends.first_chunk_mut() else {
                return count_tabs(&bytes[..len]) + 1;
            };
            let count = push_positions(positions, start, masks.tabs);
            ends = &mut std::mem::take(&mut ends)[count..];
            start += BLOCK;
        }
        let masks = match bytes[start..].first_chunk() {
            Some(block) => masks(block),
            None => masks(&padded(rest)),
        };
        // Special bytes after the line are harmless: all columns end before them.
        self.special[blocks.len()] = masks.special;
        self.special[blocks.len() + 1] = u64::MAX;
        let line_mask = (1 << rest.len()) - 1;
        let Some(positions) = ends.first_chunk_mut() else {
            return count_tabs(&bytes[..len]) + 1;
        };
        let count = push_positions(positions, start, masks.tabs & line_mask);
        positions[count] = narrow(len);
        capacity - ends.len() + count + 1
    }

    /// Makes room for `words` masks.
    #[inline(always)]
    fn reserve_masks(&mut self, words: usize) {
        if self.special.len() < words {
            self.special.resize(words, 0);
        }
    }

    /// Returns the ends of the first `columns` columns of the last line.
    pub(crate) fn ends(&self, columns: usize) -> &[u32] {
        &self.ends[..columns]
    }

    /// Returns the ends of the first columns. Those after the last column are old.
    #[inline(always)]
    pub(crate) fn first_ends(&self) -> &FirstEnds {
        self.ends.first_chunk().expect("room for the first ends")
    }

    /// Returns the number of ends for which there is room: a block more than the columns.
    fn ends_for(columns: usize) -> usize {
        (columns + BLOCK).max(FIRST_ENDS)
    }

    /// Makes room for the ends of `columns` columns.
    pub(crate) fn widen(&mut self, columns: usize) {
        let capacity = Self::ends_for(columns);
        if self.ends.len() < capacity {
            self.ends.resize(capacity, 0);
        }
    }

    /// Scans a line whose column ends are known. Tabs inside a column are special bytes.
    pub(crate) fn line_with_ends(&mut self, bytes: &[u8], len: usize, ends: &[u32]) -> usize {
        self.widen(ends.len());
        self.ends[..ends.len()].copy_from_slice(ends);
        let words = len / BLOCK + 2;
        self.reserve_masks(words);
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

    /// Returns the special bytes of the last line.
    #[inline]
    pub(crate) fn specials(&self) -> Specials<'_> {
        Specials::new(&self.special)
    }
}

/// Finds a line that has more columns than any layout.
#[cold]
fn first_wide_line(bytes: &[u8]) -> Option<ScannedLine> {
    let len = memchr::memchr(b'\n', bytes)?;
    let columns = NonZeroUsize::MIN.saturating_add(count_tabs(&bytes[..len]));
    Some(ScannedLine { len, columns })
}

#[cold]
fn count_tabs(line: &[u8]) -> usize {
    memchr::memchr_iter(b'\t', line).count()
}

/// Writes the positions of the set bits of a mask and returns their number.
///
/// Four positions are always written: a loop over the set bits would have a varying number of iterations, which branch
/// prediction cannot foresee.
#[inline(always)]
fn push_positions(positions: &mut [u32; BLOCK], start: usize, mut mask: u64) -> usize {
    let count = mask.count_ones() as usize;
    let (first, rest) = positions.split_at_mut(4);
    for position in first {
        *position = narrow(start) + mask.trailing_zeros();
        mask &= mask.wrapping_sub(1);
    }
    if mask != 0 {
        for position in rest {
            *position = narrow(start) + mask.trailing_zeros();
            mask &= mask - 1;
            if mask == 0 {
                break;
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_line_is_found_by_its_first_line_feed_in_a_whole_block() {
        for room in 0..200 {
            for feed in 0..room {
                for (last, returns) in [(b'x', false), (b'\r', false), (b'\r', true)] {
                    let mut bytes = vec![b'x'; room];
                    bytes[feed..].fill(b'\n');
                    bytes[..feed]
                        .iter_mut()
                        .step_by(7)
                        .for_each(|byte| *byte = b'\t');
                    if let Some(before) = feed.checked_sub(1) {
                        bytes[before] = last;
                    }
                    let mut scan = Scan::with_columns(30);
                    let found = scan.first_line(&bytes, returns);
                    let whole = room / BLOCK * BLOCK;
                    assert_eq!(found.is_some(), feed < whole);
                    let Some(ScannedLine { len, columns }) = found else {
                        continue;
                    };
                    let columns = columns.get();
                    assert_eq!(len, feed - usize::from(returns && feed > 0));
                    let ends = scan.ends(columns).to_vec();
                    let mut known = Scan::with_columns(30);
                    assert_eq!(known.line(&bytes, len), columns, "{feed} of {room}");
                    assert_eq!(ends, known.ends(columns));
                    assert_eq!(
                        scan.specials().next.min(len),
                        known.specials().next.min(len)
                    );
                }
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
            assert_eq!(scan.line_with_ends(&bytes, len, &[narrow(len)]), 1);
            let mut specials = scan.specials();
            for place in (0..tabs).chain([tabs + 1]) {
                assert_eq!(specials.next, place);
                specials.advance();
            }
            assert!(specials.next >= len);
        }
    }

    #[test]
    fn columns_beyond_capacity_are_counted() {
        let mut scan = Scan::with_columns(3);
        assert_eq!(scan.line(&vec![b'\t'; 100_000], 100_000), 100_001);
        assert_eq!(scan.ends(3), [0, 1, 2]);
        let line = [vec![b'\t'; 100_000], vec![b'\n'; BLOCK]].concat();
        let line = scan.first_line(&line, true).expect("a line feed");
        assert_eq!((line.len, line.columns.get()), (100_000, 100_001));
    }
}
