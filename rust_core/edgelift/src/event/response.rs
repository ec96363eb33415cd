//! The raw path: the bytes of an event in, the bytes of the response out.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::mem;

use super::batch::{Batch, Report};
use super::budget::{Document, Fate, Style};
use super::envelope::{self, Data, EventError, Record};
use super::scanner::Text;
use super::{Answerer, LIMIT, Refusal, answer, partition};
use crate::config::Policy;
use crate::error::Reason;
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
            // More than a whole response is seldom needed: what is written beyond it is taken back.
            let twice = (self.bytes.len() * 2).min(LIMIT);
            self.bytes.resize(end.max(twice), 0);
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
    let records = answered_once(event, envelope.records, &mut batch)?;
    let mut writer = Writer {
        plan,
        event,
        records,
        memory,
    };
    writer.first_pass(&mut batch)?;
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
fn answered_once<'a>(
    event: &'a [u8],
    mut records: Vec<Record<'a>>,
    batch: &mut Batch,
) -> Result<Vec<Record<'a>>, EventError> {
    // Firehose counts its ids up, and what grows does not repeat: no need to remember them.
    let grows = |pair: &[Record<'_>]| {
        let [before, after] = [&pair[0].id, &pair[1].id];
        let plain = before.is_plain() && after.is_plain();
        plain && (before.raw.len(), before.raw) < (after.raw.len(), after.raw)
    };
    if records.windows(2).all(grows) {
        return Ok(records);
    }
    let mut seen: HashSet<Cow<'a, [u8]>> = HashSet::with_capacity(records.len());
    let mut wrong = None;
    records.retain(|record| {
        let is_new = seen.insert(record.id.decoded());
        if !is_new {
            batch.duplicate(record.id.shown());
            // Nobody decodes them.
            wrong = wrong.take().or(envelope::checked(event, record.data).err());
        }
        is_new
    });
    wrong.map_or(Ok(records), Err)
}

struct Writer<'a, 'm> {
    plan: &'a Plan,
    event: &'a [u8],
    records: Vec<Record<'a>>,
    memory: &'m mut Memory,
}

impl Writer<'_, '_> {
    /// Answers all records, and writes what there is room for.
    fn first_pass(&mut self, batch: &mut Batch) -> Result<(), EventError> {
        self.memory.response.truncate(0);
        self.memory.response.push(OPEN);
        for index in 0..self.records.len() {
            if !self.answer(index, batch) {
                let data = &mut self.records[index].data;
                *data = envelope::checked(self.event, *data)?;
                self.answer(index, batch);
            }
        }
        self.memory.response.push(CLOSE);
        Ok(())
    }

    /// Answers a record; whether its data were worth an answer. If not, they have to be read with care first.
    fn answer(&mut self, index: usize, batch: &mut Batch) -> bool {
        let record = self.records[index];
        let (id, own) = (record.id.raw.len() + 2, record.data.raw().len());
        let data = match record.data.decoded() {
            Ok(data) => data,
            Err(problem) => {
                let first = || (record.id.shown(), problem);
                batch.refused(id, own, Reason::BadBase64, 0, first);
                self.write_if_room(batch, index, Fate::Failed(Reason::BadBase64), "");
                return true;
            }
        };
        match self.memory.answerer.make(self.plan, &data) {
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
            Err(Refusal { error, .. })
                if error.reason == Reason::BadBase64 && record.data.is_unchecked() =>
            {
                return false;
            }
            Err(Refusal { error, record: row }) => {
                let first = || (record.id.shown(), error.message(self.plan, row));
                batch.refused(id, own, error.reason, row.len(), first);
                self.write_if_room(batch, index, Fate::Failed(error.reason), "");
            }
        }
        true
    }

    fn write_if_room(&mut self, batch: &Batch, index: usize, fate: Fate, metadata: &str) {
        // Beyond it only sizes matter, until it is known which records are left.
        if batch.size() <= LIMIT {
            self.write(index, fate, metadata);
        }
    }

    /// Writes an answer; a document is that which was made last.
    fn write(&mut self, index: usize, fate: Fate, metadata: &str) {
        let Record { id, data } = self.records[index];
        let Memory { answerer, response } = &mut *self.memory;
        let document = answerer.document();
        let made = matches!(fate, Fate::Ok | Fate::Slim);
        let own = if matches!(fate, Fate::Failed(_)) {
            data.raw()
        } else {
            b""
        };
        let data = if made {
            answer::encoded_len(document.len())
        } else {
            own.len()
        };
        let (open, result, close) = (b",{\"recordId\":\"", result(fate), b"}");
        let first = usize::from(index == 0);
        let open = &open[first..];
        // The room is made once.
        let len =
            open.len() + id.raw.len() + result.len() + data + 1 + metadata.len() + close.len();
        let mut room = response.room(len);
        put(&mut room, open);
        put(&mut room, id.raw);
        put(&mut room, result);
        if made {
            answer::encode(document, take(&mut room, data));
        } else {
            put(&mut room, own);
        }
        put(&mut room, b"\"");
        put(&mut room, metadata.as_bytes());
        put(&mut room, close);
    }

    /// Brings the response under the limit: what has not changed at its beginning stays, the rest is written anew.
    #[cold]
    fn fit(&mut self, batch: &mut Batch, policy: Policy) -> Result<(), EventError> {
        let before: Vec<Fate> = (0..batch.len()).map(|index| batch.fate(index)).collect();
        let writer = RefCell::new(&mut *self);
        let slim = |index| writer.borrow_mut().remake(index, Fate::Slim);
        batch.fit(
            policy,
            |index| slim(index).map(|(document, _)| document),
            |index| writer.borrow().records[index].id.shown(),
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

/// What stands between the id and the data of an answer.
const fn result(fate: Fate) -> &'static [u8] {
    match fate {
        Fate::Ok | Fate::Slim => b"\",\"result\":\"Ok\",\"data\":\"",
        Fate::PutBack => b"\",\"result\":\"Dropped\",\"data\":\"",
        Fate::Failed(_) | Fate::Emptied(_) => b"\",\"result\":\"ProcessingFailed\",\"data\":\"",
    }
}

/// Takes the first bytes of a room off it.
fn take<'a>(room: &mut &'a mut [u8], len: usize) -> &'a mut [u8] {
    let (taken, rest) = mem::take(room).split_at_mut(len);
    *room = rest;
    taken
}

/// Writes bytes to the beginning of a room, and takes that off it.
fn put(room: &mut &mut [u8], bytes: &[u8]) {
    take(room, bytes.len()).copy_from_slice(bytes);
}

impl<'a> Data<'a> {
    /// Whether what stands between the quotes may be no JSON, or no plain text.
    const fn is_unchecked(&self) -> bool {
        matches!(self, Self::Quoted { .. })
    }

    /// What stands between the quotes.
    fn raw(&self) -> &'a [u8] {
        match self {
            Self::Text(Text { raw, .. }) | Self::Quoted { raw, .. } => raw,
            Self::Absent | Self::Other(_) => b"",
        }
    }

    /// The string; what is wrong if it is none.
    fn decoded(&self) -> Result<Cow<'a, [u8]>, String> {
        match self {
            Self::Text(text) => Ok(text.decoded()),
            Self::Quoted { raw, .. } => Ok(Cow::Borrowed(raw)),
            Self::Absent => Err(super::no_data()),
            Self::Other(of) => Err(super::no_string(of.name())),
        }
    }
}
