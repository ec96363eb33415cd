//! Lines that failed, and what is wrong with them.

use std::fmt;
use std::sync::Arc;

use crate::error::{Reason, RecordError};
use crate::plan::Plan;
use crate::replay;

const ALONE: &str = "only the #Fields: line of its log says which columns the row has, and that does not go with it into a \
                     stream; transform the log, and send the documents";

/// A line that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Line of the input, from 1.
    pub line: u64,
    /// Byte of the input at which the line begins.
    pub offset: u64,
    /// Why.
    pub error: RecordError,
    /// What to try again, without its line feed: the line, or the record that an error object in it holds. Of a line
    /// that is too large only as much as a record may have.
    pub raw: Vec<u8>,
    /// Whether a line feed follows `raw`, so that a CR at its end belongs to the line end.
    pub has_line_feed: bool,
    /// What `raw` is.
    pub(super) of: Of,
    /// What the header before it says.
    pub(super) header: Option<Header>,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// A line that is a record.
    Line,
    /// An error object.
    ErrorObject,
    /// The source record in an error object.
    Source,
}

/// The plan that a header makes.
#[derive(Clone)]
pub(super) struct Header(pub(super) Arc<Plan>);

impl Header {
    fn fields(&self) -> impl Iterator<Item = &str> {
        let columns = self.0.layouts().iter().flat_map(|layout| &layout.columns);
        columns.map(|column| &*column.field)
    }
}

impl PartialEq for Header {
    fn eq(&self, other: &Self) -> bool {
        self.fields().eq(other.fields())
    }
}

impl Eq for Header {}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields()).finish()
    }
}

impl Failure {
    /// What is wrong, for people.
    #[must_use]
    pub fn message(&self, plan: &Plan) -> String {
        let of_record = || self.error.message(self.plan(plan), &self.record());
        match self.of {
            Of::Line if self.is_left_alone() => ALONE.to_owned(),
            Of::Line => of_record(),
            Of::Source => format!("in rawData: {}", of_record()),
            Of::ErrorObject => replay::message(&self.record()),
        }
    }

    /// Real-time name of the field in question.
    #[must_use]
    pub fn field(&self, plan: &Plan) -> Option<String> {
        self.error.field(self.plan(plan), &self.record())
    }

    /// Whether there is a header that tells the columns, and that does not go where the row would.
    fn is_left_alone(&self) -> bool {
        let told = self.header.as_ref();
        self.error.reason == Reason::NoHeader && told.is_some_and(|header| header.0.is_of_header())
    }

    fn plan<'a>(&'a self, plan: &'a Plan) -> &'a Plan {
        self.header.as_ref().map_or(plan, |header| &header.0)
    }

    fn record(&self) -> Vec<u8> {
        let end: &[u8] = if self.has_line_feed { b"\n" } else { b"" };
        [&self.raw, end].concat()
    }
}
