//! One record of an event as it was received.

use std::borrow::Cow;

use crate::json::Text;
use crate::json::scanner::{Invalid, Scanner, Type};

/// A record that can be answered.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) id: Text<'a>,
    pub(super) data: Data<'a>,
}

/// The `data` of a record.
#[derive(Clone, Copy)]
pub(super) enum Data<'a> {
    Text(Text<'a>),
    /// A string of which only the end is known: base64 is what it should be, so that whoever decodes it looks at
    /// each byte anyway. If it is none, it has to be read with care: [`Data::checked`].
    Quoted {
        /// Place of its first byte in the event.
        start: usize,
        /// What stands between its quotes.
        raw: &'a [u8],
    },
    Absent,
    /// No string but this.
    Other(Type),
}

impl<'a> Data<'a> {
    /// Whether what stands between the quotes may be no JSON, or no plain text.
    pub(super) const fn is_unchecked(&self) -> bool {
        matches!(self, Self::Quoted { .. })
    }

    /// What stands between the quotes.
    pub(super) fn raw(&self) -> &'a [u8] {
        match self {
            Self::Text(Text { raw, .. }) | Self::Quoted { raw, .. } => raw,
            Self::Absent | Self::Other(_) => b"",
        }
    }

    /// The string; what is wrong if it is none.
    pub(super) fn decoded(&self) -> Result<Cow<'a, [u8]>, String> {
        match self {
            Self::Text(text) => Ok(text.decoded()),
            Self::Quoted { raw, .. } => Ok(Cow::Borrowed(raw)),
            Self::Absent => Err(super::missing_data()),
            Self::Other(of) => Err(super::not_a_string(of.name())),
        }
    }

    /// The same, read with care if that has not been done.
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
