//! From a configuration to a plan: for each layout a row of columns with their keys and encoders.
//!
//! All decisions fall here. What runs for each record sees columns, never a name or an option that could
//! have been decided before.

mod clock;
mod delivery;
mod index;
mod known;
mod layout;
mod listed;
mod standard;

use std::sync::Arc;

use crate::config::{
    BadValue, Bulk, Config, Format, Input, Missing, Order, Output, Timestamp, Values,
};
use crate::error::ConfigError;
use crate::fields::{Kind, Names, Shape};
use crate::value::{self, TimestampFormat};

pub(crate) use clock::{Clock, Encode as StandardEncode};
pub use delivery::{Delivery, Partition};
pub(crate) use delivery::{Optional, Places};
pub(crate) use index::{Index, name_problem};
pub use layout::UNPARSED;
pub(crate) use layout::{HEADERS, HEADERS_COUNT};
pub(crate) use standard::{NamesError, Version};

/// A compiled configuration. Immutable.
#[derive(Debug)]
pub struct Plan {
    layouts: Vec<Layout>,
    /// For each number of columns the layouts that have it, newest first.
    by_count: Vec<Vec<usize>>,
    input: Input,
    output: Output,
    delivery: Delivery,
    bulk: Bulk,
    index: Index,
    warnings: Vec<String>,
    /// Custom fields, for layouts that logs tell.
    custom: Arc<[known::Known]>,
    /// What stands between values in place of a tab.
    delimiter: Option<Box<[u8]>>,
    /// Whether a `#Fields:` line tells the columns.
    of_header: bool,
}

/// The columns of one kind of record.
#[derive(Debug, Default)]
pub struct Layout {
    /// In the order of the record.
    pub columns: Vec<Column>,
    /// Room that a document takes beside the values: keys, punctuation, numbers that are longer than written.
    pub(crate) fixed_bytes: usize,
    /// Where `cs-headers` is, if `cs-headers-count` is there too.
    pub(crate) headers: Option<usize>,
    /// `,"cs-headers-truncated":true` in the naming profile.
    pub(crate) truncated: Box<[u8]>,
    /// Where the time is.
    pub(crate) clock: Clock,
    /// Most bytes of output that one byte of input can become.
    pub(crate) growth: usize,
    /// Where `cs-uri-query` is, if it stands in another column, too.
    pub(crate) query: Option<usize>,
    /// `,"timestamp":` in the naming profile, if date and time make one.
    pub(crate) timestamp: Option<value::Prefix>,
    /// What the first two columns make, if they are date and time and nothing else tells the timestamp.
    pub(crate) begins_with: Option<TimestampFormat>,
}

/// One column of a layout.
#[derive(Debug)]
pub struct Column {
    /// Real-time name of the field.
    pub field: Box<str>,
    /// Key in the document.
    pub key: Box<str>,
    /// Kind of the values.
    pub kind: Kind,
    /// A misfit never rejects the record.
    pub unproven: bool,
    /// Look of the values, to choose between layouts of equal count.
    pub shape: Option<Shape>,
    pub(crate) prefix: value::Prefix,
    /// The name in `_unparsed`, as a key.
    pub(crate) unparsed: value::Prefix,
    pub(crate) encode: Encode,
    pub(crate) short: FastPath,
    /// How many lengths from [`PLAIN`] on make a short string; none if the values are no strings.
    pub(crate) plain: usize,
}

/// Shortest string that is certainly there: what is shorter may be missing.
pub(crate) const PLAIN: usize = 2;
/// Longest value that is one fixed copy.
pub(crate) const SHORT: usize = 32;

/// What a short value can be that is written as it stands, or nearly.
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
    /// Nothing.
    Never,
}

impl FastPath {
    /// Of a column with such an encoder behind such a prefix.
    fn of(encode: Encode, prefix: &value::Prefix) -> Self {
        match encode {
            _ if prefix.len() > value::Prefix::HEAD => Self::Never,
            Encode::Decoded | Encode::Raw | Encode::Standard(StandardEncode::DecodedTwice) => {
                Self::String
            }
            Encode::Integer => Self::Integer,
            Encode::Decimal => Self::Decimal,
            Encode::Status => Self::Status,
            Encode::EpochMillis => Self::Millis,
            Encode::Address => Self::Address,
            _ => Self::Never,
        }
    }
}

