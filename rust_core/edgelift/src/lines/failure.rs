//! Failed lines: their bytes, position and error message.

use super::headers::Header;
use crate::error::{Reason, RecordError};
use crate::json;
use crate::plan::Plan;
use crate::replay::{self, RawData};

const HEADER_ELSEWHERE: &str = "only the #Fields: line of its log names the columns of the row, and a stream does not \
                                carry it; transform the log, and send the documents";

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
    /// An error object, which was read with this option.
    ErrorObject(RawData),
    /// The source record in an error object, whose keys say so or not; or one of several, of which the first says so.
    Source { is_named: bool },
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
            FailureOrigin::Source { .. } => format!("in rawData: {}", record_message()),
            FailureOrigin::ErrorObject(raw_data) => {
                replay::message(&self.record(), self.error.reason, plan, raw_data)
            }
        }
    }

    /// Returns the header lines to write before `raw`: `#Version:` for version 1, and `#Fields:`. Returns `None` for a
    /// header of more than 8 kB or more than `max_record_bytes`.
    #[must_use]
    pub fn header(&self) -> Option<&str> {
        let lines = self.header.as_ref()?.lines.as_deref();
        lines.filter(|lines| lines.len() <= Header::MAX_BYTES)
    }

    /// Returns the format that the record was read in, if that could be another one: it begins with a brace, and the
    /// first record of a file decides.
    #[must_use]
    pub fn log_format(&self, plan: &Plan) -> Option<&'static str> {
        let is_record = !matches!(self.origin, FailureOrigin::ErrorObject(_));
        if !is_record || !plan.detects_format() || !json::begins_object(&self.raw) {
            return None;
        }
        Some(if self.plan(plan).reads_standard() {
            "standard"
        } else {
            "realtime"
        })
    }

    /// Returns false if `raw` is from an error object whose keys do not say that it holds a source record.
    #[must_use]
    pub fn is_source(&self) -> bool {
        self.origin != FailureOrigin::Source { is_named: false }
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
