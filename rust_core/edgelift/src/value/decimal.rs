//! decimal: `-?\d+(\.\d+)?` in at most 32 bytes, written with the digits that it has; never a float.

use super::{Cell, digits, write};

const LONGEST: usize = 32;

/// Whether the value has the form in which CloudFront writes most: one digit, the point, three digits.
#[inline(always)]
pub(crate) fn is_short(bytes: &[u8; 32], len: usize) -> bool {
    len == 5 && bytes[1] == b'.' && digits::mask(write::window(bytes)) & 0b1_1111 == 0b1_1101
}

/// Reads a decimal: how many leading zeros it has, or `None` if the value is none.
pub(super) fn parse(cell: Cell<'_>) -> Option<usize> {
    let value = cell.value();
    let negative = usize::from(*value.first()? == b'-');
    let number = &value[negative..];
    if value.len() > LONGEST {
        return None;
    }
    let whole = number
        .iter()
        .position(|&byte| byte == b'.')
        .unwrap_or(number.len());
    let fraction = number.len() - whole;
    // "5." has a fraction of one byte, the point alone.
    if whole == 0 || fraction == 1 || !digits::all(number, whole) {
        return None;
    }
    if fraction > 1 && !digits::all(&number[whole + 1..], fraction - 1) {
        return None;
    }
    Some(digits::leading_zeros(&number[..whole]))
}

/// Writes a decimal.
#[inline]
pub(crate) fn decimal(cell: Cell<'_>, out: &mut [u8], mut at: usize) -> Option<usize> {
    let zeros = parse(cell)?;
    if zeros == 0 {
        return Some(write::run(out, at, cell.bytes, 0, cell.len));
    }
    let negative = usize::from(cell.bytes[0] == b'-');
    if negative == 1 {
        at = write::byte(out, at, b'-');
    }
    Some(write::run(out, at, cell.bytes, negative + zeros, cell.len))
}
