//! One record of a Firehose transformation event: base64 in, base64 of the document out.

use base64_turbo::STANDARD;

use crate::error::{Reason, RecordError};
use crate::plan::Plan;
use crate::record::{self, Documents, Scratch};
use crate::value::SLACK;

/// Memory that is used again for each record of an event.
#[derive(Debug)]
pub struct Answerer {
    scratch: Scratch,
    /// The decoded record, with room behind it so that blocks can be read.
    record: Vec<u8>,
    documents: Documents,
    encoded: Vec<u8>,
}

/// The document of one record.
#[derive(Debug)]
pub struct Answer<'a> {
    /// Base64 of the document: ASCII.
    pub data: &'a [u8],
    /// Bytes of the decoded record.
    pub bytes_in: usize,
    /// Bytes of the document.
    pub bytes_out: usize,
    /// The layout that the record has.
    pub layout: usize,
}

/// Why a record has no document.
#[derive(Debug)]
pub struct Refusal<'a> {
    /// Why.
    pub error: RecordError,
    /// The decoded record, empty if it could not be decoded.
    pub record: &'a [u8],
}

impl Answerer {
    /// Memory for the records of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            scratch: Scratch::new(plan),
            record: Vec::new(),
            documents: Documents::default(),
            encoded: Vec::new(),
        }
    }

    /// Gives memory back if there is more than this anywhere.
    pub fn shrink(&mut self, most: usize) {
        self.documents.shrink(most);
        for buffer in [&mut self.record, &mut self.encoded] {
            if buffer.len() > most {
                *buffer = Vec::new();
            }
        }
    }

    /// Decodes a record, transforms it and encodes its document.
    ///
    /// # Errors
    /// `data` is not base64, or the record cannot be transformed.
    pub fn answer(&mut self, plan: &Plan, data: &str) -> Result<Answer<'_>, Refusal<'_>> {
        let room = STANDARD.decoded_len_estimate(data.len()) + SLACK;
        if self.record.len() < room {
            self.record.resize(room, 0);
        }
        let Ok(bytes_in) = STANDARD.decode_slice(data, &mut self.record) else {
            return Err(Refusal {
                error: RecordError::whole(Reason::BadBase64),
                record: &[],
            });
        };
        self.documents.clear();
        let transformed = record::transform_prefix(
            plan,
            &self.record,
            bytes_in,
            &mut self.scratch,
            &mut self.documents,
        );
        let layout = match transformed {
            Ok(layout) => layout,
            Err(error) => {
                return Err(Refusal {
                    error,
                    record: &self.record[..bytes_in],
                });
            }
        };
        if plan.output().newline {
            self.documents.newline();
        }
        let document = self.documents.as_bytes();
        let length = STANDARD.encoded_len(document.len());
        if self.encoded.len() < length {
            self.encoded.resize(length, 0);
        }
        let encoded = &mut self.encoded[..length];
        // Room for a document is always enough, so that there is no error to tell of.
        let written = STANDARD.encode_slice(document, encoded);
        debug_assert_eq!(written.ok(), Some(length));
        Ok(Answer {
            data: encoded,
            bytes_in,
            bytes_out: document.len(),
            layout,
        })
    }
}
