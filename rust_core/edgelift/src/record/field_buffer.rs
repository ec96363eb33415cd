//! Copies the values of JSON records and of rows with another delimiter into a tab-separated row. The ends of the
//! values are recorded, since a value may contain a tab.

use memchr::memmem;

use crate::json::scanner::{Invalid, Scanner, Type};
use crate::json::{Piece, Template, blocks};
use crate::offset::narrow;
use crate::plan::Layout;
use crate::value::{self, SLACK};

/// Ends a key. A key cannot contain it, since it is not UTF-8.
const KEY_END: u8 = 0xff;
const DELETE: u8 = 0x7f;

/// What follows the fixed bytes of a JSON record, all of whose values are strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Value,
    End,
}

/// The values of a record, in memory that is reused for the next one.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldBuffer {
    /// The values with a tab between them, followed by bytes that encoders may read.
    pub(super) row: Vec<u8>,
    /// End of each value in `row`.
    pub(super) ends: Vec<u32>,
    /// Start of each value in the record.
    pub(super) offsets: Vec<u32>,
    /// The keys of a JSON record, each followed by [`KEY_END`].
    pub(super) keys: Vec<u8>,
    /// True if a value contains a tab.
    pub(super) has_tabs: bool,
    /// End in the record of each value that is a string, without its quote.
    strings: Vec<u32>,
    /// The last string with escapes, decoded.
    decoded: Vec<u8>,
    /// True if each value is a string without a quote, a control other than DEL and a character outside ASCII.
    is_plain: bool,
}

/// An error in a JSON record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadJson {
    /// Offset in the record.
    pub(crate) at: usize,
    pub(crate) problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Something else was expected here.
    Expected(&'static str),
    /// The value of this key is an object or an array.
    Nested(String, Type),
}

impl From<Invalid> for BadJson {
    fn from(Invalid { at, expected }: Invalid) -> Self {
        let problem = Problem::Expected(expected);
        Self { at, problem }
    }
}

impl FieldBuffer {
    /// Reads a JSON record, which is one flat object. Numbers and booleans become their text, null a missing value.
    pub(crate) fn read_json(&mut self, record: &[u8]) -> Result<(), BadJson> {
        self.clear();
        self.is_plain = false;
        self.row.clear();
        let mut scanner = Scanner::new(record);
        if !scanner.take(b'{') {
            let (at, expected) = (scanner.offset(), "an object");
            return Err(Invalid { at, expected }.into());
        }
        let mut has_member = !scanner.take(b'}');
        while has_member {
            let key = scanner.read_key()?;
            key.push_to(&mut self.keys);
            self.keys.push(KEY_END);
            let first = scanner.peek_token();
            let start = scanner.offset();
            if first == Some(b'"') {
                self.begin_value(start);
                scanner.read_string()?.push_to(&mut self.row);
                self.strings.push(narrow(scanner.offset() - 1));
            } else {
                let kind = scanner.skip_value()?;
                self.begin_value(start);
                match kind {
                    Type::None => {}
                    Type::Dict | Type::List => {
                        let problem = Problem::Nested(key.to_display(), kind);
                        return Err(BadJson { at: start, problem });
                    }
                    _ => self.row.extend_from_slice(&record[start..scanner.offset()]),
                }
            }
            self.finish_value();
            has_member = scanner.has_more(b'}')?;
        }
        scanner.expect_end()?;
        self.has_tabs = memchr::memchr_iter(b'\t', &self.row).count() >= self.ends.len();
        self.pad();
        Ok(())
    }

    /// Reads a JSON record by a template, without keys and offsets. Returns false if the template does not fit, as an
    /// empty one; the fields are then incomplete.
    pub(super) fn read_with_template(&mut self, template: &Template<Slot>, record: &[u8]) -> bool {
        let [values @ .., last] = template.pieces() else {
            return false;
        };
        // Not cleared: all of them are overwritten.
        let mut ends = std::mem::take(&mut self.ends);
        ends.resize(values.len(), 0);
        self.clear();
        self.is_plain = true;
        // A decoded string is never longer than its source.
        let room = record.len() + 2 * SLACK;
        if self.row.len() < room {
            self.row.resize(room, 0);
        }
        let at = self.read_strings(values, record, &mut ends);
        self.ends = ends;
        at.and_then(|at| last.end_in(record, at)) == Some(record.len())
    }

    /// Reads the string after each piece of a template and stores its end in the row. Returns the offset after the last
    /// one, or `None` if a piece does not fit.
    #[inline]
    fn read_strings(
        &mut self,
        pieces: &[Piece<Slot>],
        record: &[u8],
        ends: &mut [u32],
    ) -> Option<usize> {
        let (mut at, mut to) = (0, 0);
        for (piece, value_end) in pieces.iter().zip(ends) {
            let start = piece.end_in(record, at)?;
            let (end, written) = self.read_string(record, start, to)?;
            *value_end = narrow(written);
            at = end;
            // The last value, too, is followed by a byte that is not a digit.
            to = value::write_byte(&mut self.row, written, b'\t');
        }
        Some(at)
    }

