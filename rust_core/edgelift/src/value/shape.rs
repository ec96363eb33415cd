//! Shapes of keywords: they choose between layouts of equal length, and show rows of another layout.
//!
//! Sources: Amazon CloudFront Developer Guide, "Use real-time access logs" and "Standard logging reference". A test counts
//! the recorded values, all of which fit, and compares the numbers with `docs/values.md`.

use wide::i8x16;

use super::raw_value::is_missing;
use crate::fields::Shape;

/// Returns true if a value has the shape. A missing value has every shape.
pub(crate) fn matches(shape: Shape, value: &[u8]) -> bool {
    is_missing(value)
        || match shape {
            // RFC 9110 allows any token, so another value says little.
            Shape::Method => is_method(value),
            // AWS lists 0.9, 1.0, 1.1, 2.0 and 3.0.
            Shape::HttpVersion => matches!(
                value,
                [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9']
                    | [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9']
            ),
            // AWS lists both.
            Shape::IpVersion => matches!(value, b"IPv4" | b"IPv6"),
            // AWS lists SSLv3, TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3.
            Shape::TlsVersion => matches!(
                value,
                b"SSLv3" | b"TLSv1" | [b'T', b'L', b'S', b'v', b'1', b'.', b'0'..=b'9']
            ),
            // AWS lists these five.
            Shape::Scheme => matches!(value, b"http" | b"https" | b"grpcs" | b"ws" | b"wss"),
            // AWS: three letters, which usually are those of a near airport, and a number.
            Shape::EdgeLocation => matches!(
                value,
                [b'A'..=b'Z', b'A'..=b'Z', b'A'..=b'Z', b'0'..=b'9', ..]
            ),
            // AWS: ISO 3166-1 alpha-2; lists of countries have A1, A2 and T1 beside them.
            Shape::Country => matches!(value, [b'A'..=b'Z', b'A'..=b'Z' | b'0'..=b'9']),
            // AWS says an opaque string and gives no length.
            Shape::RequestId => is_request_id(value),
            // Three fields. AWS lists words such as Hit, RefreshHit and OriginDnsError; the list is open.
            Shape::ResultType => is_result_type(value),
        }
}

/// Matches `[A-Z][A-Z-]{2,19}`: GET, PROPFIND, M-SEARCH, but not country codes.
fn is_method(value: &[u8]) -> bool {
    (3..=20).contains(&value.len())
        && value[0].is_ascii_uppercase()
        && value
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || *byte == b'-')
}

/// Bytes of a vector.
const VECTOR: usize = 16;
/// Length of `HTTP/2.0`.
pub(crate) const HTTP_VERSION_LEN: usize = 8;
/// Length of all request ids that were recorded: 40 bytes in base64.
pub(crate) const REQUEST_ID_LEN: usize = 56;

/// Matches `HTTP/[0-3].[0-3]`, eight bytes as a word.
#[inline(always)]
pub(crate) const fn is_http_version(word: u64) -> bool {
    // 0 to 3 differ in two bits.
    const DIGITS: u64 = 3 << 40 | 3 << 56;
    word & !DIGITS == u64::from_le_bytes(*b"HTTP/0.0")
}

/// Matches `[A-Za-z0-9_-]{54}==`.
#[inline(always)]
pub(crate) fn is_usual_request_id(value: &[u8; REQUEST_ID_LEN]) -> bool {
    let digits: &[u8; REQUEST_ID_LEN - 2] = super::window(value);
    // Both blocks have the digits in the middle.
    let (first, last): (&[u8; 32], &[u8; 32]) =
        (super::window(digits), super::window(&digits[22..]));
    let mut all = value[54..] == *b"==";
    for (&first, &last) in first.iter().zip(last) {
        all &= is_base64(first) & is_base64(last);
    }
    all
}

/// Matches `[A-Z][a-z][A-Za-z]*` of up to 32 bytes; a tab or a line feed follows the value.
#[inline(always)]
pub(crate) fn is_usual_result_type(value: &[u8; 2 * VECTOR], len: usize) -> bool {
    let (first, last) = (super::window(value), super::window(&value[VECTOR..]));
    let letters = u64::from(letters(first)) | u64::from(letters(last)) << VECTOR;
    (!letters).trailing_zeros() as usize == len && value[0] < b'a' && value[1] >= b'a'
}

/// Returns a bit for each letter.
#[inline(always)]
fn letters(bytes: &[u8; VECTOR]) -> u32 {
    let splat = |byte: u8| i8x16::splat(byte.cast_signed());
    let lower = i8x16::new(bytes.map(u8::cast_signed)) | splat(b'a' ^ b'A');
    (lower.simd_gt(splat(b'a' - 1)) & lower.simd_lt(splat(b'z' + 1))).to_bitmask()
}

/// Matches `[A-Za-z0-9_-]+={1,2}`.
fn is_request_id(value: &[u8]) -> bool {
    let Some(rest) = value.strip_suffix(b"=") else {
        return false;
    };
    let digits = rest.strip_suffix(b"=").unwrap_or(rest);
    !digits.is_empty() && digits.iter().fold(true, |all, &byte| all & is_base64(byte))
}

/// Matches `[A-Za-z0-9_-]`, without branches, so that the compiler uses vectors.
const fn is_base64(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_')
}

/// Matches letters of which the first is a capital and at least one is lower-case.
fn is_result_type(value: &[u8]) -> bool {
    let lower = |byte: &u8| byte.is_ascii_lowercase();
    value.first().is_some_and(u8::is_ascii_uppercase)
        && value.iter().all(u8::is_ascii_alphabetic)
        && value.iter().any(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_aws_names_have_their_shape() {
        let named: [(Shape, &str); 8] = [
            (Shape::Scheme, "http https grpcs ws wss"),
            (
                Shape::HttpVersion,
                "HTTP/0.9 HTTP/1.0 HTTP/1.1 HTTP/2.0 HTTP/3.0 HTTP/2",
            ),
            (Shape::IpVersion, "IPv4 IPv6"),
            (Shape::TlsVersion, "SSLv3 TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"),
            (Shape::EdgeLocation, "DFW3 SEA19-C2 SFO53-P9 FRA2 HKG54-C1"),
            (Shape::Country, "US DE JP A1 A2 T1 XX"),
            (
                Shape::RequestId,
                "cGX9Jx7KFX7UwY8KwRFS5FvFrdUJBpSBqMgaHWi3yuHJ7mblrhzT5A== ab_-== a=",
            ),
            (
                Shape::ResultType,
                "Hit RefreshHit Miss LimitExceeded CapacityExceeded Error Redirect LambdaExecutionError \
                 OriginShieldHit MissGeneratedResponse AbortedOrigin ClientCommError ClientGeoBlocked \
                 ClientHungUpRequest InternalError InvalidRequestBlocked InvalidRequestCertificateBlocked \
                 InvalidRequestHeader InvalidRequestMethod LambdaLimitExceeded OriginCommError OriginConnectError \
                 OriginContentRangeLengthError OriginDnsError OriginError OriginHeaderTooBigError \
                 OriginInvalidResponseError OriginReadError OriginWriteError OriginZeroSizeObjectError \
                 SlowReaderOriginError",
            ),
        ];
        for (shape, values) in named {
            for value in values.split(' ') {
                assert!(matches(shape, value.as_bytes()), "{shape:?}: {value}");
            }
        }
    }
}
