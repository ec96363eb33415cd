//! The looks of keywords, which help to choose between layouts of equal count and never reject a record.

use crate::fields::Shape;

/// Whether a value has the look. A missing one has every look.
pub(crate) fn has(shape: Shape, value: &[u8]) -> bool {
    super::is_missing(value)
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
            Shape::Scheme => matches!(value, b"http" | b"https" | b"ws" | b"wss"),
        }
}

/// `[A-Z][A-Z-]{2,19}`: GET, PROPFIND, M-SEARCH; but no country code.
fn is_method(value: &[u8]) -> bool {
    (3..=20).contains(&value.len())
        && value[0].is_ascii_uppercase()
        && value
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || *byte == b'-')
}

/// `\d+\.\d+`
fn is_version(value: &[u8]) -> bool {
    let mut parts = value.split(|&byte| byte == b'.');
    let mut number = || {
        parts
            .next()
            .is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit))
    };
    number() && number() && parts.next().is_none()
}
