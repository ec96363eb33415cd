//! What JSON records of one delivery have alike: the same keys in the same order, with the same blanks.
//!
//! What stands between the values is compared with that of a record which was read with care: equal bytes are the same
//! JSON. A record that differs is read with care, too.

use crate::offset::narrow;

/// A record without its values, all of which are strings. The one without any bytes fits none.
#[derive(Debug, Default)]
pub(in crate::record) struct Template {
    /// What stands before each value, its quote included.
    fixed: Vec<u8>,
    /// Where in `fixed` each piece ends.
    ends: Vec<u32>,
    /// What stands behind the last value.
    suffix: Vec<u8>,
}

impl Template {
    /// Becomes that of another record, whose strings stand at these places, quotes excluded.
    pub(super) fn set(&mut self, record: &[u8], strings: impl Iterator<Item = (usize, usize)>) {
        self.fixed.clear();
        self.ends.clear();
        let mut from = 0;
        for (start, end) in strings {
            self.fixed.extend_from_slice(&record[from..start]);
            self.ends.push(narrow(self.fixed.len()));
            from = end;
        }
        self.suffix.clear();
        self.suffix.extend_from_slice(&record[from..]);
    }

    pub(super) fn suffix(&self) -> &[u8] {
        &self.suffix
    }

    /// What stands before the values, in their order.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let end = end as usize;
            &self.fixed[std::mem::replace(&mut start, end)..end]
        })
    }
}
