//! A column of a layout: its rendered key and how its values are written.

use super::encode::{Encode, StandardEncode};
use super::resolved_field::ResolvedField;
use crate::fields::{Kind, Log, Shape};
use crate::value::{self, Prefix};

/// One column of a layout.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "properties that do not depend on each other"
)]
pub struct Column {
    /// Real-time name of the field.
    pub field: Box<str>,
    /// Key in the document.
    pub key: Box<str>,
    /// Kind of the values.
    pub kind: Kind,
    /// True if a value that does not fit never rejects the record.
    pub unproven: bool,
    /// Shape of the values, to choose between layouts of equal length.
    pub shape: Option<Shape>,
    /// True if the values are percent-decoded, in `_unparsed`, too.
    pub decode: bool,
    /// False if the values are checked and not written.
    pub is_selected: bool,
    /// True if CloudFront escapes blanks, quotes, controls and characters outside ASCII in the values.
    pub(crate) is_escaped: bool,
    /// The shape, if each value is checked for it.
    pub(crate) checked_shape: Option<Shape>,
    pub(crate) prefix: Prefix,
    /// The prefix of the value in `_unparsed`.
    pub(crate) unparsed: Prefix,
    pub(crate) encode: Encode,
    pub(crate) fast_path: FastPath,
    /// Number of lengths, from [`MIN_PRESENT_LEN`] on, of strings that are copied unchanged; 0 if the values are not
    /// strings.
    pub(crate) fast_string_lens: usize,
}

/// Minimum length of a value that cannot be missing.
pub(crate) const MIN_PRESENT_LEN: usize = 2;
/// Maximum length of a value that is written as one copy of fixed size.
pub(crate) const MAX_COPIED_LEN: usize = 32;

/// The check that decides whether a value of up to [`MAX_COPIED_LEN`] bytes is copied unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FastPath {
    /// A string without special bytes.
    String,
    /// An integer without leading zeros.
    Integer,
    Decimal,
    Status,
    Millis,
    Address,
    /// No value is copied.
    Never,
}

impl FastPath {
    fn new(encode: Encode, prefix: &Prefix) -> Self {
        match encode {
            _ if prefix.len() > Prefix::HEAD => Self::Never,
            Encode::Decoded
            | Encode::Raw
            | Encode::Standard(
                StandardEncode::DecodedTwice { .. } | StandardEncode::DecodedWhole,
            ) => Self::String,
            Encode::Integer => Self::Integer,
            Encode::Decimal => Self::Decimal,
            Encode::Status => Self::Status,
            Encode::EpochMillis => Self::Millis,
            Encode::Address => Self::Address,
            _ => Self::Never,
        }
    }
}

impl Column {
    pub(super) fn new(field: &ResolvedField, encode: Encode) -> Self {
        let prefix = Prefix::new(&field.key, encode.opening());
        let fast_path = FastPath::new(encode, &prefix);
        Self {
            field: field.name.clone(),
            key: field.key.clone(),
            kind: field.kind,
            unproven: field.unproven,
            shape: field.shape,
            decode: field.decode,
            is_selected: field.is_selected,
            // Entries of lists are seen with plain blanks between them.
            is_escaped: !field.is_custom && matches!(field.kind, Kind::Text | Kind::Keyword),
            checked_shape: field.checked_shape,
            fast_path,
            fast_string_lens: if fast_path == FastPath::String {
                MAX_COPIED_LEN + 1 - MIN_PRESENT_LEN
            } else {
                0
            },
            prefix,
            unparsed: Prefix::new(&field.name, "\""),
            encode,
        }
    }

    /// Returns the name of the field if it is one of CloudFront's.
    pub(crate) fn static_name(&self) -> Option<&'static str> {
        let field = Log::ALL.iter().find_map(|log| log.field(&self.field));
        field.map(|field| field.name)
    }

    /// Builds a column of a connection log. AWS does not say how these are escaped, so each text decides for itself.
    pub(super) fn for_connection(field: &ResolvedField, encode: Encode) -> Self {
        let encode = match encode {
            Encode::Decoded => Encode::Standard(StandardEncode::DecodedWhole),
            encode => encode,
        };
        Self {
            is_escaped: false,
            ..Self::new(field, encode)
        }
    }

    /// Returns true if a value can be written.
    pub(crate) fn accepts(&self, raw: &[u8]) -> bool {
        !self.is_checked() || value::fits(self.kind, raw)
    }

    /// Returns true if there are values that cannot be written.
    pub(super) const fn is_checked(&self) -> bool {
        match self.encode {
            Encode::Decoded
            | Encode::Raw
            | Encode::Standard(
                StandardEncode::DecodedTwice { .. }
                | StandardEncode::DecodedWhole
                | StandardEncode::Joined { .. }
                | StandardEncode::Seconds {
                    is_checked: false, ..
                },
            ) => false,
            _ => !matches!(
                self.kind,
                Kind::Text | Kind::Keyword | Kind::List | Kind::Names | Kind::Headers
            ),
        }
    }

    /// Returns the bytes that are reserved for the key, the key in `_unparsed`, punctuation and the longest number.
    pub(super) fn fixed_bytes(&self) -> usize {
        const MAX_NUMBER: usize = 64;
        self.prefix.len() + self.unparsed.len() + MAX_NUMBER
    }
}
