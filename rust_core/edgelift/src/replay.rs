//! Reads failed records: the error objects that Firehose writes to S3, and concatenated records.
//!
//! An error object of a transformation holds the source record, which is transformed; one of OpenSearch holds the
//! transformed document, which is passed on. Those of other destinations hold either, and their content decides.
//!
//! Sources: Amazon Data Firehose Developer Guide, "Handle failure in data transformation" and "Handle data delivery
//! failures"; observed objects write some keys in another case (`lambdaARN`), and counts as numbers or strings.

mod concatenated;
mod content;
mod members;
mod message;
mod origin;
mod parts;
mod problem;
mod reader;
mod unpack;

use base64_turbo::STANDARD;

use crate::limits::MAX_RESPONSE_BYTES;
use crate::plan::Plan;

pub(crate) use concatenated::{first_object, row_boundaries};
pub use content::RawData;
pub(crate) use content::detect;
pub(crate) use message::message;
pub(crate) use origin::Origin;
pub(crate) use parts::{Part, parts};
pub use reader::RejectedDocument;
pub(crate) use reader::{Content, ErrorObjectReader};
pub(crate) use unpack::unpack;

/// Limit for the bytes of an error object beside its data: names, times, and the error message of OpenSearch.
const MAX_METADATA_BYTES: usize = 1 << 16;

/// Returns the length of the longest line that can be an error object: its data are a source record, or a document as
/// Lambda returned it.
pub(crate) fn max_line_bytes(plan: &Plan) -> usize {
    STANDARD
        .encoded_len(plan.max_record_bytes())
        .max(MAX_RESPONSE_BYTES)
        + MAX_METADATA_BYTES
}
