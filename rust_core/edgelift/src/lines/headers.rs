//! The headers of logs, and the plans for the rows after them.

use std::fmt;
use std::sync::Arc;

use crate::header;
use crate::plan::{Plan, Version};
use crate::record;

/// The plans of a stream: that of its configuration, and those of the headers in its input.
#[derive(Clone, Debug)]
pub(super) struct Plans {
    pub(super) configured: Arc<Plan>,
    /// The last header of the log, or the plan for real-time rows only if the log began with one.
    pub(super) header: Option<Header>,
    /// The header embedded in the last source record, or the plan for real-time rows only if it was one.
    pub(super) embedded_header: Option<Header>,
}

impl Plans {
    pub(super) const fn new(configured: Arc<Plan>) -> Self {
        Self {
            configured,
            header: None,
            embedded_header: None,
        }
    }

    /// Returns the plan for the next line of the log.
    #[inline]
    pub(super) fn for_line(&self) -> &Plan {
        let header = self.header.as_ref();
        header.map_or(&self.configured, |header| &header.plan)
    }

    /// Returns the plan for the last source record. A header before it in the input does not apply: the record came
    /// from a stream or another file.
    pub(super) fn for_source_record(&self) -> &Plan {
        let header = self.embedded_header.as_ref();
        header.map_or(&self.configured, |header| &header.plan)
    }
}

/// The header of a log and the plan for the rows after it.
#[derive(Clone)]
pub(super) struct Header {
    pub(super) plan: Arc<Plan>,
    /// The header lines. Invalid UTF-8 is replaced by U+FFFD, as in the names of the plan. `None` if they are too
    /// large: a stream keeps only the beginning of such a line, which must not be used as the whole.
    pub(super) lines: Option<Arc<str>>,
}

impl Header {
    /// Longest header that is kept with a failure: it fits into an error object even if all of it is escaped.
    pub(super) const MAX_BYTES: usize = 1 << 13;

    /// Returns the header of a `#Fields:` line and the version set by the line before it.
    pub(super) fn new(plan: Plan, version: Version, fields: &[u8]) -> Self {
        let before = match version {
            Version::One => "#Version: 1.0\n",
            Version::Two => "",
        };
        let fields = String::from_utf8_lossy(record::without_line_end(fields));
        Self {
            plan: Arc::new(plan),
            lines: Some(format!("{before}{fields}\n").into()),
        }
    }

    /// Returns the header of a `#Fields:` line that is too large: no row after it has columns.
    pub(super) fn too_large(plan: &Plan) -> Self {
        Self {
            plan: Arc::new(plan.without_layouts()),
            lines: None,
        }
    }

    /// Returns the header that makes all lines real-time rows.
    pub(super) fn rows_only(plan: &Plan) -> Self {
        Self {
            plan: Arc::new(plan.rows_only()),
            lines: None,
        }
    }

    /// Returns true if it makes all lines real-time rows.
    pub(super) fn is_rows_only(&self) -> bool {
        !self.plan.reads_standard()
    }

    /// Returns true if both make the same of the rows after them.
    pub(super) fn are_same(one: Option<&Self>, other: Option<&Self>) -> bool {
        match (one, other) {
            (None, None) => true,
            (Some(one), Some(other)) => {
                let are_known = one.lines.is_some() || (one.is_rows_only() && other.is_rows_only());
                are_known && one.lines == other.lines
            }
            _ => false,
        }
    }

    /// Returns the header with these lines.
    pub(super) fn from_lines(plan: &Plan, lines: &[u8]) -> Self {
        Self {
            plan: Arc::new(header::plan_for_lines(plan, lines)),
            lines: Some(String::from_utf8_lossy(lines).into()),
        }
    }
}

impl PartialEq for Header {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines
    }
}

impl Eq for Header {}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.fmt(f)
    }
}
