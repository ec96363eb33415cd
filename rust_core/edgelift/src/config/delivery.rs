//! What concerns the answer to Firehose as a whole: `[firehose]`, `[overflow]` and `[metrics]`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

/// `[firehose]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Firehose {
    /// Partition keys of an S3 destination: for each a field, or `timestamp:` and a pattern.
    pub partition_keys: BTreeMap<String, Spanned<String>>,
    /// What a missing value becomes there.
    pub partition_default: Spanned<String>,
}

impl Default for Firehose {
    fn default() -> Self {
        Self {
            partition_keys: BTreeMap::new(),
            partition_default: Spanned::new(0..0, "unknown".to_owned()),
        }
    }
}

/// `[overflow]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overflow {
    /// What happens when the answer would be larger than Lambda takes.
    pub policy: Policy,
    /// Fields that `slim` leaves out.
    pub optional: Vec<Spanned<String>>,
}

/// What happens when the answer would be larger than Lambda takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Records fail, from the last one back.
    #[default]
    Fail,
    /// Their documents lose the optional fields first.
    Slim,
    /// They are put back into the stream.
    Reingest,
}

/// `[metrics]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Whether the log line of a batch carries metrics for CloudWatch.
    pub enabled: bool,
    /// Their namespace.
    #[serde(deserialize_with = "namespace")]
    pub namespace: String,
    /// Their dimension.
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

/// A namespace that CloudWatch takes: CloudWatch User Guide, "CloudWatch concepts".
fn namespace<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    const MOST: usize = 255;
    let name = String::deserialize(deserializer)?;
    if name.starts_with("AWS/") {
        let message = format!("\"{name}\" is a namespace of AWS's own; choose one without AWS/");
        return Err(serde::de::Error::custom(message));
    }
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#: ".contains(&byte);
    if name.trim().is_empty() || name.len() > MOST || !name.bytes().all(valid) {
        return Err(serde::de::Error::custom(format!(
            "\"{name}\" is no CloudWatch namespace: 1 to {MOST} letters, digits, blanks and . - _ / # :"
        )));
    }
    Ok(name)
}
