//! Transforms the bytes of an event into the bytes of the response, bypassing a JSON library.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::mem;

use super::batch::{Batch, Report};
use super::envelope::{self, Envelope, EventError, RecordVisitor};
use super::record::Record;
use super::response_buffer::ResponseBuffer;
use super::response_size::{DocumentSize, Outcome, Style};
use super::{LIMIT, RecordTransformer, Rejected, partition, record_transformer};
use crate::config::Policy;
use crate::error::Reason;
use crate::json::Text;
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

    /// Releases buffers for records above `max_bytes` bytes, and a response buffer above twice the limit.
    pub fn shrink(&mut self, max_bytes: usize) {
        self.transformer.shrink(max_bytes);
        if self.response.capacity() > 2 * LIMIT {
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
    let (envelope, mut writer) = transform_records(plan, event, memory)?;
    let mut bytes = true;
    if writer.batch.size() > LIMIT {
        let policy = match plan.firehose().policy() {
            Policy::Reingest if reingest => {
                bytes = false;
                Policy::Reingest
            }
            Policy::Reingest => Policy::Fail,
            policy => policy,
        };
        writer.fit(policy)?;
    }
    let Writer { batch, memory, .. } = writer;
    debug_assert!(!bytes || memory.response.as_bytes().len() == batch.size());
    Ok(Response {
        bytes: bytes.then(|| memory.response.as_bytes()),
        report: batch.report(),
        invocation_id: envelope.invocation_id.map(Text::to_display),
        delivery_stream_arn: envelope.delivery_stream_arn.map(Text::to_display),
    })
}

/// Transforms the records while the event is read, so that their bytes are decoded while they are in the CPU cache.
fn transform_records<'a, 'm>(
    plan: &'a Plan,
    event: &'a [u8],
    memory: &'m mut Memory,
) -> Result<(Envelope<'a>, Writer<'a, 'm>), EventError> {
    let mut writer = Writer::new(plan, event, memory);
    let mut read = envelope::read(event, &mut writer);
    if read.is_err() {
        // The first error is reported, which reading by templates may not find first.
        let mut records = Vec::new();
        read = envelope::read(event, &mut records);
        if read.is_ok() {
            writer = Writer::new(plan, event, writer.memory);
            for record in records {
                writer.visit_record(record)?;
            }
        }
    }
    writer.memory.response.push(CLOSE);
    Ok((read?, writer))
}

struct Writer<'a, 'm> {
    plan: &'a Plan,
    event: &'a [u8],
    /// The records that are answered: Firehose expects each `recordId` once.
    records: Vec<Record<'a>>,
    /// Their ids, once an id is not greater than the one before it.
    seen: Option<HashSet<Cow<'a, [u8]>>>,
    lists: usize,
    batch: Batch,
    memory: &'m mut Memory,
}

/// Few records are shorter than this, in bytes.
const SHORT_RECORD: usize = 256;

impl<'a> RecordVisitor<'a> for Writer<'a, '_> {
    const USES_TEMPLATE: bool = true;

    fn begin_list(&mut self) -> Result<(), EventError> {
        self.lists += 1;
        // The answers to an earlier list would have to be removed; the second pass, which collects records, handles
        // that.
        if self.lists == 1 {
            Ok(())
        } else {
            Err(EventError::MissingRecords)
        }
    }

    #[inline]
    fn visit_record(&mut self, mut record: Record<'a>) -> Result<(), EventError> {
        if !self.is_new(record.id) {
            self.batch.add_duplicate(record.id.to_display());
            // Data that are not decoded have to be checked here.
            record.data.checked(self.event)?;
            return Ok(());
        }
        let index = self.records.len();
        self.records.push(record);
        if !self.answer(index) {
            record.data = record.data.checked(self.event)?;
            self.records[index] = record;
            self.answer(index);
        }
        Ok(())
    }
}

impl<'a, 'm> Writer<'a, 'm> {
    fn new(plan: &'a Plan, event: &'a [u8], memory: &'m mut Memory) -> Self {
        memory.response.truncate(0);
        memory.response.push(OPEN);
        let records = event.len() / SHORT_RECORD;
        Self {
            plan,
            event,
            records: Vec::with_capacity(records),
            seen: None,
            lists: 0,
            batch: Batch::new(plan, Style::Compact, records),
            memory,
        }
    }

    /// Returns true if no earlier record has this id.
    fn is_new(&mut self, id: Text<'a>) -> bool {
        if let Some(seen) = &mut self.seen {
            return seen.insert(id.decoded());
        }
        // Firehose counts its ids up, and increasing ids do not repeat: no need to remember them.
        let grows = self.records.last().is_none_or(|Record { id: before, .. }| {
            let plain = before.is_plain() && id.is_plain();
            plain && (before.raw.len(), before.raw) < (id.raw.len(), id.raw)
        });
        grows || self.remember_ids().insert(id.decoded())
    }

    #[cold]
    fn remember_ids(&mut self) -> &mut HashSet<Cow<'a, [u8]>> {
        let ids = self.records.iter().map(|record| record.id.decoded());
        self.seen.insert(ids.collect())
    }

    /// Answers a record. Returns false if its data have to be checked first.
    fn answer(&mut self, index: usize) -> bool {
        let record = self.records[index];
        let (id, received) = (record.id.raw.len() + 2, record.data.raw().len());
        let data = match record.data.decoded() {
            Ok(data) => data,
            Err(problem) => {
                let first = || (record.id.to_display(), problem);
                self.batch
                    .add_failed(id, received, Reason::BadBase64, 0, first);
                self.write_within_limit(index, Outcome::Failed(Reason::BadBase64), "");
                return true;
            }
        };
        match self.memory.transformer.transform(self.plan, &data) {
            Ok(summary) => {
                let (transformer, style) = (&self.memory.transformer, Style::Compact);
                let metadata = partition::metadata(self.plan, transformer.partitions(), style);
                let document = DocumentSize {
                    bytes: transformer.document().len(),
                    metadata: metadata.len(),
                };
                self.batch.add_transformed(id, received, &summary, document);
                self.write_within_limit(index, Outcome::Ok, &metadata);
            }
            Err(Rejected { error, .. })
                if error.reason == Reason::BadBase64 && record.data.is_unchecked() =>
            {
                return false;
            }
            Err(Rejected { error, record: raw }) => {
                let first = || (record.id.to_display(), error.message(self.plan, raw));
                self.batch
                    .add_failed(id, received, error.reason, raw.len(), first);
                self.write_within_limit(index, Outcome::Failed(error.reason), "");
            }
        }
        true
    }

    fn write_within_limit(&mut self, index: usize, outcome: Outcome, metadata: &str) {
        // Above the limit only sizes are needed, until the outcomes are final.
        if self.batch.size() <= LIMIT {
            self.write(index, outcome, metadata);
        }
    }

    /// Writes an answer; its document is the last one that was transformed.
    fn write(&mut self, index: usize, outcome: Outcome, metadata: &str) {
        let Record { id, data } = self.records[index];
        let Memory {
            transformer,
            response,
        } = &mut *self.memory;
        let document = transformer.document();
        let has_document = matches!(outcome, Outcome::Ok | Outcome::Slim);
        let received = if matches!(outcome, Outcome::Failed(_)) {
            data.raw()
        } else {
            b""
        };
        let data = if has_document {
            record_transformer::encoded_len(document.len())
        } else {
            received.len()
        };
        let (open, result, close) = (b",{\"recordId\":\"", result(outcome), b"}");
        let first = usize::from(index == 0);
        let open = &open[first..];
        let len =
            open.len() + id.raw.len() + result.len() + data + 1 + metadata.len() + close.len();
        let mut writer = SliceWriter::new(response.extend(len));
        writer.put(open);
        writer.put(id.raw);
        writer.put(result);
        if has_document {
            record_transformer::encode(document, writer.take(data));
        } else {
            writer.put(received);
        }
        writer.put(b"\"");
        writer.put(metadata.as_bytes());
        writer.put(close);
    }

    /// Reduces the response to the limit: keeps its unchanged beginning, and rewrites the rest.
    #[cold]
    fn fit(&mut self, policy: Policy) -> Result<(), EventError> {
        // Moved out of `self`, so that documents can be transformed again while it is borrowed.
        let empty = Batch::new(self.plan, Style::Compact, 0);
        let mut batch = mem::replace(&mut self.batch, empty);
        let before: Vec<Outcome> = (0..batch.len()).map(|index| batch.outcome(index)).collect();
        let writer = RefCell::new(&mut *self);
        let slim = |index| writer.borrow_mut().transform_again(index, Outcome::Slim);
        batch.fit(
            policy,
            |index| slim(index).map(|(document, _)| document),
            |index| writer.borrow().records[index].id.to_display(),
        )?;
        let mut end = OPEN.len();
        let mut first = 0;
        for (index, &outcome) in before.iter().enumerate() {
            let next = end + usize::from(index > 0) + batch.answer_size(index);
            if batch.outcome(index) != outcome || next + CLOSE.len() > LIMIT {
                break;
            }
            (first, end) = (index + 1, next);
        }
        self.memory.response.truncate(end);
        for index in first..batch.len() {
            let outcome = batch.outcome(index);
            let metadata = match outcome {
                Outcome::Ok | Outcome::Slim => self
                    .transform_again(index, outcome)
                    .map(|(_, metadata)| metadata),
                _ => None,
            };
            self.write(index, outcome, &metadata.unwrap_or_default());
        }
        self.memory.response.push(CLOSE);
        self.batch = batch;
        Ok(())
    }

    /// Transforms a record again. Returns `None` if it should be slim and cannot get shorter.
    fn transform_again(
        &mut self,
        index: usize,
        outcome: Outcome,
    ) -> Option<(DocumentSize, String)> {
        let data = self.records[index].data.decoded().ok()?;
        let transformer = &mut self.memory.transformer;
        let summary = transformer.transform(self.plan, &data).ok()?;
        if outcome == Outcome::Slim && !transformer.slim(self.plan, summary.layout) {
            return None;
        }
        let metadata = partition::metadata(self.plan, transformer.partitions(), Style::Compact);
        let document = DocumentSize {
            bytes: transformer.document().len(),
            metadata: metadata.len(),
        };
        Some((document, metadata))
    }
}

/// Returns the bytes between the id and the data of an answer.
const fn result(outcome: Outcome) -> &'static [u8] {
    match outcome {
        Outcome::Ok | Outcome::Slim => b"\",\"result\":\"Ok\",\"data\":\"",
        Outcome::Reingest => b"\",\"result\":\"Dropped\",\"data\":\"",
        Outcome::Failed(_) | Outcome::FailedWithoutData(_) => {
            b"\",\"result\":\"ProcessingFailed\",\"data\":\""
        }
    }
}
