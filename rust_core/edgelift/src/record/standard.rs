//! Transforms records of standard logs that are not tab-separated: JSON records and rows with another delimiter.

use super::dispatch;
use super::field_buffer::FieldBuffer;
use super::line::SplitLine;
use super::output_buffer::OutputBuffer;
use super::plan_cache::is_json;
use super::scratch::Scratch;
use crate::error::{Place, Reason, RecordError};
use crate::plan::Plan;
use crate::record_layout::RecordLayout;

/// Returns true if the values of a record are not separated by tabs.
#[inline]
pub(super) fn needs_field_buffer(plan: &Plan, record: &[u8]) -> bool {
    is_json(plan, record) || plan.delimiter().is_some()
}

/// Appends the document for such a record. `line` has no line end.
#[inline(never)]
pub(super) fn transform(
    plan: &Plan,
    line: &[u8],
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<RecordLayout, RecordError> {
    let mut fields = std::mem::take(&mut scratch.fields);
    // Not earlier: the values of the last record may be read until now.
    fields.shrink();
    let result = if is_json(plan, line) {
        transform_json(plan, line, &mut fields, scratch, out)
    } else {
        fields.read_delimited(line, plan.delimiter_of(line));
        write_fields(plan, &fields, scratch, out)
    };
    let result = result.map_err(|error| RecordError {
        offset: match error.place {
            Some(place) => fields.offset(line, place.column),
            None => error.offset,
        },
        ..error
    });
    scratch.fields = fields;
    result
}

fn transform_json(
    plan: &Plan,
    line: &[u8],
    fields: &mut FieldBuffer,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<RecordLayout, RecordError> {
    let bad_json = |offset| RecordError {
        offset,
        ..RecordError::whole(Reason::BadJson)
    };
    let json_plan = scratch.plan_cache.read(plan, line, fields);
    let json_plan = json_plan.map_err(bad_json)?;
    let layout = RecordLayout::Json;
    match write_fields(&json_plan, fields, scratch, out) {
        Ok(_) => Ok(layout),
        Err(error) => Err(RecordError {
            place: error.place.map(|place| Place { layout, ..place }),
            ..error
        }),
    }
}

fn write_fields(
    plan: &Plan,
    fields: &FieldBuffer,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<RecordLayout, RecordError> {
    let len = fields.len();
    let bytes = &fields.row[..];
    let scan = &mut scratch.scan;
    scan.widen(fields.ends.len());
    let columns = if fields.has_tabs {
        scan.line_with_ends(bytes, len, &fields.ends)
    } else {
        dispatch::scan_line(scratch.avx2, scan, bytes, len)
    };
    let line = SplitLine {
        bytes,
        len,
        columns,
    };
    dispatch::write(plan, line, scratch, out)
}
