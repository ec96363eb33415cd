//! The time of a standard log: a day and a time of day in two columns, milliseconds in a third, and what they become.

use crate::config::{Output, Timestamp, Values};
use crate::fields::{self, Kind, Names};
use crate::value::TimestampFormat;

/// Real-time name of the field whose key date and time share.
const TIMESTAMP: &str = "timestamp";

/// How a value is written that only standard logs have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encode {
    /// The day, which makes a timestamp with the time.
    Date(TimestampFormat),
    Time,
    Milliseconds(TimestampFormat),
    /// A path with the query string behind it.
    Joined {
        decode: bool,
    },
    /// A text that is decoded again where once was not enough.
    DecodedTwice,
}

/// Returns the format of timestamps.
pub(super) fn timestamp_format(output: &Output) -> TimestampFormat {
    match (output.values, output.timestamp) {
        (Values::Typed, Timestamp::EpochMillis) => TimestampFormat::EpochMillis,
        (Values::Typed, Timestamp::Iso8601) => TimestampFormat::Iso8601,
        _ => TimestampFormat::Verbatim,
    }
}

/// Where the time of a standard log is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    pub(crate) date: Option<usize>,
    pub(crate) time: Option<usize>,
    pub(crate) milliseconds: Option<usize>,
    /// Whether these are one timestamp.
    is_one: bool,
}

impl Clock {
    pub(super) fn of(kinds: &[Kind], output: &Output) -> Self {
        let place = |kind| kinds.iter().position(|other| *other == kind);
        let (date, time) = (place(Kind::Date), place(Kind::Time));
        let milliseconds = place(Kind::Milliseconds);
        let several = match milliseconds {
            Some(_) => date.is_some() || time.is_some(),
            None => date.is_some() && time.is_some(),
        };
        Self {
            date,
            time,
            milliseconds,
            is_one: several && timestamp_format(output) != TimestampFormat::Verbatim,
        }
    }

    /// The columns of date and time, if they make a timestamp.
    pub(crate) fn pair(&self) -> Option<(usize, usize)> {
        Some((self.date?, self.time?)).filter(|_| self.is_one)
    }

    /// Whether date and time are the first columns, and alone make the timestamp.
    pub(super) fn is_first(&self) -> bool {
        self.pair() == Some((0, 1)) && self.milliseconds.is_none()
    }

    pub(super) fn encode(&self, place: usize, output: &Output) -> Option<Encode> {
        let place = Some(place).filter(|_| self.is_one);
        match place {
            None => None,
            _ if place == self.date => Some(Encode::Date(timestamp_format(output))),
            _ if place == self.time => Some(Encode::Time),
            _ => None,
        }
    }
}

/// Key of the timestamp.
pub(super) fn timestamp_key(names: Names) -> &'static str {
    fields::realtime(TIMESTAMP).map_or(TIMESTAMP, |field| field.key(names))
}
