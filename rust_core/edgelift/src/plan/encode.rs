//! How the values of a column are written, with every option resolved.

use super::field_names::{HEADERS, HEADERS_COUNT};
use super::time_columns::timestamp_format;
use crate::config::{Output, Timestamp, Values};
use crate::fields::{Kind, Names};
use crate::value::TimestampFormat;
use crate::value::version::Protocol;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encode {
    EpochMillis,
    Iso8601,
    /// Checked, written unchanged.
    VerbatimTimestamp,
    Integer,
    /// The integer of `cs-headers-count`, followed by `cs-headers-truncated`.
    HeadersCount,
    Status,
    Decimal,
    Boolean,
    Address,
    /// A string, percent-decoded.
    Decoded,
    /// A string, not percent-decoded.
    Raw,
    /// A string without the name of its protocol.
    Version {
        decode: bool,
        protocol: Protocol,
    },
    /// An array of one string.
    ArrayOfOne {
        decode: bool,
    },
    List {
        decode: bool,
    },
    Names {
        decode: bool,
    },
    Headers {
        decode: bool,
        /// True for `cs-headers`, whose entries are compared with `cs-headers-count`.
        counted: bool,
    },
    /// Only in standard logs.
    Standard(StandardEncode),
}

/// How a value is written that only standard logs have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StandardEncode {
    /// The date, which makes a timestamp together with the time.
    Date(TimestampFormat),
    Time,
    Milliseconds(TimestampFormat),
    /// Milliseconds or ISO 8601.
    EventTime(TimestampFormat),
    /// The timestamp in seconds, beside a more or a less exact time.
    Seconds {
        format: TimestampFormat,
        is_checked: bool,
    },
    /// The path, followed by the query string.
    Joined {
        decode: bool,
    },
    /// A text that is decoded a second time if it was encoded twice, which the date of its row decides.
    DecodedTwice {
        /// The decision for a row without a date.
        without_date: bool,
    },
    /// A text that is decoded if all of it is percent-encoded. AWS does not say how connection logs are escaped.
    DecodedWhole,
}

impl Encode {
    /// Chooses how the values of a field are written, percent-decoded or not.
    pub(super) fn new(field: &str, key: &str, kind: Kind, decode: bool, output: &Output) -> Self {
        let string = if decode { Self::Decoded } else { Self::Raw };
        match (kind, output.values) {
            (Kind::Text | Kind::Keyword, values) => {
                if let Some(protocol) = Protocol::for_key(key, output.names) {
                    Self::Version { decode, protocol }
                } else if values == Values::Typed && is_header(key, output.names) {
                    Self::ArrayOfOne { decode }
                } else {
                    string
                }
            }
            (Kind::List | Kind::Names | Kind::Headers, Values::Text) => string,
            (Kind::Timestamp | Kind::Seconds, Values::Text)
                if output.timestamp != Timestamp::Verbatim =>
            {
                Self::VerbatimTimestamp
            }
            (Kind::Milliseconds, values)
                if values == Values::Typed || output.timestamp != Timestamp::Verbatim =>
            {
                Self::Standard(StandardEncode::Milliseconds(timestamp_format(output)))
            }
            (Kind::EventTime, values)
                if values == Values::Typed || output.timestamp != Timestamp::Verbatim =>
            {
                Self::Standard(StandardEncode::EventTime(timestamp_format(output)))
            }
            // `TimeColumns` overrides this for columns that make one timestamp.
            (Kind::Date | Kind::Time | Kind::Milliseconds | Kind::EventTime, _)
            | (_, Values::Text) => Self::Raw,
            (Kind::Timestamp | Kind::Seconds, Values::Typed) => match output.timestamp {
                Timestamp::EpochMillis => Self::EpochMillis,
                Timestamp::Iso8601 => Self::Iso8601,
                Timestamp::Verbatim => Self::VerbatimTimestamp,
            },
            (Kind::Integer, Values::Typed) if field == HEADERS_COUNT => Self::HeadersCount,
            (Kind::Integer, Values::Typed) => Self::Integer,
            (Kind::Status, Values::Typed) => Self::Status,
            (Kind::Decimal, Values::Typed) => Self::Decimal,
            (Kind::Boolean, Values::Typed) => Self::Boolean,
            (Kind::Address, Values::Typed) => Self::Address,
            (Kind::List, Values::Typed) => Self::List { decode },
            (Kind::Names, Values::Typed) => Self::Names { decode },
            (Kind::Headers, Values::Typed) => Self::Headers {
                decode,
                counted: field == HEADERS,
            },
        }
    }

    /// Returns the opening characters of the value, which are rendered together with its key.
    pub(super) const fn opening(self) -> &'static str {
        match self {
            Self::Standard(
                StandardEncode::Milliseconds(format)
                | StandardEncode::EventTime(format)
                | StandardEncode::Seconds { format, .. },
            ) => format.opening(),
            Self::Iso8601
            | Self::VerbatimTimestamp
            | Self::Address
            | Self::Decoded
            | Self::Raw
            | Self::Version { .. }
            | Self::Standard(_) => "\"",
            Self::ArrayOfOne { .. } => "[\"",
            Self::List { .. } | Self::Names { .. } | Self::Headers { .. } => "[",
            _ => "",
        }
    }
}

/// Returns true for HTTP headers of the OpenTelemetry profile, whose values are arrays of strings.
fn is_header(key: &str, names: Names) -> bool {
    names == Names::Otel && key.starts_with("http.") && key.contains(".header.")
}
