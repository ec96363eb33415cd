//! Failed lines: their bytes, position and error message.

use std::fmt;
use std::sync::Arc;

use super::output_format::OutputFormat;
use super::{Line, Reader};
use crate::error::{Reason, RecordError};
use crate::header;
use crate::plan::{Plan, Version};
use crate::record::{self, OutputBuffer};
use crate::replay;

const HEADER_ELSEWHERE: &str = "only the #Fields: line of its log says which columns the row has, and that does not go \
                                with it into a stream; transform the log, and send the documents";

/// A failed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Line number in the input, from 1.
    pub line: u64,
    /// Byte offset of the beginning of the line in the input.
    pub offset: u64,
    /// The error.
    pub error: RecordError,
    /// The bytes to retry, without a line feed: the line, or the record that its error object holds. A line that is too
    /// large is truncated to the limit for a record.
    pub raw: Vec<u8>,
    /// True if a line feed follows `raw`, so that a CR at its end belongs to the line end.
    pub has_line_feed: bool,
    /// The origin of `raw`.
    pub(super) origin: FailureOrigin,
    /// The header that applied to the record: the last one before it, or the one in its error object.
    pub(super) header: Option<Header>,
}

/// The origin of a failed record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailureOrigin {
    /// The line itself.
    Line,
    /// An error object.
    ErrorObject,
    /// The source record in an error object.
    Source,
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
    const MAX_BYTES: usize = 1 << 13;

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

impl Failure {
    /// Returns the error message for people.
    #[must_use]
    pub fn message(&self, plan: &Plan) -> String {
        let record_message = || {
            if self.has_header_elsewhere() {
                return HEADER_ELSEWHERE.to_owned();
            }
            self.error.message(self.plan(plan), &self.record())
        };
        match self.origin {
            FailureOrigin::Line => record_message(),
            FailureOrigin::Source => format!("in rawData: {}", record_message()),
            FailureOrigin::ErrorObject => replay::message(&self.record(), self.error.reason),
        }
    }

    /// Returns the header lines to write before `raw`: `#Version:` for version 1, and `#Fields:`. Returns `None` for a
    /// header of more than 8 kB or more than `max_record_bytes`.
    #[must_use]
    pub fn header(&self) -> Option<&str> {
        let lines = self.header.as_ref()?.lines.as_deref();
        lines.filter(|lines| lines.len() <= Header::MAX_BYTES)
    }

    /// Returns the real-time name of the field that failed.
    #[must_use]
    pub fn field(&self, plan: &Plan) -> Option<String> {
        self.error.field(self.plan(plan), &self.record())
    }

    /// Returns true if the columns are known only from a header, which is not written along with a raw record.
    fn has_header_elsewhere(&self) -> bool {
        let header = self.header.as_ref();
        self.error.reason == Reason::NoHeader
            && header.is_some_and(|header| header.plan.is_from_header())
    }

    fn plan<'a>(&'a self, plan: &'a Plan) -> &'a Plan {
        self.header.as_ref().map_or(plan, |header| &header.plan)
    }

    fn record(&self) -> Vec<u8> {
        let end: &[u8] = if self.has_line_feed { b"\n" } else { b"" };
        [&self.raw, end].concat()
    }
}

impl Reader {
    /// Counts a failed line, unless it consists of concatenated rows.
    #[cold]
    #[inline(never)]
    pub(super) fn fail_line(
        &mut self,
        plan: &Plan,
        (text, skipped): (&[u8], u64),
        error: RecordError,
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) {
        let is_several = error.reason == Reason::ColumnCount
            && self.transform_concatenated_rows(plan, text, format, out);
        if !is_several {
            let line = self.current_line(text.len(), skipped);
            self.fail(plan, text, line, (error, FailureOrigin::Line), failures);
        }
    }

    /// Counts a failed record. Keeps `text`, the line or the record in it, unless it is blank.
    #[cold]
    #[inline(never)]
    pub(super) fn fail(
        &mut self,
        plan: &Plan,
        text: &[u8],
        line: Line,
        (mut error, origin): (RecordError, FailureOrigin),
        failures: &mut Vec<Failure>,
    ) {
        if error.reason == Reason::EmptyRecord && origin == FailureOrigin::Line {
            self.counts.blank += 1;
            return;
        }
        self.counts.add_failed(error.reason);
        let mut raw = text.strip_suffix(b"\n").unwrap_or(text);
        let mut has_line_feed = raw.len() < text.len();
        if error.reason == Reason::TooLarge && origin == FailureOrigin::Line {
            error.count += usize::try_from(line.skipped).unwrap_or(usize::MAX);
            raw = &raw[..raw.len().min(plan.max_record_bytes())];
            has_line_feed = false;
        }
        failures.push(Failure {
            line: line.number,
            offset: line.offset,
            error,
            raw: raw.to_vec(),
            has_line_feed,
            origin,
            header: match origin {
                FailureOrigin::Line => self.header.clone(),
                FailureOrigin::Source => self.embedded_header.clone(),
                FailureOrigin::ErrorObject => None,
            },
        });
    }
}
