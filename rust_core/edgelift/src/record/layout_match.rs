//! Selects the layout of a row when several layouts have its number of columns.

use crate::error::{Reason, RecordError};
use crate::plan::{Column, Plan};
use crate::value;

/// Returns the layout whose kinds fit the values; else one that can be written; else one of which only unproven fields
/// do not fit. With values = "text" most misfits do not matter. With bad_value = "keep" the first layout takes what none
/// of them does.
///
/// Shapes decide between several that fit, see [`ShapeMisfits::outweighs`].
#[cold]
pub(super) fn match_layout(
    plan: &Plan,
    candidates: &[usize],
    ends: &[u32],
    bytes: &[u8],
) -> Result<usize, RecordError> {
    let values = |index: usize| {
        let mut start = 0;
        let columns = plan.layouts()[index].columns.iter();
        columns.zip(ends).map(move |(column, &end)| {
            let value = &bytes[start..end as usize];
            start = end as usize + 1;
            (column, value)
        })
    };
    let best = |accepts: fn(&Column, &[u8]) -> bool| {
        let fits = |index: &usize| values(*index).all(|(column, value)| accepts(column, value));
        let mut fitting = candidates.iter().copied().filter(fits).map(|index| {
            let misfits = ShapeMisfits::new(values(index));
            (index, misfits)
        });
        let newest = fitting.next()?;
        let best = fitting.fold(newest, |newer, older| {
            if newer.1.outweighs(older.1) {
                older
            } else {
                newer
            }
        });
        Some(best.0)
    };
    best(|column, value| value::fits(column.kind, value))
        .or_else(|| best(Column::accepts))
        .or_else(|| best(|column, value| column.unproven || column.accepts(value)))
        .or_else(|| plan.keeps_bad_values().then_some(candidates[0]))
        .ok_or(RecordError {
            count: ends.len(),
            ..RecordError::whole(Reason::NoLayout)
        })
}

/// The number of values that do not have the shape of their column.
#[derive(Clone, Copy)]
struct ShapeMisfits {
    all: usize,
    /// Those in columns that hold one of a few fixed words.
    fixed: usize,
}

impl ShapeMisfits {
    fn new<'a>(values: impl Iterator<Item = (&'a Column, &'a [u8])>) -> Self {
        let (mut all, mut fixed) = (0, 0);
        for (column, value) in values {
            if let Some(shape) = column.shape
                && !value::shape::matches(shape, value)
            {
                all += 1;
                fixed += usize::from(shape.is_fixed_word());
            }
        }
        Self { all, fixed }
    }

    /// Returns true if the misfits of a newer layout make an older one the better choice: by one fixed word, or by two
    /// of any shape, since a single value may be new.
    const fn outweighs(self, older: Self) -> bool {
        self.all >= older.all + 2 || (self.all > older.all && self.fixed > older.fixed)
    }
}
