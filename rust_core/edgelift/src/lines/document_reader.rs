//! Lines for an output that is not text: each document is handed over and not kept.

use std::sync::Arc;

use super::failure::Failure;
use super::output_format::OutputFormat;
use super::reader::Reader;
use super::rows::begins_like_row;
use super::sink::Sink;
use crate::counts::Counts;
use crate::error::{Reason, RecordError};
use crate::foreign::Gunzip;
use crate::plan::Plan;
use crate::record::{self, ColumnRow, OutputBuffer, RecordLayout, Scratch};
use crate::replay::{RawData, RejectedDocument};

/// Bytes of memory that are kept between chunks.
const KEPT_BYTES: usize = 1 << 20;

/// Receives the documents of lines.
pub(crate) trait DocumentSink {
    /// Takes the document of a record with `record_bytes` bytes.
    fn push_document(&mut self, document: &[u8], record_bytes: usize);
}

/// Transforms lines that arrive in chunks.
#[derive(Debug)]
pub(crate) struct DocumentReader {
    reader: Reader,
    document: OutputBuffer,
}

impl DocumentReader {
    pub(crate) fn new(plan: Arc<Plan>) -> Self {
        Self {
            reader: Reader::new(plan),
            document: OutputBuffer::default(),
        }
    }

    pub(crate) const fn set_raw_data(&mut self, raw_data: RawData) {
        self.reader.raw_data = raw_data;
    }

    pub(crate) const fn set_gunzip(&mut self, gunzip: Gunzip) {
        self.reader.gunzip = Some(gunzip);
    }

    pub(crate) const fn counts(&self) -> Counts {
        self.reader.counts
    }

    pub(crate) fn detected_formats(&self) -> Vec<String> {
        self.reader.detected_formats()
    }

    /// Gives `take` the row that `bytes` begin with, and returns its length. Returns `None`, and does nothing, if they do
    /// not begin with a complete row, the row is not a usual one or `take` returns false.
    #[inline]
    pub(crate) fn read_row(
        &mut self,
        bytes: &[u8],
        take: impl FnOnce(&Plan, ColumnRow<'_>) -> bool,
    ) -> Option<usize> {
        let reader = &mut self.reader;
        if !reader.pending.is_empty() || !begins_like_row(bytes) {
            return None;
        }
        let plan = reader.plans.for_line();
        let line = record::scan_first_line(plan, bytes, &mut reader.scratch)?;
        if !take(plan, line.column_row(plan, &reader.scratch)?) {
            return None;
        }
        reader.line += 1;
        reader.offset += line.len as u64;
        reader.counts.add_ok();
        Some(line.len)
    }

    /// Transforms the lines that `chunk` completes.
    pub(crate) fn feed(
        &mut self,
        chunk: &[u8],
        documents: &mut impl DocumentSink,
        failures: &mut Vec<Failure>,
    ) {
        let (format, out) = (&mut Documents(documents), &mut self.document);
        self.reader
            .feed(chunk, &mut Sink::new(format, out, failures));
        self.document.shrink(KEPT_BYTES);
    }

    /// Transforms the last line if it has no line feed, and begins the next file of an archive.
    pub(crate) fn begin_file(
        &mut self,
        documents: &mut impl DocumentSink,
        failures: &mut Vec<Failure>,
    ) {
        self.finish(documents, failures);
        self.reader.begin_file();
    }

    /// Transforms the last line if it has no line feed.
    pub(crate) fn finish(
        &mut self,
        documents: &mut impl DocumentSink,
        failures: &mut Vec<Failure>,
    ) {
        let (format, out) = (&mut Documents(documents), &mut self.document);
        self.reader.finish(&mut Sink::new(format, out, failures));
    }
}

/// The format that hands over each document.
struct Documents<'a, D>(&'a mut D);

impl<D: DocumentSink> OutputFormat for Documents<'_, D> {
    fn write_record(
        &mut self,
        _: &Plan,
        _: RecordLayout,
        record: &[u8],
        _: &Scratch,
        out: &mut OutputBuffer,
        start: usize,
    ) -> Result<(), RecordError> {
        self.0.push_document(&out.as_bytes()[start..], record.len());
        out.truncate(start);
        Ok(())
    }

    fn write_document(
        &mut self,
        _: &Plan,
        _: RejectedDocument<'_>,
        _: &mut OutputBuffer,
    ) -> Result<(), RecordError> {
        Err(RecordError::whole(Reason::AlreadyTransformed))
    }
}
