//! Writes one line that has been scanned, by its layout.

use super::layout_match::match_layout;
use super::output_buffer::OutputBuffer;
use super::row::{self, Row, TARGET_WINDOW};
use super::scratch::Scratch;
use crate::config::Shapes;
use crate::error::{Place, Reason, RecordError};
use crate::plan::{Plan, UNPARSED};
use crate::record_layout::RecordLayout;
use crate::value::SLACK;

/// A line whose column ends are in the scan.
#[derive(Clone, Copy)]
pub(super) struct SplitLine<'a> {
    /// The line, followed by [`SLACK`] bytes.
    pub(super) bytes: &'a [u8],
    pub(super) len: usize,
    pub(super) columns: usize,
}

/// Appends the document for a line that has been scanned; callers compile it for their processor features.
///
/// Code that only standard logs and selected columns need is compiled into a second version, so that other logs do not
/// pay for it.
#[inline(always)]
pub(super) fn write<const STANDARD: bool>(
    plan: &Plan,
    line: SplitLine<'_>,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<RecordLayout, RecordError> {
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
    let record_layout = RecordLayout::Row(index);
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
            layout: record_layout,
            column,
        }),
        offset: row.start(column),
        ..RecordError::whole(Reason::BadValue)
    })?;
    scratch.shape_mismatch = None;
    if let Some(column) = row.shape_misfit() {
        if plan.input().shapes == Shapes::Fail {
            return Err(RecordError {
                place: Some(Place {
                    layout: record_layout,
                    column,
                }),
                offset: row.start(column),
                ..RecordError::whole(Reason::ShapeMismatch)
            });
        }
        scratch.shape_mismatch = layout.columns[column].static_name();
    }
    if !scratch.unparsed.is_empty() {
        let to = scratch.unparsed_prefix.write(&mut out.bytes, at);
        at = row.write_unparsed(&mut out.bytes, to, &scratch.unparsed);
    }
    out.len = row::close(&mut out.bytes, start, at);
    Ok(record_layout)
}
