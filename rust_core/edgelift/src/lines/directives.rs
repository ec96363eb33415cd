//! Lines that are not rows: directives of a header, and JSON lines.

use super::detected::DetectedFormat;
use super::failure::{Failure, FailureOrigin};
use super::headers::Header;
use super::output_format::OutputFormat;
use super::reader::{Line, Reader};
use super::sink::Sink;
use crate::error::{Reason, RecordError};
use crate::header::{self, Directive};
use crate::json;
use crate::plan::Version;
use crate::record;

/// The UTF-8 byte order mark, which some programs write before the first line.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Reader {
    /// Returns the length of the byte order mark at the beginning of `line`, which is at `offset` of the input.
    pub(super) fn mark_len(&self, line: &[u8], offset: u64) -> usize {
        let is_marked = offset == self.file_offset && line.starts_with(BYTE_ORDER_MARK);
        if is_marked { BYTE_ORDER_MARK.len() } else { 0 }
    }

    /// Handles a directive or JSON line, after a byte order mark if there is one. Returns false if the line is a row.
    #[inline(never)]
    pub(super) fn handle_non_row(
        &mut self,
        text: &[u8],
        skipped: u64,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> bool {
        let whole = self.current_line(text.len(), skipped);
        let start = self.mark_len(text, whole.offset);
        let (line, text) = (whole.part(start, text.len()), &text[start..]);
        if json::begins_object(text) {
            self.detect_json(text, line.skipped, sink);
            self.handle_json_line(text, line, sink);
            return true;
        }
        if text.first() == Some(&b'#') {
            self.detect_rows();
            return self.handle_directive_line(text, line, sink);
        }
        false
    }

    /// Handles a line that begins with `#`. Returns false if it is a row.
    fn handle_directive_line(
        &mut self,
        text: &[u8],
        line: Line,
        sink: &mut Sink<'_, impl OutputFormat>,
    ) -> bool {
        if !self.plans.for_line().reads_standard() {
            return false;
        }
        let directive = header::directive(text);
        let place = (text, line.skipped);
        if self.is_undecided()
            && !directive.is_some_and(|directive| self.is_directive_of_log(directive, place, sink))
        {
            // If it does not fit, it is a comment, which does not say what follows.
            let is_comment = directive.is_none() && !self.fits_layout(place, sink);
            self.transform_whole_row(place, sink);
            self.non_rows += u64::from(is_comment);
            return true;
        }
        let Some(directive) = directive else {
            return false;
        };
        self.is_standard |= match directive {
            Directive::Fields => true,
            Directive::Version => header::is_version(text),
            Directive::Other => false,
        };
        self.directive(directive, text, line, sink.failures);
        true
    }

    /// Applies a directive. A `#Fields:` line that cannot be used fails, and so do the rows after it: they must not be
    /// read with the columns of an older header.
    fn directive(
        &mut self,
        directive: Directive,
        text: &[u8],
        line: Line,
        failures: &mut Vec<Failure>,
    ) {
        match directive {
            Directive::Version => self.has_version = true,
            Directive::Other => {}
            Directive::Fields => {
                self.add_rows_without_header();
                let plan = &*self.plans.configured;
                let version = if std::mem::take(&mut self.has_version) {
                    Version::One
                } else {
                    Version::Two
                };
                let read = record::checked_line(plan, text).and_then(|text| {
                    let header_plan = header::plan_for_fields(plan, text, version);
                    header_plan.map_err(|_| RecordError::whole(Reason::BadHeader))
                });
                let (header_plan, error) = match read {
                    Ok(header_plan) => (header_plan, None),
                    Err(error) => (plan.without_layouts(), Some(error)),
                };
                self.scratch.widen(&header_plan);
                if let [layout] = header_plan.layouts() {
                    DetectedFormat::for_header(layout, version).add(&mut self.detected);
                }
                let is_too_large = error.is_some_and(|error| error.reason == Reason::TooLarge);
                self.plans.header = Some(if is_too_large {
                    Header::too_large(plan)
                } else {
                    Header::new(header_plan, version, text)
                });
                if let Some(error) = error {
                    self.non_rows += 1;
                    self.fail(text, line, (error, FailureOrigin::Line), failures);
                }
            }
        }
    }
}
