//! The bytes of one column, before they are encoded.

/// The bytes of one column, followed by the rest of the buffer.
#[derive(Clone, Copy)]
pub(crate) struct RawValue<'a> {
    /// From the first byte of the value to the end of the buffer.
    pub(super) bytes: &'a [u8],
    pub(super) len: usize,
}

impl<'a> RawValue<'a> {
    /// Wraps the value `bytes[..len]`.
    #[inline(always)]
    pub(crate) fn new(bytes: &'a [u8], len: usize) -> Self {
        debug_assert!(len <= bytes.len());
        Self { bytes, len }
    }

    /// Returns the value without the bytes that follow it.
    #[inline(always)]
    pub(crate) fn value(self) -> &'a [u8] {
        &self.bytes[..self.len]
    }
}

/// Returns true if a value is missing: `-` or empty.
#[inline]
pub(crate) fn is_missing(value: &[u8]) -> bool {
    matches!(value, [] | [b'-'])
}
