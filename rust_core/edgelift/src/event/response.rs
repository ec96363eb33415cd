//! The raw path: the bytes of an event in, the bytes of the response out.

use std::borrow::Cow;
use std::collections::HashSet;

use super::batch::{Batch, Report};
use super::budget::{Document, Fate, Style};
use super::envelope::{self, Data, EventError, Record};
use super::{Answerer, LIMIT, answer, partition};
use crate::config::Policy;
use crate::error::{Reason, RecordError};
use crate::json::Text;
use crate::plan::Plan;

/// Memory that is used again for each event.
#[derive(Debug)]
pub struct Memory {
    answerer: Answerer,
    response: Output,
}

/// What became of an event.
#[derive(Debug)]
pub struct Response<'a> {
    /// The response as JSON; none if records would have to be put back, which takes more than an engine.
    pub bytes: Option<&'a [u8]>,
    /// What became of the records.
    pub report: Report,
    /// `invocationId` of the event.
    pub invocation_id: Option<String>,
    /// `deliveryStreamArn` of the event.
    pub delivery_stream_arn: Option<String>,
}

/// Bytes one behind the other. What lies behind them is initialised room, used again.
#[derive(Debug, Default)]
struct Output {
    bytes: Vec<u8>,
    len: usize,
}

impl Output {
    fn room(&mut self, bytes: usize) -> &mut [u8] {
        let (start, end) = (self.len, self.len + bytes);
        if self.bytes.len() < end {
            self.bytes.resize(end.max(self.bytes.len() * 2), 0);
        }
        self.len = end;
        &mut self.bytes[start..end]
    }

    fn push(&mut self, bytes: &[u8]) {
        self.room(bytes.len()).copy_from_slice(bytes);
    }

    fn truncate(&mut self, len: usize) {
        self.len = len;
    }
}

const OPEN: &[u8] = b"{\"records\":[";
const CLOSE: &[u8] = b"]}";

impl Memory {
    /// Memory for the events of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            answerer: Answerer::new(plan),
            response: Output::default(),
        }
    }

    /// Gives memory back if there is more than this for records, or more than a whole response.
    pub fn shrink(&mut self, most: usize) {
        self.answerer.shrink(most);
        if self.response.bytes.len() > 2 * LIMIT {
            self.response = Output::default();
        }
    }
}

/// Answers an event. With `put_back`, the policy `reingest` is left to the caller; else records that it would put
/// back fail.
///
/// # Errors
/// The event is no transformation event, or has more records than a response can answer.
pub fn transform<'m>(
    plan: &Plan,
    event: &[u8],
    memory: &'m mut Memory,
    put_back: bool,
) -> Result<Response<'m>, EventError> {
    let envelope = envelope::read(event)?;
    let (invocation_id, delivery_stream_arn) =
        (envelope.invocation_id, envelope.delivery_stream_arn);
    let mut batch = Batch::new(plan, Style::Compact, envelope.records.len());
    let records = answered_once(envelope.records, &mut batch);
    let mut writer = Writer {
        plan,
        records: &records,
        memory,
    };
    writer.first_pass(&mut batch);
    let mut bytes = true;
    if batch.size() > LIMIT {
        let policy = match plan.delivery().policy() {
            Policy::Reingest if put_back => {
                bytes = false;
                Policy::Reingest
            }
            Policy::Reingest => Policy::Fail,
            policy => policy,
        };
        writer.fit(&mut batch, policy)?;
    }
    debug_assert!(!bytes || memory.response.len == batch.size());
    Ok(Response {
        bytes: bytes.then_some(&memory.response.bytes[..memory.response.len]),
        report: batch.report(),
        invocation_id: invocation_id.map(Text::shown),
        delivery_stream_arn: delivery_stream_arn.map(Text::shown),
    })
}

/// The first record of each `recordId`: Firehose wants each answered once.
fn answered_once<'a>(mut records: Vec<Record<'a>>, batch: &mut Batch) -> Vec<Record<'a>> {
    // Firehose counts its ids up, and what grows does not repeat: no need to remember them.
    let grows = |pair: &[Record<'_>]| {
        let [before, after] = [&pair[0].id, &pair[1].id];
        let plain = before.is_plain() && after.is_plain();
        plain && (before.raw.len(), before.raw) < (after.raw.len(), after.raw)
    };
    if records.windows(2).all(grows) {
        return records;
    }
    let mut seen: HashSet<Cow<'a, [u8]>> = HashSet::with_capacity(records.len());
    records.retain(|record| {
        let is_new = seen.insert(record.id.decoded());
        if !is_new {
            batch.duplicate(record.id.shown());
        }
        is_new
    });
    records
}

struct Writer<'a, 'm> {
    plan: &'a Plan,
    records: &'a [Record<'a>],
    memory: &'m mut Memory,
}

