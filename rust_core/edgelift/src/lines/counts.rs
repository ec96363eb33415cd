//! How many records went which way.

use crate::error::Reason;

/// How many records went which way: `read = ok + dropped + failed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records read; blank lines are not among them.
    pub read: u64,
    /// Records that became a document.
    pub ok: u64,
    /// Records left out by a rule.
    pub dropped: u64,
    /// Blank lines.
    pub blank: u64,
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

    /// Counts a record that was left out.
    pub fn add_dropped(&mut self) {
        self.read += 1;
        self.dropped += 1;
    }

    /// Counts as failed what had been counted as left out.
    pub fn dropped_to_failed(&mut self, count: u64, reason: Reason) {
        let count = count.min(self.dropped);
        self.dropped -= count;
        self.failed[reason as usize] += count;
    }

    /// Records that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed.iter().sum()
    }

    /// Failed records for each reason that occurred.
    pub fn by_reason(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL
            .into_iter()
            .zip(self.failed)
            .filter(|(_, count)| *count > 0)
    }
}
