//! Encodes a single value, for `explain`.

use super::columns::Row;
use crate::plan::{Column, Encode, Layout, Plan};
use crate::record::line_end::pad;
use crate::scan::Scan;
use crate::value::{self, GROWTH, SLACK};

/// Returns the JSON for a single value, or `None` if the value is left out or does not fit. `date` is the date of its
/// row, or empty.
pub(crate) fn encode_single_value(
    plan: &Plan,
    column: &Column,
    raw: &[u8],
    date: &[u8],
) -> Option<String> {
    let line = [raw, date].join(&b'\t');
    let mut scan = Scan::with_columns(2);
    let mut padded = Vec::new();
    pad(&mut padded, &line);
    // A value of a JSON record may contain a tab.
    let ends = [
        u32::try_from(raw.len()).ok()?,
        u32::try_from(line.len()).ok()?,
    ];
    scan.line_with_ends(&padded, line.len(), &ends);
    let mut layout = Layout::default();
    layout.time_columns.date = Some(1);
    let row = Row::new(plan, &layout, &padded, &scan, 2);
    let mut state = row.state();
    let mut out = vec![0; raw.len() * GROWTH + column.prefix.len() + 2 * SLACK];
    let missing = value::is_missing(raw);
    let written = if missing {
        None
    } else {
        row.write_present::<true>(column, &mut state, 0, raw.len(), &mut out)
    };
    let is_list = matches!(column.encode, Encode::List { .. });
    let end = match written {
        Some(end) => end,
        None if missing || is_list => {
            row.write_missing(column, &mut state.line, 0, raw.len(), &mut out)
        }
        None => return None,
    };
    let json = out[..end].get(column.prefix.key_len()..)?;
    Some(String::from_utf8_lossy(json).into_owned())
}
