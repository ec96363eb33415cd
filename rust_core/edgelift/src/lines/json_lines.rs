//! Lines of JSON: records, error objects, and several objects in one line.

use super::detected::DetectedFormat;
use super::directives::mark_len;
use super::failure::{Failure, FailureOrigin};
use super::headers::Header;
use super::output_format::OutputFormat;
use super::reader::{Line, Reader};
use super::sink::Sink;
use crate::error::{Reason, RecordError};
use crate::record;
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
    /// Transforms a line that begins with a brace, after blanks or not: a record, an error object, or several concatenated objects.
    #[inline(never)]
    pub(super) fn handle_json_line(
        &mut self,
        text: &[u8],
        line: Line,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) {
        // Most lines are one object; only a line that fails is split.
        let Err(failed) = self.transform_object(text, sink) else {
            return;
        };
        let may_be_several =
            self.plans.configured.reads_standard() || self.error_objects.is_error_object(text);
        let several = (may_be_several && line.skipped == 0).then(|| replay::first_object(text));
        let Some(mut end) = several.flatten() else {
            return self.fail_object(text, line, &failed, sink.failures);
        };
        let mut start = 0;
        while start < line.len {
            let (position, object) = (line.part(start, end), &text[start..end]);
            if let Err(failed) = self.transform_object(object, sink) {
                self.fail_object(object, position, &failed, sink.failures);
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
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> bool {
        let pending = std::mem::take(&mut self.pending);
        let (mut start, mut drained) = (mark_len(&pending, self.offset), 0);
        if self.plans.configured.reads_standard()
            || self.error_objects.is_error_object(&pending[start..])
        {
            while let Some(len) = replay::first_object(&pending[start..]) {
                let line = Line {
                    number: self.line + 1,
                    offset: self.offset + start as u64,
                    len,
                    skipped: 0,
                };
                let object = &pending[start..start + len];
                if let Err(failed) = self.transform_object(object, sink) {
                    self.fail_object(object, line, &failed, sink.failures);
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
        text: &[u8],
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> Result<(), ObjectFailure> {
        let may_be_error_object = text.len() <= replay::max_line_bytes(&self.plans.configured);
        if may_be_error_object && self.error_objects.is_error_object(text) {
            return self.transform_error_object(text, sink);
        }
        let transformed = sink.write(self.plans.for_line(), text, &mut self.scratch);
        // A row that only the index has no time for is still a row: JSON lines have its document.
        let is_misfit = transformed
            .as_ref()
            .is_err_and(|error| error.reason != Reason::MissingTimestamp);
        if is_misfit && may_be_error_object && self.error_objects.has_data(text) {
            return self.transform_error_object(text, sink);
        }
        if self.plans.configured.reads_standard() {
            DetectedFormat::Json.add(&mut self.detected);
            self.non_rows += 1;
        }
        transformed?;
        self.count_ok();
        Ok(())
    }

    /// Appends the document that an error object holds, or that its source record becomes.
    fn transform_error_object(
        &mut self,
        line: &[u8],
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> Result<(), ObjectFailure> {
        self.non_rows += 1;
        match self.error_objects.read(line) {
            Ok(Content::RejectedDocument(document)) => {
                DetectedFormat::RejectedDocuments.add(&mut self.detected);
                sink.format
                    .write_document(document, sink.out)
                    .map_err(|error| ObjectFailure {
                        error,
                        origin: FailureOrigin::ErrorObject,
                        source_len: 0,
                    })?;
                self.counts.add_ok();
            }
            Ok(Content::Source(len)) => {
                DetectedFormat::SourceRecords.add(&mut self.detected);
                self.transform_source_record(len, sink)
                    .map_err(|error| ObjectFailure {
                        error,
                        origin: FailureOrigin::Source,
                        source_len: len,
                    })?;
                self.count_ok();
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
        self.error_objects.shrink();
        Ok(())
    }

    /// Appends the document that the last source record becomes.
    fn transform_source_record(
        &mut self,
        len: usize,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> Result<(), RecordError> {
        self.update_embedded_header();
        let plan = self.plans.for_source_record();
        let (buffer, start) = (self.error_objects.buffer_mut(), sink.out.len());
        let layout = record::transform_prefix(plan, buffer, len, &mut self.scratch, sink.out)?;
        let record = &buffer[..len];
        sink.format
            .write_record(plan, layout, record, &self.scratch, sink.out, start)
    }

    /// Sets the header to the one embedded in the source record, if any. Most records have that of the record before.
    fn update_embedded_header(&mut self) {
        let plan = &*self.plans.configured;
        let lines = self
            .error_objects
            .header()
            .filter(|_| plan.reads_standard());
        let last_lines = self
            .plans
            .embedded_header
            .as_ref()
            .and_then(|header| header.lines.as_deref());
        if lines == last_lines.map(str::as_bytes) {
            return;
        }
        self.plans.embedded_header = lines.map(|lines| Header::from_lines(plan, lines));
        if let Some(header) = &self.plans.embedded_header {
            self.scratch.widen(&header.plan);
        }
    }

    #[cold]
    fn fail_object(
        &mut self,
        text: &[u8],
        line: Line,
        failed: &ObjectFailure,
        failures: &mut Vec<Failure>,
    ) {
        if failed.origin == FailureOrigin::Source {
            let reader = std::mem::take(&mut self.error_objects);
            let record = &reader.buffer()[..failed.source_len];
            self.fail(record, line, (failed.error, failed.origin), failures);
            self.error_objects = reader;
            self.error_objects.shrink();
        } else {
            self.fail(text, line, (failed.error, failed.origin), failures);
        }
    }
}
