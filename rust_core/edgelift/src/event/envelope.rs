//! Reads the transformation event: its records, with keys in any order, and other members.
//!
//! Source of the format: Data Firehose Developer Guide, "Transform source data in Amazon Data Firehose".

use std::fmt;

use super::json_record::{Data, JsonRecord};
use super::record_template::RecordTemplate;
use crate::json::Text;
use crate::json::scanner::{Invalid, Scanner};
use crate::limits::MAX_RESPONSE_BYTES;

/// The members of an event beside its records. Of equal keys the last counts, as in every parser of Python.
#[derive(Default)]
pub(super) struct Envelope<'a> {
    pub(super) invocation_id: Option<Text<'a>>,
    pub(super) delivery_stream_arn: Option<Text<'a>>,
}

/// An event that cannot be answered.
#[derive(Debug, PartialEq, Eq)]
pub enum EventError {
    /// The event is not JSON.
    Invalid(Invalid),
    /// The event is not an object but this type.
    NotAnObject(&'static str),
    /// The event has no `records`.
    MissingRecords,
    /// Its `records` is not a list but this type.
    NotAList(&'static str),
    /// The record at this index has no string `recordId`.
    MissingRecordId(usize),
    /// The answers to this number of records are too large even without data.
    TooManyRecords(usize),
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
            Self::NotAnObject(found) => write!(f, "{EXPECTED} the event is a {found}"),
            Self::MissingRecords => write!(f, "{EXPECTED} the event has no \"records\""),
            Self::NotAList(found) => write!(f, "{EXPECTED} its \"records\" is a {found}"),
            Self::MissingRecordId(index) => write!(
                f,
                "records[{index}] is not a Firehose record: expected an object with a string \"recordId\""
            ),
            Self::TooManyRecords(records) => write!(
                f,
                "even without data the answers to {records} records have more than the {MAX_RESPONSE_BYTES} bytes that \
                 Lambda takes; make the buffer of the transformation smaller",
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

/// Visits the records of an event in order, while it is read.
pub(super) trait RecordVisitor<'a> {
    /// True if records may be read by a template, which leaves their data unchecked for the decoder. An error may then
    /// not be the first one of the event, and must not be reported.
    const USES_TEMPLATE: bool;

    /// Begins a list of records. Those of an earlier list do not count.
    fn begin_list(&mut self) -> Result<(), EventError>;

    /// Visits a record.
    fn visit_record(&mut self, record: JsonRecord<'a>) -> Result<(), EventError>;
}

/// Collects the records.
impl<'a> RecordVisitor<'a> for Vec<JsonRecord<'a>> {
    const USES_TEMPLATE: bool = false;

    fn begin_list(&mut self) -> Result<(), EventError> {
        self.clear();
        Ok(())
    }

    fn visit_record(&mut self, record: JsonRecord<'a>) -> Result<(), EventError> {
        self.push(record);
        Ok(())
    }
}

/// Reads an event to its end. If this fails, the records visited do not count: invalid JSON may follow them.
pub(super) fn read<'a, T: RecordVisitor<'a>>(
    event: &'a [u8],
    visitor: &mut T,
) -> Result<Envelope<'a>, EventError> {
    let mut scanner = Scanner::new(event);
    let mut envelope = Envelope::default();
    let mut problem = Some(EventError::MissingRecords);
    if !scanner.take(b'{') {
        let found = scanner.skip_value()?;
        scanner.expect_end()?;
        return Err(EventError::NotAnObject(found.name()));
    }
    let mut has_more = !scanner.take(b'}');
    while has_more {
        let key = scanner.read_key()?;
        match &*key.decoded() {
            b"records" => problem = read_records(&mut scanner, event, visitor)?,
            b"invocationId" => envelope.invocation_id = optional_string(&mut scanner)?,
            b"deliveryStreamArn" => envelope.delivery_stream_arn = optional_string(&mut scanner)?,
            _ => {
                scanner.skip_value()?;
            }
        }
        has_more = scanner.has_more(b'}')?;
    }
    scanner.expect_end()?;
    problem.map_or(Ok(envelope), Err)
}

/// Reads the records. Returns the error of an event that is valid JSON, if there is one.
fn read_records<'a, T: RecordVisitor<'a>>(
    scanner: &mut Scanner<'a>,
    event: &'a [u8],
    visitor: &mut T,
) -> Result<Option<EventError>, EventError> {
    visitor.begin_list()?;
    if !scanner.take(b'[') {
        let found = scanner.skip_value()?;
        return Ok(Some(EventError::NotAList(found.name())));
    }
    let (mut template, mut problem) = (RecordTemplate::default(), None);
    let (mut index, mut has_more) = (0, !scanner.take(b']'));
    while has_more {
        scanner.peek_token();
        let start = scanner.offset();
        let record = if T::USES_TEMPLATE
            && let Some((record, end)) = template.read(event, start)
        {
            *scanner = Scanner::from_offset(event, end);
            Some(record)
        } else {
            let record = read_record(scanner)?;
            if T::USES_TEMPLATE {
                template.update(event, start, scanner.offset());
            }
            record
        };
        match record {
            Some(record) => visitor.visit_record(record)?,
            None => {
                problem.get_or_insert(EventError::MissingRecordId(index));
            }
        }
        index += 1;
        has_more = scanner.has_more(b']')?;
    }
    Ok(problem)
}

fn read_record<'a>(scanner: &mut Scanner<'a>) -> Result<Option<JsonRecord<'a>>, Invalid> {
    if !scanner.take(b'{') {
        scanner.skip_value()?;
        return Ok(None);
    }
    let (mut id, mut data) = (None, Data::Absent);
    let mut has_more = !scanner.take(b'}');
    while has_more {
        let key = scanner.read_key()?;
        match &*key.decoded() {
            b"recordId" => id = optional_string(scanner)?,
            b"data" => {
                data = match scanner.peek_token() {
                    Some(b'"') => Data::Text(scanner.read_string()?),
                    _ => Data::Other(scanner.skip_value()?),
                }
            }
            _ => {
                scanner.skip_value()?;
            }
        }
        has_more = scanner.has_more(b'}')?;
    }
    Ok(id.map(|id| JsonRecord { id, data }))
}

/// Reads a string. Returns `None` if the value has another type.
fn optional_string<'a>(scanner: &mut Scanner<'a>) -> Result<Option<Text<'a>>, Invalid> {
    if scanner.peek_token() == Some(b'"') {
        return scanner.read_string().map(Some);
    }
    scanner.skip_value()?;
    Ok(None)
}
