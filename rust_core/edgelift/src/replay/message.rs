//! Messages for error objects.

use super::reader::{Content, ErrorObjectReader, RejectedDocument};
use crate::error::Reason;
use crate::json::string;
use crate::plan::name_problem;
use crate::record::without_line_end;

/// Returns the message for an error object that could not be used.
pub(crate) fn message(line: &[u8], reason: Reason) -> String {
    let mut reader = ErrorObjectReader::default();
    match reader.content(without_line_end(line)) {
        Err(problem) => problem.message(),
        Ok(Content::RejectedDocument(RejectedDocument { index, .. })) if reason == Reason::BadErrorObject => format!(
            "the error object's document cannot go into the index {}: {}",
            string(index),
            name_problem(index).unwrap_or_default()
        ),
        Ok(_) => "the error object holds a document that OpenSearch refused, not a source record, which a stream needs; \
                  send it to OpenSearch"
            .to_owned(),
    }
}
