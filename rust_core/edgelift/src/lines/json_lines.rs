//! Lines of JSON: records, error objects, and several objects in one line.

use super::detected::DetectedFormat;
use super::failure::{Failure, FailureOrigin};
use super::output_format::OutputFormat;
use super::reader::{Line, Reader};
use super::sink::Sink;
use crate::error::{Reason, RecordError};
use crate::json;
use crate::replay;

/// The error of an object that has no document.
pub(super) struct ObjectFailure {
    pub(super) error: RecordError,
    pub(super) origin: FailureOrigin,
    /// Length of the source record in bytes.
    pub(super) source_len: usize,
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
        let Err(failed) = self.transform_object(text, line, sink) else {
            return;
        };
        let may_be_several =
            self.plans.for_line().reads_standard() || self.error_objects.is_error_object(text);
        let several = (may_be_several && line.skipped == 0).then(|| replay::first_object(text));
        let Some(mut end) = several.flatten() else {
            return self.fail_object(text, line, &failed, sink.failures);
        };
        let mut start = 0;
        while start < line.len {
            let (position, object) = (line.part(start, end), &text[start..end]);
            if let Err(failed) = self.transform_object(object, position, sink) {
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
        let (mut start, mut drained) = (self.mark_len(&pending, self.offset), 0);
        if json::begins_object(&pending[start..]) {
            // The line is too long for a row that could decide otherwise.
            self.detect_rows();
        }
        if self.plans.for_line().reads_standard()
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
                if let Err(failed) = self.transform_object(object, line, sink) {
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
        line: Line,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> Result<(), ObjectFailure> {
        let may_be_error_object = text.len() <= replay::max_line_bytes(&self.plans.configured);
        if may_be_error_object && self.error_objects.is_error_object(text) {
            return self.transform_error_object(text, line, sink);
        }
        let transformed = sink.write(self.plans.for_line(), text, &mut self.scratch);
        // A row that only the output refuses is still a row: JSON lines have its document. Where no line is JSON, only
        // raw records fail as such.
        let is_misfit = transformed.as_ref().is_err_and(|error| match error.reason {
            Reason::MissingTimestamp => false,
            Reason::BadJson => self.plans.for_line().reads_standard(),
            _ => true,
        });
        if is_misfit && may_be_error_object && self.error_objects.has_data(text) {
            return self.transform_error_object(text, line, sink);
        }
        transformed?;
        if self.plans.for_line().reads_standard() {
            self.is_standard = true;
            self.add_json_record();
        }
        self.count_ok();
        Ok(())
    }

    fn add_json_record(&mut self) {
        self.non_rows += 1;
        if self.is_standard || !self.plans.configured.detects_format() {
            DetectedFormat::Json.add(&mut self.detected);
        }
    }

    #[cold]
    pub(super) fn fail_object(
        &mut self,
        text: &[u8],
        line: Line,
        failed: &ObjectFailure,
        failures: &mut Vec<Failure>,
    ) {
        if matches!(failed.origin, FailureOrigin::Source { .. }) {
            let reader = std::mem::take(&mut self.error_objects);
            let record = &reader.buffer()[..failed.source_len];
            self.fail(record, line, (failed.error, failed.origin), failures);
            self.error_objects = reader;
            self.error_objects.shrink();
        } else {
            if failed.origin == FailureOrigin::Line && self.plans.for_line().reads_standard() {
                self.is_standard |=
                    failed.error.reason != Reason::TooLarge && json::is_objects(text);
                self.add_json_record();
            }
            self.fail(text, line, (failed.error, failed.origin), failures);
        }
    }
}
