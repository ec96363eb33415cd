//! Lines that are rows.

#![expect(
    clippy::inline_always,
    reason = "the loop over lines calls it once a line"
)]

use super::failure::FailureOrigin;
use super::output_format::OutputFormat;
use super::reader::Reader;
use super::sink::Sink;
use crate::error::{Reason, RecordError};
use crate::record;
use crate::replay;

impl Reader {
    /// Transforms the row that `bytes` begin with and returns its length. Returns `None` if they do not begin with a
    /// complete row.
    #[inline(always)]
    pub(super) fn transform_row(
        &mut self,
        bytes: &[u8],
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> Option<usize> {
        if !begins_like_row(bytes) {
            return None;
        }
        let plan = self.plans.for_line();
        let start = sink.out.len();
        let line = record::scan_first_line(plan, bytes, &mut self.scratch)?;
        self.line += 1;
        self.offset += line.len as u64;
        let record = &bytes[..line.len];
        let scratch = &mut self.scratch;
        // Matched twice, since to combine the results would copy an error that is not there.
        match line.transform(plan, scratch, sink.out) {
            Ok(layout) => {
                let format = &mut *sink.format;
                let result = format.write_record(plan, layout, record, scratch, sink.out, start);
                self.count_result((record, 0), result, sink);
            }
            Err(error) => self.fail_row((record, 0), error, sink),
        }
        Some(line.len)
    }

    /// Transforms a line that is not JSON and no directive; `skipped` more bytes of it are not kept.
    pub(super) fn transform_whole_row(
        &mut self,
        (text, skipped): (&[u8], u64),
        sink: &mut Sink<'_, impl OutputFormat>,
    ) {
        let result = sink.write(self.plans.for_line(), text, &mut self.scratch);
        self.count_result((text, skipped), result, sink);
    }

    /// Counts a row as transformed or failed.
    #[inline(always)]
    fn count_result(
        &mut self,
        (text, skipped): (&[u8], u64),
        result: Result<(), RecordError>,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) {
        match result {
            Ok(()) => self.count_ok(),
            Err(error) => self.fail_row((text, skipped), error, sink),
        }
    }

    /// Counts a failed row, unless it consists of concatenated rows.
    #[cold]
    #[inline(never)]
    fn fail_row(
        &mut self,
        (text, skipped): (&[u8], u64),
        error: RecordError,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) {
        let is_several =
            error.reason == Reason::ColumnCount && self.transform_concatenated_rows(text, sink);
        if !is_several {
            let line = self.current_line(text.len(), skipped);
            self.fail(text, line, (error, FailureOrigin::Line), sink.failures);
        }
    }

    /// Appends the documents of a line that consists of concatenated rows. Returns false, and appends nothing, if any
    /// of the rows cannot be transformed.
    #[cold]
    fn transform_concatenated_rows(
        &mut self,
        text: &[u8],
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> bool {
        let plan = self.plans.for_line();
        let line = record::without_line_end(text);
        let Some(ends) = replay::row_boundaries(plan, line) else {
            return false;
        };
        let starts = || [0].into_iter().chain(ends.iter().copied());
        let rows = || starts().zip(ends.iter().copied().chain([line.len()]));
        let mark = sink.out.len();
        let fits = rows().all(|(start, end)| {
            record::transform_line(plan, &line[start..end], &mut self.scratch, sink.out).is_ok()
        });
        sink.out.truncate(mark);
        if !fits {
            return false;
        }
        // All rows fit: transforms them again, now with the output format.
        let mut counts = self.counts;
        for (start, end) in rows() {
            let row = &line[start..end];
            // The line end belongs to the last row.
            let record = if end == line.len() {
                &text[start..]
            } else {
                row
            };
            let result = sink.write_line(plan, row, record, &mut self.scratch);
            if result.is_err() {
                sink.out.truncate(mark);
                return false;
            }
            counts.add_transformed(self.scratch.shape_mismatch());
        }
        self.counts = counts;
        true
    }
}

/// Returns true if `bytes` begin like a row: with a digit, in all logs but standard ones without a date column.
#[inline(always)]
pub(super) fn begins_like_row(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(u8::is_ascii_digit)
}
