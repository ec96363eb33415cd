//! Transforms the bytes of an event into the bytes of the response, bypassing a JSON library.

use super::batch::Batch;
use super::envelope::{self, Envelope, EventError, RecordVisitor};
use super::json_record::JsonRecord;
use super::response_buffer::ResponseBuffer;
use super::response_size::Outcome;
use super::style::Style;
use super::tally::Report;
use super::{Gunzip, RecordTransformer, record_transformer};
use crate::config::Policy;
use crate::json::Text;
use crate::limits::MAX_RESPONSE_BYTES;
use crate::plan::Plan;
use crate::slice_writer::SliceWriter;

/// Buffers that are reused for each event.
#[derive(Debug)]
pub struct Memory {
    transformer: RecordTransformer,
    response: ResponseBuffer,
}

/// The result of an event.
#[derive(Debug)]
pub struct Response<'a> {
    /// The response as JSON; `None` if records have to be re-ingested, which the caller does.
    pub bytes: Option<&'a [u8]>,
    /// The outcome of the records.
    pub report: Report,
    /// `invocationId` of the event.
    pub invocation_id: Option<String>,
    /// `deliveryStreamArn` of the event.
    pub delivery_stream_arn: Option<String>,
}

const OPEN: &[u8] = b"{\"records\":[";
const CLOSE: &[u8] = b"]}";

impl Memory {
    /// Returns buffers for the events of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            transformer: RecordTransformer::new(plan),
            response: ResponseBuffer::default(),
        }
    }

    /// Recognizes compressed records with a decompressor.
    #[must_use]
    pub fn with_gunzip(mut self, gunzip: Gunzip) -> Self {
        self.transformer = self.transformer.with_gunzip(gunzip);
        self
    }

    /// Releases buffers for records above `max_bytes` bytes, and a response buffer above twice the limit.
    pub fn shrink(&mut self, max_bytes: usize) {
        self.transformer.shrink(max_bytes);
        if self.response.capacity() > 2 * MAX_RESPONSE_BYTES {
            self.response = ResponseBuffer::default();
        }
    }
}

/// Transforms an event. With `reingest`, the policy of that name is left to the caller; else the records that it would
/// re-ingest fail.
///
/// # Errors
/// The event is not a transformation event, or has more records than a response can answer.
pub fn transform<'m>(
    plan: &Plan,
    event: &[u8],
    memory: &'m mut Memory,
    reingest: bool,
) -> Result<Response<'m>, EventError> {
    // An estimate: few records are shorter.
    let records = event.len() / SHORT_RECORD;
    let mut writer = Writer {
        batch: Batch::new(plan, &mut memory.transformer, Style::Compact, records),
        response: &mut memory.response,
        has_list: false,
    };
    let envelope = writer.write_event(event)?;
    let policy = match plan.firehose().policy() {
        Policy::Reingest if !reingest => Policy::Fail,
        policy => policy,
    };
    let is_complete = writer.batch.size() <= MAX_RESPONSE_BYTES || policy != Policy::Reingest;
    writer.fit(policy)?;
    debug_assert!(!is_complete || writer.response.as_bytes().len() == writer.batch.size());
    Ok(Response {
        report: writer.batch.into_report(),
        bytes: is_complete.then(|| memory.response.as_bytes()),
        invocation_id: envelope.invocation_id.map(Text::to_display),
        delivery_stream_arn: envelope.delivery_stream_arn.map(Text::to_display),
    })
}

/// Few records are shorter than this, in bytes.
const SHORT_RECORD: usize = 256;

/// Writes the response while the event is read, so that the bytes of a record are decoded while they are in the CPU
/// cache.
struct Writer<'a, 'm> {
    batch: Batch<'m, JsonRecord<'a>>,
    response: &'m mut ResponseBuffer,
    has_list: bool,
}

impl<'a> RecordVisitor<'a> for Writer<'a, '_> {
    const USES_TEMPLATE: bool = true;

