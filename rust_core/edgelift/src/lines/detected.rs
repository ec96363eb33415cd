//! The formats detected in a stream.

use crate::config::Format;
use crate::plan::{Plan, Version};

/// A detected format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DetectedFormat {
    /// Rows before the first header.
    Rows,
    /// Rows after a header, with the number of columns.
    Standard(Version, usize),
    Json,
    /// Error objects that hold source records.
    SourceRecords,
    /// Error objects that hold documents.
    RejectedDocuments,
}

impl DetectedFormat {
    /// Limit of kept formats, because a header may change with every line.
    const MAX_DETECTED: usize = 8;

    /// Adds the format unless it is already listed.
    #[inline]
    pub(super) fn add(self, all: &mut Vec<Self>) {
        if !all.contains(&self) && all.len() < Self::MAX_DETECTED {
            all.push(self);
        }
    }

    /// Returns a description for people.
    pub(super) fn describe(self, plan: &Plan) -> String {
        let words = match self {
            Self::Rows => match plan.input().format {
                _ if plan.layouts().is_empty() => "rows without a header",
                Format::Realtime | Format::Auto => "real-time rows",
                Format::Standard => "rows of a standard log without a header",
            },
            Self::Standard(version, columns) => {
                let version = match version {
                    Version::One => 1,
                    Version::Two => 2,
                };
                let plural = if columns == 1 { "" } else { "s" };
                return format!("a standard log, version {version} ({columns} column{plural})");
            }
            Self::Json => "JSON records of a standard log, version 2",
            Self::SourceRecords => "Firehose processing-failed records",
            Self::RejectedDocuments => "documents that OpenSearch refused",
        };
        words.to_owned()
    }
}
