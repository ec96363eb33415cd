//! Error objects: their documents, and their source records, which may hold several records.

use super::detected::DetectedFormat;
use super::failure::FailureOrigin;
use super::headers::Header;
use super::json_lines::ObjectFailure;
use super::output_format::OutputFormat;
use super::reader::{Line, Reader};
use super::sink::Sink;
use crate::config::Format;
use crate::error::{Reason, RecordError};
use crate::foreign;
use crate::json;
use crate::plan::Plan;
use crate::record;
use crate::replay::{self, Content, Origin, RawData, RejectedDocument};

/// Error objects within one another that are read.
const MAX_NESTING: u8 = 4;

impl Reader {
    /// Appends the documents that an error object holds, or that its source record becomes. `line` is its position.
    pub(super) fn transform_error_object(
        &mut self,
        text: &[u8],
        line: Line,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> Result<(), ObjectFailure> {
        let (read, non_rows) = (self.counts.read, self.non_rows);
        // If the object fails, the caller counts it.
        self.non_rows += 1;
        let plan = &*self.plans.configured;
        let origin = FailureOrigin::ErrorObject(self.raw_data);
        let failed = |error| ObjectFailure {
            error,
            origin,
            source_len: 0,
        };
        match self.error_objects.read(text, plan, self.raw_data) {
            Ok(Content::RejectedDocument(document)) => {
                self.counts
                    .add_ok_many(sink.write_documents(plan, document).map_err(failed)?);
                self.detect_documents();
            }
            Ok(Content::Source(len)) => {
                DetectedFormat::ErrorObjects(self.error_objects.origin()).add(&mut self.detected);
                match self.transform_source_record(len, sink) {
                    Ok(()) => self.count_ok(),
                    Err(error) => self.retry_source_record(len, error, line, sink)?,
                }
            }
            Err(error) => {
                match self.error_objects.origin_of(text) {
                    Some(Origin::OpenSearch) => DetectedFormat::RejectedDocuments,
                    Some(origin) => DetectedFormat::ErrorObjects(origin),
                    None => DetectedFormat::ErrorObjects(Origin::Transformation),
                }
                .add(&mut self.detected);
                return Err(failed(error));
            }
        }
        // It may hold several records, none of which says what the file is.
        self.non_rows = non_rows + (self.counts.read - read);
        self.error_objects.shrink();
        Ok(())
    }

    /// Adds the format of an error object that holds documents.
    fn detect_documents(&mut self) {
        match self.error_objects.origin() {
            Origin::OpenSearch => DetectedFormat::RejectedDocuments,
            origin => DetectedFormat::ErrorObjects(origin),
        }
        .add(&mut self.detected);
    }

    /// Appends the document that the last source record becomes.
    fn transform_source_record(
        &mut self,
        len: usize,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> Result<(), RecordError> {
        let record = &self.error_objects.buffer()[..len];
        let is_gzip = self.gunzip.is_some() && foreign::is_gzip(record);
        if self.may_be_row_with_brace(record) {
            let record = record.to_vec();
            self.choose_plan(&record, sink);
        } else {
            self.update_embedded_header(false);
        }
        if is_gzip {
            // It may have as many tabs as a row, and `bad_value = "keep"` takes any values.
            return Err(RecordError::whole(Reason::ColumnCount));
        }
        let plan = self.plans.for_source_record();
        let (buffer, start) = (self.error_objects.buffer_mut(), sink.out.len());
        let layout = record::transform_prefix(plan, buffer, len, &mut self.scratch, sink.out)?;
        let record = &buffer[..len];
        sink.format
            .write_record(plan, layout, record, &self.scratch, sink.out, start)
    }

    /// Chooses the plan for a record from the last error object.
    fn choose_plan(&mut self, record: &[u8], sink: &mut Sink<'_, impl OutputFormat>) {
        let is_row = self.may_be_row_with_brace(record) && self.is_source_row(record, sink);
        self.update_embedded_header(is_row);
    }

    #[inline]
    fn may_be_row_with_brace(&self, record: &[u8]) -> bool {
        self.plans.configured.detects_format() && json::begins_object(record)
    }

    /// Returns true if a record that begins with a brace is a row of real-time logs.
    #[cold]
    fn is_source_row(&mut self, record: &[u8], sink: &mut Sink<'_, impl OutputFormat>) -> bool {
        match self.error_objects.format() {
            Some(format) => format == Format::Realtime,
            None => self.error_objects.header().is_none() && self.is_row_with_brace(record, sink),
        }
    }

    /// Transforms the records within a source record that failed with this error. Returns the failure of a single one.
    #[cold]
    fn retry_source_record(
        &mut self,
        len: usize,
        error: RecordError,
        line: Line,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> Result<(), ObjectFailure> {
        let origin = FailureOrigin::Source {
            is_named: self.error_objects.names_source(),
        };
        let failed = |error| {
            Err(ObjectFailure {
                error,
                origin,
                source_len: len,
            })
        };
        // A record that is too large is not looked into; a record without a time has its document.
        if matches!(error.reason, Reason::TooLarge | Reason::MissingTimestamp) {
            return failed(error);
        }
        let record = self.error_objects.buffer()[..len].to_vec();
        if self.transform_nested_object(&record, line, sink) {
            return Ok(());
        }
        let Some(unpacked) = replay::unpack(&record, self.gunzip) else {
            let is_blank = replay::parts(&record).next().is_none();
            return failed(if is_blank {
                RecordError::whole(Reason::EmptyRecord)
            } else {
                error
            });
        };
        (0..unpacked.control_messages).for_each(|_| self.counts.add_dropped());
        for record in unpacked.records {
            if self.transform_nested_object(&record, line, sink) {
                continue;
            }
            self.choose_plan(&record, sink);
            let plan = self.plans.for_source_record();
            match sink.write_whole(plan, &record, &mut self.scratch) {
                Ok(()) => self.count_ok(),
                Err(error) => {
                    let origin = self.origin_of_part(&record);
                    self.fail(&record, line, (error, origin), sink.failures);
                }
            }
        }
        Ok(())
    }

    /// Returns the origin of a record within a source record. The content of the first one decided for all of them: one
    /// that alone could be a document must not become one when it is read again.
    fn origin_of_part(&self, record: &[u8]) -> FailureOrigin {
        let is_decided = || {
            self.raw_data == RawData::Detect
                && replay::detect(&self.plans.configured, record) != RawData::Source
        };
        FailureOrigin::Source {
            is_named: self.error_objects.names_source() || is_decided(),
        }
    }

    /// Transforms an error object in a source record. Returns false if the record is something else.
    fn transform_nested_object(
        &mut self,
        record: &[u8],
        line: Line,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> bool {
        let is_error_object = self.nesting < MAX_NESTING
            && !record.trim_ascii_end().contains(&b'\n')
            && self.error_objects.is_error_object(record);
        if !is_error_object {
            return false;
        }
        let outer = std::mem::take(&mut self.error_objects);
        let header = self.plans.embedded_header.take();
        self.nesting += 1;
        if let Err(failed) = self.transform_error_object(record, line, sink) {
            self.fail_object(record, line, &failed, sink.failures);
        }
        self.nesting -= 1;
        self.plans.embedded_header = header;
        self.error_objects = outer;
        true
    }

    /// Sets the header to the one embedded in the source record, if any, or to the plan for rows only. Most records have
    /// that of the record before.
    fn update_embedded_header(&mut self, is_row: bool) {
        let plan = &*self.plans.configured;
        let last = self.plans.embedded_header.as_ref();
        if is_row || last.is_some_and(Header::is_rows_only) {
            self.plans.embedded_header = is_row.then(|| Header::rows_only(plan));
            if is_row {
                return;
            }
        }
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
}

impl<F: OutputFormat> Sink<'_, F> {
    /// Appends the documents of an error object, all of them or none. Returns their number.
    fn write_documents(
        &mut self,
        plan: &Plan,
        document: RejectedDocument<'_>,
    ) -> Result<u64, RecordError> {
        if document.index.is_some() {
            self.format.write_document(plan, document, self.out)?;
            return Ok(1);
        }
        let (start, mut count) = (self.out.len(), 0);
        for part in replay::parts(document.document) {
            let part = RejectedDocument {
                document: record::without_line_end(&document.document[part.range]),
                ..document
            };
            if let Err(error) = self.format.write_document(plan, part, self.out) {
                self.out.truncate(start);
                return Err(error);
            }
            count += 1;
        }
        Ok(count)
    }
}
