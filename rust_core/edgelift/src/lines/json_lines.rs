//! Lines that are not one row: JSON objects, error objects, and concatenated records.

use super::detected::DetectedFormat;
use super::directives::mark_len;
use super::failure::{FailureOrigin, Header};
use super::output_format::{OutputFormat, write_line};
use super::{Failure, Line, Reader};
use crate::error::{Reason, RecordError};
use crate::plan::Plan;
use crate::record::{self, OutputBuffer};
use crate::replay::{self, Content};

/// The error of an object that has no document.
struct ObjectFailure {
    error: RecordError,
    origin: FailureOrigin,
    /// Length of the source record in bytes.
    source_len: usize,
}

impl From<RecordError> for ObjectFailure {
    fn from(error: RecordError) -> Self {
        Self {
            error,
            origin: FailureOrigin::Line,
            source_len: 0,
        }
    }
}

impl Reader {
    /// Transforms a line that begins with a brace: a record, an error object, or several concatenated objects.
    #[inline(never)]
    pub(super) fn handle_json_line(
        &mut self,
        plan: &Plan,
        text: &[u8],
        line: Line,
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) {
        // Most lines are one object; only a line that fails is split.
        let Err(failed) = self.transform_object(plan, text, format, out) else {
            return;
        };
        let may_be_several = plan.reads_standard() || self.error_objects.is_error_object(text);
        let several = (may_be_several && line.skipped == 0).then(|| replay::first_object(text));
        let Some(mut end) = several.flatten() else {
            return self.fail_object(plan, text, line, &failed, failures);
        };
        let mut start = 0;
        while start < line.len {
            let (position, object) = (line.part(start, end), &text[start..end]);
            if let Err(failed) = self.transform_object(plan, object, format, out) {
                self.fail_object(plan, object, position, &failed, failures);
            }
            start = end;
            let next = replay::first_object(&text[start..]);
            end = next.map_or(line.len, |len| start + len);
        }
    }

    /// Transforms the complete objects of a line that is too long to keep but may be many concatenated objects. Returns
    /// true if there was any.
    pub(super) fn drain_complete_objects(
        &mut self,
        plan: &Plan,
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) -> bool {
        let pending = std::mem::take(&mut self.pending);
        let (mut start, mut drained) = (mark_len(&pending, self.offset), 0);
        if plan.reads_standard() || self.error_objects.is_error_object(&pending[start..]) {
            while let Some(len) = replay::first_object(&pending[start..]) {
                let line = Line {
                    number: self.line + 1,
                    offset: self.offset + start as u64,
                    len,
                    skipped: 0,
                };
                let object = &pending[start..start + len];
                if let Err(failed) = self.transform_object(plan, object, format, out) {
                    self.fail_object(plan, object, line, &failed, failures);
                }
                start += len;
                drained = start;
            }
        }
        self.pending = pending;
        self.pending.drain(..drained);
        self.offset += drained as u64;
        drained > 0
    }

    /// Appends the document of an object.
    fn transform_object(
        &mut self,
        plan: &Plan,
        text: &[u8],
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
    ) -> Result<(), ObjectFailure> {
        let may_be_error_object = text.len() <= replay::max_line_bytes(plan);
        if may_be_error_object && self.error_objects.is_error_object(text) {
            return self.transform_error_object(plan, text, format, out);
        }
        let active_plan = self.header.as_ref().map_or(plan, |header| &header.plan);
        let transformed = write_line(active_plan, text, format, &mut self.scratch, out);
        // A row that only the index has no time for is still a row: JSON lines have its document.
        let is_misfit = transformed
            .as_ref()
            .is_err_and(|error| error.reason != Reason::MissingTimestamp);
        if is_misfit && may_be_error_object && self.error_objects.has_data(text) {
            return self.transform_error_object(plan, text, format, out);
        }
        if plan.reads_standard() {
            DetectedFormat::Json.add(&mut self.detected);
            self.non_rows += 1;
        }
        transformed?;
        self.counts.add_ok();
        Ok(())
    }

