//! The transformation event: its records, with keys in any order and whatever else it holds.
//!
//! Source of the form: Data Firehose Developer Guide, "Transform source data in Amazon Data Firehose".

use std::fmt;

use crate::json::Text;
use crate::json::scanner::{Invalid, Scanner, Type};

/// What of an event matters. Of equal keys the last counts, as for every parser in Python.
#[derive(Default)]
pub(super) struct Envelope<'a> {
    pub(super) records: Vec<Record<'a>>,
    pub(super) invocation_id: Option<Text<'a>>,
    pub(super) delivery_stream_arn: Option<Text<'a>>,
}

/// A record that can be answered.
pub(super) struct Record<'a> {
    pub(super) id: Text<'a>,
    pub(super) data: Data<'a>,
}

/// The `data` of a record.
pub(super) enum Data<'a> {
    Text(Text<'a>),
    Absent,
    /// No string but this.
    Other(Type),
}

/// An event that cannot be answered.
#[derive(Debug, PartialEq, Eq)]
pub enum EventError {
    /// It is not JSON.
    Invalid(Invalid),
    /// It is no object but this.
    NoObject(&'static str),
    /// It has no `records`.
    NoRecords,
    /// Its `records` is no list but this.
    NoList(&'static str),
    /// This record, from 0, has no string `recordId`.
    NoRecordId(usize),
    /// Even without any data the answers to so many records are too large.
    NoRoom(usize),
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const EXPECTED: &str =
            "expected a Firehose transformation event, a dict with a list \"records\", but";
        match self {
            Self::Invalid(Invalid { at, expected }) => write!(
                f,
                "{EXPECTED} the event is not JSON: expected {expected} at byte {at}"
            ),
            Self::NoObject(found) => write!(f, "{EXPECTED} the event is a {found}"),
            Self::NoRecords => write!(f, "{EXPECTED} the event has no \"records\""),
            Self::NoList(found) => write!(f, "{EXPECTED} its \"records\" is a {found}"),
            Self::NoRecordId(index) => write!(
                f,
                "records[{index}] is no Firehose record: expected an object with a string \"recordId\""
            ),
            Self::NoRoom(records) => write!(
                f,
                "even without data the answers to {records} records have more than the {} bytes that Lambda takes; \
                 make the buffer of the transformation smaller",
                super::LIMIT
            ),
        }
    }
}

impl std::error::Error for EventError {}

impl From<Invalid> for EventError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

/// Reads an event, all of it: that it is no JSON at its end must show before the first record is answered.
pub(super) fn read(event: &[u8]) -> Result<Envelope<'_>, EventError> {
    let mut scanner = Scanner::new(event);
    let mut envelope = Envelope::default();
    let mut records = Err(EventError::NoRecords);
    if !scanner.take(b'{') {
        let found = scanner.value()?;
        scanner.end()?;
        return Err(EventError::NoObject(found.name()));
    }
    let mut goes_on = !scanner.take(b'}');
    while goes_on {
        let key = scanner.key()?;
        match &*key.decoded() {
            b"records" => records = read_records(&mut scanner, event.len())?,
            b"invocationId" => envelope.invocation_id = optional_string(&mut scanner)?,
            b"deliveryStreamArn" => envelope.delivery_stream_arn = optional_string(&mut scanner)?,
            _ => {
                scanner.value()?;
            }
        }
        goes_on = scanner.goes_on(b'}')?;
    }
    scanner.end()?;
    envelope.records = records?;
    Ok(envelope)
}

/// Few records take less than this.
const SHORT_RECORD: usize = 256;

/// The records; what is wrong with them counts only once all of the event is known to be JSON, so that there
/// are two kinds of errors.
fn read_records<'a>(
    scanner: &mut Scanner<'a>,
    bytes: usize,
) -> Result<Result<Vec<Record<'a>>, EventError>, Invalid> {
    if !scanner.take(b'[') {
        return Ok(Err(EventError::NoList(scanner.value()?.name())));
    }
    let mut records = Vec::with_capacity(bytes / SHORT_RECORD);
    let mut wrong = None;
    let (mut index, mut goes_on) = (0, !scanner.take(b']'));
    while goes_on {
        match read_record(scanner)? {
            Some(record) => records.push(record),
            None if wrong.is_none() => wrong = Some(index),
            None => {}
        }
        index += 1;
        goes_on = scanner.goes_on(b']')?;
    }
    Ok(wrong.map_or(Ok(records), |index| Err(EventError::NoRecordId(index))))
}

fn read_record<'a>(scanner: &mut Scanner<'a>) -> Result<Option<Record<'a>>, Invalid> {
    if !scanner.take(b'{') {
        scanner.value()?;
        return Ok(None);
    }
    let (mut id, mut data) = (None, Data::Absent);
    let mut goes_on = !scanner.take(b'}');
    while goes_on {
        let key = scanner.key()?;
        match &*key.decoded() {
            b"recordId" => id = optional_string(scanner)?,
            b"data" => {
                data = match scanner.next() {
                    Some(b'"') => Data::Text(scanner.string()?),
                    _ => Data::Other(scanner.value()?),
                }
            }
            _ => {
                scanner.value()?;
            }
        }
        goes_on = scanner.goes_on(b'}')?;
    }
    Ok(id.map(|id| Record { id, data }))
}

/// A string; none if the value is of another kind.
fn optional_string<'a>(scanner: &mut Scanner<'a>) -> Result<Option<Text<'a>>, Invalid> {
    if scanner.next() == Some(b'"') {
        return scanner.string().map(Some);
    }
    scanner.value()?;
    Ok(None)
}
