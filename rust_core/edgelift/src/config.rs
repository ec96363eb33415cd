//! What a user may write: TOML with the sections `[input]`, `[[layouts]]`, `[[custom_fields]]` and `[output]`, and
//! those of `delivery` and `bulk`.
//!
//! Unknown keys are refused with the nearest known one. What the names mean is decided in `plan`.

mod bulk;
mod delivery;
mod error;

use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::error::ConfigError;
use crate::fields::{Kind, Names};

use error::{line_at, syntax_error, value_error};

pub use bulk::Bulk;
pub use delivery::{Dimension, Firehose, Metrics, Overflow, Policy};
pub(crate) use error::nearest;

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
    /// What the answer to Firehose holds beside the documents.
    pub firehose: Firehose,
    /// What happens when that answer would be too large.
    pub overflow: Overflow,
    /// What the log line of a batch carries.
    pub metrics: Metrics,
    /// How bodies for OpenSearch are written.
    pub bulk: Bulk,
    #[serde(skip)]
    source: String,
}

/// `[input]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Input {
    /// Kind of log.
    pub format: Format,
    /// What a value does that does not fit its kind.
    pub bad_value: BadValue,
    /// Whether the lists of fields are brought into CloudFront's order.
    pub order: Order,
    /// Longest record, in bytes, its line end included.
    #[serde(deserialize_with = "record_bytes")]
    pub max_record_bytes: u32,
    /// Whether the path of a standard log gets its query string back.
    pub uri: Uri,
    /// Whether old user agents, which were encoded twice, are decoded twice.
    pub decode_twice: bool,
    /// What stands between the values of a standard log, version 2.
    #[serde(deserialize_with = "delimiter")]
    pub delimiter: String,
}

impl Default for Input {
    fn default() -> Self {
        Self {
            format: Format::default(),
            bad_value: BadValue::default(),
            order: Order::default(),
            max_record_bytes: 1 << 20,
            uri: Uri::default(),
            decode_twice: true,
            delimiter: TAB.to_owned(),
        }
    }
}

/// Kind of log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Real-time log records: tab-separated, without header.
    #[default]
    Realtime,
    /// Standard logs, whose header or keys tell the columns; rows without have the layouts.
    Standard,
    /// The same, but rows without header are real-time ones.
    Auto,
}

/// What stands between values if nothing else is said.
pub(crate) const TAB: &str = "\t";

/// What becomes of the path and the query string of a standard log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Uri {
    /// They stay apart.
    #[default]
    Split,
    /// The path has the query string behind it, as in real-time logs.
    Joined,
}

/// What a value does that does not fit its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BadValue {
    /// The layout does not fit.
    #[default]
    Fail,
    /// The key moves, as text, into `_unparsed`.
    Keep,
}

/// Order of the columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// CloudFront's own, in which it always delivers.
    #[default]
    Cloudfront,
    /// As the lists say.
    AsWritten,
}

/// One of `[[layouts]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The fields of a record.
    pub fields: Spanned<FieldList>,
}

/// `fields = "all"` or a list of names.
#[derive(Debug)]
pub enum FieldList {
    /// Every field of the real-time log.
    All,
    /// These.
    Names(Vec<Spanned<String>>),
}

/// One of `[[custom_fields]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    /// Name as CloudFront spells it.
    pub name: Spanned<String>,
    /// Kind of its values.
    pub kind: Kind,
    /// The field that stands before it in CloudFront's order.
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
    /// What a missing value becomes.
    pub missing: Missing,
    /// Whether texts are percent-decoded, once.
    pub decode: bool,
    /// What a timestamp becomes.
    pub timestamp: Timestamp,
    /// Whether each document of a Firehose answer ends with a line feed.
    pub newline: bool,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            names: Names::default(),
            values: Values::default(),
            missing: Missing::default(),
            decode: true,
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

/// What a missing value becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Its key is left out.
    #[default]
    Omit,
    /// `null`
    Null,
    /// The string that stands in the record.
    Keep,
}

/// What a timestamp becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timestamp {
    /// Milliseconds since 1970, an integer.
    #[default]
    EpochMillis,
    /// UTC with three decimals of a second.
    Iso8601,
    /// The string that stands in the record.
    Verbatim,
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// What is not TOML, and keys and values that are unknown, with line, key and the nearest valid name.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let parsed =
            toml::de::Deserializer::parse(text).map_err(|error| syntax_error(text, &error))?;
        let mut config: Self = serde_path_to_error::deserialize(parsed).map_err(|error| {
            let path = error.path().to_string();
            value_error(text, error.inner(), path)
        })?;
        text.clone_into(&mut config.source);
        Ok(config)
    }

    /// The line, from 1, in which a span begins.
    pub(crate) fn line(&self, span: &Range<usize>) -> usize {
        line_at(&self.source, span.start)
    }
}

fn record_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    // Kinesis takes records of 1,000 KiB; more than this only costs memory.
    const MOST: u32 = 1 << 26;
    let bytes = i64::deserialize(deserializer)?;
    match u32::try_from(bytes) {
        Ok(bytes @ 1..=MOST) => Ok(bytes),
        _ => Err(de::Error::custom(format!(
            "{bytes} is not between 1 and {MOST} bytes"
        ))),
    }
}

fn delimiter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    const LONGEST: usize = 5;
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        // As AWS has it for JSON, which has none.
        return Ok(TAB.to_owned());
    }
    if text.chars().count() > LONGEST || text.contains(['\n', '\r']) {
        let message = format!("{text:?} is not 1 to {LONGEST} characters without a line end");
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
