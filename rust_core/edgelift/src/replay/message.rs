//! Messages for error objects.

use super::content::RawData;
use super::reader::{Content, ErrorObjectReader, RejectedDocument};
use crate::error::Reason;
use crate::json::string;
use crate::plan::{Plan, name_problem};
use crate::record::without_line_end;

/// Returns the message for an error object that could not be used.
pub(crate) fn message(line: &[u8], reason: Reason, plan: &Plan, raw_data: RawData) -> String {
    let mut reader = ErrorObjectReader::default();
    match (reader.content(without_line_end(line), plan, raw_data), reason) {
        (Err(problem), _) => problem.message(),
        (Ok(_), Reason::MissingTimestamp) => {
            "the index is named by the time of the record, but the document in rawData has none; an index without a \
             time in its name accepts it"
                .to_owned()
        }
        (
            Ok(Content::RejectedDocument(RejectedDocument {
                index: Some(index), ..
            })),
            Reason::BadErrorObject,
        ) => format!(
            "the error object's document cannot go into the index {}: {}",
            string(index),
            name_problem(index).unwrap_or_default()
        ),
        (
            Ok(Content::RejectedDocument(RejectedDocument { index: None, .. })),
            _,
        ) => "the error object holds a document, not a source record, which a stream needs; write it to files or \
              OpenSearch"
            .to_owned(),
        (Ok(_), _) => "the error object holds a document that OpenSearch refused, not a source record, which a stream \
                       needs; send it to OpenSearch"
            .to_owned(),
    }
}
