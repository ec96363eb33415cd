//! `[bulk]`: bulk bodies for OpenSearch.

use serde::{Deserialize, Serialize};
use toml::Spanned;

/// `[bulk]`
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bulk {
    /// Pattern for the name of a document's index. If it is not written, `[opensearch]` decides it.
    pub index: Option<Spanned<String>>,
}