    fn begin_list(&mut self) -> Result<(), EventError> {
        // The answers to an earlier list would have to be removed; the second pass, which collects records, handles
        // that.
        if self.has_list {
            return Err(EventError::MissingRecords);
        }
        self.has_list = true;
        Ok(())
    }

    #[inline]
    fn visit_record(&mut self, record: JsonRecord<'a>) -> Result<(), EventError> {
        if let Some(outcome) = self.batch.push(record)?
            // Above the limit only sizes are needed, until the outcomes are final.
            && self.batch.size() <= MAX_RESPONSE_BYTES
        {
            self.write(self.batch.len() - 1, outcome);
        }
        Ok(())
    }
}

impl<'a> Writer<'a, '_> {
    /// Writes the answers to all records of an event.
    fn write_event(&mut self, event: &'a [u8]) -> Result<Envelope<'a>, EventError> {
        self.begin();
        let mut read = envelope::read(event, self);
        if read.is_err() {
            // The first error is reported, which reading by templates may not find first.
            let mut records = Vec::new();
            read = envelope::read(event, &mut records);
            if read.is_ok() {
                self.begin();
                for record in records {
                    self.visit_record(record)?;
                }
            }
        }
        self.response.push(CLOSE);
        read
    }

    fn begin(&mut self) {
        self.batch.clear();
        self.response.truncate(0);
        self.response.push(OPEN);
    }

    /// Writes an answer, with the last document and metadata of the batch.
    #[inline]
    fn write(&mut self, index: usize, outcome: Outcome) {
        let record = self.batch.record(index);
        let (document, metadata) = (self.batch.document(), self.batch.metadata());
        let raw_data = match outcome {
            Outcome::Failed(_) => record.raw_data(),
            _ => b"",
        };
        let data = if outcome.has_document() {
            record_transformer::encoded_len(document.len())
        } else {
            raw_data.len()
        };
        let (open, result, close) = (b",{\"recordId\":\"", result(outcome), b"}");
        let first = usize::from(index == 0);
        let (open, id) = (&open[first..], record.id.raw);
        let len = open.len() + id.len() + result.len() + data + 1 + metadata.len() + close.len();
        let mut writer = SliceWriter::new(self.response.extend(len));
        writer.put(open);
        writer.put(id);
        writer.put(result);
        if outcome.has_document() {
            record_transformer::encode(document, writer.take(data));
        } else {
            writer.put(raw_data);
        }
        writer.put(b"\"");
        writer.put(metadata.as_bytes());
        writer.put(close);
    }

    /// Reduces the response to the limit: keeps its unchanged beginning, and rewrites the rest.
    fn fit(&mut self, policy: Policy) -> Result<(), EventError> {
        if self.batch.size() <= MAX_RESPONSE_BYTES {
            return Ok(());
        }
        let changed = self.batch.fit(policy)?;
        let first_changed = changed.first().copied().unwrap_or(self.batch.len());
        let (mut first, mut end) = (0, OPEN.len());
        while first < first_changed {
            let next = end + usize::from(first > 0) + self.batch.answer_size(first);
            // Answers above the limit are not written yet.
            if next + CLOSE.len() > MAX_RESPONSE_BYTES {
                break;
            }
            (first, end) = (first + 1, next);
        }
        self.response.truncate(end);
        for index in first..self.batch.len() {
            let outcome = self.batch.transform_again(index);
            self.write(index, outcome);
        }
        self.response.push(CLOSE);
        Ok(())
    }
}

/// Returns the bytes between the id and the data of an answer.
const fn result(outcome: Outcome) -> &'static [u8] {
    match outcome {
        Outcome::Ok | Outcome::Slim => b"\",\"result\":\"Ok\",\"data\":\"",
        Outcome::Reingest | Outcome::Dropped => b"\",\"result\":\"Dropped\",\"data\":\"",
        Outcome::Failed(_) | Outcome::FailedWithoutData(_) => {
            b"\",\"result\":\"ProcessingFailed\",\"data\":\""
        }
    }
}
