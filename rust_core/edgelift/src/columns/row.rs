//! Reads the values of a row into columns without writing its document, if all of them fit. Other rows take the way of
//! documents, so that this code decides nothing about them.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

use super::builder::{Builder, ColumnBuilder, Values, set_number};
use super::number;
use super::plan::ColumnPlan;
use super::schema::{ColumnType, OTHER};
use super::text::{copy_list, copy_names, copy_pairs, copy_text};
use crate::fields::Kind;
use crate::plan::{Column, Encode, Layout, StandardEncode};
use crate::record::ColumnRow;
use crate::value::version::Protocol;
use crate::value::{self, Line, SLACK};

/// How the values of a layout become those of columns.
#[derive(Debug)]
pub(super) struct RowPlan {
    columns: Box<[ColumnRead]>,
    /// The column of the timestamp that the first two columns make, date and time of day; `None` if they do not.
    leading_time: Option<usize>,
    /// Index of `cs-headers` in the layout, if the layout has `cs-headers-count`, too.
    headers: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
struct ColumnRead {
    read: Read,
    kind: Kind,
    /// Index of the column of the batch, or [`NOT_SELECTED`].
    target: usize,
}

/// The target of values that are only checked.
const NOT_SELECTED: usize = usize::MAX;

#[derive(Clone, Copy, Debug)]
enum Read {
    Timestamp,
    Integer,
    /// `truncated` is the column that says that headers are missing.
    HeadersCount {
        truncated: usize,
    },
    Status,
    Decimal,
    Boolean,
    Address,
    Text {
        decode: bool,
    },
    /// A text that may be encoded twice.
    DecodedTwice,
    Version {
        decode: bool,
        protocol: Protocol,
    },
    /// A list of one text.
    One {
        decode: bool,
    },
    List {
        decode: bool,
    },
    Names {
        decode: bool,
    },
    Headers {
        decode: bool,
    },
    /// Not selected; checked.
    Nothing,
}

impl Read {
    /// Returns how a value is read that is written like this; `None` if only a document can say it.
    const fn new(encode: Encode) -> Option<Self> {
        Some(match encode {
            Encode::EpochMillis => Self::Timestamp,
            Encode::Integer => Self::Integer,
            Encode::HeadersCount => Self::HeadersCount {
                truncated: NOT_SELECTED,
            },
            Encode::Status => Self::Status,
            Encode::Decimal => Self::Decimal,
            Encode::Boolean => Self::Boolean,
            Encode::Address => Self::Address,
            Encode::Decoded => Self::Text { decode: true },
            Encode::Raw => Self::Text { decode: false },
            Encode::Standard(StandardEncode::DecodedTwice { .. }) => Self::DecodedTwice,
            Encode::Version { decode, protocol } => Self::Version { decode, protocol },
            Encode::ArrayOfOne { decode } => Self::One { decode },
            Encode::List { decode } => Self::List { decode },
            Encode::Names { decode } => Self::Names { decode },
            Encode::Headers { decode, .. } => Self::Headers { decode },
            Encode::Standard(_) | Encode::Iso8601 | Encode::VerbatimTimestamp => return None,
        })
    }
}

impl RowPlan {
    /// Returns how rows of a layout are read; `None` if only their documents can say it.
    pub(super) fn new(plan: &ColumnPlan, layout: &Layout) -> Option<Self> {
        let (leading_time, skipped) = match layout.leading_time {
            Some(_) => (
                Some(plan.target(plan.plan().timestamp_key(), ColumnType::Timestamp)?),
                2,
            ),
            None => (None, 0),
        };
        let columns = layout.columns.iter().enumerate().map(|(index, column)| {
            if index < skipped {
                let (read, kind, target) = (Read::Nothing, column.kind, NOT_SELECTED);
                return Some(ColumnRead { read, kind, target });
            }
            ColumnRead::new(plan, layout, column)
        });
        Some(Self {
            columns: columns.collect::<Option<_>>()?,
            leading_time,
            headers: layout.headers,
        })
    }
}

impl ColumnPlan {
    /// Returns the index of the column of a key, [`NOT_SELECTED`] for a known key without one, and `None` if the
    /// value has to be looked at: it belongs to `_other`, or has another type than its column.
    fn target(&self, key: &str, column_type: ColumnType) -> Option<usize> {
        match self.by_key.get(key) {
            Some(&Some(index)) => (self.columns[index].column_type == column_type).then_some(index),
            Some(None) => Some(NOT_SELECTED),
            None => {
                let is_wanted = self.by_key.get(OTHER).copied().flatten().is_some();
                (!is_wanted).then_some(NOT_SELECTED)
            }
        }
    }
}

impl ColumnRead {
    fn new(plan: &ColumnPlan, layout: &Layout, column: &Column) -> Option<Self> {
        let mut read = Read::new(column.encode)?;
        let target = if column.is_selected {
            plan.target(&column.key, ColumnType::new(column.encode)?)?
        } else {
            NOT_SELECTED
        };
        match &mut read {
            Read::HeadersCount { truncated } if layout.headers.is_some() && column.is_selected => {
                *truncated = plan.target(plan.plan().truncated_key(), ColumnType::Boolean)?;
            }
            read if target == NOT_SELECTED => *read = Read::Nothing,
            _ => {}
        }
        Some(Self {
            read,
            kind: column.kind,
            target,
        })
    }
}

impl Builder {
    /// Sets the values of the current row to those of a row. Returns false, and sets nothing, if only the document of
    /// the row can say them.
    pub(super) fn set_row(&mut self, plan: &RowPlan, row: ColumnRow<'_>) -> bool {
        let is_set = self.set_values(plan, row).is_some();
        if !is_set {
            self.clear_row();
        }
        is_set
    }

