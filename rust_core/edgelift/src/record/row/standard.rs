//! Values that only standard logs have: slow, and seldom more than one in a row.

use super::{Row, TARGET_WINDOW, write_string};
use crate::plan::{Column, Encode, StandardEncode};
use crate::value::{self, Line, MinuteCache, Prefix, RawValue, TimestampFormat};

/// Length of a day, and of a day and the time of day behind it.
const DATE_LEN: u32 = 10;
pub(super) const DATE_TIME_LEN: u32 = DATE_LEN + 9;
/// Digits of milliseconds since 1970.
const MILLIS_LEN: usize = 13;

impl Row<'_> {
    /// Writes a value, or what it is a part of. The key stands before `at`.
    #[inline(never)]
    pub(super) fn write_standard(
        &self,
        column: &Column,
        encode: StandardEncode,
        line: &mut Line<'_>,
        (start, end): (usize, usize),
        out: &mut [u8],
        at: usize,
    ) -> Option<usize> {
        let raw = RawValue::new(&line.bytes[start..], end - start);
        match encode {
            StandardEncode::Milliseconds(moment) => value::write_milliseconds(moment, raw, out, at),
            StandardEncode::Date(moment) => {
                self.write_date(moment, raw, out, at, at - column.prefix.len())
            }
            StandardEncode::Time => {
                value::parse_time(raw.value())?;
                let day = || {
                    self.present(self.layout.time_columns.date)
                        .and_then(value::parse_date)
                };
                Some(if self.has_milliseconds() || day().is_some() {
                    at - column.prefix.len()
                } else {
                    write_text(raw, out, at)
                })
            }
            StandardEncode::Joined { decode } => {
                let mut at = write_string(decode, line, start, end, out, at);
                if let Some((start, end)) = self.layout.query.map(|query| self.range(query))
                    && !value::is_missing(&self.bytes[start..end])
                {
                    at = value::write_byte(out, at, b'?');
                    at = write_string(decode, &mut self.line(), start, end, out, at);
                }
                Some(value::write_byte(out, at, b'"'))
            }
            // It is written with the other strings.
            StandardEncode::DecodedTwice => None,
        }
    }

    /// Writes the day and the time of day that the row begins with, as they nearly always look.
    #[inline(always)]
    pub(super) fn write_leading_time(
        &self,
        moment: TimestampFormat,
        minute: &mut MinuteCache,
        out: &mut [u8],
    ) -> Option<usize> {
        // Only where the scan saw them end: a value of a JSON record may hold a tab.
        let &[DATE_LEN, DATE_TIME_LEN, ..] = self.ends else {
            return None;
        };
        let prefix = self.layout.timestamp.as_ref()?;
        let second = minute.read(value::window(self.bytes))?;
        if moment != TimestampFormat::EpochMillis || prefix.len() > Prefix::HEAD {
            let at = prefix.write(out, 0);
            return Some(value::write_seconds(
                moment,
                minute.seconds(second),
                out,
                at,
            ));
        }
        let (key, digits) = (prefix.head_len(), minute.millis(second));
        let target: &mut [u8; TARGET_WINDOW] = value::window_mut(out);
        target[..Prefix::HEAD].copy_from_slice(prefix.head());
        target[key..key + digits.len()].copy_from_slice(&digits);
        Some(key + MILLIS_LEN)
    }

    /// Writes a day alone, or with the time of day wherever that is.
    #[inline(never)]
    fn write_date(
        &self,
        moment: TimestampFormat,
        raw: RawValue<'_>,
        out: &mut [u8],
        at: usize,
        before_key: usize,
    ) -> Option<usize> {
        let day = value::parse_date(raw.value())?;
        let second = self
            .present(self.layout.time_columns.time)
            .and_then(value::parse_time);
        if self.has_milliseconds() {
            return Some(before_key);
        }
        let (Some(second), Some(prefix)) = (second, &self.layout.timestamp) else {
            return Some(write_text(raw, out, at));
        };
        let at = prefix.write(out, before_key);
        Some(value::write_seconds(moment, day + second, out, at))
    }

    /// Whether others tell what a missing value would: date and time the milliseconds, and these both of them.
    pub(super) fn is_given_elsewhere(&self, column: &Column) -> bool {
        let time_columns = &self.layout.time_columns;
        match column.encode {
            Encode::Standard(StandardEncode::Date(_) | StandardEncode::Time) => {
                self.has_milliseconds()
            }
            Encode::Standard(StandardEncode::Milliseconds(_)) => {
                time_columns.pair().is_some_and(|(date, time)| {
                    let day = self.present(Some(date)).and_then(value::parse_date);
                    let second = self.present(Some(time)).and_then(value::parse_time);
                    day.and(second).is_some()
                })
            }
            _ => false,
        }
    }

    /// Whether the milliseconds tell the time: what does not fit tells none.
    fn has_milliseconds(&self) -> bool {
        let value = self.present(self.layout.time_columns.milliseconds);
        value.and_then(value::parse_milliseconds).is_some()
    }

    /// The value of a column, if it has one.
    fn present(&self, column: Option<usize>) -> Option<&[u8]> {
        let (start, end) = self.range(column?);
        let value = self.bytes.get(start..end)?;
        (!value::is_missing(value)).then_some(value)
    }

    fn range(&self, column: usize) -> (usize, usize) {
        (self.start(column), self.ends[column] as usize)
    }
}

/// Writes what needs no escape, and the closing quote.
fn write_text(raw: RawValue<'_>, out: &mut [u8], at: usize) -> usize {
    let at = value::write_bytes(out, at, raw.value());
    value::write_byte(out, at, b'"')
}

/// Writes a text that is decoded again where once was not enough, and the closing quote.
#[inline(always)]
pub(super) fn write_decoded_twice(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    let written = value::write_string::<true>(line, start, end, out, at);
    let at = value::decode_twice(&line.bytes[start..end], out, at, written);
    value::write_byte(out, at, b'"')
}