    /// Reads the string that begins at `start`. Returns its end in the record and in the row.
    #[inline]
    fn read_string(&mut self, record: &[u8], start: usize, to: usize) -> Option<(usize, usize)> {
        match blocks::plain_string_end(record, start) {
            Some(end) => Some((
                end,
                value::write_range(&mut self.row, to, record, start, end),
            )),
            None => self.read_any_string(record, start, to),
        }
    }

    #[cold]
    fn read_any_string(
        &mut self,
        record: &[u8],
        start: usize,
        to: usize,
    ) -> Option<(usize, usize)> {
        let mut scanner = Scanner::from_offset(record, start - 1);
        let text = scanner.read_string().ok()?;
        self.decoded.clear();
        text.push_to(&mut self.decoded);
        self.has_tabs |= self.decoded.contains(&b'\t');
        // Most of them only have an escaped backslash.
        self.is_plain &= self.decoded.iter().all(|byte| is_plain(*byte));
        let written = value::write_bytes(&mut self.row, to, &self.decoded);
        Some((scanner.offset() - 1, written))
    }

    /// Rebuilds a template from the JSON record that was read, if all of its values are strings.
    pub(super) fn update_template(&self, template: &mut Template<Slot>, record: &[u8]) {
        if self.strings.len() != self.offsets.len() {
            return;
        }
        template.clear();
        let mut from = 0;
        for (&offset, &end) in self.offsets.iter().zip(&self.strings) {
            // The opening quote is fixed, too.
            template.push(&record[from..=offset as usize], Slot::Value);
            from = end as usize;
        }
        template.push(&record[from..], Slot::End);
    }

    /// Reads a row with a delimiter.
    pub(crate) fn read_delimited(&mut self, row: &[u8], delimiter: &[u8]) {
        self.clear();
        self.row.clear();
        self.has_tabs = memchr::memchr(b'\t', row).is_some();
        let mut start = 0;
        for end in memmem::find_iter(row, delimiter).chain([row.len()]) {
            self.begin_value(start);
            self.row.extend_from_slice(&row[start..end]);
            self.finish_value();
            start = end + delimiter.len();
        }
        self.pad();
    }

    fn clear(&mut self) {
        self.ends.clear();
        self.offsets.clear();
        self.keys.clear();
        self.strings.clear();
        self.has_tabs = false;
    }

    /// Begins a value that starts at this offset of the record.
    fn begin_value(&mut self, offset: usize) {
        if !self.ends.is_empty() {
            self.row.push(b'\t');
        }
        self.offsets.push(narrow(offset));
    }

    fn finish_value(&mut self) {
        self.ends.push(narrow(self.row.len()));
    }

    fn pad(&mut self) {
        self.row.resize(self.row.len() + SLACK, 0);
    }

    /// Returns the length of the row in bytes.
    pub(super) fn len(&self) -> usize {
        self.ends.last().map_or(0, |&end| end as usize)
    }

    /// Returns the value of a column.
    pub(crate) fn value(&self, column: usize) -> Option<&[u8]> {
        let end = *self.ends.get(column)? as usize;
        let before = column.checked_sub(1).map(|before| self.ends[before]);
        let start = before.map_or(0, |before| before as usize + 1);
        self.row.get(start..end)
    }

    /// Returns the offset in a JSON record of the value of a column.
    #[cold]
    pub(super) fn offset(&mut self, record: &[u8], column: usize) -> usize {
        if self.offsets.is_empty() {
            // A template does not note them, since only errors need them.
            let _ = self.read_json(record);
        }
        self.offsets.get(column).map_or(0, |&place| place as usize)
    }

    /// Returns true if a text of a JSON record has a character that CloudFront always escapes.
    pub(super) fn has_decoded_text(&self, layout: &Layout) -> bool {
        let row = &self.row[..self.len()];
        if self.is_plain {
            return memchr::memchr2_iter(b' ', DELETE, row).any(|at| self.is_text(layout, at));
        }
        let is_escaped = |byte: u8| !is_plain(byte) || matches!(byte, b' ' | DELETE);
        let mut places = row.iter().enumerate();
        places.any(|(at, &byte)| is_escaped(byte) && self.is_text(layout, at))
    }

    /// Returns true if a byte of the row belongs to a value whose special characters CloudFront escapes.
    fn is_text(&self, layout: &Layout, at: usize) -> bool {
        let column = self.ends.partition_point(|&end| (end as usize) < at);
        // A tab follows each value.
        let is_in_value = self.ends.get(column).is_some_and(|&end| end as usize > at);
        let column = layout.columns.get(column).filter(|_| is_in_value);
        column.is_some_and(|column| column.is_escaped)
    }

    /// Frees memory that only a long row needs.
    pub(super) fn shrink(&mut self) {
        const KEPT: usize = 1 << 16;
        let capacities = [&self.row, &self.keys, &self.decoded].map(Vec::capacity);
        if capacities.iter().any(|&capacity| capacity > KEPT) {
            *self = Self::default();
        }
    }
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' ' | b'!' | b'#'..=DELETE)
}

/// Returns the keys that are each followed by [`KEY_END`].
pub(super) fn split_keys(keys: &[u8]) -> Vec<String> {
    let keys = keys.split_inclusive(|&byte| byte == KEY_END);
    keys.map(|key| String::from_utf8_lossy(&key[..key.len() - 1]).into_owned())
        .collect()
}
