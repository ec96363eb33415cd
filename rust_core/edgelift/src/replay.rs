//! What failed: the error objects that Firehose writes to S3, and records that lie there back to back.
//!
//! Everything is told by content. An error object of a transformation holds the source record, which is transformed; one
//! of OpenSearch holds the finished document, which is not.
//!
//! Sources: Amazon Data Firehose Developer Guide, "Handle failure in data transformation" and "Handle data delivery
//! failures"; objects on record write some keys in another case (`lambdaARN`), and counts as numbers or strings.

mod concatenated;
mod members;
mod problem;

use base64_turbo::STANDARD;

use crate::error::RecordError;
use crate::event::LIMIT;
use crate::json::Text;
use crate::json::scanner::{Invalid, Scanner, Type};
use crate::plan::Plan;
use crate::record::without_line_end;
use crate::value::SLACK;
use members::{KeyCache, Members};
use problem::Problem;

pub(crate) use concatenated::{first_object, row_boundaries};
pub(crate) use problem::message;

/// Bytes that an error object takes beside its data, at most: names, times, and what OpenSearch had to say.
const MAX_METADATA_BYTES: usize = 1 << 16;

/// Longest line that can be an error object: its data are a source record, or a document as Lambda gave it.
pub(crate) fn max_line_bytes(plan: &Plan) -> usize {
    STANDARD.encoded_len(plan.max_record_bytes()).max(LIMIT) + MAX_METADATA_BYTES
}

/// A document that OpenSearch refused, with where Firehose wanted to have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RejectedDocument<'a> {
    /// One JSON object on one line, without a line end.
    pub document: &'a [u8],
    /// Its `_id`; none if the stream leaves ids to OpenSearch.
    pub id: Option<&'a str>,
    /// Its index.
    pub index: &'a str,
}

/// What an error object holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content<'a> {
    /// A record of so many bytes, at the beginning of [`ErrorObjectReader::buffer`]; behind it there is room to read in blocks.
    Source(usize),
    RejectedDocument(RejectedDocument<'a>),
}

/// Opens error objects, in key_cache that is used again for the next one.
#[derive(Debug, Default)]
pub(crate) struct ErrorObjectReader {
    buffer: Vec<u8>,
    /// Base64, id and index if they have escapes.
    texts: [Vec<u8>; 3],
    /// The header that the last source record brought; nothing if it brought none.
    header: Vec<u8>,
    key_cache: KeyCache,
}

impl ErrorObjectReader {
    /// Opens one, with or without its line end.
    pub(crate) fn open<'a>(&'a mut self, line: &'a [u8]) -> Result<Content<'a>, RecordError> {
        let content = self.content(without_line_end(line));
        content.map_err(|problem| problem.error())
    }

    /// Whether a JSON object is an error object, by its first key.
    pub(crate) fn is_error_object(&mut self, line: &[u8]) -> bool {
        self.key_cache.is_error_object(line)
    }

    /// The same for one that begins with a key of its own.
    #[cold]
    pub(crate) fn has_data(&mut self, line: &[u8]) -> bool {
        self.members(line)
            .is_some_and(|members| members.data.is_some())
    }

    /// Whether an error object that cannot be used is one of OpenSearch's, as far as can be seen.
    #[cold]
    pub(crate) fn is_rejected_document(&mut self, line: &[u8]) -> bool {
        self.members(line)
            .is_some_and(|members| members.is_document)
    }

    fn members<'a>(&mut self, line: &'a [u8]) -> Option<Members<'a>> {
        Members::read(without_line_end(line), &mut self.key_cache).ok()
    }

    /// What the last source record stands in.
    pub(crate) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// The same, to be read as a row, which takes a line feed behind it.
    pub(crate) fn buffer_mut(&mut self) -> &mut [u8] {
        &mut self.buffer
    }

    /// The header that it brought.
    pub(crate) fn header(&self) -> Option<&[u8]> {
        Some(&*self.header).filter(|header| !header.is_empty())
    }

    /// Gives key_cache back that only a long record needs.
    pub(crate) fn shrink(&mut self) {
        const KEPT: usize = 1 << 16;
        let texts = self.texts.iter().map(Vec::capacity);
        if self.buffer.len() + self.header.capacity() + texts.sum::<usize>() > KEPT + SLACK {
            *self = Self::default();
        }
    }

    fn content<'a>(&'a mut self, line: &'a [u8]) -> Result<Content<'a>, Problem> {
        let members = Members::read_undecoded(line, &mut self.key_cache)?;
        let (place, data) = members.data.ok_or(Problem::NoData)?;
        let [base64, id, index] = &mut self.texts;
        self.header.clear();
        if let Some((_, lines)) = members.header {
            lines.push_to(&mut self.header);
        }
        let Some(length) = decode(text(data, base64), &mut self.buffer) else {
            // It may be no string of JSON's either.
            Members::read(line, &mut self.key_cache)?;
            return Err(Problem::Base64(place));
        };
        if !members.is_document {
            return if members.is_source {
                Ok(Content::Source(length))
            } else {
                Err(Problem::NeitherKind)
            };
        }
        let document = without_line_end(&self.buffer[..length]);
        check_document(document, &mut self.key_cache.open)?;
        Ok(Content::RejectedDocument(RejectedDocument {
            document,
            id: members.id.map(|(at, of)| name(at, of, id)).transpose()?,
            index: {
                let (at, of) = members.index.ok_or(Problem::NoIndex)?;
                name(at, of, index)?
            },
        }))
    }
}

/// A string itself; what it stands in is needed for one with escapes only.
fn text<'a>(text: Text<'a>, room: &'a mut Vec<u8>) -> &'a [u8] {
    if text.is_plain() {
        return text.raw;
    }
    room.clear();
    text.push_to(room);
    room
}

/// The same for a name, which begins at this place. Half a surrogate pair is no text.
fn name<'a>(at: usize, of: Text<'a>, room: &'a mut Vec<u8>) -> Result<&'a str, Problem> {
    let expected = "whole characters";
    str::from_utf8(text(of, room)).map_err(|_| Problem::Json(Invalid { at, expected }))
}

/// Decodes base64 to the beginning of a buffer, with room behind it to read in blocks.
fn decode(base64: &[u8], buffer: &mut Vec<u8>) -> Option<usize> {
    let room = STANDARD.decoded_len_estimate(base64.len()) + SLACK;
    if buffer.len() < room {
        buffer.resize(room, 0);
    }
    STANDARD.decode_slice(base64, buffer).ok()
}

/// A document has to be one JSON object on one line, as OpenSearch's bulk interface takes it.
fn check_document(document: &[u8], open: &mut Vec<u8>) -> Result<(), Problem> {
    if let Some(at) = memchr::memchr(b'\n', document) {
        return Err(Problem::DocumentLines(at));
    }
    let mut scanner = Scanner::new(document);
    let of = scanner.skip_value_with(open).map_err(Problem::Document)?;
    if of != Type::Dict {
        return Err(Problem::DocumentType(of));
    }
    scanner.expect_end().map_err(Problem::Document)
}
