//! Selects the layout of a row when several layouts have its number of columns.

use crate::error::{Reason, RecordError};
use crate::plan::{Column, Plan};
use crate::value;

/// Returns the first layout whose kinds and shapes fit the values; else the first whose kinds fit; else the first that
/// can be written. With values = "text" most misfits do not matter, and those of unproven fields never do.
#[cold]
pub(super) fn match_layout(
    plan: &Plan,
    candidates: &[usize],
    ends: &[u32],
    bytes: &[u8],
) -> Result<usize, RecordError> {
    let first = |accepts: &dyn Fn(&Column, &[u8]) -> bool| {
        candidates.iter().copied().find(|&index| {
            let mut start = 0;
            plan.layouts()[index]
                .columns
                .iter()
                .zip(ends)
                .all(|(column, &end)| {
                    let value = &bytes[start..end as usize];
                    start = end as usize + 1;
                    accepts(column, value)
                })
        })
    };
    let fits = |column: &Column, value: &[u8]| value::fits(column.kind, value);
    let has_shape = |column: &Column, value: &[u8]| {
        column
            .shape
            .is_none_or(|shape| value::shape::matches(shape, value))
    };
    first(&|column, value| fits(column, value) && has_shape(column, value))
        .or_else(|| first(&fits))
        .or_else(|| first(&Column::accepts))
        .or_else(|| plan.keeps_bad_values().then_some(candidates[0]))
        .or_else(|| first(&|column, value| column.unproven || column.accepts(value)))
        .ok_or(RecordError {
            count: ends.len(),
            ..RecordError::whole(Reason::NoLayout)
        })
}
