//! The Firehose transformation event: base64 records in, base64 of their documents out.
//!
//! [`transform`] reads the bytes of an event. A caller that has decoded the event, such as the binding, gives its
//! records to a [`Batch`], as [`transform`] does.

mod batch;
mod envelope;
mod json_record;
mod partition;
mod record;
mod record_template;
mod record_transformer;
mod response;
mod response_buffer;
mod response_size;
mod seen_ids;
mod slim;
mod style;
mod tally;

pub use batch::Batch;
pub use envelope::EventError;
pub use partition::serialized_len;
pub use record::{Record, missing_data, not_a_string};
pub use record_transformer::{RecordTransformer, Rejected, Transformed};
pub use response::{Memory, Response, transform};
pub use response_size::Outcome;
pub use style::Style;
pub use tally::{FirstFailure, Report};

pub use crate::foreign::Gunzip;
pub use crate::json::Invalid;
