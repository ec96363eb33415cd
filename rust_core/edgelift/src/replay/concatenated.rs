//! Splits concatenated records. A source backup writes records as they were sent, with nothing between them.

use memchr::memmem;

use crate::fields::Kind;
use crate::json::{self, scanner::Scanner};
use crate::offset::narrow;
use crate::plan::Plan;
use crate::value;

/// Returns the length of the first JSON object of a line, with the blanks after it, if another object follows.
///
/// An invalid object ends where the next one may begin, in the bytes that have not been read yet, so that the time is
/// linear in the length of the line.
pub(crate) fn first_object(line: &[u8]) -> Option<usize> {
    if !json::begins_object(line) {
        // A row may begin with a number, which is also JSON.
        return None;
    }
    let mut scanner = Scanner::new(line);
    let read = scanner.skip_value();
    let offset = read.map_or_else(|invalid| invalid.at, |_| scanner.offset());
    if read.is_ok() && scanner.peek_token() == Some(b'{') {
        return Some(scanner.offset());
    }
    let from = offset.saturating_sub(1);
    let boundary = memmem::find(line.get(from..)?, b"}{\"")?;
    Some(from + boundary + 1)
}

/// Length of a timestamp as CloudFront writes it until the year 2286: ten digits, a point, three digits.
const TIMESTAMP_BYTES: usize = 14;

/// Largest difference between the timestamps of adjacent rows, in seconds.
const MAX_SECONDS_APART: u64 = 24 * 60 * 60;

/// Returns the offsets at which the second and later rows of a line begin, if it consists of concatenated rows.
///
/// The last value of a row and the timestamp of the next one share a cell. Returns `None` unless all cells are used in
/// exactly one way, by layouts that begin with a timestamp and have the viewer's address.
#[cold]
pub(crate) fn row_boundaries(plan: &Plan, line: &[u8]) -> Option<Vec<usize>> {
    let row_shapes = row_shapes(plan);
    let cells = Cells::new(line);
    if row_shapes.is_empty() || cells.value(0).len() != TIMESTAMP_BYTES {
        return None;
    }
    let last = cells.ends.len() - 1;
    // Per cell: the number of ways in which complete rows end there, and the first cell of the last row.
    let mut ways = vec![(0_u8, 0_u32); last + 1];
    ways[0].0 = u8::from(cells.trailing_timestamp(0).is_some());
    for first in 0..last {
        let ways_here = ways[first].0;
        if ways_here == 0 {
            continue;
        }
        for (count, address) in &row_shapes {
            let end = first + count - 1;
            let is_row = end <= last && is_address(cells.value(first + address));
            if is_row && (end == last || cells.are_near(first, end)) {
                ways[end] = (ways[end].0.saturating_add(ways_here), narrow(first));
            }
        }
    }
    let before = |cell: usize| ways[cell].1 as usize;
    if ways[last].0 != 1 || before(last) == 0 {
        return None;
    }
    let mut boundaries = Vec::new();
    let mut cell = before(last);
    while cell > 0 {
        boundaries.push(cells.ends[cell] as usize - TIMESTAMP_BYTES);
        cell = before(cell);
    }
    boundaries.reverse();
    Some(boundaries)
}

fn is_address(value: &[u8]) -> bool {
    !value::is_missing(value) && value::fits(Kind::Address, value)
}

/// The values between the tabs of a line.
struct Cells<'a> {
    line: &'a [u8],
    ends: Vec<u32>,
}

impl<'a> Cells<'a> {
    fn new(line: &'a [u8]) -> Self {
        let ends = memchr::memchr_iter(b'\t', line).chain([line.len()]);
        let ends = ends.map(narrow).collect();
        Self { line, ends }
    }

    fn value(&self, cell: usize) -> &'a [u8] {
        let start = cell
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize + 1);
        &self.line[start..self.ends[cell] as usize]
    }

    /// Returns the seconds of the timestamp at the end of a cell.
    fn trailing_timestamp(&self, cell: usize) -> Option<u64> {
        let value = self.value(cell);
        let tail = &value[value.len().checked_sub(TIMESTAMP_BYTES)?..];
        let (seconds, rest) = tail.split_at(TIMESTAMP_BYTES - 4);
        let is_timestamp = rest[0] == b'.'
            && rest[1..].iter().all(u8::is_ascii_digit)
            && seconds.iter().all(u8::is_ascii_digit);
        let digits = seconds.iter().map(|digit| u64::from(digit - b'0'));
        is_timestamp.then(|| digits.fold(0, |number, digit| number * 10 + digit))
    }

    /// Returns true if both cells end with timestamps that are close enough for adjacent rows.
    fn are_near(&self, one: usize, other: usize) -> bool {
        let timestamps = self
            .trailing_timestamp(one)
            .zip(self.trailing_timestamp(other));
        timestamps.is_some_and(|(one, other)| one.abs_diff(other) <= MAX_SECONDS_APART)
    }
}

/// Returns, per layout whose rows can be separated, the number of its columns and the index of the viewer's address.
fn row_shapes(plan: &Plan) -> Vec<(usize, usize)> {
    let mut row_shapes = Vec::new();
    for layout in plan.layouts() {
        let address = layout.column_of_kind("c-ip", Kind::Address);
        if let (Some(0), Some(address)) = (layout.column_of_kind("timestamp", Kind::Timestamp), address)
            // The last cell also holds the next timestamp.
            && address + 1 < layout.columns.len()
            && !row_shapes.contains(&(layout.columns.len(), address))
        {
            row_shapes.push((layout.columns.len(), address));
        }
    }
    row_shapes
}
