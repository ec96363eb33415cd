//! Writes the object of the values that do not fit, and closes objects.

use super::columns::Row;
use super::decoding::write_string;
use crate::value;

impl Row<'_> {
    /// Writes the values that do not fit as an object of strings.
    #[cold]
    pub(in crate::record) fn write_unparsed(
        &self,
        out: &mut [u8],
        mut at: usize,
        columns: &[usize],
    ) -> usize {
        let mut line = self.line();
        let opening = at;
        let time_columns = &self.layout.time_columns;
        // Milliseconds and seconds have one name.
        let twice = time_columns
            .milliseconds
            .filter(|column| columns.contains(column));
        let twice = twice.and(time_columns.seconds);
        for &column in columns.iter().filter(|column| Some(**column) != twice) {
            let (start, end) = self.range(column);
            let column = &self.layout.columns[column];
            at = column.unparsed.write(out, at);
            at = write_string(column.decode, &mut line, start, end, out, at);
            at = value::write_byte(out, at, b'"');
        }
        close(out, opening, at)
    }
}

/// Closes an object: replaces the comma before its first key with the opening brace and appends the closing one.
#[inline]
pub(in crate::record) fn close(out: &mut [u8], start: usize, at: usize) -> usize {
    out[start] = b'{';
    let end = at.max(start + 1);
    out[end] = b'}';
    end + 1
}
