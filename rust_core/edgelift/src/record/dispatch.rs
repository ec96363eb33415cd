//! Selects the code that is compiled for the processor.

use super::avx2;
use super::line::{self, SplitLine};
use super::output_buffer::OutputBuffer;
use super::scratch::Scratch;
use crate::error::RecordError;
use crate::plan::Plan;
use crate::record_layout::RecordLayout;

/// Finds the line at the start of `bytes` as [`Scan::first_line`](crate::scan::Scan::first_line) does.
#[inline(always)]
pub(super) fn first_line(scratch: &mut Scratch, bytes: &[u8], may_return: bool) -> Option<usize> {
    match scratch.avx2 {
        Some(cpu) => avx2::first_line(cpu, &mut scratch.scan, bytes, may_return),
        None => scratch.scan.first_line(bytes, may_return),
    }
}

/// Scans the line `bytes[..len]` as [`Scan::line`](crate::scan::Scan::line) does.
#[inline(always)]
pub(super) fn scan_line(scratch: &mut Scratch, bytes: &[u8], len: usize) -> usize {
    match scratch.avx2 {
        Some(cpu) => avx2::scan_line(cpu, &mut scratch.scan, bytes, len),
        None => scratch.scan.line(bytes, len),
    }
}

/// Appends the document for a line that has been scanned.
#[inline(always)]
pub(super) fn write(
    plan: &Plan,
    line: SplitLine<'_>,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<RecordLayout, RecordError> {
    match (scratch.avx2, plan.reads_standard()) {
        (Some(cpu), false) => avx2::write::<false>(cpu, plan, line, scratch, out),
        (Some(cpu), true) => avx2::write::<true>(cpu, plan, line, scratch, out),
        (None, false) => write_baseline::<false>(plan, line, scratch, out),
        (None, true) => write_baseline::<true>(plan, line, scratch, out),
    }
}

#[inline(never)]
fn write_baseline<const STANDARD: bool>(
    plan: &Plan,
    line: SplitLine<'_>,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<RecordLayout, RecordError> {
    line::write::<STANDARD>(plan, line, scratch, out)
}