    /// Appends the document that an error object holds, or that its source record becomes.
    fn transform_error_object(
        &mut self,
        plan: &Plan,
        line: &[u8],
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
    ) -> Result<(), ObjectFailure> {
        self.non_rows += 1;
        match self.error_objects.read(line) {
            Ok(Content::RejectedDocument(document)) => {
                DetectedFormat::RejectedDocuments.add(&mut self.detected);
                format
                    .write_document(document, out)
                    .map_err(|error| ObjectFailure {
                        error,
                        origin: FailureOrigin::ErrorObject,
                        source_len: 0,
                    })?;
            }
            Ok(Content::Source(len)) => {
                DetectedFormat::SourceRecords.add(&mut self.detected);
                // A header before it in this input does not apply: the record came from a stream or another file.
                self.update_embedded_header(plan);
                let active_plan = self
                    .embedded_header
                    .as_ref()
                    .map_or(plan, |header| &header.plan);
                let (buffer, start) = (self.error_objects.buffer_mut(), out.len());
                record::transform_prefix(active_plan, buffer, len, &mut self.scratch, out)
                    .and_then(|layout| {
                        format.write_record(
                            active_plan,
                            layout,
                            &buffer[..len],
                            &self.scratch,
                            out,
                            start,
                        )
                    })
                    .map_err(|error| ObjectFailure {
                        error,
                        origin: FailureOrigin::Source,
                        source_len: len,
                    })?;
            }
            Err(error) => {
                let kind = if self.error_objects.is_rejected_document(line) {
                    DetectedFormat::RejectedDocuments
                } else {
                    DetectedFormat::SourceRecords
                };
                kind.add(&mut self.detected);
                return Err(ObjectFailure {
                    error,
                    origin: FailureOrigin::ErrorObject,
                    source_len: 0,
                });
            }
        }
        self.counts.add_ok();
        self.error_objects.shrink();
        Ok(())
    }

    /// Sets the header to the one embedded in the source record, if any. Most records have that of the record before.
    fn update_embedded_header(&mut self, plan: &Plan) {
        let lines = self
            .error_objects
            .header()
            .filter(|_| plan.reads_standard());
        let last_lines = self
            .embedded_header
            .as_ref()
            .and_then(|header| header.lines.as_deref());
        if lines == last_lines.map(str::as_bytes) {
            return;
        }
        self.embedded_header = lines.map(|lines| Header::from_lines(plan, lines));
        if let Some(header) = &self.embedded_header {
            self.scratch.widen(&header.plan);
        }
    }

    #[cold]
    fn fail_object(
        &mut self,
        plan: &Plan,
        text: &[u8],
        line: Line,
        failed: &ObjectFailure,
        failures: &mut Vec<Failure>,
    ) {
        if failed.origin == FailureOrigin::Source {
            let reader = std::mem::take(&mut self.error_objects);
            let record = &reader.buffer()[..failed.source_len];
            self.fail(plan, record, line, (failed.error, failed.origin), failures);
            self.error_objects = reader;
            self.error_objects.shrink();
        } else {
            self.fail(plan, text, line, (failed.error, failed.origin), failures);
        }
    }

    /// Appends the documents of a line that consists of concatenated rows. Returns false, and appends nothing, if any
    /// of the rows cannot be transformed.
    #[cold]
    pub(super) fn transform_concatenated_rows(
        &mut self,
        plan: &Plan,
        text: &[u8],
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
    ) -> bool {
        let active_plan = self.header.as_ref().map_or(plan, |header| &header.plan);
        let line = record::without_line_end(text);
        let Some(ends) = replay::row_boundaries(active_plan, line) else {
            return false;
        };
        let starts = || [0].into_iter().chain(ends.iter().copied());
        let rows = || starts().zip(ends.iter().copied().chain([line.len()]));
        let mark = out.len();
        let fits = rows().all(|(start, end)| {
            let row = &line[start..end];
            record::transform_line(active_plan, row, &mut self.scratch, out).is_ok()
        });
        out.truncate(mark);
        if !fits {
            return false;
        }
        // All rows fit: transforms them again, now with the output format.
        for (start, end) in rows() {
            let row = &line[start..end];
            // The line end belongs to the last row.
            let whole = if end == line.len() {
                &text[start..]
            } else {
                row
            };
            let before = out.len();
            let transformed = record::transform_line(active_plan, row, &mut self.scratch, out)
                .and_then(|layout| {
                    format.write_record(active_plan, layout, whole, &self.scratch, out, before)
                });
            if transformed.is_err() {
                out.truncate(mark);
                return false;
            }
        }
        rows().for_each(|_| self.counts.add_ok());
        true
    }
}
