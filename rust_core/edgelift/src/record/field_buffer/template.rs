//! The fixed bytes that the JSON records of one delivery share: the same keys in the same order, with the same blanks.
//!
//! The bytes between the values are compared with those of a record that was fully parsed: equal bytes are the same
//! JSON. A record that differs is fully parsed, too.

use crate::offset::narrow;

/// A JSON record without its values, all of which are strings. An empty template fits no record.
#[derive(Debug, Default)]
pub(in crate::record) struct Template {
    /// The bytes before each value, including its opening quote.
    fixed: Vec<u8>,
    /// End of each piece in `fixed`.
    ends: Vec<u32>,
    /// The bytes after the last value.
    suffix: Vec<u8>,
}

impl Template {
    /// Rebuilds the template from a record and the ranges of its strings, without their quotes.
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

    /// Returns the bytes after the last value.
    pub(super) fn suffix(&self) -> &[u8] {
        &self.suffix
    }

    /// Returns the bytes before each value, in order.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let end = end as usize;
            &self.fixed[std::mem::replace(&mut start, end)..end]
        })
    }
}
