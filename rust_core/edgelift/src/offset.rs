//! Offsets within a record, stored in 32 bits.

/// Narrows an offset. The configuration limits records to 2^26 bytes.
#[expect(clippy::cast_possible_truncation)]
pub(crate) const fn narrow(offset: usize) -> u32 {
    offset as u32
}
