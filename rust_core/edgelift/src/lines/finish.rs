//! What becomes of a document: a JSON line, or part of a bulk body.

#![expect(
    clippy::inline_always,
    reason = "the loop over lines calls it once a line"
)]

use crate::bulk::{self, Bulk};
use crate::error::RecordError;
use crate::plan::Plan;
use crate::record::{Documents, Scratch};
use crate::replay::Finished;

/// What is done with a document that has just been written. Chosen once a chunk and compiled for each, so that a line
/// pays for its own only.
pub(super) trait Finish {
    /// `line` begins with the line, which has the layout, and is as long.
    fn finish(
        &mut self,
        plan: &Plan,
        layout: usize,
        line: &[u8],
        scratch: &Scratch,
        out: &mut Documents,
        start: usize,
    ) -> Result<(), RecordError>;

    /// Adds a document that is finished already.
    fn finished(&mut self, finished: Finished<'_>, out: &mut Documents);
}

/// JSON lines.
pub(super) struct Ndjson;

impl Finish for Ndjson {
    #[inline(always)]
    fn finish(
        &mut self,
        _: &Plan,
        _: usize,
        _: &[u8],
        _: &Scratch,
        out: &mut Documents,
        _: usize,
    ) -> Result<(), RecordError> {
        out.newline();
        Ok(())
    }

    fn finished(&mut self, finished: Finished<'_>, out: &mut Documents) {
        out.push(finished.document);
        out.newline();
    }
}

impl Finish for Bulk {
    fn finish(
        &mut self,
        plan: &Plan,
        layout: usize,
        line: &[u8],
        scratch: &Scratch,
        out: &mut Documents,
        start: usize,
    ) -> Result<(), RecordError> {
        self.wrap(plan, layout, line, scratch, out, start)
    }

    fn finished(&mut self, finished: Finished<'_>, out: &mut Documents) {
        let Finished {
            document,
            id,
            index,
        } = finished;
        bulk::push(out, index, id, document);
    }
}
