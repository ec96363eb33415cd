//! Error objects: their documents, and their source records, which may hold several records.

use super::detected::DetectedFormat;
use super::failure::FailureOrigin;
use super::headers::Header;
use super::json_lines::ObjectFailure;
use super::output_format::OutputFormat;
use super::reader::{Line, Reader};
use super::sink::Sink;
use crate::error::{Reason, RecordError};
use crate::plan::Plan;
use crate::record;
use crate::replay::{self, Content, Origin, RejectedDocument, Unpacked};

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
                    Err(error) if self.unpack_source_record(len, error, line, sink) => {}
                    Err(error) => {
                        return Err(ObjectFailure {
                            error,
                            origin: FailureOrigin::Source,
                            source_len: len,
                        });
                    }
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
        self.update_embedded_header();
        let plan = self.plans.for_source_record();
        let (buffer, start) = (self.error_objects.buffer_mut(), sink.out.len());
        let layout = record::transform_prefix(plan, buffer, len, &mut self.scratch, sink.out)?;
        let record = &buffer[..len];
        sink.format
            .write_record(plan, layout, record, &self.scratch, sink.out, start)
    }

    /// Transforms the records within a source record that failed with this error. Returns false if it is a single one.
    #[cold]
    fn unpack_source_record(
        &mut self,
        len: usize,
        error: RecordError,
        line: Line,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> bool {
        // A record that is too large is not looked into; a record without a time has its document.
        if matches!(error.reason, Reason::TooLarge | Reason::MissingTimestamp) {
            return false;
        }
        let unpacked = replay::unpack(&self.error_objects.buffer()[..len], self.gunzip);
        let Some(Unpacked {
            records,
            control_messages,
        }) = unpacked
        else {
            return false;
        };
        (0..control_messages).for_each(|_| self.counts.add_dropped());
        for record in records {
            let plan = self.plans.for_source_record();
            match sink.write_whole(plan, &record, &mut self.scratch) {
                Ok(()) => self.count_ok(),
                Err(error) => {
                    self.fail(&record, line, (error, FailureOrigin::Source), sink.failures);
                }
            }
        }
        true
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
