//! Where a line ends: bounds for its line feed, and lines without and with one.

use crate::value::SLACK;

/// The line feed that ends a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineEnd {
    /// Its position; a line feed before it is an error.
    pub(super) place: usize,
    /// True if a CR before the line feed is part of the line end.
    pub(super) may_return: bool,
}

impl LineEnd {
    pub(super) const fn at(place: usize, may_return: bool) -> Self {
        Self { place, may_return }
    }
}

/// Removes one LF or CR LF from the end.
pub(crate) fn without_line_end(record: &[u8]) -> &[u8] {
    let line = record
        .strip_suffix(b"\n")
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    line.unwrap_or(record)
}

/// Appends a line and [`SLACK`] bytes, the first of which is a line feed.
pub(super) fn pad(padded: &mut Vec<u8>, line: &[u8]) {
    padded.extend_from_slice(line);
    padded.push(b'\n');
    padded.resize(line.len() + SLACK, 0);
}
