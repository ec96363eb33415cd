//! Kinds of values.

use serde::{Deserialize, Serialize};

/// Kind of a value: how it is checked and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the names are self-explanatory; value/ has a file for each"
)]
pub enum Kind {
    Timestamp,
    Integer,
    Status,
    Decimal,
    Boolean,
    Address,
    Text,
    Keyword,
    List,
    Names,
    Headers,
    /// The date in a standard log, which makes a timestamp together with the time.
    #[serde(skip)]
    Date,
    /// The time of day in a standard log.
    #[serde(skip)]
    Time,
    /// The timestamp of a standard log, in milliseconds.
    #[serde(skip)]
    Milliseconds,
    /// The timestamp of a standard log, in seconds.
    #[serde(skip)]
    Seconds,
    /// The timestamp of a connection log, in milliseconds or ISO 8601.
    #[serde(skip)]
    EventTime,
}

impl Kind {
    /// Returns the name in configurations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timestamp | Self::Milliseconds | Self::Seconds | Self::EventTime => "timestamp",
            Self::Integer => "integer",
            Self::Status => "status",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Address => "address",
            Self::Text => "text",
            Self::Keyword => "keyword",
            Self::List => "list",
            Self::Names => "names",
            Self::Headers => "headers",
            Self::Date => "date",
            Self::Time => "time",
        }
    }

    /// Returns what a value must be, for messages; `None` if every value fits.
    #[must_use]
    pub const fn requirement(self) -> Option<&'static str> {
        match self {
            Self::Timestamp | Self::Seconds => Some("a timestamp in seconds"),
            Self::Integer => Some("an integer of 64 bits"),
            Self::Status => Some("a status of three digits"),
            Self::Decimal => Some("a decimal number of at most 32 bytes"),
            Self::Boolean => Some("a boolean (true, false, 1 or 0)"),
            Self::Address => Some("an IPv4 or IPv6 address"),
            Self::Date => Some("a day from 1970 on (YYYY-MM-DD)"),
            Self::Time => Some("a time of day (hh:mm:ss)"),
            Self::Milliseconds => Some("a timestamp in milliseconds"),
            Self::EventTime => Some("a timestamp in milliseconds or ISO 8601"),
            _ => None,
        }
    }
}
