//! Reads numbers.

use crate::fields::Kind;
use crate::value;

/// Digits that fit 64 bits whatever they are.
const SAFE_DIGITS: usize = 18;
/// The powers of ten by which a mantissa of [`EXACT`] is divided. All of them are exact.
const POWERS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];
/// Integers up to this one are exact.
const EXACT: u64 = 1 << 53;

/// Returns an integer of 64 bits.
#[inline]
pub(super) fn integer(value: &[u8]) -> Option<i64> {
    if value.len() > SAFE_DIGITS {
        return long_integer(value);
    }
    let (is_negative, digits) = match value {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let mut number = 0;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    if digits.is_empty() {
        return None;
    }
    Some(if is_negative { -number } else { number })
}

#[cold]
fn long_integer(value: &[u8]) -> Option<i64> {
    if !value::fits(Kind::Integer, value) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// Returns a status of three digits.
#[inline]
pub(super) fn status(value: &[u8]) -> Option<i32> {
    let digits: &[u8; 3] = value.try_into().ok()?;
    let mut number = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i32::from(digit);
    }
    Some(number)
}

/// Returns the double that is nearest to a decimal.
#[inline]
pub(super) fn decimal(value: &[u8]) -> Option<f64> {
    if value.len() > POWERS.len() {
        return long_decimal(value);
    }
    let (is_negative, number) = match value {
        [b'-', number @ ..] => (true, number),
        number => (false, number),
    };
    let (mut mantissa, mut point) = (0, None);
    for (index, &byte) in number.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            if byte != b'.' || point.is_some() {
                return None;
            }
            point = Some(index);
            continue;
        }
        mantissa = mantissa * 10 + u64::from(digit);
    }
    let decimals = point.map_or(0, |point| number.len() - point - 1);
    let has_digits = !number.is_empty() && point != Some(0) && (point.is_none() || decimals > 0);
    if !has_digits {
        return None;
    }
    if mantissa > EXACT {
        return long_decimal(value);
    }
    #[expect(clippy::cast_precision_loss, reason = "it is exact")]
    // Both are exact, so that the division rounds once.
    let number = mantissa as f64 / POWERS[decimals];
    Some(if is_negative { -number } else { number })
}

#[cold]
fn long_decimal(value: &[u8]) -> Option<f64> {
    if !value::fits(Kind::Decimal, value) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_standard_library() {
        let parts = [
            "",
            "-",
            "0",
            "7",
            "00",
            "123",
            ".",
            "1234567",
            "99999999",
            "9007199254740993",
            "e",
            "+",
            "5",
            " ",
        ];
        for first in parts {
            for second in parts {
                for third in parts {
                    for fourth in ["", "1", ".25", "0.1"] {
                        let text = [first, second, third, fourth].concat();
                        let bytes = text.as_bytes();
                        let parsed = |kind: Kind| {
                            (!value::is_missing(bytes) && value::fits(kind, bytes))
                                .then_some(&*text)
                        };
                        assert_eq!(
                            integer(bytes),
                            parsed(Kind::Integer).and_then(|text| text.parse().ok()),
                            "{text}"
                        );
                        assert_eq!(
                            status(bytes),
                            parsed(Kind::Status).and_then(|text| text.parse().ok()),
                            "{text}"
                        );
                        let expected: Option<f64> =
                            parsed(Kind::Decimal).and_then(|text| text.parse().ok());
                        assert_eq!(
                            decimal(bytes).map(f64::to_bits),
                            expected.map(f64::to_bits),
                            "{text}"
                        );
                    }
                }
            }
        }
    }
}
