//! One record: base64 in, base64 of the document out.

use base64_turbo::STANDARD;

use super::{partition, slim};
use crate::error::{Reason, RecordError};
use crate::foreign::Foreign;
use crate::plan::Plan;
use crate::record::{self, OutputBuffer, RecordLayout, Scratch};
use crate::value::SLACK;

/// Returns the content of a gzip file of one member; `None` if it is not that, or longer than the given bytes.
pub type Gunzip = fn(&[u8], usize) -> Option<Vec<u8>>;

/// Bytes of a control message at most. One of AWS has less than 500.
const MAX_CONTROL_BYTES: usize = 4096;

/// Transforms records, in buffers that are reused for each record of an event.
#[derive(Debug)]
pub struct RecordTransformer {
    scratch: Scratch,
    /// The decoded record, with [`SLACK`] bytes after it so that it can be read in blocks.
    record: Vec<u8>,
    documents: OutputBuffer,
    encoded: Vec<u8>,
    partitions: Vec<String>,
    gunzip: Option<Gunzip>,
}

/// The properties of a transformed record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transformed {
    /// Length of the decoded record in bytes.
    pub bytes_in: usize,
    /// Its layout.
    pub layout: RecordLayout,
    /// Its `timestamp`, in milliseconds since 1970.
    pub timestamp: Option<u64>,
}

/// The error of a record that has no document.
#[derive(Debug)]
pub struct Rejected<'a> {
    /// The error.
    pub error: RecordError,
    /// The decoded record; empty if it is not base64.
    pub record: &'a [u8],
    gunzip: Option<Gunzip>,
}

impl RecordTransformer {
    /// Returns a transformer for the records of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            scratch: Scratch::new(plan),
            record: Vec::new(),
            documents: OutputBuffer::default(),
            encoded: Vec::new(),
            partitions: vec![String::new(); plan.firehose().partitions.len()],
            gunzip: None,
        }
    }

    /// Recognizes compressed records with a decompressor.
    #[must_use]
    pub fn with_gunzip(mut self, gunzip: Gunzip) -> Self {
        self.gunzip = Some(gunzip);
        self
    }

    /// Releases buffers that hold more than `max_bytes`.
    pub fn shrink(&mut self, max_bytes: usize) {
        self.documents.shrink(max_bytes);
        for buffer in [&mut self.record, &mut self.encoded] {
            if buffer.len() > max_bytes {
                *buffer = Vec::new();
            }
        }
    }

    /// Decodes and transforms a record. Its document and partition keys stay until the next one.
    ///
    /// # Errors
    /// `data` is not base64, or the record cannot be transformed.
    pub fn transform(&mut self, plan: &Plan, data: &[u8]) -> Result<Transformed, Rejected<'_>> {
        let padded_len = STANDARD.decoded_len_estimate(data.len()) + SLACK;
        if self.record.len() < padded_len {
            self.record.resize(padded_len, 0);
        }
        let Ok(bytes_in) = STANDARD.decode_slice(data, &mut self.record) else {
            return Err(Rejected {
                error: RecordError::whole(Reason::BadBase64),
                record: &[],
                gunzip: None,
            });
        };
        self.documents.clear();
        let transformed = record::transform_prefix(
            plan,
            &mut self.record,
            bytes_in,
            &mut self.scratch,
            &mut self.documents,
        );
        let record = &self.record[..bytes_in];
        let layout = transformed.map_err(|error| Rejected {
            error,
            record,
            gunzip: self.gunzip,
        })?;
        if plan.output().newline {
            self.documents.newline();
        }
        let places = self.scratch.column_indexes(plan, layout);
        let value = self.scratch.values(plan, layout, record);
        let timestamp = places.millis(value);
        if !self.partitions.is_empty() {
            partition::fill(plan, places, value, &mut self.partitions);
        }
        Ok(Transformed {
            bytes_in,
            layout,
            timestamp,
        })
    }

    /// Returns the document.
    #[must_use]
    pub fn document(&self) -> &[u8] {
        self.documents.as_bytes()
    }

    /// Returns the values of the partition keys, in the order of the plan.
    #[must_use]
    pub fn partitions(&self) -> &[String] {
        &self.partitions
    }

    /// Removes the optional fields of a layout from the document. Returns true if that made it shorter.
    pub fn slim(&mut self, plan: &Plan, layout: RecordLayout) -> bool {
        let optional = &self.scratch.column_indexes(plan, layout).optional;
        let document = slim::without(self.documents.as_bytes(), optional);
        let shorter = document.len() < self.documents.as_bytes().len();
        self.documents.replace(&document);
        shorter
    }

    /// Returns the document as base64, which is ASCII.
    pub fn encoded(&mut self) -> &[u8] {
        let length = encoded_len(self.document().len());
        if self.encoded.len() < length {
            self.encoded.resize(length, 0);
        }
        let encoded = &mut self.encoded[..length];
        encode(self.documents.as_bytes(), encoded);
        encoded
    }
}

impl Rejected<'_> {
    /// Returns true if the record is a control message of CloudWatch Logs, compressed or not.
    #[cold]
    pub(super) fn is_control_message(&self) -> bool {
        if self.error.reason == Reason::TooLarge {
            return false;
        }
        match Foreign::detect(self.record) {
            Some(Foreign::Control) => true,
            Some(Foreign::Gzip) => self
                .gunzip
                .and_then(|gunzip| gunzip(self.record, MAX_CONTROL_BYTES))
                .is_some_and(|content| Foreign::detect(&content) == Some(Foreign::Control)),
            _ => false,
        }
    }
}

/// Returns the length of the base64 of `bytes` bytes.
pub(super) fn encoded_len(bytes: usize) -> usize {
    STANDARD.encoded_len(bytes)
}

/// Writes the base64 of a document to `out`, which has exactly its length.
pub(super) fn encode(document: &[u8], out: &mut [u8]) {
    // The length always suffices, so that there is no error to report.
    let written = STANDARD.encode_slice(document, out);
    debug_assert_eq!(written.ok(), Some(out.len()));
}
