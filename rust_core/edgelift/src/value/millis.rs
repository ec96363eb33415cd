//! The milliseconds of a `timestamp`, with a fast path: the age of a batch needs them for every record, after the
//! value has been written.

use super::timestamp::parse_millis;

/// Returns the milliseconds from 1970 to a timestamp.
#[inline]
pub(crate) fn parse_timestamp_millis(value: &[u8]) -> Option<u64> {
    match <&[u8; USUAL_LEN]>::try_from(value) {
        Ok(value) => parse_usual(value).or_else(|| parse_millis(value)),
        Err(_) => parse_millis(value),
    }
}

/// Length of a timestamp in CloudFront's usual form: ten digits, a point, three digits.
const USUAL_LEN: usize = 14;

/// Parses a timestamp in the usual form without a loop: the first eight digits, and the other five padded to eight.
fn parse_usual(value: &[u8; USUAL_LEN]) -> Option<u64> {
    let (high, low) = (value.first_chunk()?, value.last_chunk::<6>()?);
    let &[d9, d10, b'.', d11, d12, d13] = low else {
        return None;
    };
    let low = [b'0', b'0', b'0', d9, d10, d11, d12, d13];
    Some(eight_digits(*high)? * 100_000 + eight_digits(low)?)
}

/// Parses eight digits at once.
fn eight_digits(digits: [u8; 8]) -> Option<u64> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let text = u64::from_le_bytes(digits);
    let high = 0xf0 * EACH;
    // Adding 6 carries bytes above "9" out of 0x30 to 0x3f.
    if text & high != 0x30 * EACH || (text + 6 * EACH) & high != 0x30 * EACH {
        return None;
    }
    // Combine neighbors three times: digits to pairs, pairs to fours, fours to the number.
    let pairs = (text & (0x0f * EACH)).wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 << 32 | 1) >> 32)
}

#[cfg(test)]
mod tests {
    use super::{parse_millis, parse_timestamp_millis};

    #[test]
    fn fast_path_agrees_with_the_parser() {
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
            assert_eq!(parse_timestamp_millis(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn fast_path_agrees_for_each_byte_at_each_position() {
        for place in 0..14 {
            for byte in 0..=u8::MAX {
                let mut text = *b"1711929600.079";
                text[place] = byte;
                let expected = parse_millis(&text);
                assert_eq!(parse_timestamp_millis(&text), expected, "{byte} at {place}");
            }
        }
    }
}
