//! status: three digits, written as an integer.

use super::{Cell, digits, write};

/// Whether the value is a status that is written as it stands.
#[inline(always)]
pub(crate) fn is_short(bytes: &[u8; 32], len: usize) -> bool {
    len == 3 && bytes[0] != b'0' && digits::mask(write::window(bytes)) & 0b111 == 0b111
}

/// Whether the value is a status.
#[inline]
pub(super) fn fits(cell: Cell<'_>) -> bool {
    cell.len == 3 && digits::up_to_eight(digits::word(cell.bytes), 3)
}

/// Writes a status: 000 is 0.
#[inline]
pub(crate) fn status(cell: Cell<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    if !fits(cell) {
        return None;
    }
    let zeros = if cell.bytes[0] == b'0' {
        digits::leading_zeros(cell.value())
    } else {
        0
    };
    Some(write::run(out, at, cell.bytes, zeros, 3))
}
