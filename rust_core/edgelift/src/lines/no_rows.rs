//! Lines that are no rows: JSON, and those of a header.

use super::failure::{Header, Of};
use super::finish::Finish;
use super::found::Found;
use super::{Failure, Line, Reader};
use crate::error::{Reason, RecordError};
use crate::header::{self, Directive};
use crate::plan::{Plan, Version};
use crate::record::{self, OutputBuffer};

/// What some programs write before the first line of a text in UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns how many bytes of a line that begins at this byte of the text are a byte order mark.
pub(super) fn mark_len(line: &[u8], offset: u64) -> usize {
    let is_marked = offset == 0 && line.starts_with(BYTE_ORDER_MARK);
    if is_marked { BYTE_ORDER_MARK.len() } else { 0 }
}

impl Reader {
    /// Reads a line that is no row; whether it is one. A byte order mark does not hide it.
    #[inline(never)]
    pub(super) fn is_no_row(
        &mut self,
        plan: &Plan,
        text: &[u8],
        skipped: u64,
        finish: &mut impl Finish,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) -> bool {
        let whole = self.place(text.len(), skipped);
        let start = mark_len(text, whole.offset);
        let (line, text) = (whole.part(start, text.len()), &text[start..]);
        if text.first() == Some(&b'{') {
            self.objects(plan, text, line, finish, out, failures);
            return true;
        }
        let directive = header::directive(text).filter(|_| plan.reads_standard());
        if let Some(directive) = directive {
            self.directive(plan, directive, text, line, failures);
        }
        directive.is_some()
    }

    /// Learns from a line that is no row. A `#Fields:` line that cannot be used fails, and so do the rows behind it:
    /// their columns must not be taken for those of an older one.
    fn directive(
        &mut self,
        plan: &Plan,
        directive: Directive,
        text: &[u8],
        line: Line,
        failures: &mut Vec<Failure>,
    ) {
        match directive {
            Directive::Version => self.has_version = true,
            Directive::Other => {}
            Directive::Fields => {
                let version = if std::mem::take(&mut self.has_version) {
                    Version::One
                } else {
                    Version::Two
                };
                let read = record::checked_line(plan, text).and_then(|text| {
                    let told = header::plan_of(plan, text, version);
                    told.map_err(|_| RecordError::whole(Reason::BadHeader))
                });
                let (told, error) = match read {
                    Ok(told) => (told, None),
                    Err(error) => (plan.without_layouts(), Some(error)),
                };
                self.scratch.widen(&told);
                if self.has_rows_without_header() {
                    Found::Rows.add(&mut self.found);
                }
                if let [layout] = told.layouts() {
                    Found::Standard(version, layout.columns.len()).add(&mut self.found);
                }
                let is_too_large = error.is_some_and(|error| error.reason == Reason::TooLarge);
                self.header = Some(if is_too_large {
                    Header::too_large(plan)
                } else {
                    Header::new(told, version, text)
                });
                if let Some(error) = error {
                    self.no_rows += 1;
                    self.fail(plan, text, line, (error, Of::Line), failures);
                }
            }
        }
    }
}