impl Writer<'_, '_> {
    /// Answers all records, and writes what there is room for.
    fn first_pass(&mut self, batch: &mut Batch) {
        self.memory.response.truncate(0);
        self.memory.response.push(OPEN);
        for (index, record) in self.records.iter().enumerate() {
            let (id, own) = (record.id.raw.len() + 2, record.data.raw().len());
            let data = record.data.decoded();
            let made = match &data {
                Ok(data) => self.memory.answerer.make(self.plan, data),
                Err(problem) => {
                    let first = || (record.id.shown(), problem.clone());
                    batch.refused(id, own, Reason::BadBase64, 0, first);
                    self.write_if_room(batch, index, Fate::Failed(Reason::BadBase64), "");
                    continue;
                }
            };
            match made {
                Ok(made) => {
                    let (answerer, style) = (&self.memory.answerer, Style::Compact);
                    let metadata = partition::metadata(self.plan, answerer.partitions(), style);
                    let document = Document {
                        bytes: answerer.document().len(),
                        metadata: metadata.len(),
                    };
                    batch.made(id, own, &made, document);
                    self.write_if_room(batch, index, Fate::Ok, &metadata);
                }
                Err(refusal) => {
                    let (error, bytes_in): (RecordError, _) = (refusal.error, refusal.record.len());
                    let first = || {
                        let message = error.message(self.plan, refusal.record);
                        (record.id.shown(), message)
                    };
                    batch.refused(id, own, error.reason, bytes_in, first);
                    self.write_if_room(batch, index, Fate::Failed(error.reason), "");
                }
            }
        }
        self.memory.response.push(CLOSE);
    }

    fn write_if_room(&mut self, batch: &Batch, index: usize, fate: Fate, metadata: &str) {
        // Beyond it only sizes matter, until it is known which records are left.
        if batch.size() <= LIMIT {
            self.write(index, fate, metadata);
        }
    }

    /// Writes an answer; a document is that which was made last.
    fn write(&mut self, index: usize, fate: Fate, metadata: &str) {
        let record = &self.records[index];
        let Memory { answerer, response } = &mut *self.memory;
        response.push(if index == 0 {
            b"{\"recordId\":\""
        } else {
            b",{\"recordId\":\""
        });
        response.push(record.id.raw);
        response.push(b"\",\"result\":\"");
        response.push(fate.result().as_bytes());
        response.push(b"\",\"data\":\"");
        match fate {
            Fate::Ok | Fate::Slim => {
                let document = answerer.document();
                answer::encode(document, response.room(answer::encoded_len(document.len())));
            }
            Fate::Failed(_) => response.push(record.data.raw()),
            Fate::PutBack | Fate::Emptied(_) => {}
        }
        response.push(b"\"");
        response.push(metadata.as_bytes());
        response.push(b"}");
    }

    /// Brings the response under the limit: what has not changed at its beginning stays, the rest is written anew.
    #[cold]
    fn fit(&mut self, batch: &mut Batch, policy: Policy) -> Result<(), EventError> {
        let before: Vec<Fate> = (0..batch.len()).map(|index| batch.fate(index)).collect();
        let records = self.records;
        batch.fit(
            policy,
            |index| self.remake(index, Fate::Slim).map(|(document, _)| document),
            |index| records[index].id.shown(),
        )?;
        let mut end = OPEN.len();
        let mut first = 0;
        for (index, &fate) in before.iter().enumerate() {
            let next = end + usize::from(index > 0) + batch.answer_size(index);
            if batch.fate(index) != fate || next + CLOSE.len() > LIMIT {
                break;
            }
            (first, end) = (index + 1, next);
        }
        self.memory.response.truncate(end);
        for index in first..batch.len() {
            let fate = batch.fate(index);
            let metadata = match fate {
                Fate::Ok | Fate::Slim => self.remake(index, fate).map(|(_, metadata)| metadata),
                _ => None,
            };
            self.write(index, fate, &metadata.unwrap_or_default());
        }
        self.memory.response.push(CLOSE);
        Ok(())
    }

    /// Makes a document again; none if it is to be slim and cannot.
    fn remake(&mut self, index: usize, fate: Fate) -> Option<(Document, String)> {
        let data = self.records[index].data.decoded().ok()?;
        let answerer = &mut self.memory.answerer;
        let made = answerer.make(self.plan, &data).ok()?;
        if fate == Fate::Slim && !answerer.slim(self.plan, made.layout) {
            return None;
        }
        let metadata = partition::metadata(self.plan, answerer.partitions(), Style::Compact);
        let document = Document {
            bytes: answerer.document().len(),
            metadata: metadata.len(),
        };
        Some((document, metadata))
    }
}

impl<'a> Data<'a> {
    /// What stands between the quotes.
    fn raw(&self) -> &'a [u8] {
        match self {
            Self::Text(text) => text.raw,
            _ => b"",
        }
    }

    /// The string; what is wrong if it is none.
    fn decoded(&self) -> Result<Cow<'a, [u8]>, String> {
        match self {
            Self::Text(text) => Ok(text.decoded()),
            Self::Absent => Err(super::no_data()),
            Self::Other(of) => Err(super::no_string(of.name())),
        }
    }
}
