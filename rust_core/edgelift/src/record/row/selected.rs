//! Writes some columns of a line, and checks the others.

use super::columns::Row;
use crate::plan::Encode;
use crate::slice_writer::SliceWriter;
use crate::value;

impl Row<'_> {
    /// Writes the selected columns as [`Row::write`] writes all, and checks the values of the others, which prove the
    /// layout. Cold, so that rows of which all columns are written do not pay for the call.
    #[cold]
    #[inline(never)]
    pub(super) fn write_selected(
        &self,
        visited: &[usize],
        out: &mut [u8],
        at: usize,
        unparsed: &mut Vec<usize>,
    ) -> Result<usize, usize> {
        let mut state = self.state();
        let total = out.len();
        let mut writer = SliceWriter::new(&mut out[at..]);
        for &index in visited {
            let column = &self.layout.columns[index];
            let (start, end) = self.range(index);
            let raw = &self.bytes[start..end];
            let is_missing = value::is_missing(raw);
            let written = if !column.is_selected {
                (is_missing || column.accepts(raw)).then_some(0)
            } else if is_missing {
                None
            } else {
                self.write_present::<true>(column, &mut state, start, end, writer.unwritten())
            };
            let is_list = matches!(column.encode, Encode::List { .. });
            let written = match written {
                None if is_missing || is_list => {
                    let line = &mut state.line;
                    Some(self.write_missing(column, line, start, end, writer.unwritten()))
                }
                written => written,
            };
            match written {
                Some(written) => writer.advance(written),
                None if !column.unproven && !self.plan.keeps_bad_values() => return Err(index),
                None if column.is_selected => unparsed.push(index),
                None => {}
            }
        }
        Ok(total - writer.remaining())
    }
}
