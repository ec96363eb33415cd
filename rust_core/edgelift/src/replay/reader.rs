//! Reads error objects.

use base64_turbo::STANDARD;

use super::content::{self, RawData};
use super::members::{KeyCache, Members};
use super::origin::Origin;
use super::parts::parts;
use super::problem::Problem;
use crate::config::Format;
use crate::error::RecordError;
use crate::json::Text;
use crate::json::scanner::{Invalid, Scanner, Type};
use crate::plan::Plan;
use crate::record::without_line_end;
use crate::value::SLACK;

/// A document that a destination rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RejectedDocument<'a> {
    /// One JSON object on one line, without a line end.
    pub document: &'a [u8],
    /// Its `_id`; `None` if the stream leaves ids to OpenSearch.
    pub id: Option<&'a str>,
    /// Its index; `None` if the destination was not OpenSearch.
    pub index: Option<&'a str>,
}

/// The content of an error object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content<'a> {
    /// A source record of this length, at the beginning of [`ErrorObjectReader::buffer`]. The bytes after it can be
    /// read in blocks.
    Source(usize),
    /// A document, or several on lines if the destination was not OpenSearch.
    RejectedDocument(RejectedDocument<'a>),
}

/// Reads error objects into buffers that are reused for the next one.
#[derive(Clone, Debug, Default)]
pub(crate) struct ErrorObjectReader {
    buffer: Vec<u8>,
    /// Decoded base64, id and index, if they contain escapes.
    texts: [Vec<u8>; 3],
    /// The header embedded in the last source record; empty if there is none.
    header: Vec<u8>,
    /// The format that the last source record was read in, if its error object says it.
    format: Option<Format>,
    /// True if the keys of the last error object say that it holds a source record.
    names_source: bool,
    /// The step that the last error object comes from.
    origin: Origin,
    key_cache: KeyCache,
}

impl ErrorObjectReader {
    /// Reads an error object, with or without its line end.
    pub(crate) fn read<'a>(
        &'a mut self,
        line: &'a [u8],
        plan: &Plan,
        raw_data: RawData,
    ) -> Result<Content<'a>, RecordError> {
        let content = self.content(without_line_end(line), plan, raw_data);
        content.map_err(|problem| problem.error())
    }

    /// Returns true if the first key of a JSON object is one of an error object.
    pub(crate) fn is_error_object(&mut self, line: &[u8]) -> bool {
        self.key_cache.is_error_object(line)
    }

    /// Returns true if a JSON object whose first key is unknown has the data of an error object.
    #[cold]
    pub(crate) fn has_data(&mut self, line: &[u8]) -> bool {
        self.members(line)
            .is_some_and(|members| members.data.is_some())
    }

    /// Returns the step that an error object comes from, as far as it can be read.
    #[cold]
    pub(crate) fn origin_of(&mut self, line: &[u8]) -> Option<Origin> {
        self.members(line).map(|members| members.origin())
    }

    /// Returns the step that the last error object comes from.
    pub(crate) const fn origin(&self) -> Origin {
        self.origin
    }

    fn members<'a>(&mut self, line: &'a [u8]) -> Option<Members<'a>> {
        Members::read(without_line_end(line), &mut self.key_cache).ok()
    }

    /// Returns the buffer that begins with the last source record.
    pub(crate) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Returns the buffer to be read as a row, which writes a line feed after the record.
    pub(crate) fn buffer_mut(&mut self) -> &mut [u8] {
        &mut self.buffer
    }

    /// Returns the header embedded in the last source record.
    pub(crate) fn header(&self) -> Option<&[u8]> {
        Some(&*self.header).filter(|header| !header.is_empty())
    }

    /// Returns the format that the last source record was read in, if its error object says it.
    pub(crate) const fn format(&self) -> Option<Format> {
        self.format
    }

    /// Returns true if the keys of the last error object say that it holds a source record.
    pub(crate) const fn names_source(&self) -> bool {
        self.names_source
    }

    /// Releases memory that only a long record needs.
    pub(crate) fn shrink(&mut self) {
        const KEPT: usize = 1 << 16;
        let texts = self.texts.iter().map(Vec::capacity);
        if self.buffer.len() + self.header.capacity() + texts.sum::<usize>() > KEPT + SLACK {
            *self = Self::default();
        }
    }

    pub(super) fn content<'a>(
        &'a mut self,
        line: &'a [u8],
        plan: &Plan,
        raw_data: RawData,
    ) -> Result<Content<'a>, Problem> {
        let members = Members::read_undecoded(line, &mut self.key_cache)?;
        self.origin = members.origin();
        self.names_source = members.names_source();
        self.format = members.format();
        if members.is_truncated() {
            return Err(Problem::Truncated);
        }
        let (offset, data) = members.data.ok_or(Problem::NoData)?;
        let [base64, id, index] = &mut self.texts;
        self.header.clear();
        if let Some((_, lines)) = members.header {
            lines.push_to(&mut self.header);
        }
        let Some(length) = decode(text(data, base64), &mut self.buffer) else {
            // The string itself may be invalid JSON.
            Members::read(line, &mut self.key_cache)?;
            return Err(Problem::Base64(offset));
        };
        let data = &self.buffer[..length];
        let found = match members.raw_data(raw_data) {
            RawData::Detect => content::detect(plan, data),
            known => known,
        };
        match found {
            RawData::Detect => return Err(Problem::Ambiguous),
            RawData::Source => return Ok(Content::Source(length)),
            RawData::Document => {}
        }
        let document = without_line_end(data);
        let nesting = &mut self.key_cache.nesting;
        if !members.is_document {
            check_documents(document, nesting)?;
            return Ok(Content::RejectedDocument(RejectedDocument {
                document,
                id: None,
                index: None,
            }));
        }
        check_document(document, nesting)?;
        let (at, text) = members.index.ok_or(Problem::NoIndex)?;
        Ok(Content::RejectedDocument(RejectedDocument {
            document,
            id: members
                .id
                .map(|(at, text)| name(at, text, id))
                .transpose()?,
            index: Some(name(at, text, index)?),
        }))
    }
}

