//! A scanned row for columns, if it is a usual one.

use super::line::SplitLine;
use super::row::Row;
use super::scratch::Scratch;
use crate::plan::Plan;
use crate::scan::Specials;

/// A row with the only layout that has its number of columns, and with the shapes of that layout.
#[derive(Clone, Copy)]
pub(crate) struct ColumnRow<'a> {
    /// Index of the layout.
    pub(crate) layout: usize,
    /// The row, followed by the bytes that encoders may read.
    pub(crate) bytes: &'a [u8],
    /// End of each column.
    pub(crate) ends: &'a [u32],
    pub(crate) specials: Specials<'a>,
}

impl<'a> ColumnRow<'a> {
    /// Returns the row of a line that has been scanned; `None` if it needs a closer look.
    #[inline(always)]
    pub(super) fn new(plan: &'a Plan, line: SplitLine<'a>, scratch: &'a Scratch) -> Option<Self> {
        let &[layout] = plan.candidates(line.columns) else {
            return None;
        };
        let row = Row::new(
            plan,
            &plan.layouts()[layout],
            line.bytes,
            &scratch.scan,
            line.columns,
        );
        if row.shape_misfit().is_some() {
            return None;
        }
        Some(Self {
            layout,
            bytes: line.bytes,
            ends: scratch.scan.ends(line.columns),
            specials: scratch.scan.specials(),
        })
    }
}
