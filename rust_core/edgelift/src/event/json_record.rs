//! A record of an event as JSON.

use std::borrow::Cow;

use super::record::{Record, missing_data, not_a_string};
use crate::json::Text;
use crate::json::scanner::{Invalid, Scanner, Type};

/// A record as the bytes of its values.
#[derive(Clone, Copy)]
pub(super) struct JsonRecord<'a> {
    pub(super) id: Text<'a>,
    pub(super) data: Data<'a>,
}

/// The `data` of a record.
#[derive(Clone, Copy)]
pub(super) enum Data<'a> {
    Text(Text<'a>),
    /// A string whose end is known but whose characters are not checked: they should be base64, which the decoder
    /// checks. If they are not, [`Record::check_data`] reads them as JSON.
    Quoted {
        /// The bytes between the quotes.
        raw: &'a [u8],
        /// The event from the opening quote on.
        from: &'a [u8],
    },
    Absent,
    /// A value that is not a string but this type.
    Other(Type),
}

impl<'a> JsonRecord<'a> {
    /// Returns the bytes between the quotes of the data.
    pub(super) fn raw_data(&self) -> &'a [u8] {
        match self.data {
            Data::Text(Text { raw, .. }) | Data::Quoted { raw, .. } => raw,
            Data::Absent | Data::Other(_) => b"",
        }
    }
}

impl<'a> Record for JsonRecord<'a> {
    type Key = Cow<'a, [u8]>;

    fn key(&self) -> Cow<'a, [u8]> {
        self.id.decoded()
    }

    #[inline]
    fn id(&self) -> Cow<'_, [u8]> {
        self.id.decoded()
    }

    #[inline]
    fn id_len(&self, _id: &[u8]) -> usize {
        self.id.raw.len() + 2
    }

    #[inline]
    fn data(&self) -> Result<Cow<'_, [u8]>, String> {
        match self.data {
            Data::Text(text) => Ok(text.decoded()),
            Data::Quoted { raw, .. } => Ok(Cow::Borrowed(raw)),
            Data::Absent => Err(missing_data()),
            Data::Other(kind) => Err(not_a_string(kind.name())),
        }
    }

    fn data_len(&self) -> usize {
        self.raw_data().len()
    }

    #[cold]
    fn check_data(&mut self) -> Result<bool, Invalid> {
        let Data::Quoted { from, .. } = self.data else {
            return Ok(false);
        };
        self.data = Data::Text(Scanner::new(from).read_string()?);
        Ok(true)
    }
}
