//! `[bulk]`: bulk bodies for OpenSearch.

use serde::{Deserialize, Serialize};
use toml::Spanned;

/// `[bulk]`
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bulk {
    /// Pattern for the name of a document's index.
    pub index: Spanned<String>,
}

impl Default for Bulk {
    fn default() -> Self {
        // Firehose's daily index rotation.
        Self {
            index: Spanned::new(0..0, "cdn-logs-{yyyy}-{MM}-{dd}".to_owned()),
        }
    }
}
