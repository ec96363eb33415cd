//! `integer`: `-?\d+` within 64 bits, written without leading zeros.

use super::raw_value::RawValue;
use super::{digits, write};

/// Maximum number of digits that fit 64 bits whatever they are.
const SAFE_DIGITS: usize = 18;

/// A valid integer: its sign, and the position of its first digit after leading zeros.
pub(crate) struct Integer {
    pub(crate) negative: bool,
    start: usize,
}

/// Parses an integer of 64 bits.
pub(crate) fn parse(raw: RawValue<'_>) -> Option<Integer> {
    let value = raw.value();
    let negative = *value.first()? == b'-';
    let mut start = usize::from(negative);
    let len = value.len() - start;
    if len == 0 || !digits::all(&raw.bytes[start..], len) {
        return None;
    }
    if value[start] == b'0' {
        start += digits::leading_zeros(&value[start..]);
    }
    if value.len() - start > SAFE_DIGITS && !within_64_bits(negative, &value[start..]) {
        return None;
    }
    // -0 is 0: integers have no negative zero.
    let negative = negative && value[start] != b'0';
    Some(Integer { negative, start })
}

/// Compares as bytes: digits of equal number and without leading zeros are ordered as their numbers are.
#[cold]
fn within_64_bits(negative: bool, digits: &[u8]) -> bool {
    let limit = if negative {
        b"9223372036854775808"
    } else {
        b"9223372036854775807"
    };
    digits.len() < limit.len() || (digits.len() == limit.len() && digits <= &limit[..])
}

/// Returns true if the first `len` bytes are an integer of up to 16 digits without sign and leading zeros.
#[inline(always)]
pub(crate) fn fits_fast_path(bytes: &[u8; 32], len: usize) -> bool {
    len <= 16
        && (bytes[0] != b'0' || len == 1)
        && digits::mask(write::window(bytes)).trailing_ones() as usize >= len
}

/// Writes an integer.
#[inline]
pub(crate) fn write_integer(raw: RawValue<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    let integer = parse(raw)?;
    Some(integer.write(raw, out, at))
}

impl Integer {
    /// Writes the integer. `raw` is the value it was parsed from.
    pub(crate) fn write(&self, raw: RawValue<'_>, out: &mut [u8], mut at: usize) -> usize {
        if self.negative {
            at = write::byte(out, at, b'-');
        }
        write::range(out, at, raw.bytes, self.start, raw.len)
    }

    /// Returns true if the integer is greater than `number`. `raw` is the value it was parsed from.
    pub(crate) fn exceeds(&self, raw: RawValue<'_>, number: u64) -> bool {
        let digits = &raw.value()[self.start..];
        // An overflow means that the integer is greater than any `u64`.
        let magnitude = digits.iter().try_fold(0_u64, |sum, digit| {
            sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
        });
        !self.negative && magnitude.is_none_or(|magnitude| magnitude > number)
    }
}
