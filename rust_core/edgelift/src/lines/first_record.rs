//! Decides by the first record whether a file is a standard log or real-time rows. A viewer may have written the first
//! column of a row, so that what could be a row is one.

use super::detected::DetectedFormat;
use super::headers::Header;
use super::output_format::OutputFormat;
use super::reader::Reader;
use super::sink::Sink;
use crate::header::{self, Directive};
use crate::record;
use crate::replay;

impl Reader {
    /// Reads all lines as rows if the first record was a row, or is this line that begins with a brace but is not JSON.
    /// `skipped` more bytes of it are not kept.
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

    /// Reads all lines as rows if this one is not JSON. Error objects decide nothing.
    #[cold]
    #[inline(never)]
    fn decide_json(&mut self, text: &[u8], skipped: u64, sink: &mut Sink<'_, impl OutputFormat>) {
        if !self.is_undecided() || self.error_objects.is_error_object(text) {
            return;
        }
        let is_json = skipped == 0 && replay::is_objects(text);
        // Tabs are also blanks of JSON.
        if is_json && !(text.contains(&b'\t') && self.is_row_of_viewer(text, sink)) {
            return;
        }
        DetectedFormat::Rows.add(&mut self.detected);
        self.plans.header = Some(Header::rows_only(&self.plans.configured));
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
        if text.len() as u64 + skipped > plan.max_record_bytes() as u64 {
            return begins_with == Some(&b' ');
        }
        let columns = 1 + memchr::memchr_iter(b'\t', line).count();
        // CloudFront escapes the blanks of values.
        let has_blank = line.contains(&b' ');
        let is_directive = if directive == Directive::Fields {
            let mut layouts = plan.layouts().iter();
            let has_columns_of_row =
                !has_blank && layouts.any(|layout| layout.columns.len() == columns);
            header::names_only_fields(plan, line)
                || (matches!(begins_with, Some(b' ' | b'\t')) && !has_columns_of_row)
        } else {
            has_blank || columns == 1
        };
        is_directive && !self.is_row_of_viewer(text, sink)
    }

    /// Returns true if a line fits a layout and has no blank.
    fn is_row_of_viewer(&mut self, text: &[u8], sink: &mut Sink<'_, impl OutputFormat>) -> bool {
        if memchr::memchr(b' ', text).is_some() {
            return false;
        }
        let (plan, start) = (self.plans.configured.rows_only(), sink.out.len());
        let fits = record::checked_line(&plan, text).is_ok_and(|row| {
            record::transform_line(&plan, row, &mut self.scratch, sink.out).is_ok()
        });
        sink.out.truncate(start);
        fits
    }
}
