//! Protocol versions, which some naming profiles want without the name of the protocol.

use std::ops::Range;

use crate::fields::Names;

/// The protocol of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `HTTP/2.0`. OpenTelemetry's form is short: without the `.0`, too.
    Http { short: bool },
    /// `TLSv1.3`, `SSLv3`
    Tls,
}

impl Protocol {
    /// Returns the protocol whose name a profile removes from the values of a key.
    pub(crate) fn for_key(key: &str, names: Names) -> Option<Self> {
        match (names, key) {
            (Names::Ecs, "http.version") => Some(Self::Http { short: false }),
            (Names::Otel, "network.protocol.version") => Some(Self::Http { short: true }),
            (Names::Ecs, "tls.version") | (Names::Otel, "tls.protocol.version") => Some(Self::Tls),
            _ => None,
        }
    }

    /// Returns the range of an encoded string that remains. JSON escapes none of the removed characters, so that they
    /// can be found after encoding.
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
