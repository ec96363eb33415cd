//! The special bytes of a line, one after the other.

use super::BLOCK;

/// A place behind every line.
const FAR: usize = u32::MAX as usize;

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

impl<'a> Specials<'a> {
    /// Those of a line, by the masks of its blocks.
    #[inline]
    pub(super) fn new(masks: &'a [u64]) -> Self {
        let mut specials = Self {
            masks,
            base: 0_usize.wrapping_sub(BLOCK),
            mask: 0,
            next: 0,
        };
        specials.find();
        specials
    }

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