    fn set_values(&mut self, plan: &RowPlan, row: ColumnRow<'_>) -> Option<()> {
        let index = self.rows;
        let bytes = row.bytes;
        // Known from here on, so that one comparison proves each window.
        assert!(bytes.len() >= SLACK, "bytes follow every line");
        let mut line = Line {
            bytes,
            specials: row.specials,
        };
        let (mut start, mut skipped, mut entries) = (0, 0, None);
        if let Some(target) = plan.leading_time {
            let &[date, time, ..] = row.ends else {
                return None;
            };
            let (date, time) = (date as usize, time as usize);
            let millis = value::parse_date_time(&bytes[..date], &bytes[date + 1..time])?;
            if let Some(column) = self.columns.get_mut(target) {
                column.set_timestamp(index, millis);
            }
            (start, skipped) = (time + 1, 2);
        }
        for (column, &end) in plan.columns[skipped..].iter().zip(&row.ends[skipped..]) {
            let end = end as usize;
            let len = end.wrapping_sub(start);
            let is_missing = len == 0 || (len == 1 && bytes[start] == b'-');
            if !is_missing {
                match self.columns.get_mut(column.target) {
                    Some(target) => {
                        target.set_value(
                            index,
                            column.read,
                            &mut line,
                            start,
                            end,
                            &mut entries,
                        )?;
                    }
                    None if value::fits(column.kind, &bytes[start..end]) => {}
                    None => return None,
                }
                if let Read::HeadersCount { truncated } = column.read
                    && let Some(truncated) = self.columns.get_mut(truncated)
                    && plan.lacks_headers(row, &bytes[start..end], entries)?
                {
                    truncated.set_true(index);
                }
            }
            start = end + 1;
        }
        Some(())
    }
}

impl RowPlan {
    /// Returns true if a row has headers, and fewer than their count says. `None` if the count does not fit.
    #[inline(never)]
    fn lacks_headers(
        &self,
        row: ColumnRow<'_>,
        count: &[u8],
        entries: Option<usize>,
    ) -> Option<bool> {
        let count = number::integer(count)?;
        let Some(headers) = self.headers else {
            return Some(false);
        };
        let start = headers
            .checked_sub(1)
            .map_or(0, |before| row.ends[before] as usize + 1);
        let end = row.ends[headers] as usize;
        if value::is_missing(&row.bytes[start..end]) {
            return Some(false);
        }
        let mut line = Line {
            bytes: row.bytes,
            specials: row.specials,
        };
        let entries = entries.unwrap_or_else(|| value::count_headers(&mut line, start, end));
        Some(i64::try_from(entries).is_ok_and(|entries| entries < count))
    }
}

impl ColumnBuilder {
    fn set_timestamp(&mut self, row: usize, millis: u64) {
        if let Values::Timestamp(values) = &mut self.values {
            // A timestamp has at most 14 digits of milliseconds.
            set_number(values, row, millis.cast_signed() * 1000);
            self.present.set(row);
        }
    }

