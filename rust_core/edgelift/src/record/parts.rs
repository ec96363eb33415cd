//! Rows whose values do not stand between tabs: JSON records, and rows with another delimiter. Their values are put
//! between tabs, and where they end is written down, since a value may hold a tab of its own.

use memchr::memmem;

use crate::json::scanner::{Invalid, Scanner, Type};
use crate::value::SLACK;

/// Ends a key, and is no part of one, since it is not UTF-8.
const KEY_END: u8 = 0xff;

/// The values of a row, in memory that is used again for the next one.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// The values with a tab between them, and room for encoders to read behind them.
    pub(super) row: Vec<u8>,
    /// Where each value ends.
    pub(super) ends: Vec<u32>,
    /// Where each value begins in the record.
    pub(super) places: Vec<u32>,
    /// The keys of a JSON record, each with its end.
    pub(super) keys: Vec<u8>,
}

/// What is wrong with a JSON record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadJson {
    /// Byte of the record.
    pub(crate) at: usize,
    pub(crate) problem: Problem,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// This could stand there.
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

impl Parts {
    /// Takes a JSON record apart: one flat object. Numbers and booleans are their text, null is a missing value.
    pub(crate) fn read_json(&mut self, record: &[u8]) -> Result<(), BadJson> {
        self.clear();
        let mut scanner = Scanner::new(record);
        if !scanner.take(b'{') {
            let (at, expected) = (scanner.place(), "an object");
            return Err(Invalid { at, expected }.into());
        }
        let mut goes_on = !scanner.take(b'}');
        while goes_on {
            let key = scanner.key()?;
            key.push_to(&mut self.keys);
            self.keys.push(KEY_END);
            let first = scanner.next();
            let start = scanner.place();
            if first == Some(b'"') {
                self.begin(start);
                scanner.string()?.push_to(&mut self.row);
            } else {
                let of = scanner.value()?;
                self.begin(start);
                match of {
                    Type::None => {}
                    Type::Dict | Type::List => {
                        let problem = Problem::Nested(key.shown(), of);
                        return Err(BadJson { at: start, problem });
                    }
                    _ => self.row.extend_from_slice(&record[start..scanner.place()]),
                }
            }
            self.finish_value();
            goes_on = scanner.goes_on(b'}')?;
        }
        scanner.end()?;
        self.pad();
        Ok(())
    }

    /// Takes a row apart at its delimiters.
    pub(crate) fn read_delimited(&mut self, row: &[u8], delimiter: &[u8]) {
        self.clear();
        let mut start = 0;
        for end in memmem::find_iter(row, delimiter).chain([row.len()]) {
            self.begin(start);
            self.row.extend_from_slice(&row[start..end]);
            self.finish_value();
            start = end + delimiter.len();
        }
        self.pad();
    }

    fn clear(&mut self) {
        self.row.clear();
        self.ends.clear();
        self.places.clear();
        self.keys.clear();
    }

    /// Begins a value that stands at this place of the record.
    fn begin(&mut self, place: usize) {
        if !self.ends.is_empty() {
            self.row.push(b'\t');
        }
        self.places.push(position(place));
    }

    fn finish_value(&mut self) {
        self.ends.push(position(self.row.len()));
    }

    fn pad(&mut self) {
        self.row.resize(self.row.len() + SLACK, 0);
    }

    /// Bytes of the row.
    pub(super) fn len(&self) -> usize {
        self.ends.last().map_or(0, |&end| end as usize)
    }

    /// The value of a column.
    pub(crate) fn value(&self, column: usize) -> Option<&[u8]> {
        let end = *self.ends.get(column)? as usize;
        let before = column.checked_sub(1).map(|before| self.ends[before]);
        let start = before.map_or(0, |before| before as usize + 1);
        self.row.get(start..end)
    }

    /// The keys of a JSON record.
    pub(crate) fn names(&self) -> Vec<String> {
        let keys = self.keys.split_inclusive(|&byte| byte == KEY_END);
        keys.map(|key| String::from_utf8_lossy(&key[..key.len() - 1]).into_owned())
            .collect()
    }

    /// Gives memory back that only a long row needs.
    pub(super) fn shrink(&mut self) {
        const KEPT: usize = 1 << 16;
        if self.row.capacity() > KEPT || self.keys.capacity() > KEPT {
            *self = Self::default();
        }
    }
}

/// Records are limited to 2^26 bytes by the configuration.
#[expect(clippy::cast_possible_truncation)]
const fn position(place: usize) -> u32 {
    place as u32
}
