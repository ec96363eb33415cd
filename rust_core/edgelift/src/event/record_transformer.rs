//! One record: base64 in, base64 of the document out.

use base64_turbo::STANDARD;

use super::{partition, slim};
use crate::error::{Reason, RecordError};
use crate::foreign::{Foreign, Gunzip};
use crate::plan::Plan;
use crate::record::{self, OutputBuffer, RecordLayout, Scratch};
use crate::replay::{self, Part};
use crate::sniff;
use crate::value::SLACK;

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
    /// Its layout; that of its first line if it has several.
    pub layout: RecordLayout,
    /// Its `timestamp`, in milliseconds since 1970; the oldest one if it has several lines.
    pub timestamp: Option<u64>,
    /// Field of its first value that does not have its shape.
    pub shape_mismatch: Option<&'static str>,
}

/// The error of a record that has no document.
#[derive(Debug)]
pub struct Rejected<'a> {
    /// The error.
    pub error: RecordError,
    /// The decoded record; empty if it is not base64.
    pub record: &'a [u8],
    /// The part that the error came from, if the record has several.
    part: Option<Part>,
    gunzip: Option<Gunzip>,
}

const SEVERAL: &str = "[firehose] multiple_lines = \"ndjson\" writes a document for each line, for destinations in S3";

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

    /// Recognizes compressed records with a decompressor of files of one member.
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
                part: None,
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
        let layout = match transformed {
            Ok(layout) => layout,
            Err(error) => return self.transform_parts(plan, bytes_in, error),
        };
        let record = &self.record[..bytes_in];
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
            shape_mismatch: self.scratch.shape_mismatch(),
        })
    }

    /// Transforms the parts of a record that failed for having several, each to a document on a line; other records
    /// fail with their error.
    #[cold]
    fn transform_parts(
        &mut self,
        plan: &Plan,
        bytes_in: usize,
        error: RecordError,
    ) -> Result<Transformed, Rejected<'_>> {
        let Self {
            scratch,
            record,
            documents,
            partitions,
            gunzip,
            ..
        } = self;
        let record = &record[..bytes_in];
        let rejected = |error, part| Rejected {
            error,
            record,
            part,
            gunzip: *gunzip,
        };
        if !plan.firehose().takes_records_apart() || !has_parts(record, error.reason) {
            return Err(rejected(error, None));
        }
        documents.clear();
        let mut transformed: Option<Transformed> = None;
        let mut other_partitions = partitions.clone();
        for part in replay::parts(record) {
            let bytes = &record[part.range.clone()];
            let layout = match record::transform(plan, bytes, scratch, documents) {
                Ok(layout) => layout,
                Err(mut error) => {
                    error.offset += part.range.start;
                    return Err(rejected(error, Some(part)));
                }
            };
            documents.newline();
            let columns = scratch.column_indexes(plan, layout);
            let value = scratch.values(plan, layout, bytes);
            let timestamp = columns.millis(value);
            partition::fill(plan, columns, value, &mut other_partitions);
            let Some(first) = &mut transformed else {
                partitions.clone_from(&other_partitions);
                transformed = Some(Transformed {
                    bytes_in,
                    layout,
                    timestamp,
                    shape_mismatch: scratch.shape_mismatch(),
                });
                continue;
            };
            if *partitions != other_partitions {
                let error = RecordError {
                    offset: part.range.start,
                    ..RecordError::whole(Reason::MultipleLines)
                };
                return Err(rejected(error, Some(part)));
            }
            first.timestamp = first.timestamp.into_iter().chain(timestamp).min();
            first.shape_mismatch = first.shape_mismatch.or(scratch.shape_mismatch());
        }
        transformed.ok_or_else(|| rejected(RecordError::whole(Reason::EmptyRecord), None))
    }

    /// Returns the document, or one document per line.
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

/// Returns true if a record that failed for this reason has several lines or JSON objects.
fn has_parts(record: &[u8], reason: Reason) -> bool {
    let may_have_parts = match reason {
        Reason::MultipleLines => true,
        Reason::BadJson => replay::first_object(record).is_some(),
        _ => false,
    };
    may_have_parts && Foreign::detect(record).is_none()
}

impl Rejected<'_> {
    /// Returns the message for users. It names the line if the record has several.
    #[cold]
    pub(super) fn message(&self, plan: &Plan) -> String {
        let Some(part) = &self.part else {
            let message = self.error.message(plan, self.record);
            let is_hint = !plan.firehose().takes_records_apart()
                && has_parts(self.record, self.error.reason)
                && sniff::record_type(self.record).is_none();
            return if is_hint {
                format!("{message}; {SEVERAL}")
            } else {
                message
            };
        };
        // Within a part there are no further lines.
        if self.error.reason == Reason::MultipleLines {
            return format!(
                "line {} has other partition keys than the lines before it; Firehose writes a record under one prefix",
                part.line
            );
        }
        let message = self.error.message(plan, &self.record[part.range.clone()]);
        format!("line {}: {message}", part.line)
    }

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
