//! Values that only standard logs have. Their code may be slow: a row seldom has more than one.

use super::columns::Row;
use super::decoding::write_string;
use super::short::TARGET_WINDOW;
use crate::plan::{Column, Encode, StandardEncode};
use crate::value::{self, Line, MinuteCache, Prefix, RawValue, TimestampFormat};

/// Length of a date, and of a date, a tab and a time of day.
const DATE_LEN: u32 = 10;
pub(super) const DATE_TIME_LEN: u32 = DATE_LEN + 9;
/// Digits in milliseconds since 1970.
const MILLIS_LEN: usize = 13;

impl Row<'_> {
    /// Writes a value, or the combined value that it is a part of. The key is already written before `at`.
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
            StandardEncode::Milliseconds(format) => value::write_milliseconds(format, raw, out, at),
            StandardEncode::Date(format) => {
                self.write_date(format, raw, out, at, at - column.prefix.len())
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
            // Written by the caller, like the other strings.
            StandardEncode::DecodedTwice => None,
        }
    }

    /// Writes the date and time at the start of the row. Returns `None` if they do not have their usual form.
    #[inline(always)]
    pub(super) fn write_leading_time(
        &self,
        format: TimestampFormat,
        minute: &mut MinuteCache,
        out: &mut [u8],
    ) -> Option<usize> {
        // The ends are checked, too: a value of a JSON record may contain a tab.
        let &[DATE_LEN, DATE_TIME_LEN, ..] = self.ends else {
            return None;
        };
        let prefix = self.layout.timestamp.as_ref()?;
        let second = minute.read(value::window(self.bytes))?;
        if format != TimestampFormat::EpochMillis || prefix.len() > Prefix::HEAD {
            let at = prefix.write(out, 0);
            return Some(value::write_seconds(
                format,
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

    /// Writes a date, combined with the time of day if the row has one.
    #[inline(never)]
    fn write_date(
        &self,
        format: TimestampFormat,
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
        Some(value::write_seconds(format, day + second, out, at))
    }

    /// Returns true if other columns give a missing value: date and time give the milliseconds, and these give both.
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

    /// Returns true if the row has milliseconds and they fit.
    fn has_milliseconds(&self) -> bool {
        let value = self.present(self.layout.time_columns.milliseconds);
        value.and_then(value::parse_milliseconds).is_some()
    }
}

/// Writes a value that needs no escapes, and the closing quote.
fn write_text(raw: RawValue<'_>, out: &mut [u8], at: usize) -> usize {
    let at = value::write_bytes(out, at, raw.value());
    value::write_byte(out, at, b'"')
}
