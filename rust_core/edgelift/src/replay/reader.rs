//! Reads error objects.

use base64_turbo::STANDARD;

use super::members::{KeyCache, Members};
use super::problem::Problem;
use crate::error::RecordError;
use crate::json::Text;
use crate::json::scanner::{Invalid, Scanner, Type};
use crate::record::without_line_end;
use crate::value::SLACK;

/// A document that OpenSearch rejected, with its destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RejectedDocument<'a> {
    /// One JSON object on one line, without a line end.
    pub document: &'a [u8],
    /// Its `_id`; `None` if the stream leaves ids to OpenSearch.
    pub id: Option<&'a str>,
    /// Its index.
    pub index: &'a str,
}

/// The content of an error object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content<'a> {
    /// A source record of this length, at the beginning of [`ErrorObjectReader::buffer`]. The bytes after it can be
    /// read in blocks.
    Source(usize),
    RejectedDocument(RejectedDocument<'a>),
}

/// Reads error objects into buffers that are reused for the next one.
#[derive(Debug, Default)]
pub(crate) struct ErrorObjectReader {
    buffer: Vec<u8>,
    /// Decoded base64, id and index, if they contain escapes.
    texts: [Vec<u8>; 3],
    /// The header embedded in the last source record; empty if there is none.
    header: Vec<u8>,
    key_cache: KeyCache,
}

impl ErrorObjectReader {
    /// Reads an error object, with or without its line end.
    pub(crate) fn read<'a>(&'a mut self, line: &'a [u8]) -> Result<Content<'a>, RecordError> {
        let content = self.content(without_line_end(line));
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

    /// Returns true if an invalid error object is one of OpenSearch, as far as it can be read.
    #[cold]
    pub(crate) fn is_rejected_document(&mut self, line: &[u8]) -> bool {
        self.members(line)
            .is_some_and(|members| members.is_document)
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

    /// Releases memory that only a long record needs.
    pub(crate) fn shrink(&mut self) {
        const KEPT: usize = 1 << 16;
        let texts = self.texts.iter().map(Vec::capacity);
        if self.buffer.len() + self.header.capacity() + texts.sum::<usize>() > KEPT + SLACK {
            *self = Self::default();
        }
    }

    pub(super) fn content<'a>(&'a mut self, line: &'a [u8]) -> Result<Content<'a>, Problem> {
        let members = Members::read_undecoded(line, &mut self.key_cache)?;
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
        if !members.is_document {
            return if members.is_source {
                Ok(Content::Source(length))
            } else {
                Err(Problem::NeitherKind)
            };
        }
        let document = without_line_end(&self.buffer[..length]);
        check_document(document, &mut self.key_cache.nesting)?;
        Ok(Content::RejectedDocument(RejectedDocument {
            document,
            id: members
                .id
                .map(|(at, text)| name(at, text, id))
                .transpose()?,
            index: {
                let (at, text) = members.index.ok_or(Problem::NoIndex)?;
                name(at, text, index)?
            },
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
