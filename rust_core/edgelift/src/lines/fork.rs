//! Streams for parts of one input that are transformed at the same time: a fork for each part, joined in their order.

use super::detected::DetectedFormat;
use super::headers::Header;
use super::reader::Reader;
use crate::counts::Counts;

/// The counts of a stream when it was forked.
#[derive(Clone, Copy, Debug)]
pub(super) struct ForkPoint {
    counts: Counts,
    non_rows: u64,
}

/// Returns the number of line feeds.
#[must_use]
pub fn count_lines(text: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', text).count() as u64
}

impl Reader {
    /// Returns a reader for the lines that follow `lines` more lines of `bytes` bytes.
    pub(super) fn fork(&self, lines: u64, bytes: u64) -> Option<(Self, ForkPoint)> {
        if !self.can_fork() {
            return None;
        }
        let mut reader = self.clone();
        reader.line += lines;
        reader.offset += bytes;
        let point = ForkPoint {
            counts: reader.counts,
            non_rows: reader.non_rows,
        };
        Some((reader, point))
    }

    /// Takes over the state of a fork. Returns false if it reads the lines after it in another way.
    pub(super) fn join(&mut self, fork: &Self, point: &ForkPoint) -> bool {
        let mut counts = self.counts;
        counts.add_difference(&fork.counts, &point.counts);
        let non_rows = self.non_rows + (fork.non_rows - point.non_rows);
        let is_same = self.reads_like(fork);
        if !is_same {
            *self = fork.clone();
        }
        self.counts = counts;
        self.non_rows = non_rows;
        self.line = fork.line;
        self.offset = fork.offset;
        is_same
    }

    fn can_fork(&self) -> bool {
        // What is not listed any more cannot be compared.
        let is_listed = self.detected.len() < DetectedFormat::MAX_DETECTED;
        let are_logs = self.detected.iter().all(|format| format.is_log());
        self.pending.is_empty() && is_listed && are_logs
    }

    /// Returns true if both read the lines after them alike, apart from their position.
    fn reads_like(&self, other: &Self) -> bool {
        other.can_fork()
            && Header::are_same(self.plans.header.as_ref(), other.plans.header.as_ref())
            && self.has_version == other.has_version
            && self.is_standard == other.is_standard
            && self.file_offset == other.file_offset
            && self.detected == other.detected
            && self.scratch.json_logs() == other.scratch.json_logs()
            && self.has_rows_without_header() == other.has_rows_without_header()
    }
}
