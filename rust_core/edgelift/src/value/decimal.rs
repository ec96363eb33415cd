//! `decimal`: `-?\d+(\.\d+)?` in at most 32 bytes, written with its own digits and never converted to a float.

use super::raw_value::RawValue;
use super::{digits, write};

const MAX_LEN: usize = 32;

/// Returns true if the value has the most frequent form in CloudFront's logs: one digit, a point, three digits.
#[inline(always)]
pub(crate) fn fits_fast_path(bytes: &[u8; 32], len: usize) -> bool {
    len == 5 && bytes[1] == b'.' && digits::mask(write::window(bytes)) & 0b1_1111 == 0b1_1101
}

/// Parses a decimal and returns the number of its leading zeros.
pub(super) fn parse(raw: RawValue<'_>) -> Option<usize> {
    let value = raw.value();
    let negative = usize::from(*value.first()? == b'-');
    let number = &value[negative..];
    if value.len() > MAX_LEN {
        return None;
    }
    let whole = number
        .iter()
        .position(|&byte| byte == b'.')
        .unwrap_or(number.len());
    let fraction = number.len() - whole;
    // The fraction includes the point, so that of "5." has one byte.
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
pub(crate) fn write_decimal(raw: RawValue<'_>, out: &mut [u8], mut at: usize) -> Option<usize> {
    let zeros = parse(raw)?;
    if zeros == 0 {
        return Some(write::range(out, at, raw.bytes, 0, raw.len));
    }
    let negative = usize::from(raw.bytes[0] == b'-');
    if negative == 1 {
        at = write::byte(out, at, b'-');
    }
    Some(write::range(out, at, raw.bytes, negative + zeros, raw.len))
}
