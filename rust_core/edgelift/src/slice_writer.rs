//! Writes into a slice from its beginning.
//!
//! The slice shrinks as it is written: one comparison per write, where an offset into the whole slice costs three.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

/// The part of an output slice that is not written yet.
pub(crate) struct SliceWriter<'a>(&'a mut [u8]);

impl<'a> SliceWriter<'a> {
    #[inline(always)]
    pub(crate) fn new(out: &'a mut [u8]) -> Self {
        Self(out)
    }

    /// Returns the number of bytes that are not written yet.
    #[inline(always)]
    pub(crate) fn remaining(&self) -> usize {
        self.0.len()
    }

    /// Returns the bytes that are not written yet.
    #[inline(always)]
    pub(crate) fn unwritten(&mut self) -> &mut [u8] {
        self.0
    }

    /// Skips the next `len` bytes and returns them, to be written.
    #[inline]
    pub(crate) fn take(&mut self, len: usize) -> &'a mut [u8] {
        let (taken, rest) = std::mem::take(&mut self.0).split_at_mut(len);
        self.0 = rest;
        taken
    }

    /// Writes `bytes`.
    #[inline]
    pub(crate) fn put(&mut self, bytes: &[u8]) {
        self.take(bytes.len()).copy_from_slice(bytes);
    }

    /// Skips `len` bytes, which have been written.
    #[inline(always)]
    pub(crate) fn advance(&mut self, len: usize) {
        self.0 = &mut std::mem::take(&mut self.0)[len..];
    }
}
