//! `[bulk]`: bodies for OpenSearch.

use serde::{Deserialize, Serialize};
use toml::Spanned;

/// `[bulk]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bulk {
    /// Pattern of the name of the index that a document goes to.
    pub index: Spanned<String>,
}

impl Default for Bulk {
    fn default() -> Self {
        // As Firehose has it that begins an index each day.
        Self {
            index: Spanned::new(0..0, "cdn-logs-{yyyy}-{MM}-{dd}".to_owned()),
        }
    }
}
