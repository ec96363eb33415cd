//! The columns of a line and its layout.

use crate::plan::{Layout, Plan};
use crate::scan::Scan;
use crate::value::{self, Line};

/// A line with its columns and its layout.
pub(in crate::record) struct Row<'a> {
    pub(super) plan: &'a Plan,
    pub(super) layout: &'a Layout,
    pub(super) bytes: &'a [u8],
    pub(super) scan: &'a Scan,
    pub(super) ends: &'a [u32],
}

/// State that earlier columns of a line pass to later ones.
pub(super) struct State<'a> {
    pub(super) line: Line<'a>,
    /// Number of entries in `cs-headers`, once they are written.
    pub(super) entries: Option<usize>,
}

impl<'a> Row<'a> {
    /// Returns the row for the line at the start of `bytes`, which has been scanned and has `count` columns.
    pub(in crate::record) fn new(
        plan: &'a Plan,
        layout: &'a Layout,
        bytes: &'a [u8],
        scan: &'a Scan,
        count: usize,
    ) -> Self {
        Self {
            plan,
            layout,
            bytes,
            scan,
            ends: scan.ends(count),
        }
    }

    /// Returns the state before the first column.
    pub(super) fn state(&self) -> State<'a> {
        State {
            line: self.line(),
            entries: None,
        }
    }

    pub(super) fn line(&self) -> Line<'a> {
        Line {
            bytes: self.bytes,
            specials: self.scan.specials(),
        }
    }

    /// Returns the offset at which a column begins.
    pub(in crate::record) fn start(&self, column: usize) -> usize {
        column
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize + 1)
    }

    /// Returns the column that ends at `place`. Searching for a rare misfit costs less than counting all columns.
    #[cold]
    pub(super) fn column_that_ends(&self, place: usize) -> usize {
        self.ends.partition_point(|&end| (end as usize) < place)
    }

    /// Returns the start and the end of a column.
    pub(super) fn range(&self, column: usize) -> (usize, usize) {
        (self.start(column), self.ends[column] as usize)
    }

    /// Returns the value of a column, or `None` if it is missing.
    pub(super) fn present(&self, column: Option<usize>) -> Option<&[u8]> {
        let (start, end) = self.range(column?);
        let value = self.bytes.get(start..end)?;
        (!value::is_missing(value)).then_some(value)
    }
}
