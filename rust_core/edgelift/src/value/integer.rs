//! integer: `-?\d+` within 64 bits, written without leading zeros.

use super::{Cell, digits, write};

/// Digits that every integer of 64 bits can have.
const SAFE_DIGITS: usize = 18;

/// An integer that fits: its sign, and where its digits begin after leading zeros.
pub(crate) struct Integer {
    pub(crate) negative: bool,
    start: usize,
}

/// Reads an integer, or `None` if the value is none or does not fit 64 bits.
pub(crate) fn parse(cell: Cell<'_>) -> Option<Integer> {
    let value = cell.value();
    let negative = *value.first()? == b'-';
    let mut start = usize::from(negative);
    let len = value.len() - start;
    if len == 0 || !digits::all(&cell.bytes[start..], len) {
        return None;
    }
    if value[start] == b'0' {
        start += digits::leading_zeros(&value[start..]);
    }
    if value.len() - start > SAFE_DIGITS && !within_64_bits(negative, &value[start..]) {
        return None;
    }
    // There is no negative zero among the integers.
    let negative = negative && value[start] != b'0';
    Some(Integer { negative, start })
}

/// Digits without leading zeros compare as numbers if there are equally many of them.
#[cold]
fn within_64_bits(negative: bool, digits: &[u8]) -> bool {
    let limit = if negative {
        b"9223372036854775808"
    } else {
        b"9223372036854775807"
    };
    digits.len() < limit.len() || (digits.len() == limit.len() && digits <= &limit[..])
}

/// Whether the first `len` bytes are an integer that is written as it stands: most of them.
#[inline(always)]
pub(crate) fn is_short(bytes: &[u8; 32], len: usize) -> bool {
    len <= 16
        && (bytes[0] != b'0' || len == 1)
        && digits::mask(write::window(bytes)).trailing_ones() as usize >= len
}

/// Writes an integer.
#[inline]
pub(crate) fn integer(cell: Cell<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    let integer = parse(cell)?;
    Some(integer.write(cell, out, at))
}

impl Integer {
    /// Writes it. `cell` is what it was read from.
    pub(crate) fn write(&self, cell: Cell<'_>, out: &mut [u8], mut at: usize) -> usize {
        if self.negative {
            at = write::byte(out, at, b'-');
        }
        write::run(out, at, cell.bytes, self.start, cell.len)
    }

    /// Whether it is greater than `number`.
    pub(crate) fn exceeds(&self, cell: Cell<'_>, number: u64) -> bool {
        let digits = &cell.value()[self.start..];
        // What does not fit is too long, and so greater than any count of bytes.
        let magnitude = digits.iter().try_fold(0_u64, |sum, digit| {
            sum.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
        });
        !self.negative && magnitude.is_none_or(|magnitude| magnitude > number)
    }
}
