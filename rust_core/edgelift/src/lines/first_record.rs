//! Decides by the first record whether a file is a standard log or real-time rows. A viewer may have written the first
//! column of a row, so that what could be a row is one.

use super::output_format::OutputFormat;
use super::reader::Reader;
use super::sink::Sink;
use crate::header::{self, Directive};
use crate::json;
use crate::record;

impl Reader {
    /// Reads all lines as rows if the first record was a row, or is this line, which begins with a brace. `skipped` more
    /// bytes of it are not kept.
    #[inline]
    pub(super) fn detect_json(
        &mut self,
        text: &[u8],
        skipped: u64,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) {
        if self.plans.configured.detects_format() && !self.is_standard {
            self.decide_rows();
            self.decide_json(text, skipped, sink);
        }
    }

    /// Reads all lines as rows if this one is a row. Error objects decide nothing.
    #[cold]
    #[inline(never)]
    fn decide_json(&mut self, text: &[u8], skipped: u64, sink: &mut Sink<'_, impl OutputFormat>) {
        let is_too_large = self.is_too_large(text, skipped);
        if is_too_large || !self.is_undecided() || self.error_objects.is_error_object(text) {
            return;
        }
        if self.is_row_with_brace(text, sink) {
            self.read_rows_only();
        }
    }

    /// Returns true if a record that begins with a brace is a row of real-time logs.
    pub(super) fn is_row_with_brace(
        &mut self,
        record: &[u8],
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> bool {
        // Tabs are also blanks of JSON.
        match (json::is_objects(record), record.contains(&b'\t')) {
            (true, false) => false,
            (false, true) => true,
            _ => self.is_row_of_viewer(record, sink),
        }
    }

    /// Returns true if a line that looks like a directive is one, which no row can be. `skipped` more bytes of it are
    /// not kept.
    pub(super) fn is_directive_of_log(
        &mut self,
        directive: Directive,
        (text, skipped): (&[u8], u64),
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> bool {
        let plan = &*self.plans.configured;
        let line = record::without_line_end(text);
        let begins_with = header::value(line).first();
        if self.is_too_large(text, skipped) {
            return begins_with == Some(&b' ');
        }
        // CloudFront escapes the blanks of values.
        let is_directive = if directive == Directive::Fields {
            begins_with == Some(&b' ') || header::names_mostly_fields(plan, line)
        } else {
            line.contains(&b' ') || !line.contains(&b'\t')
        };
        is_directive && !self.is_row_of_viewer(text, sink)
    }

    fn is_too_large(&self, text: &[u8], skipped: u64) -> bool {
        text.len() as u64 + skipped > self.plans.configured.max_record_bytes() as u64
    }

    /// Returns true if a line fits a layout and has no blank.
    fn is_row_of_viewer(&mut self, text: &[u8], sink: &mut Sink<'_, impl OutputFormat>) -> bool {
        memchr::memchr(b' ', text).is_none() && self.fits_layout((text, 0), sink)
    }

    /// Returns true if a line fits a layout. What only the output needs does not count, such as a time.
    pub(super) fn fits_layout(
        &mut self,
        (text, skipped): (&[u8], u64),
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> bool {
        let (plan, start) = (self.plans.configured.rows_only(), sink.out.len());
        let fits = skipped == 0
            && record::checked_line(&plan, text).is_ok_and(|row| {
                record::transform_line(&plan, row, &mut self.scratch, sink.out).is_ok()
            });
        sink.out.truncate(start);
        fits
    }
}
