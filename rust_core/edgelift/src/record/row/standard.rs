//! Values that only standard logs have. Their code may be slow: a row seldom has more than one.

use super::columns::Row;
use super::decoding::write_string;
use super::short::TARGET_WINDOW;
use crate::plan::{Column, Encode, Layout, StandardEncode};
use crate::value::{self, Line, MinuteCache, Prefix, RawValue, TimestampFormat};

/// Length of a date, and of a date, a tab and a time of day.
const DATE_LEN: u32 = 10;
pub(super) const DATE_TIME_LEN: u32 = DATE_LEN + 9;
/// 2022-01-01, in seconds since 1970. CloudFront stopped to encode user agents twice about 2020: recorded files of 2014
/// to 2019 have `%2520`, and those of 2022 and later do not.
const ENCODED_ONCE: u64 = 1_640_995_200;
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
            StandardEncode::EventTime(format) => value::write_event_time(format, raw, out, at),
            StandardEncode::DecodedWhole => {
                let decode = value::is_percent_encoded(raw.value());
                let at = write_string(decode, line, start, end, out, at);
                Some(value::write_byte(out, at, b'"'))
            }
            StandardEncode::Seconds { format, is_checked } => {
                let before_key = at - column.prefix.len();
                self.write_seconds(
                    (format, is_checked),
                    line,
                    (start, end),
                    out,
                    at,
                    before_key,
                )
            }
            StandardEncode::Date(format) => {
                self.write_date(format, raw, out, at, at - column.prefix.len())
            }
            StandardEncode::Time => {
                value::parse_time(raw.value())?;
                let day = || {
                    self.present(self.layout.time_columns.date)
                        .and_then(value::parse_date)
                };
                Some(if self.has_instant() || day().is_some() {
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
            StandardEncode::DecodedTwice { .. } => None,
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
        if self.has_instant() {
            return Some(before_key);
        }
        let (Some(second), Some(prefix)) = (second, &self.layout.timestamp) else {
            return Some(write_text(raw, out, at));
        };
        let at = prefix.write(out, before_key);
        Some(value::write_seconds(format, day + second, out, at))
    }

    /// Returns true if user agents of the row may have been encoded twice: its date decides, or else its header.
    #[cold]
    pub(super) fn may_be_encoded_twice(&self, without_date: bool) -> bool {
        let date = self.present(self.layout.time_columns.date);
        let day = date.and_then(value::parse_date);
        day.map_or(without_date, |day| day < ENCODED_ONCE)
    }

    /// Writes the seconds, unless the row has milliseconds.
    #[inline(never)]
    fn write_seconds(
        &self,
        (format, is_checked): (TimestampFormat, bool),
        line: &mut Line<'_>,
        (start, end): (usize, usize),
        out: &mut [u8],
        at: usize,
        before_key: usize,
    ) -> Option<usize> {
        let raw = RawValue::new(&line.bytes[start..], end - start);
        let milliseconds = self.present(self.layout.time_columns.milliseconds);
        if !is_checked {
            return Some(if milliseconds.is_some() {
                before_key
            } else {
                let at = write_string(false, line, start, end, out, at);
                value::write_byte(out, at, b'"')
            });
        }
        value::parse_timestamp_millis(raw.value())?;
        if self.has_milliseconds() {
            return Some(before_key);
        }
        match format {
            TimestampFormat::EpochMillis => value::write_epoch_millis(raw, out, at),
            TimestampFormat::Iso8601 => value::write_iso8601(raw, out, at),
            TimestampFormat::Verbatim => value::write_timestamp_verbatim(raw, out, at),
        }
    }

    /// Returns true if other columns give a missing value: the most exact time of a row gives all of them.
    pub(super) fn is_given_elsewhere(&self, column: &Column) -> bool {
        let time_columns = &self.layout.time_columns;
        if is_column(column, self.layout, time_columns.milliseconds) {
            // Without a check, the seconds are written as they are.
            let seconds = self.present(time_columns.seconds);
            let unchecked = seconds.filter(|_| matches!(column.encode, Encode::Raw));
            return unchecked.is_some() || self.has_seconds() || self.has_pair();
        }
        match column.encode {
            Encode::Standard(StandardEncode::Date(_) | StandardEncode::Time) => self.has_instant(),
            // The column of the milliseconds has the key, with or without a value.
            Encode::Standard(StandardEncode::Seconds { .. }) => {
                time_columns.milliseconds.is_some() || self.has_pair()
            }
            _ => false,
        }
    }

    /// Returns true if the row has a date and a time of day that make a timestamp.
    fn has_pair(&self) -> bool {
        self.layout.time_columns.pair().is_some_and(|(date, time)| {
            let day = self.present(Some(date)).and_then(value::parse_date);
            let second = self.present(Some(time)).and_then(value::parse_time);
            day.and(second).is_some()
        })
    }

    /// Returns true if the row has a time in one value, and it fits.
    fn has_instant(&self) -> bool {
        self.has_milliseconds() || self.has_seconds()
    }

    /// Returns true if the row has seconds and they fit.
    fn has_seconds(&self) -> bool {
        let value = self.present(self.layout.time_columns.seconds);
        value.and_then(value::parse_timestamp_millis).is_some()
    }

    /// Returns true if the row has milliseconds and they fit.
    fn has_milliseconds(&self) -> bool {
        let value = self.present(self.layout.time_columns.milliseconds);
        value.and_then(value::parse_milliseconds).is_some()
    }
}

/// Returns true if `column` is the one with this index.
fn is_column(column: &Column, layout: &Layout, index: Option<usize>) -> bool {
    let other = index.and_then(|index| layout.columns.get(index));
    other.is_some_and(|other| std::ptr::eq(column, other))
}

/// Writes a value that needs no escapes, and the closing quote.
fn write_text(raw: RawValue<'_>, out: &mut [u8], at: usize) -> usize {
    let at = value::write_bytes(out, at, raw.value());
    value::write_byte(out, at, b'"')
}
