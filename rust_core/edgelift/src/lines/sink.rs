//! The results of lines.

use super::failure::Failure;
use super::output_format::OutputFormat;
use crate::error::RecordError;
use crate::plan::Plan;
use crate::record::{self, OutputBuffer, Scratch};

/// Receives the results of lines: output in a format, and failures.
pub(super) struct Sink<'a, F> {
    pub(super) format: &'a mut F,
    pub(super) out: &'a mut OutputBuffer,
    pub(super) failures: &'a mut Vec<Failure>,
}

impl<'a, F: OutputFormat> Sink<'a, F> {
    pub(super) const fn new(
        format: &'a mut F,
        out: &'a mut OutputBuffer,
        failures: &'a mut Vec<Failure>,
    ) -> Self {
        Self {
            format,
            out,
            failures,
        }
    }

    /// Transforms a record, including its line end if it has one, and appends its output.
    #[inline]
    pub(super) fn write(
        &mut self,
        plan: &Plan,
        record: &[u8],
        scratch: &mut Scratch,
    ) -> Result<(), RecordError> {
        let line = record::checked_line(plan, record)?;
        self.write_line(plan, line, record, scratch)
    }

    /// Does the same for a record of any content: several lines and directives fail.
    #[cold]
    pub(super) fn write_whole(
        &mut self,
        plan: &Plan,
        record: &[u8],
        scratch: &mut Scratch,
    ) -> Result<(), RecordError> {
        let start = self.out.len();
        let layout = record::transform(plan, record, scratch, self.out)?;
        self.format
            .write_record(plan, layout, record, scratch, self.out, start)
    }

    /// Does the same for a record whose `line` has been checked.
    #[inline]
    pub(super) fn write_line(
        &mut self,
        plan: &Plan,
        line: &[u8],
        record: &[u8],
        scratch: &mut Scratch,
    ) -> Result<(), RecordError> {
        let start = self.out.len();
        let layout = record::transform_line(plan, line, scratch, self.out)?;
        self.format
            .write_record(plan, layout, record, scratch, self.out, start)
    }
}
