//! Counts of records by result.

use crate::error::Reason;

/// Counts of records by result: `read = ok + dropped + failed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records read, without blank lines.
    pub read: u64,
    /// Records that became a document.
    pub ok: u64,
    /// Records dropped by a rule.
    pub dropped: u64,
    /// Blank lines.
    pub blank: u64,
    /// Records that became a document although a value does not have the shape of its field.
    pub shape_mismatches: u64,
    /// The field of the first such value.
    pub shape_field: Option<&'static str>,
    failed: [u64; Reason::ALL.len()],
}

impl Counts {
    /// Counts a failed record.
    pub fn add_failed(&mut self, reason: Reason) {
        self.read += 1;
        self.failed[reason as usize] += 1;
    }

    /// Counts a record that became a document.
    pub fn add_ok(&mut self) {
        self.read += 1;
        self.ok += 1;
    }

    /// Counts a record that became a document. `field` is that of its first value that does not have its shape.
    #[inline]
    pub(crate) fn add_transformed(&mut self, field: Option<&'static str>) {
        self.add_ok();
        if let Some(field) = field {
            self.add_shape_mismatch(field);
        }
    }

    /// Counts a record that became a document as one whose field does not have its shape.
    #[cold]
    pub fn add_shape_mismatch(&mut self, field: &'static str) {
        self.shape_mismatches += 1;
        self.shape_field.get_or_insert(field);
    }

    /// Counts records that became documents.
    pub(crate) fn add_ok_many(&mut self, count: u64) {
        self.read += count;
        self.ok += count;
    }

    /// Counts a dropped record.
    pub fn add_dropped(&mut self) {
        self.read += 1;
        self.dropped += 1;
    }

    /// Adds the records that were counted between two states of other counts.
    pub(crate) fn add_difference(&mut self, after: &Self, before: &Self) {
        self.read += after.read - before.read;
        self.ok += after.ok - before.ok;
        self.dropped += after.dropped - before.dropped;
        self.blank += after.blank - before.blank;
        self.shape_mismatches += after.shape_mismatches - before.shape_mismatches;
        self.shape_field = self.shape_field.or(after.shape_field);
        for (sum, (after, before)) in self
            .failed
            .iter_mut()
            .zip(after.failed.iter().zip(before.failed))
        {
            *sum += after - before;
        }
    }

    /// Recounts dropped records as failed.
    pub fn dropped_to_failed(&mut self, count: u64, reason: Reason) {
        let count = count.min(self.dropped);
        self.dropped -= count;
        self.failed[reason as usize] += count;
    }

    /// Returns the number of failed records.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed.iter().sum()
    }

    /// Returns the failed records by reason, for each reason that occurred.
    pub fn by_reason(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL
            .into_iter()
            .zip(self.failed)
            .filter(|(_, count)| *count > 0)
    }
}
