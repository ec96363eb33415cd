//! The whitespace and characters of a serialized response.

/// The serialization of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// By the engine: without whitespace, in UTF-8.
    Compact,
    /// By the runtime client: a space after each comma and colon.
    Spaced {
        /// True if characters outside ASCII are escaped.
        ascii: bool,
    },
}

impl Style {
    pub(super) const fn comma(self) -> &'static str {
        match self {
            Self::Compact => ",",
            Self::Spaced { .. } => ", ",
        }
    }

    pub(super) const fn colon(self) -> &'static str {
        match self {
            Self::Compact => ":",
            Self::Spaced { .. } => ": ",
        }
    }

    pub(super) const fn ascii(self) -> bool {
        matches!(self, Self::Spaced { ascii: true })
    }

    /// Returns the size of `{"records":[]}` in bytes.
    pub(super) const fn envelope_bytes(self) -> usize {
        r#"{"records"[]}"#.len() + self.colon().len()
    }

    /// Returns the size of an answer in bytes, without its id, result, data and metadata.
    pub(super) const fn frame_bytes(self) -> usize {
        r#"{"recordId""result""""data"""}"#.len() + 3 * self.colon().len() + 2 * self.comma().len()
    }
}
