//! Versions of protocols, which some profiles want without the protocol's name.

use std::ops::Range;

use crate::fields::Names;

/// Whose version it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `HTTP/2.0`, for OpenTelemetry without the `.0` too.
    Http { short: bool },
    /// `TLSv1.3`, `SSLv3`
    Tls,
}

impl Protocol {
    /// Whether a profile wants the key's values without the protocol's name.
    pub(crate) fn of_key(key: &str, names: Names) -> Option<Self> {
        match (names, key) {
            (Names::Ecs, "http.version") => Some(Self::Http { short: false }),
            (Names::Otel, "network.protocol.version") => Some(Self::Http { short: true }),
            (Names::Ecs, "tls.version") | (Names::Otel, "tls.protocol.version") => Some(Self::Tls),
            _ => None,
        }
    }

    /// What is to be left of an encoded string. JSON escapes none of the characters in question, so that it
    /// does not matter that they are looked for after encoding.
    pub(crate) fn strip(self, encoded: &[u8]) -> Range<usize> {
        let names: &[&[u8]] = match self {
            Self::Http { .. } => &[b"HTTP/"],
            Self::Tls => &[b"TLSv", b"SSLv"],
        };
        let name = names.iter().find(|name| encoded.starts_with(name));
        let start = name.map_or(0, |name| name.len());
        let end = match &encoded[start..] {
            b"2.0" | b"3.0" if self == (Self::Http { short: true }) => start + 1,
            _ => encoded.len(),
        };
        start..end
    }
}