/// Returns the decoded text. `buffer` is used only if it contains escapes.
fn text<'a>(text: Text<'a>, buffer: &'a mut Vec<u8>) -> &'a [u8] {
    if text.is_plain() {
        return text.raw;
    }
    buffer.clear();
    text.push_to(buffer);
    buffer
}

/// Returns the decoded name, which begins at offset `at`. A lone surrogate is an error.
fn name<'a>(at: usize, name: Text<'a>, buffer: &'a mut Vec<u8>) -> Result<&'a str, Problem> {
    let expected = "whole characters";
    str::from_utf8(text(name, buffer)).map_err(|_| Problem::Json(Invalid { at, expected }))
}

/// Decodes base64 to the beginning of `buffer`, which has at least [`SLACK`] bytes after it, so that it can be read in
/// blocks.
fn decode(base64: &[u8], buffer: &mut Vec<u8>) -> Option<usize> {
    let padded_len = STANDARD.decoded_len_estimate(base64.len()) + SLACK;
    if buffer.len() < padded_len {
        buffer.resize(padded_len, 0);
    }
    STANDARD.decode_slice(base64, buffer).ok()
}

/// Checks that each line or concatenated object is a document.
fn check_documents(documents: &[u8], nesting: &mut Vec<u8>) -> Result<(), Problem> {
    let mut any = false;
    for part in parts(documents) {
        check_document(without_line_end(&documents[part.range]), nesting)?;
        any = true;
    }
    if any {
        Ok(())
    } else {
        check_document(documents, nesting)
    }
}

/// Checks that a document is one JSON object on one line, as OpenSearch requires in a bulk body.
fn check_document(document: &[u8], nesting: &mut Vec<u8>) -> Result<(), Problem> {
    if let Some(at) = memchr::memchr(b'\n', document) {
        return Err(Problem::DocumentLines(at));
    }
    let mut scanner = Scanner::new(document);
    let kind = scanner
        .skip_value_with(nesting)
        .map_err(Problem::Document)?;
    if kind != Type::Dict {
        return Err(Problem::DocumentType(kind));
    }
    scanner.expect_end().map_err(Problem::Document)
}
