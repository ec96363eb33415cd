//! `[firehose]`, `[overflow]` and `[metrics]`: the answer to Firehose.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

/// `[firehose]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Firehose {
    /// Partition keys of an S3 destination: for each a field, or `timestamp:` and a pattern.
    pub partition_keys: BTreeMap<String, Spanned<String>>,
    /// Value of a partition key whose field is missing.
    pub partition_default: Spanned<String>,
    /// Policy for a record of several lines or JSON objects.
    pub multiple_lines: Spanned<MultipleLines>,
}

/// Policy for a record of several lines or JSON objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MultipleLines {
    /// The record fails: a document for OpenSearch is one line.
    #[default]
    Fail,
    /// The record becomes one document per line, for S3.
    Ndjson,
}

impl Default for Firehose {
    fn default() -> Self {
        Self {
            partition_keys: BTreeMap::new(),
            partition_default: Spanned::new(0..0, "unknown".to_owned()),
            multiple_lines: Spanned::new(0..0, MultipleLines::default()),
        }
    }
}

/// `[overflow]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overflow {
    /// Policy for an answer that is larger than Lambda's limit.
    pub policy: Policy,
    /// Fields that the policy `slim` leaves out.
    pub optional: Vec<Spanned<String>>,
}

/// Policy for an answer that is larger than Lambda's limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Records fail, beginning with the last one.
    #[default]
    Fail,
    /// Documents lose their optional fields first.
    Slim,
    /// Records are re-ingested into the stream.
    Reingest,
}

/// `[metrics]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Whether the log line of a batch has metrics for CloudWatch.
    pub enabled: bool,
    /// Namespace of the metrics.
    #[serde(deserialize_with = "namespace")]
    pub namespace: String,
    /// Dimension of the metrics.
    pub dimension: Dimension,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            enabled: true,
            namespace: "edgelift".to_owned(),
            dimension: Dimension::default(),
        }
    }
}

/// Dimension of the metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// `DeliveryStream`: name of the delivery stream that sent the batch.
    #[default]
    DeliveryStream,
    /// No dimension.
    None,
}

/// Checks a namespace: CloudWatch User Guide, "CloudWatch concepts".
fn namespace<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    const MAX_BYTES: usize = 255;
    let name = String::deserialize(deserializer)?;
    if name.starts_with("AWS/") {
        let message = format!("\"{name}\" is reserved for AWS; choose a namespace without AWS/");
        return Err(serde::de::Error::custom(message));
    }
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#: ".contains(&byte);
    if name.trim().is_empty() || name.len() > MAX_BYTES || !name.bytes().all(valid) {
        return Err(serde::de::Error::custom(format!(
            "\"{name}\" is not a CloudWatch namespace: 1 to {MAX_BYTES} letters, digits, blanks and . - _ / # :"
        )));
    }
    Ok(name)
}
