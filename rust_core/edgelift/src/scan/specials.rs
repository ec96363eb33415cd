//! Iterates over the special bytes of a line.

use super::masks::BLOCK;

/// A position after every line.
const END_POSITION: usize = u32::MAX as usize;

/// Iterator-like cursor over the special bytes of a line.
#[derive(Clone, Copy)]
pub(crate) struct Specials<'a> {
    /// The words after the current one.
    masks: &'a [u64],
    /// Position of the first bit of the current word.
    base: usize,
    /// Bits of the current word that are left, including that of `next`.
    mask: u64,
    /// Position of the next special byte; after the line if there is none.
    pub(crate) next: usize,
}

impl<'a> Specials<'a> {
    /// Returns the special bytes of a line from the masks of its blocks.
    #[inline]
    pub(super) fn new(masks: &'a [u64]) -> Self {
        let mut specials = Self {
            masks,
            base: 0_usize.wrapping_sub(BLOCK),
            mask: 0,
            next: 0,
        };
        specials.find_next();
        specials
    }

    /// Moves to the following special byte.
    #[inline]
    pub(crate) fn advance(&mut self) {
        self.mask &= self.mask - 1;
        self.find_next();
    }

    #[inline]
    fn find_next(&mut self) {
        while self.mask == 0 {
            let Some((&mask, masks)) = self.masks.split_first() else {
                // After the last word, every byte is special.
                (self.base, self.mask) = (END_POSITION, u64::MAX);
                break;
            };
            self.base = self.base.wrapping_add(BLOCK);
            (self.mask, self.masks) = (mask, masks);
        }
        self.next = self.base + self.mask.trailing_zeros() as usize;
    }

    /// Skips the special bytes before a position.
    #[inline]
    pub(crate) fn skip_to(&mut self, place: usize) {
        while self.next < place {
            self.advance();
        }
    }
}
