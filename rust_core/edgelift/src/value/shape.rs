//! Shapes of keywords. They help to choose between layouts of equal length, and never reject a record.
//!
//! Sources: Amazon CloudFront Developer Guide, "Use real-time access logs" and "Standard logging reference"; the numbers
//! are those of the values in the recorded logs of `tests/fixtures`, all of which fit.

use super::raw_value::is_missing;
use crate::fields::Shape;

/// Returns true if a value has the shape. A missing value has every shape.
pub(crate) fn matches(shape: Shape, value: &[u8]) -> bool {
    is_missing(value)
        || match shape {
            // RFC 9110 allows any token, so another value says little.
            Shape::Method => is_method(value),
            // 52 values. AWS lists 0.9, 1.0, 1.1, 2.0 and 3.0.
            Shape::HttpVersion => matches!(
                value,
                [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9']
                    | [b'H', b'T', b'T', b'P', b'/', b'0'..=b'9', b'.', b'0'..=b'9']
            ),
            // 2 values. AWS lists both.
            Shape::IpVersion => matches!(value, b"IPv4" | b"IPv6"),
            // 46 values. AWS lists SSLv3, TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3.
            Shape::TlsVersion => matches!(
                value,
                b"SSLv3" | b"TLSv1" | [b'T', b'L', b'S', b'v', b'1', b'.', b'0'..=b'9']
            ),
            // 52 values. AWS lists these five.
            Shape::Scheme => matches!(value, b"http" | b"https" | b"grpcs" | b"ws" | b"wss"),
            // 55 values. AWS: three letters, which usually are those of a near airport, and a number.
            Shape::EdgeLocation => matches!(
                value,
                [b'A'..=b'Z', b'A'..=b'Z', b'A'..=b'Z', b'0'..=b'9', ..]
            ),
            // 2 values. AWS: ISO 3166-1 alpha-2; lists of countries have A1, A2 and T1 beside them.
            Shape::Country => matches!(value, [b'A'..=b'Z', b'A'..=b'Z' | b'0'..=b'9']),
            // 52 values. AWS says an opaque string and gives no length.
            Shape::RequestId => is_request_id(value),
            // 154 values of three fields. AWS lists words such as Hit, RefreshHit and OriginDnsError; the list is open.
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

/// Matches `[A-Za-z0-9_-]+={1,2}`.
fn is_request_id(value: &[u8]) -> bool {
    let Some(rest) = value.strip_suffix(b"=") else {
        return false;
    };
    let digits = rest.strip_suffix(b"=").unwrap_or(rest);
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !digits.is_empty() && digits.iter().all(is_digit)
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
