//! The formats detected in a stream.

use crate::config::Format;
use crate::fields::Log;
use crate::plan::{Layout, Plan, Version};
use crate::replay::Origin;

/// A detected format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DetectedFormat {
    /// Rows before the first header.
    Rows,
    /// Rows after a header, with the number of columns.
    Standard(Version, usize),
    /// The same for a connection log.
    Connection(usize),
    /// JSON records; the reader's scratch has the kinds of logs.
    Json,
    /// Documents that OpenSearch rejected.
    RejectedDocuments,
    /// Other error objects, by the step that they come from.
    ErrorObjects(Origin),
}

impl DetectedFormat {
    /// Limit of kept formats, because a header may change with every line.
    pub(super) const MAX_DETECTED: usize = 8;

    /// Returns the format of the rows after a header with these columns. `version` is that of its `#Version:`, which
    /// version 2 has, too.
    pub(super) fn for_header(layout: &Layout, version: Version) -> Self {
        let columns = layout.columns.len();
        match layout.log {
            Log::Connection => Self::Connection(columns),
            Log::Realtime | Log::Standard => {
                let is_newer = layout.columns.iter().any(|column| is_newer(&column.field));
                let version = if is_newer { Version::Two } else { version };
                Self::Standard(version, columns)
            }
        }
    }

    /// Returns true for lines of logs, and false for what edgelift, Firehose or OpenSearch wrote about them.
    pub(super) const fn is_log(self) -> bool {
        match self {
            Self::Rows | Self::Standard(..) | Self::Connection(_) | Self::Json => true,
            Self::RejectedDocuments | Self::ErrorObjects(_) => false,
        }
    }

    /// Adds the format unless it is already listed.
    #[inline]
    pub(super) fn add(self, all: &mut Vec<Self>) {
        if !all.contains(&self) && all.len() < Self::MAX_DETECTED {
            all.push(self);
        }
    }

    /// Returns descriptions for people. `json_logs` are the kinds of logs of the JSON records.
    pub(super) fn describe(self, plan: &Plan, json_logs: &[Log]) -> Vec<String> {
        if self == Self::Json && json_logs.contains(&Log::Connection) {
            return json_logs
                .iter()
                .map(|&log| describe_json(log).to_owned())
                .collect();
        }
        vec![self.describe_one(plan)]
    }

    fn describe_one(self, plan: &Plan) -> String {
        let words = match self {
            Self::Rows => match plan.input().format {
                _ if plan.layouts().is_empty() => "rows without a header",
                Format::Realtime | Format::Auto => "real-time rows",
                Format::Standard => {
                    return format!("rows of a {} log without a header", plan.log().name());
                }
            },
            Self::Standard(version, columns) => {
                let version = match version {
                    Version::One => 1,
                    Version::Two => 2,
                };
                return format!("a standard log, version {version} ({})", count(columns));
            }
            Self::Connection(columns) => return format!("a connection log ({})", count(columns)),
            Self::Json => describe_json(Log::Standard),
            Self::RejectedDocuments => "documents that OpenSearch refused",
            Self::ErrorObjects(origin) => origin.describe(),
        };
        words.to_owned()
    }
}

/// Returns true for a field that version 1 never has.
fn is_newer(field: &str) -> bool {
    matches!(
        field,
        "timestamp"
            | "timestamp(ms)"
            | "DistributionId"
            | "asn"
            | "c-country"
            | "origin-fbl"
            | "origin-lbl"
    )
}

const fn describe_json(log: Log) -> &'static str {
    match log {
        Log::Connection => "JSON records of a connection log",
        Log::Realtime | Log::Standard => "JSON records of a standard log, version 2",
    }
}

fn count(columns: usize) -> String {
    let plural = if columns == 1 { "" } else { "s" };
    format!("{columns} column{plural}")
}
