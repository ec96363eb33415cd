//! Writes the columns of one line.

use super::columns::{Row, State};
use super::decoding::write_decoded_twice;
use super::short::{SOURCE_WINDOW, copy_short, write_short};
use super::standard::DATE_TIME_LEN;
use crate::config::Missing;
use crate::plan::{Column, Encode, MAX_COPIED_LEN, MIN_PRESENT_LEN, StandardEncode};
use crate::slice_writer::SliceWriter;
use crate::value::{self, Line, MinuteCache, SLACK};

impl Row<'_> {
    /// Writes keys and values, each pair with a comma before it. Returns the position after them, or the column of the
    /// first misfit that rejects the record.
    ///
    /// With `STANDARD` the layout may begin with date and time, or have columns that are not written. Checks at runtime
    /// would cost all other rows 2 %.
    #[inline(always)]
    pub(in crate::record) fn write<const STANDARD: bool>(
        &self,
        out: &mut [u8],
        at: usize,
        minute: &mut MinuteCache,
        unparsed: &mut Vec<usize>,
    ) -> Result<usize, usize> {
        if STANDARD && let Some(visited) = &self.layout.visited {
            return self.write_selected(visited, out, at, unparsed);
        }
        let mut state = self.state();
        // Known from here on, so that one comparison proves each window.
        assert!(self.bytes.len() >= SLACK, "bytes follow every line");
        let total = out.len();
        let mut writer = SliceWriter::new(&mut out[at..]);
        let (mut start, mut skipped) = (0, 0);
        if STANDARD
            && let Some(format) = self.layout.leading_time
            && let Some(written) = self.write_leading_time(format, minute, writer.unwritten())
        {
            writer.advance(written);
            (start, skipped) = (DATE_TIME_LEN as usize + 1, 2);
        }
        let columns = &self.layout.columns[skipped..];
        for (column, &end) in columns.iter().zip(&self.ends[skipped..]) {
            let end = end as usize;
            if !self.write_fast_path(column, &mut state, start, end, &mut writer)
                && !self.write_slow_path::<STANDARD>(column, &mut state, start, end, &mut writer)
            {
                let misfit = self.column_that_ends(end);
                if !column.unproven && !self.plan.keeps_bad_values() {
                    return Err(misfit);
                }
                unparsed.push(misfit);
            }
            start = end + 1;
        }
        Ok(total - writer.remaining())
    }

    /// Writes a key and its value if the value is short and needs no conversion, or what stands for a missing one. Returns
    /// false if another way is needed.
    ///
    /// Each branch advances the writer itself, so that the compiler knows how much was written at most.
    #[inline(always)]
    fn write_fast_path(
        &self,
        column: &Column,
        state: &mut State<'_>,
        start: usize,
        end: usize,
        out: &mut SliceWriter<'_>,
    ) -> bool {
        let len = end.wrapping_sub(start);
        let source: &[u8; SOURCE_WINDOW] = value::window_up_to_last(self.bytes, start);
        if len.wrapping_sub(MIN_PRESENT_LEN) < column.fast_string_lens {
            // Keeps the two conditions apart: the compiler would merge them, at twice the cost.
            let target = value::window_mut(out.unwritten());
            if state.line.specials.next >= end {
                // Never changes `len`, but proves its bound to the compiler.
                let len = len % (2 * MAX_COPIED_LEN);
                let key = copy_short(column, source, len, target);
                // In two steps, since the compiler would compute the sum of three twice.
                out.advance(key + len);
                out.advance(1);
                return true;
            }
        }
        if len > MAX_COPIED_LEN {
            return false;
        }
        let missing = len == 0 || (len == 1 && source[0] == b'-');
        if missing {
            if self.plan.output().missing != Missing::Omit {
                let line = &mut state.line;
                let written = self.write_missing(column, line, start, end, out.unwritten());
                out.advance(written);
            }
            return true;
        }
        let clean = state.line.specials.next >= end;
        let target = value::window_mut(out.unwritten());
        let written = write_short(column, clean, source, len, target);
        if written > 0 {
            out.advance(written);
        }
        written > 0
    }

    /// Writes a key and its value, which is not missing. Returns false if the value does not fit.
    #[inline(always)]
    fn write_slow_path<const STANDARD: bool>(
        &self,
        column: &Column,
        state: &mut State<'_>,
        start: usize,
        end: usize,
        out: &mut SliceWriter<'_>,
    ) -> bool {
        let written = self.write_present::<STANDARD>(column, state, start, end, out.unwritten());
        match written {
            Some(written) => out.advance(written),
            None if matches!(column.encode, Encode::List { .. }) => {
                let line = &mut state.line;
                let written = self.write_missing(column, line, start, end, out.unwritten());
                out.advance(written);
            }
            None => return false,
        }
        true
    }

    /// Writes a key and its value, which is not missing. Returns the number of bytes written, or `None` if the
    /// value does not fit or is a list without entries.
    #[inline(always)]
    pub(super) fn write_present<const STANDARD: bool>(
        &self,
        column: &Column,
        state: &mut State<'_>,
        start: usize,
        end: usize,
        out: &mut [u8],
    ) -> Option<usize> {
        let at = column.prefix.write(out, 0);
        if matches!(column.encode, Encode::Decoded) {
            let at = value::write_string::<true>(&mut state.line, start, end, out, at);
            return Some(value::write_byte(out, at, b'"'));
        }
        if STANDARD
            && let Encode::Standard(StandardEncode::DecodedTwice { without_date }) = column.encode
        {
            let may_be = || self.may_be_encoded_twice(without_date);
            let line = &mut state.line;
            return Some(write_decoded_twice(may_be, line, start, end, out, at));
        }
        self.write_value(column, state, start, end, out, at)
    }

    /// Writes what stands for a missing value, or for a list without entries. Returns the number of bytes written.
    #[inline(never)]
    pub(super) fn write_missing(
        &self,
        column: &Column,
        line: &mut Line<'_>,
        start: usize,
        end: usize,
        out: &mut [u8],
    ) -> usize {
        match self.plan.output().missing {
            Missing::Omit => 0,
            _ if self.is_given_elsewhere(column) => 0,
            Missing::Null => {
                let at = column.prefix.write_key(out, 0);
                value::write_bytes(out, at, b"null")
            }
            Missing::Keep => {
                let at = column.prefix.write_key(out, 0);
                let at = value::write_byte(out, at, b'"');
                let at = value::write_string::<false>(line, start, end, out, at);
                value::write_byte(out, at, b'"')
            }
        }
    }
}
