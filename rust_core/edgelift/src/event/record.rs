//! One record of an event as received.

use std::borrow::Cow;

use crate::json::Text;
use crate::json::scanner::{Invalid, Scanner, Type};

/// A record with an id, which can be answered.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) id: Text<'a>,
    pub(super) data: Data<'a>,
}

/// The `data` of a record.
#[derive(Clone, Copy)]
pub(super) enum Data<'a> {
    Text(Text<'a>),
    /// A string whose end is known but whose characters are not checked: they should be base64, which the decoder
    /// checks. If they are not, [`Data::checked`] reads them as JSON.
    Quoted {
        /// Offset of its first byte in the event.
        start: usize,
        /// The bytes between the quotes.
        raw: &'a [u8],
    },
    Absent,
    /// A value that is not a string but this type.
    Other(Type),
}

impl<'a> Data<'a> {
    /// Returns true if the bytes between the quotes may be invalid JSON or contain escapes.
    pub(super) const fn is_unchecked(&self) -> bool {
        matches!(self, Self::Quoted { .. })
    }

    /// Returns the bytes between the quotes.
    pub(super) fn raw(&self) -> &'a [u8] {
        match self {
            Self::Text(Text { raw, .. }) | Self::Quoted { raw, .. } => raw,
            Self::Absent | Self::Other(_) => b"",
        }
    }

    /// Returns the decoded string, or the error message if there is none.
    pub(super) fn decoded(&self) -> Result<Cow<'a, [u8]>, String> {
        match self {
            Self::Text(text) => Ok(text.decoded()),
            Self::Quoted { raw, .. } => Ok(Cow::Borrowed(raw)),
            Self::Absent => Err(super::missing_data()),
            Self::Other(kind) => Err(super::not_a_string(kind.name())),
        }
    }

    /// Returns the data as checked JSON.
    #[cold]
    pub(super) fn checked(self, event: &'a [u8]) -> Result<Self, Invalid> {
        match self {
            Self::Quoted { start, .. } => Ok(Self::Text(
                Scanner::from_offset(event, start - 1).read_string()?,
            )),
            _ => Ok(self),
        }
    }
}
