//! The configuration: TOML with the sections `[input]`, `[[layouts]]`, `[[custom_fields]]`, `[output]`, `[firehose]`,
//! `[overflow]`, `[metrics]`, `[bulk]` and `[opensearch]`.
//!
//! Unknown keys are refused with the nearest known one. `plan` checks the names of fields.

mod bulk;
mod decode_json;
mod delivery;
mod error;
mod opensearch;

use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::error::ConfigError;
use crate::fields::{Kind, Log, Names};

use error::{line_at, syntax_error, value_error};

pub use bulk::Bulk;
pub use decode_json::DecodeJson;
pub use delivery::{Dimension, Firehose, Metrics, MultipleLines, Overflow, Policy};
pub(crate) use error::nearest;
pub use opensearch::{Codec, Headers, OpenSearch, Rotation, Sort};

/// A configuration as it was written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How records are read.
    pub input: Input,
    /// The layouts that records may have, newest first.
    pub layouts: Vec<Layout>,
    /// Fields that this version of edgelift does not know.
    pub custom_fields: Vec<CustomField>,
    /// How documents are written.
    pub output: Output,
    /// Partition keys of the answer to Firehose.
    pub firehose: Firehose,
    /// Policy for an answer that is too large.
    pub overflow: Overflow,
    /// Metrics in the log line of a batch.
    pub metrics: Metrics,
    /// How bulk bodies for OpenSearch are written.
    pub bulk: Bulk,
    /// What is set up on an OpenSearch cluster.
    pub opensearch: OpenSearch,
    #[serde(skip)]
    source: String,
}

/// `[input]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Input {
    /// Kind of log.
    pub format: Format,
    /// Policy for a value that does not fit its kind.
    pub bad_value: BadValue,
    /// Policy for a row whose kinds fit but not its shapes.
    pub shapes: Shapes,
    /// Order of the fields in lists.
    pub order: Order,
    /// Longest record, in bytes, its line end included.
    #[serde(deserialize_with = "record_bytes")]
    pub max_record_bytes: u32,
    /// Whether the path of a standard log is joined with its query string.
    pub uri: Uri,
    /// Whether user agents of old standard logs, which were encoded twice, are decoded twice.
    pub decode_twice: bool,
    /// Whether the texts of JSON records are percent-decoded.
    pub decode_json: DecodeJson,
    /// Delimiter of the values in standard logs of version 2.
    #[serde(deserialize_with = "delimiter")]
    pub delimiter: String,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            format: Format::default(),
            bad_value: BadValue::default(),
            shapes: Shapes::default(),
            order: Order::default(),
            max_record_bytes: 1 << 20,
            uri: Uri::default(),
            decode_twice: true,
            decode_json: DecodeJson::default(),
            delimiter: TAB.to_owned(),
        }
    }
}

/// Kind of log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Real-time log records: tab-separated, without header.
    Realtime,
    /// Standard and connection logs, whose header or keys name the columns; rows without a header have the layouts.
    Standard,
    /// The same logs and real-time rows, by the first record of a file; rows without a header are real-time rows. Lists of
    /// names that fit no real-time log imply `Standard`.
    #[default]
    Auto,
}

/// The default delimiter.
pub(crate) const TAB: &str = "\t";

/// How the path and the query string of a standard log are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Uri {
    /// As two values.
    #[default]
    Split,
    /// The path is followed by the query string, as in real-time logs.
    Joined,
}

/// Policy for a value that does not fit its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BadValue {
    /// The layout does not fit.
    #[default]
    Fail,
    /// The key moves, as text, into `_unparsed`.
    Keep,
}

/// Policy for a value that CloudFront writes in another shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shapes {
    /// The row is transformed and counted.
    #[default]
    Warn,
    /// The row fails.
    Fail,
    /// Shapes only choose between layouts.
    Ignore,
}

/// Order of the columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// CloudFront's order, in which it always delivers.
    #[default]
    Cloudfront,
    /// The order of the lists.
    AsWritten,
}

/// One of `[[layouts]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The fields of a record.
    pub fields: Spanned<FieldList>,
}

impl Layout {
    /// Returns the first kind of log that has all names that any of them has; real-time logs if none has all.
    pub(crate) fn log(&self) -> Log {
        let FieldList::Names(names) = self.fields.get_ref() else {
            return Log::Realtime;
        };
        let is_known = |name: &str| Log::ALL.iter().any(|log| log.field(name).is_some());
        let has_all = |log: &Log| {
            let mut names = names.iter().map(|name| name.get_ref().as_str());
            names.all(|name| log.field(name).is_some() || !is_known(name))
        };
        Log::ALL.into_iter().find(has_all).unwrap_or_default()
    }
}

