//! `status`: three digits, written as an integer.

use super::raw_value::RawValue;
use super::{digits, write};

/// Returns true if the value is a status without leading zeros.
#[inline(always)]
pub(crate) fn fits_fast_path(bytes: &[u8; 32], len: usize) -> bool {
    len == 3 && bytes[0] != b'0' && digits::mask(write::window(bytes)) & 0b111 == 0b111
}

/// Returns true if the value is a status.
#[inline]
pub(super) fn fits(raw: RawValue<'_>) -> bool {
    raw.len == 3 && digits::up_to_eight(digits::word(raw.bytes), 3)
}

/// Writes a status without leading zeros; 000 becomes 0.
#[inline]
pub(crate) fn write_status(raw: RawValue<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    if !fits(raw) {
        return None;
    }
    let zeros = if raw.bytes[0] == b'0' {
        digits::leading_zeros(raw.value())
    } else {
        0
    };
    Some(write::range(out, at, raw.bytes, zeros, 3))
}
