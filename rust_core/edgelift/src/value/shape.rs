//! Shapes of keywords. They help to choose between layouts of equal length, and never reject a record.

use super::raw_value::is_missing;
use crate::fields::Shape;

/// Returns true if a value has the shape. A missing value has every shape.
pub(crate) fn matches(shape: Shape, value: &[u8]) -> bool {
    is_missing(value)
        || match shape {
            Shape::Method => is_method(value),
            Shape::HttpVersion => value.strip_prefix(b"HTTP/").is_some_and(is_version),
            Shape::IpVersion => matches!(value, b"IPv4" | b"IPv6"),
            Shape::TlsVersion => {
                matches!(value, b"SSLv3" | b"TLSv1")
                    || value
                        .strip_prefix(b"TLSv1.")
                        .is_some_and(|minor| matches!(minor, [b'0'..=b'9']))
            }
            Shape::Scheme => matches!(value, b"http" | b"https" | b"grpcs" | b"ws" | b"wss"),
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

/// Matches `\d+\.\d+`.
fn is_version(value: &[u8]) -> bool {
    let mut parts = value.split(|&byte| byte == b'.');
    let mut number = || {
        parts
            .next()
            .is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
    };
    number() && number() && parts.next().is_none()
}
