//! `[opensearch]`: what `edgelift opensearch` sets up on a cluster. The engine takes the index pattern from it only.

use std::ops::RangeInclusive;

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use toml::Spanned;

/// `[opensearch]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct OpenSearch {
    /// Beginning of the names of all indices.
    pub index_prefix: Spanned<String>,
    /// How often a new index begins: Firehose's index rotation.
    pub rotation: Rotation,
    /// Age in days at which an index is deleted; 0 means never.
    #[serde(deserialize_with = "days")]
    pub retention_days: u32,
    /// ARN of the role with which Firehose sends; empty if it is not known yet.
    #[serde(deserialize_with = "role_arn")]
    pub firehose_role_arn: String,
    /// How values of the kind `headers` are indexed.
    pub headers: Headers,
    /// Compression of stored documents.
    pub codec: Codec,
    /// Number of primary shards of an index.
    #[serde(deserialize_with = "shards")]
    pub shards: u32,
    /// Order of the documents on disk.
    pub sort: Sort,
}

impl Default for OpenSearch {
    fn default() -> Self {
        Self {
            index_prefix: Spanned::new(0..0, "cdn-logs".to_owned()),
            rotation: Rotation::default(),
            retention_days: 0,
            firehose_role_arn: String::new(),
            headers: Headers::default(),
            codec: Codec::default(),
            shards: 1,
            sort: Sort::default(),
        }
    }
}

impl OpenSearch {
    /// Returns the pattern of index names; `None` for weekly indices, which bulk bodies do not have.
    pub(crate) fn index_pattern(&self) -> Option<String> {
        let suffix = match self.rotation {
            Rotation::None => "",
            Rotation::Hour => "-{yyyy}-{MM}-{dd}-{HH}",
            Rotation::Day => "-{yyyy}-{MM}-{dd}",
            Rotation::Week => return None,
            Rotation::Month => "-{yyyy}-{MM}",
        };
        Some(format!("{}{suffix}", self.index_prefix.get_ref()))
    }
}

/// How often a new index begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// Each day.
    #[default]
    Day,
    /// All documents are in one index.
    None,
    /// Each hour.
    Hour,
    /// Each week; Firehose only.
    Week,
    /// Each month.
    Month,
}

/// How values of the kind `headers` are indexed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Headers {
    /// They are stored, but cannot be searched.
    #[default]
    Disabled,
    /// Names and values can be searched, each for itself.
    FlatObject,
    /// A name can be searched together with its value.
    Nested,
}

/// Compression of stored documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// DEFLATE
    #[default]
    BestCompression,
    /// LZ4
    Default,
    /// Zstandard with a dictionary, from OpenSearch 2.9 on.
    Zstd,
    /// Zstandard without a dictionary, from OpenSearch 2.9 on.
    ZstdNoDict,
}

/// Order of the documents of a segment on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// As they arrive.
    #[default]
    None,
    /// By the time of the record, the latest first.
    Time,
}

fn role_arn<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let arn = String::deserialize(deserializer)?;
    let is_role = arn.starts_with("arn:") && arn.contains(":iam::") && arn.contains(":role/");
    if is_role || arn.is_empty() {
        return Ok(arn);
    }
    let message = format!("{arn:?} is not the ARN of an IAM role");
    Err(D::Error::custom(message))
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    // A century, against typing errors.
    within(deserializer, 0..=36_525)
}

fn shards<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    // The limit of index.number_of_shards.
    within(deserializer, 1..=1024)
}

fn within<'de, D: Deserializer<'de>>(
    deserializer: D,
    range: RangeInclusive<u32>,
) -> Result<u32, D::Error> {
    let number = i64::deserialize(deserializer)?;
    let found = u32::try_from(number).ok();
    found
        .filter(|number| range.contains(number))
        .ok_or_else(|| {
            let (least, most) = range.into_inner();
            D::Error::custom(format!("{number} is not between {least} and {most}"))
        })
}
