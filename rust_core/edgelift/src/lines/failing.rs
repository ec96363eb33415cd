//! What is done with lines that fail.

use super::failure::Of;
use super::finish::Finish;
use super::{Failure, Line, Reader};
use crate::error::{Reason, RecordError};
use crate::plan::Plan;
use crate::record::Documents;

impl Reader {
    /// Counts a line that failed, unless it is several rows without line feeds between them.
    #[cold]
    #[inline(never)]
    pub(super) fn fail_line(
        &mut self,
        plan: &Plan,
        (text, skipped): (&[u8], u64),
        error: RecordError,
        finish: &mut impl Finish,
        out: &mut Documents,
        failures: &mut Vec<Failure>,
    ) {
        let is_several = error.reason == Reason::ColumnCount && self.rows(plan, text, finish, out);
        if !is_several {
            let line = self.place(text.len(), skipped);
            self.fail(plan, text, line, (error, Of::Line), failures);
        }
    }

    /// Counts a line that is not transformed, and keeps `text` unless it is blank: the line, or what it holds.
    #[cold]
    #[inline(never)]
    pub(super) fn fail(
        &mut self,
        plan: &Plan,
        text: &[u8],
        line: Line,
        (mut error, of): (RecordError, Of),
        failures: &mut Vec<Failure>,
    ) {
        if error.reason == Reason::EmptyRecord && of == Of::Line {
            self.counts.blank += 1;
            return;
        }
        self.counts.fail(error.reason);
        let mut raw = text.strip_suffix(b"\n").unwrap_or(text);
        let mut has_line_feed = raw.len() < text.len();
        if error.reason == Reason::TooLarge && of == Of::Line {
            error.count += usize::try_from(line.skipped).unwrap_or(usize::MAX);
            raw = &raw[..raw.len().min(plan.max_record_bytes())];
            has_line_feed = false;
        }
        failures.push(Failure {
            line: line.number,
            offset: line.offset,
            error,
            raw: raw.to_vec(),
            has_line_feed,
            of,
            header: match of {
                Of::Line => self.header.clone(),
                Of::Source => self.brought.clone(),
                Of::ErrorObject => None,
            },
        });
    }
}
