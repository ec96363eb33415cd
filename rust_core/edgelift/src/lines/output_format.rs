//! What becomes of a document: a JSON line, part of a bulk body, or the record that it was made of.

#![expect(
    clippy::inline_always,
    reason = "the loop over lines calls it once a line"
)]

use crate::bulk::Bulk;
use crate::error::{Reason, RecordError};
use crate::plan::Plan;
use crate::record::{self, OutputBuffer, Scratch};
use crate::replay::RejectedDocument;

/// What is done with a document that has just been written. Chosen once a chunk and compiled for each, so that a line
/// pays for its own only.
pub(super) trait OutputFormat {
    /// The record has the layout, and its line end if it came with one.
    fn write_record(
        &mut self,
        plan: &Plan,
        layout: usize,
        record: &[u8],
        scratch: &Scratch,
        out: &mut OutputBuffer,
        start: usize,
    ) -> Result<(), RecordError>;

    /// Adds a document that is finished already.
    fn write_document(
        &mut self,
        document: RejectedDocument<'_>,
        out: &mut OutputBuffer,
    ) -> Result<(), RecordError>;
}

/// Adds what becomes of a record, its line end included if it has one.
#[inline]
pub(super) fn write_line(
    plan: &Plan,
    record: &[u8],
    format: &mut impl OutputFormat,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<(), RecordError> {
    let line = record::checked_line(plan, record)?;
    let start = out.len();
    let layout = record::transform_line(plan, line, scratch, out)?;
    format.write_record(plan, layout, record, scratch, out, start)
}

/// JSON lines.
pub(super) struct Ndjson;

impl OutputFormat for Ndjson {
    #[inline(always)]
    fn write_record(
        &mut self,
        _: &Plan,
        _: usize,
        _: &[u8],
        _: &Scratch,
        out: &mut OutputBuffer,
        _: usize,
    ) -> Result<(), RecordError> {
        out.newline();
        Ok(())
    }

    fn write_document(
        &mut self,
        document: RejectedDocument<'_>,
        out: &mut OutputBuffer,
    ) -> Result<(), RecordError> {
        out.push(document.document);
        out.newline();
        Ok(())
    }
}

impl OutputFormat for Bulk {
    fn write_record(
        &mut self,
        plan: &Plan,
        layout: usize,
        record: &[u8],
        scratch: &Scratch,
        out: &mut OutputBuffer,
        start: usize,
    ) -> Result<(), RecordError> {
        let line = record::without_line_end(record);
        self.wrap(plan, layout, line, scratch, out, start)
    }

    fn write_document(
        &mut self,
        document: RejectedDocument<'_>,
        out: &mut OutputBuffer,
    ) -> Result<(), RecordError> {
        let RejectedDocument {
            document,
            id,
            index,
        } = document;
        self.push(out, index, id, document)
    }
}

/// Records as they were. Those that could not be transformed without what stands around them are none.
pub(super) struct Raw;

impl OutputFormat for Raw {
    fn write_record(
        &mut self,
        plan: &Plan,
        layout: usize,
        record: &[u8],
        _: &Scratch,
        out: &mut OutputBuffer,
        start: usize,
    ) -> Result<(), RecordError> {
        out.truncate(start);
        let is_json = layout == plan.layouts().len();
        if plan.is_from_header() && !is_json {
            return Err(RecordError::whole(Reason::NoHeader));
        }
        out.push(record);
        // What was kept without it, as a CR at its end can only be half a line end.
        if !record.ends_with(b"\n") {
            out.newline();
        }
        Ok(())
    }

    fn write_document(
        &mut self,
        _: RejectedDocument<'_>,
        _: &mut OutputBuffer,
    ) -> Result<(), RecordError> {
        Err(RecordError::whole(Reason::FinishedDocument))
    }
}
