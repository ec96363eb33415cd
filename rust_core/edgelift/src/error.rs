//! Errors of records and of configurations.
//!
//! The error of a record holds numbers only, so that it costs no allocation; `message` renders the text on demand.

use std::fmt;

use crate::record_layout::RecordLayout;

/// The reason why a record failed. Its codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it, the messages say more")]
pub enum Reason {
    BadBase64,
    TooLarge,
    EmptyRecord,
    MultipleLines,
    BadErrorObject,
    AlreadyTransformed,
    BadJson,
    BadHeader,
    NoHeader,
    ColumnCount,
    BadValue,
    NoLayout,
    ShapeMismatch,
    MissingTimestamp,
}

impl Reason {
    /// All reasons, in the order in which a record is checked.
    pub const ALL: [Self; 14] = [
        Self::BadBase64,
        Self::TooLarge,
        Self::EmptyRecord,
        Self::MultipleLines,
        Self::BadErrorObject,
        Self::AlreadyTransformed,
        Self::BadJson,
        Self::BadHeader,
        Self::NoHeader,
        Self::ColumnCount,
        Self::BadValue,
        Self::NoLayout,
        Self::ShapeMismatch,
        Self::MissingTimestamp,
    ];

    /// Returns the code that users see.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadBase64 => "bad_base64",
            Self::TooLarge => "too_large",
            Self::EmptyRecord => "empty_record",
            Self::MultipleLines => "multiple_lines",
            Self::BadErrorObject => "bad_error_object",
            Self::AlreadyTransformed => "already_transformed",
            Self::BadJson => "bad_json",
            Self::BadHeader => "bad_header",
            Self::NoHeader => "no_header",
            Self::ColumnCount => "column_count",
            Self::BadValue => "bad_value",
            Self::NoLayout => "no_layout",
            Self::ShapeMismatch => "shape_mismatch",
            Self::MissingTimestamp => "missing_timestamp",
        }
    }
}

/// The column of a value that does not fit, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The layout of the record.
    pub layout: RecordLayout,
    /// Index of the column.
    pub column: usize,
}

/// The reason why one record could not be transformed, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// The reason.
    pub reason: Reason,
    /// The column in question, for `bad_value`, `shape_mismatch` and `missing_timestamp`.
    pub place: Option<Place>,
    /// Offset in the record at which the problem starts, in bytes.
    pub offset: usize,
    /// Bytes of the record for `too_large`, its columns for `column_count` and `no_layout`, otherwise 0.
    pub count: usize,
}

impl RecordError {
    /// Returns an error that concerns the whole record.
    #[cold]
    pub(crate) const fn whole(reason: Reason) -> Self {
        Self {
            reason,
            place: None,
            offset: 0,
            count: 0,
        }
    }
}

/// A configuration that cannot be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigError {
    /// The problem, and what to do about it.
    pub message: String,
    /// Line of the TOML text, from 1.
    pub line: Option<usize>,
    /// Path of the key.
    pub key: Option<String>,
    /// The nearest valid name.
    pub suggestion: Option<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; did you mean \"{suggestion}\"?")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