    #[inline(never)]
    fn set_true(&mut self, row: usize) {
        if let Values::Boolean(values) = &mut self.values {
            values.set(row);
            self.present.set(row);
        }
    }

    /// Sets the value of a row. Returns `None` if it does not fit or needs a closer look.
    #[inline(always)]
    fn set_value(
        &mut self,
        row: usize,
        read: Read,
        line: &mut Line<'_>,
        start: usize,
        end: usize,
        entries: &mut Option<usize>,
    ) -> Option<()> {
        let bytes = line.bytes;
        let raw = &bytes[start..end];
        match (read, &mut self.values) {
            (Read::Text { decode }, Values::Text(texts)) => {
                texts.open(row);
                copy_text(decode, line, start, end, texts);
                texts.close();
            }
            (Read::Address, Values::Text(texts)) => {
                let is_usual = raw.len() <= 32
                    && value::fast_path::is_address(value::window(&bytes[start..]), raw.len());
                if !is_usual && !value::fits(Kind::Address, raw) {
                    return None;
                }
                texts.open(row);
                texts.copy(bytes, start, end);
                texts.close();
            }
            (Read::Integer | Read::HeadersCount { .. }, Values::Int64(values)) => {
                set_number(values, row, number::integer(raw)?);
            }
            (Read::Decimal, Values::Float64(values)) => {
                set_number(values, row, number::decimal(raw)?);
            }
            (Read::Status, Values::Int32(values)) => set_number(values, row, number::status(raw)?),
            (Read::Timestamp, Values::Timestamp(values)) => {
                let millis = value::parse_timestamp_millis(raw)?;
                set_number(values, row, millis.cast_signed() * 1000);
            }
            (Read::Boolean, Values::Boolean(values)) => {
                if !value::fits(Kind::Boolean, raw) {
                    return None;
                }
                if raw == b"1" || raw.eq_ignore_ascii_case(b"true") {
                    values.set(row);
                }
            }
            (Read::DecodedTwice, Values::Text(texts)) => {
                let mark = texts.open(row);
                copy_text(true, line, start, end, texts);
                if value::looks_encoded_twice(texts.bytes_after(0), mark, texts.len_in_bytes()) {
                    return None;
                }
                texts.close();
            }
            (Read::Version { decode, protocol }, Values::Text(texts)) => {
                let mark = texts.open(row);
                copy_text(decode, line, start, end, texts);
                let kept = protocol.strip(texts.bytes_after(mark));
                texts.keep(mark, kept);
                texts.close();
            }
            (Read::One { decode }, Values::Texts(lists)) => {
                copy_text(decode, line, start, end, &mut lists.items);
                lists.items.close();
                lists.close(row);
            }
            (Read::List { decode }, Values::Texts(lists)) => {
                if !copy_list(decode, line, start, end, &mut lists.items) {
                    return Some(());
                }
                lists.close(row);
            }
            (Read::Names { decode }, Values::Texts(lists)) => {
                copy_names(decode, line, start, end, &mut lists.items);
                lists.close(row);
            }
            (Read::Headers { decode }, Values::Pairs(lists)) => {
                *entries = Some(copy_pairs(decode, line, start, end, lists));
                lists.close(row);
            }
            _ => return None,
        }
        self.present.set(row);
        Some(())
    }
}
