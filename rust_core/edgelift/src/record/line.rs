//! Transforms one line: a single pass finds its end and its columns, then they are written by its layout.

use super::layout_match::match_layout;
use super::row::{self, Row, TARGET_WINDOW};
use super::{OutputBuffer, Scratch};
use crate::error::{Place, Reason, RecordError};
use crate::plan::{Plan, UNPARSED};
use crate::scan::ScannedLine;
use crate::value::SLACK;

/// Bounds for the position of the line feed that ends a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineEnd {
    /// A line feed before this position is an error.
    first: usize,
    /// A line feed after this position is too far away.
    last: usize,
    /// True if a CR before the line feed is part of the line end.
    may_return: bool,
}

impl LineEnd {
    pub(super) const fn at(place: usize, may_return: bool) -> Self {
        Self {
            first: place,
            last: place,
            may_return,
        }
    }
}

/// The result for the first line of some bytes.
#[derive(Debug)]
pub(crate) struct LineResult {
    /// Length of the line in bytes, including its line end.
    pub(crate) len: usize,
    /// Index of its layout.
    pub(crate) result: Result<usize, RecordError>,
}

/// Appends the document for the row at the start of `bytes`. Returns `None` if it is not tab-separated, or if its line
/// feed is missing or near the end of `bytes`.
#[inline(always)]
pub(crate) fn transform_first_line(
    plan: &Plan,
    bytes: &[u8],
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Option<LineResult> {
    if plan.delimiter().is_some() {
        return None;
    }
    let last = plan.max_record_bytes() - 1;
    let reach = bytes.len().min(last + SLACK);
    let end = LineEnd {
        first: 0,
        last,
        may_return: true,
    };
    transform_bounded(plan, &bytes[..reach], end, scratch, out)
}

/// Does the same for a line that is known to end within these bytes; [`SLACK`] bytes follow it.
#[inline]
pub(super) fn transform_ended(
    plan: &Plan,
    bytes: &[u8],
    end: LineEnd,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    let first = transform_bounded(plan, bytes, end, scratch, out);
    first.expect("a line feed ends the line").result
}

/// Does the same if the line feed is within its bounds and [`SLACK`] bytes follow the line; else returns `None`.
#[inline(always)]
fn transform_bounded(
    plan: &Plan,
    bytes: &[u8],
    end: LineEnd,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Option<LineResult> {
    let feed = match scratch.avx2 {
        Some(avx2) => avx2.first_line(&mut scratch.scan, bytes, end.may_return),
        None => scratch.scan.first_line(bytes, end.may_return),
    }?;
    let ScannedLine { len, columns } = scratch.scan.last_line();
    if feed > end.last || bytes.len() - len < SLACK {
        return None;
    }
    let result = if feed < end.first {
        Err(multiple_lines(feed))
    } else {
        let line = SplitLine {
            bytes,
            len,
            columns,
        };
        write(plan, line, scratch, out)
    };
    let len = feed + 1;
    Some(LineResult { len, result })
}

/// A line whose column ends are in the scan.
#[derive(Clone, Copy)]
pub(super) struct SplitLine<'a> {
    /// The line, followed by [`SLACK`] bytes.
    pub(super) bytes: &'a [u8],
    pub(super) len: usize,
    pub(super) columns: usize,
}

/// Appends the document for a line that has been scanned. Code that only standard logs need is compiled into a second
/// version of the row, so that other logs do not pay for it.
#[inline(always)]
pub(super) fn write(
    plan: &Plan,
    line: SplitLine<'_>,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    match (scratch.avx2, plan.reads_standard()) {
        (Some(avx2), false) => avx2.write::<false>(plan, line, scratch, out),
        (Some(avx2), true) => avx2.write::<true>(plan, line, scratch, out),
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
) -> Result<usize, RecordError> {
    write_with::<STANDARD>(plan, line, scratch, out)
}

/// Does the same; callers compile it for their processor features.
#[inline(always)]
pub(super) fn write_with<const STANDARD: bool>(
    plan: &Plan,
    line: SplitLine<'_>,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    let SplitLine {
        bytes,
        len,
        columns: count,
    } = line;
    let index = match plan.candidates(count) {
        [] if plan.layouts().is_empty() => return Err(RecordError::whole(Reason::NoHeader)),
        [] => {
            return Err(RecordError {
                count,
                ..RecordError::whole(Reason::ColumnCount)
            });
        }
        &[only] => only,
        candidates => match_layout(plan, candidates, scratch.scan.ends(count), bytes)?,
    };
    let layout = &plan.layouts()[index];
    out.reserve(len * layout.growth + layout.fixed_bytes + UNPARSED.len() + SLACK + TARGET_WINDOW);
    let row = Row::new(plan, layout, bytes, &scratch.scan, count);
    scratch.unparsed.clear();
    let start = out.len;
    let written = row.write::<STANDARD>(
        &mut out.bytes,
        start,
        &mut scratch.minute,
        &mut scratch.unparsed,
    );
    let mut at = written.map_err(|column| RecordError {
        place: Some(Place {
            layout: index,
            column,
        }),
        offset: row.start(column),
        ..RecordError::whole(Reason::BadValue)
    })?;
    if !scratch.unparsed.is_empty() {
        let to = scratch.unparsed_prefix.write(&mut out.bytes, at);
        at = row.write_unparsed(&mut out.bytes, to, &scratch.unparsed);
    }
    out.len = row::close(&mut out.bytes, start, at);
    Ok(index)
}

pub(super) fn multiple_lines(offset: usize) -> RecordError {
    RecordError {
        offset,
        ..RecordError::whole(Reason::MultipleLines)
    }
}
