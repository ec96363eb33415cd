//! The time of a record, for the age of the oldest: read a second time, so it had better take little.

use super::parse_millis;

/// Milliseconds since 1970 of a `timestamp`; none if it is no timestamp.
#[inline]
pub(crate) fn millis(value: &[u8]) -> Option<u64> {
    match <&[u8; SHORT]>::try_from(value) {
        Ok(value) => short(value).or_else(|| parse_millis(value)),
        Err(_) => parse_millis(value),
    }
}

/// Bytes of a timestamp as CloudFront writes it: ten digits, the point, three digits.
const SHORT: usize = 14;

/// The digits of eight bytes, and of six more before which two are known: no loop, and no byte by itself.
fn short(value: &[u8; SHORT]) -> Option<u64> {
    let (high, low) = (value.first_chunk()?, value.last_chunk::<6>()?);
    let &[nine, ten, b'.', tenth, hundredth, thousandth] = low else {
        return None;
    };
    let low = [b'0', b'0', b'0', nine, ten, tenth, hundredth, thousandth];
    Some(eight_digits(*high)? * 100_000 + eight_digits(low)?)
}

/// The number that eight digits are.
fn eight_digits(digits: [u8; 8]) -> Option<u64> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let text = u64::from_le_bytes(digits);
    let high = 0xf0 * EACH;
    // What is above "9" gets out of the row of the digits when 6 is added.
    if text & high != 0x30 * EACH || (text + 6 * EACH) & high != 0x30 * EACH {
        return None;
    }
    // Neighbours are put together, three times: digits, pairs, fours.
    let pairs = (text & (0x0f * EACH)).wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 << 32 | 1) >> 32)
}

#[cfg(test)]
mod tests {
    use super::{millis, parse_millis};

    #[test]
    fn times_are_those_of_the_value() {
        for text in [
            "1711929600.079",
            "9999999999.999",
            "0000000000.000",
            "1000000000.100",
            "17119296000079",
            "171192960.0079",
            "1711929600,079",
            "1711929600.07",
            "1711929600.0791",
            "1711929600",
            "-",
            "",
        ] {
            let expected = parse_millis(text.as_bytes());
            assert_eq!(millis(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn each_byte_at_each_place_has_the_time_of_the_value() {
        for place in 0..14 {
            for byte in 0..=u8::MAX {
                let mut text = *b"1711929600.079";
                text[place] = byte;
                assert_eq!(millis(&text), parse_millis(&text), "{byte} at {place}");
            }
        }
    }
}
