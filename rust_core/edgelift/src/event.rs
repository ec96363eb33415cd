//! The Firehose transformation event: base64 records in, base64 of their documents out.
//!
//! [`transform`] reads the bytes of an event. A caller that has decoded the event, such as the binding, transforms the
//! records with a [`RecordTransformer`] and counts them in a [`Batch`], which knows the size of the response before it
//! is built.

mod batch;
mod envelope;
mod partition;
mod record;
mod record_template;
mod record_transformer;
mod response;
mod response_buffer;
mod response_size;
mod slim;

pub use batch::{Batch, FirstFailure, Report};
pub use envelope::EventError;
pub use partition::{metadata, serialized_len};
pub use record_transformer::{RecordTransformer, Rejected, Transformed, encoded_len};
pub use response::{Memory, Response, transform};
pub use response_size::{DocumentSize, Outcome, Style};

pub use crate::json::Invalid;
pub use crate::limits::MAX_RESPONSE_BYTES as LIMIT;

/// Returns the message for a record without data.
#[must_use]
pub fn missing_data() -> String {
    "the record has no data".to_owned()
}

/// Returns the message for a record whose data have another type.
#[must_use]
pub fn not_a_string(found: &str) -> String {
    format!("the record's data is not a string but {found}")
}
