//! The time columns of a layout: a date and a time of day, milliseconds, seconds, or all of them.

use super::field_names::TIMESTAMP;
use crate::config::{Output, Timestamp, Values};
use crate::fields::{Kind, Log, Names};
use crate::value::TimestampFormat;

/// The time columns of a standard log.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TimeColumns {
    pub(crate) date: Option<usize>,
    pub(crate) time: Option<usize>,
    pub(crate) milliseconds: Option<usize>,
    pub(crate) seconds: Option<usize>,
    /// True if the columns make one timestamp.
    is_one: bool,
}

impl TimeColumns {
    /// Finds the time columns of a layout whose columns have these kinds.
    pub(super) fn new(kinds: &[Kind], output: &Output) -> Self {
        let column = |kind| kinds.iter().position(|other| *other == kind);
        let (date, time) = (column(Kind::Date), column(Kind::Time));
        let (milliseconds, seconds) = (column(Kind::Milliseconds), column(Kind::Seconds));
        let several = match milliseconds.or(seconds) {
            Some(_) => date.is_some() || time.is_some(),
            None => date.is_some() && time.is_some(),
        };
        Self {
            date,
            time,
            milliseconds,
            seconds,
            is_one: several && timestamp_format(output) != TimestampFormat::Verbatim,
        }
    }

    /// Returns the columns of date and time if they make a timestamp.
    pub(crate) fn pair(&self) -> Option<(usize, usize)> {
        Some((self.date?, self.time?)).filter(|_| self.is_one)
    }

    /// Returns true if date and time are the first columns and make the timestamp without another
    /// column of the time.
    pub(super) fn are_first(&self) -> bool {
        self.pair() == Some((0, 1)) && !self.have_instant()
    }

    /// Returns true if a column has date and time of day in one value. Its key is that of the timestamp.
    pub(super) fn have_instant(&self) -> bool {
        self.milliseconds.or(self.seconds).is_some()
    }

    /// Returns true if the column is the timestamp in seconds and other columns have the time, too.
    pub(super) fn is_seconds_beside_others(&self, column: usize) -> bool {
        self.seconds == Some(column) && (self.is_one || self.milliseconds.is_some())
    }

    /// Returns true if a column is the date of a timestamp.
    pub(super) fn is_date(&self, column: usize) -> bool {
        self.is_one && self.date == Some(column)
    }

    /// Returns true if a column is the time of day of a timestamp.
    pub(super) fn is_time(&self, column: usize) -> bool {
        self.is_one && self.time == Some(column)
    }
}

/// Returns the format of timestamps.
pub(super) fn timestamp_format(output: &Output) -> TimestampFormat {
    match (output.values, output.timestamp) {
        (Values::Typed, Timestamp::EpochMillis) => TimestampFormat::EpochMillis,
        (Values::Typed, Timestamp::Iso8601) => TimestampFormat::Iso8601,
        _ => TimestampFormat::Verbatim,
    }
}

/// Returns true if timestamps are parsed.
pub(super) fn is_checked(output: &Output) -> bool {
    output.values == Values::Typed || output.timestamp != Timestamp::Verbatim
}

/// Returns the key of the timestamp.
pub(super) fn timestamp_key(names: Names) -> &'static str {
    let field = Log::Realtime.field(TIMESTAMP);
    field.map_or(TIMESTAMP, |field| field.key(names))
}
