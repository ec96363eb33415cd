//! Output formats of a stream: JSON lines, a bulk body, or raw records.

#![expect(
    clippy::inline_always,
    reason = "the loop over lines calls it once a line"
)]

use crate::bulk::Bulk;
use crate::config::Format;
use crate::error::{Reason, RecordError};
use crate::json;
use crate::plan::Plan;
use crate::record::{self, OutputBuffer, RecordLayout, Scratch};
use crate::replay::RejectedDocument;

/// Writes the output for a document. Chosen per chunk and monomorphized, so that a line pays only for its own format.
pub(super) trait OutputFormat {
    /// Completes the output of `record`, whose document begins at `start` of `out`. `record` includes its line end if
    /// it has one.
    fn write_record(
        &mut self,
        plan: &Plan,
        layout: RecordLayout,
        record: &[u8],
        scratch: &Scratch,
        out: &mut OutputBuffer,
        start: usize,
    ) -> Result<(), RecordError>;

    /// Appends a document from an error object.
    fn write_document(
        &mut self,
        plan: &Plan,
        document: RejectedDocument<'_>,
        out: &mut OutputBuffer,
    ) -> Result<(), RecordError>;
}

/// Writes JSON lines.
pub(super) struct Ndjson;

impl OutputFormat for Ndjson {
    #[inline(always)]
    fn write_record(
        &mut self,
        _: &Plan,
        _: RecordLayout,
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
        _: &Plan,
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
        layout: RecordLayout,
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
        plan: &Plan,
        document: RejectedDocument<'_>,
        out: &mut OutputBuffer,
    ) -> Result<(), RecordError> {
        let RejectedDocument {
            document,
            id,
            index,
        } = document;
        match index {
            Some(index) => self.push(out, index, id, document),
            None => self.push_by_time(plan, document, out),
        }
    }
}

/// Writes the records unchanged. A record that cannot be transformed without its context fails.
pub(super) struct Raw;

impl OutputFormat for Raw {
    fn write_record(
        &mut self,
        plan: &Plan,
        layout: RecordLayout,
        record: &[u8],
        _: &Scratch,
        out: &mut OutputBuffer,
        start: usize,
    ) -> Result<(), RecordError> {
        out.truncate(start);
        if plan.is_from_header() && layout != RecordLayout::Json {
            return Err(RecordError::whole(Reason::NoHeader));
        }
        // Outside its file the row would be read as JSON.
        let is_ambiguous = plan.input().format != Format::Realtime && layout != RecordLayout::Json;
        if is_ambiguous && json::begins_object(record) {
            return Err(RecordError::whole(Reason::BadJson));
        }
        out.push(record);
        // A kept CR at the end without a line feed can only be half of a line end.
        if !record.ends_with(b"\n") {
            out.newline();
        }
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
