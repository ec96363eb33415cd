//! Selects the code that is compiled for the processor.

use super::avx2;
use super::cpu::Avx2;
use super::line::{self, SplitLine};
use super::output_buffer::OutputBuffer;
use super::scratch::Scratch;
use crate::error::RecordError;
use crate::plan::Plan;
use crate::record_layout::RecordLayout;
use crate::scan::{Scan, ScannedLine};

/// Finds the line at the start of `bytes` as [`Scan::first_line`] does.
#[inline(always)]
pub(super) fn first_line(
    cpu: Option<Avx2>,
    scan: &mut Scan,
    bytes: &[u8],
    may_return: bool,
) -> Option<ScannedLine> {
    match cpu {
        Some(cpu) => avx2::first_line(cpu, scan, bytes, may_return),
        None => scan.first_line(bytes, may_return),
    }
}

/// Scans the line `bytes[..len]` as [`Scan::line`] does.
#[inline(always)]
pub(super) fn scan_line(cpu: Option<Avx2>, scan: &mut Scan, bytes: &[u8], len: usize) -> usize {
    match cpu {
        Some(cpu) => avx2::scan_line(cpu, scan, bytes, len),
        None => scan.line(bytes, len),
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
    match (scratch.avx2, plan.needs_general_code()) {
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