/// How a value is written, with every option already in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encode {
    EpochMillis,
    Iso8601,
    /// Checked, written as it stands.
    VerbatimTimestamp,
    Integer,
    /// The integer of `cs-headers-count`, with `cs-headers-truncated` after it.
    HeadersCount,
    Status,
    Decimal,
    Boolean,
    Address,
    /// A string, percent-decoded.
    Decoded,
    /// A string as it stands.
    Raw,
    /// A string without the name of its protocol.
    Version {
        decode: bool,
        protocol: value::version::Protocol,
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

impl Plan {
    /// Compiles a configuration.
    ///
    /// # Errors
    /// No layout, unknown fields (with the nearest known one), duplicates, equal layouts, equal keys.
    pub fn compile(config: &Config) -> Result<Self, ConfigError> {
        let mut warnings = Vec::new();
        let layouts = listed::compile(config, &mut warnings)?;
        if config.output.missing == Missing::Keep && config.output.values == Values::Typed {
            warnings.push(
                "missing = \"keep\" writes \"-\" into numbers, dates and addresses, which an index with types \
                 rejects; use it with values = \"text\""
                    .to_owned(),
            );
        }
        warnings.extend(standard::without_effect(&config.input));
        let delimiter = match config.input.format {
            Format::Standard => standard::delimiter(&config.input),
            Format::Realtime | Format::Auto => None,
        };
        Ok(Self {
            delivery: Delivery::compile(config, &layouts)?,
            index: {
                let index = &config.bulk.index;
                let line = Some(config.line(&index.span()));
                Index::parse(index.get_ref(), "bulk.index", line)?
            },
            bulk: config.bulk.clone(),
            by_count: by_count(&layouts),
            custom: known::custom_fields(config)?,
            layouts,
            input: config.input.clone(),
            output: config.output.clone(),
            warnings,
            delimiter,
            of_header: false,
        })
    }

    /// The layouts, in the order of the configuration.
    #[must_use]
    pub fn layouts(&self) -> &[Layout] {
        &self.layouts
    }

    /// `[input]` as it is in force.
    #[must_use]
    pub const fn input(&self) -> &Input {
        &self.input
    }

    /// `[output]` as it is in force.
    #[must_use]
    pub const fn output(&self) -> &Output {
        &self.output
    }

    /// How the records of an event are answered.
    #[must_use]
    pub const fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// `[bulk]` as it is in force.
    #[must_use]
    pub const fn bulk(&self) -> &Bulk {
        &self.bulk
    }

    /// What is odd about the configuration, though it can be used.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Longest record, in bytes.
    #[must_use]
    pub const fn max_record_bytes(&self) -> usize {
        self.input.max_record_bytes as usize
    }

    /// Columns of the widest layout.
    pub(crate) const fn widest(&self) -> usize {
        self.by_count.len() - 1
    }

    /// The layouts with so many columns, newest first.
    pub(crate) fn candidates(&self, count: usize) -> &[usize] {
        self.by_count.get(count).map_or(&[], Vec::as_slice)
    }

    /// Whether headers and JSON records are looked for.
    #[inline]
    pub(crate) fn reads_standard(&self) -> bool {
        self.input.format != Format::Realtime
    }

    /// Whether a `#Fields:` line tells the columns.
    pub(crate) const fn is_of_header(&self) -> bool {
        self.of_header
    }

    /// What stands between values in place of a tab.
    #[inline]
    pub(crate) fn delimiter(&self) -> Option<&[u8]> {
        self.delimiter.as_deref()
    }

    /// Whether misfits go into `_unparsed`.
    pub(crate) fn keeps_bad_values(&self) -> bool {
        self.input.bad_value == BadValue::Keep
    }
}

/// For each number of columns the layouts that have it.
fn by_count(layouts: &[Layout]) -> Vec<Vec<usize>> {
    let counts = layouts.iter().map(|layout| layout.columns.len());
    let mut by_count = vec![Vec::new(); counts.max().unwrap_or(0) + 1];
    for (index, layout) in layouts.iter().enumerate() {
        by_count[layout.columns.len()].push(index);
    }
    by_count
}

impl Column {
    /// Whether the encoder takes this value.
    pub(crate) fn accepts(&self, raw: &[u8]) -> bool {
        match self.encode {
            Encode::Decoded
            | Encode::Raw
            | Encode::Standard(StandardEncode::DecodedTwice | StandardEncode::Joined { .. }) => {
                true
            }
            _ => value::fits(self.kind, raw),
        }
    }

    /// Opening characters of the value that are part of the rendered key.
    const fn opening(encode: Encode) -> &'static str {
        match encode {
            Encode::Standard(StandardEncode::Milliseconds(moment)) => moment.opening(),
            Encode::Iso8601
            | Encode::VerbatimTimestamp
            | Encode::Address
            | Encode::Decoded
            | Encode::Raw
            | Encode::Version { .. }
            | Encode::Standard(_) => "\"",
            Encode::ArrayOfOne { .. } => "[\"",
            Encode::List { .. } | Encode::Names { .. } | Encode::Headers { .. } => "[",
            _ => "",
        }
    }
}

impl Encode {
    fn of(field: &str, key: &str, kind: Kind, output: &Output) -> Self {
        let decode = output.decode;
        let string = if decode { Self::Decoded } else { Self::Raw };
        let protocol = value::version::Protocol::for_key(key, output.names);
        match (kind, output.values) {
            (Kind::Text | Kind::Keyword, values) => match protocol {
                Some(protocol) => Self::Version { decode, protocol },
                None if values == Values::Typed && is_header(key, output.names) => {
                    Self::ArrayOfOne { decode }
                }
                None => string,
            },
            (Kind::List | Kind::Names | Kind::Headers, Values::Text) => string,
            (Kind::Timestamp, Values::Text) if output.timestamp != Timestamp::Verbatim => {
                Self::VerbatimTimestamp
            }
            (Kind::Milliseconds, values)
                if values == Values::Typed || output.timestamp != Timestamp::Verbatim =>
            {
                Self::Standard(StandardEncode::Milliseconds(clock::timestamp_format(
                    output,
                )))
            }
            // Where they make a timestamp together, the layout says so.
            (Kind::Date | Kind::Time | Kind::Milliseconds, _) | (_, Values::Text) => Self::Raw,
            (Kind::Timestamp, Values::Typed) => match output.timestamp {
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
}

/// OpenTelemetry says of HTTP headers that they are arrays of strings.
fn is_header(key: &str, names: Names) -> bool {
    names == Names::Otel && key.starts_with("http.") && key.contains(".header.")
}

/// Whether lists of fields are brought into CloudFront's order.
pub(crate) fn sorts(config: &Config) -> bool {
    config.input.order == Order::Cloudfront
}
