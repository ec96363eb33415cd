//! What can go wrong: with a record (a reason and a place, cheap to make) and with a configuration.
//!
//! A record's error holds numbers only. The text is made in `message` when somebody looks.

use std::fmt;

/// Why a record failed. The codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it, the messages say more")]
pub enum Reason {
    BadBase64,
    TooLarge,
    EmptyRecord,
    SeveralLines,
    BadErrorObject,
    FinishedDocument,
    BadJson,
    BadHeader,
    NoHeader,
    ColumnCount,
    BadValue,
    NoLayout,
    NoTime,
}

impl Reason {
    /// Every reason, in the order in which a record is checked.
    pub const ALL: [Self; 13] = [
        Self::BadBase64,
        Self::TooLarge,
        Self::EmptyRecord,
        Self::SeveralLines,
        Self::BadErrorObject,
        Self::FinishedDocument,
        Self::BadJson,
        Self::BadHeader,
        Self::NoHeader,
        Self::ColumnCount,
        Self::BadValue,
        Self::NoLayout,
        Self::NoTime,
    ];

    /// The code that users see.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadBase64 => "bad_base64",
            Self::TooLarge => "too_large",
            Self::EmptyRecord => "empty_record",
            Self::SeveralLines => "several_lines",
            Self::BadErrorObject => "bad_error_object",
            Self::FinishedDocument => "finished_document",
            Self::BadJson => "bad_json",
            Self::BadHeader => "bad_header",
            Self::NoHeader => "no_header",
            Self::ColumnCount => "column_count",
            Self::BadValue => "bad_value",
            Self::NoLayout => "no_layout",
            Self::NoTime => "no_time",
        }
    }
}

/// A misfit: which layout and which of its columns, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Layout in the order of the configuration.
    pub layout: usize,
    /// Column of the record.
    pub column: usize,
}

/// One record could not be transformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// Why.
    pub reason: Reason,
    /// The misfit, for `bad_value` and `no_time`.
    pub place: Option<Place>,
    /// Byte of the record at which the trouble starts.
    pub offset: usize,
    /// What was counted: bytes for `too_large`, columns for `column_count` and `no_layout`, else 0.
    pub count: usize,
}

impl RecordError {
    /// An error that is about the record as a whole.
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
    /// What is wrong and what to do about it.
    pub message: String,
    /// Line of the TOML text, from 1.
    pub line: Option<usize>,
    /// The key in question, with its path.
    pub key: Option<String>,
    /// The nearest name that would be valid.
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