/// `fields = "all"` or a list of names.
#[derive(Debug)]
pub enum FieldList {
    /// All fields of the real-time log.
    All,
    /// The named fields.
    Names(Vec<Spanned<String>>),
}

/// One of `[[custom_fields]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    /// CloudFront's name.
    pub name: Spanned<String>,
    /// Kind of its values.
    pub kind: Kind,
    /// The previous field in CloudFront's order.
    pub after: Spanned<String>,
}

/// `[output]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Output {
    /// Naming profile of the keys.
    pub names: Names,
    /// Types of the values.
    pub values: Values,
    /// How a missing value is written.
    pub missing: Missing,
    /// Whether texts are percent-decoded, once.
    pub decode: bool,
    /// Fields that are not percent-decoded.
    pub raw: Vec<Spanned<String>>,
    /// Fields that are written; all if there are none.
    pub columns: Vec<Spanned<String>>,
    /// How a timestamp is written.
    pub timestamp: Timestamp,
    /// Whether each document in the answer to Firehose ends with a line feed.
    pub newline: bool,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            names: Names::default(),
            values: Values::default(),
            missing: Missing::default(),
            decode: true,
            raw: Vec::new(),
            columns: Vec::new(),
            timestamp: Timestamp::default(),
            newline: false,
        }
    }
}

/// Types of the values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// Numbers are numbers, lists are lists.
    #[default]
    Typed,
    /// Everything is a string.
    Text,
}

/// How a missing value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The key is left out.
    #[default]
    Omit,
    /// `null`
    Null,
    /// The string in the record.
    Keep,
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timestamp {
    /// Milliseconds since 1970, an integer.
    #[default]
    EpochMillis,
    /// UTC with three decimals of a second.
    Iso8601,
    /// The string in the record.
    Verbatim,
}

impl Config {
    /// Parses a configuration.
    ///
    /// # Errors
    /// The text is not TOML, or a key or value is unknown; the error has line, key and the nearest valid name.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let parsed =
            toml::de::Deserializer::parse(text).map_err(|error| syntax_error(text, &error))?;
        let mut config = Self::deserialize(parsed).map_err(|error| value_error(text, &error))?;
        text.clone_into(&mut config.source);
        let is_realtime = |layout: &Layout| layout.log() == Log::Realtime;
        if config.input.format == Format::Auto && !config.layouts.iter().all(is_realtime) {
            config.input.format = Format::Standard;
        }
        if config.bulk.index.is_none() {
            let pattern = config.opensearch.index_pattern();
            let span = config.opensearch.index_prefix.span();
            config.bulk.index = pattern.map(|pattern| Spanned::new(span, pattern));
        }
        Ok(config)
    }

    /// Returns true if `[output] names` is written, so that it is not the default.
    #[cfg(feature = "columns")]
    pub(crate) fn writes_names(&self) -> bool {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Written {
            output: WrittenOutput,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct WrittenOutput {
            names: Option<Names>,
        }
        let written: Written = toml::from_str(&self.source).unwrap_or_default();
        written.output.names.is_some()
    }

    /// Returns the line, from 1, in which a span begins.
    pub(crate) fn line(&self, span: &Range<usize>) -> usize {
        line_at(&self.source, span.start)
    }
}

fn record_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    // Kinesis accepts records of 1,000 KiB; a larger limit only costs memory.
    const MAX: u32 = 1 << 26;
    let bytes = i64::deserialize(deserializer)?;
    match u32::try_from(bytes) {
        Ok(bytes @ 1..=MAX) => Ok(bytes),
        _ => Err(de::Error::custom(format!(
            "{bytes} is not between 1 and {MAX} bytes"
        ))),
    }
}

fn delimiter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    const MAX_CHARS: usize = 5;
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        // AWS configures JSON logs with an empty delimiter.
        return Ok(TAB.to_owned());
    }
    if text.chars().count() > MAX_CHARS || text.contains(['\n', '\r']) {
        let message = format!("{text:?} is not 1 to {MAX_CHARS} characters without a line end");
        return Err(de::Error::custom(message));
    }
    Ok(text)
}

impl<'de> Deserialize<'de> for FieldList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldListVisitor)
    }
}

struct FieldListVisitor;

impl<'de> Visitor<'de> for FieldListVisitor {
    type Value = FieldList;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"all\" or a list of field names")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<FieldList, E> {
        if text == "all" {
            Ok(FieldList::All)
        } else {
            Err(E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FieldList, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = list.next_element()? {
            names.push(name);
        }
        Ok(FieldList::Names(names))
    }
}
