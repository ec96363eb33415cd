//! Values of a standard log that several columns make.

use super::kind::fits;
use super::value::{day, is_missing, second, text, timestamp};
use crate::config::{Timestamp, Values};
use crate::fields::{Kind, Log};
use crate::json::string;
use crate::plan::{Column, Encode, Layout, Plan, StandardEncode};

/// Values of a row that depend on several columns: its time, and its path with the query.
pub(super) struct JointColumns {
    /// True if date, time and a time in one value become a single timestamp.
    is_merged: bool,
    /// True if the layout has milliseconds.
    is_exact: bool,
    milliseconds: Option<Vec<u8>>,
    whole_seconds: Option<Vec<u8>>,
    /// Seconds since 1970 from date and time, if both are present and fit.
    seconds: Option<u64>,
    query: Option<Vec<u8>>,
    /// Seconds from 1970 to the date, if it fits.
    day: Option<u64>,
}

impl JointColumns {
    pub(super) fn new(plan: &Plan, layout: &Layout, values: &[&[u8]]) -> Self {
        let column = |wanted: &dyn Fn(&Column) -> bool| {
            let place = layout.columns.iter().position(wanted)?;
            Some(values[place]).filter(|value| !is_missing(value))
        };
        let kind = |kind: Kind| column(&|column| column.kind == kind);
        let word = |kind_: Kind| std::str::from_utf8(kind(kind_)?).ok();
        let seconds = || Some(day(word(Kind::Date)?)? + second(word(Kind::Time)?)?);
        Self {
            is_merged: is_checked(plan, layout),
            is_exact: layout
                .columns
                .iter()
                .any(|column| column.kind == Kind::Milliseconds),
            milliseconds: kind(Kind::Milliseconds).map(<[u8]>::to_vec),
            whole_seconds: kind(Kind::Seconds).map(<[u8]>::to_vec),
            seconds: seconds(),
            day: word(Kind::Date).and_then(day),
            query: column(&|column| &*column.field == "cs-uri-query").map(<[u8]>::to_vec),
        }
    }

    /// Returns true if another column already gives this value.
    pub(super) fn is_redundant(&self, plan: &Plan, column: &Column, value: &[u8]) -> bool {
        let is_unchecked =
            plan.output().values == Values::Text && plan.output().timestamp == Timestamp::Verbatim;
        let is_good = is_unchecked || is_missing(value) || fits(column.kind, value);
        let has = |kind: Kind, value: &Option<Vec<u8>>| {
            let value = value.as_deref();
            value.is_some_and(|value| is_unchecked || fits(kind, value))
        };
        let has_milliseconds = has(Kind::Milliseconds, &self.milliseconds);
        let has_whole_seconds = has(Kind::Seconds, &self.whole_seconds);
        let has_instant = has_milliseconds || has_whole_seconds;
        let has_pair = self.is_merged && self.seconds.is_some();
        match column.kind {
            Kind::Date => self.is_merged && has_instant && is_good,
            Kind::Time => {
                let is_in_date = self.seconds.is_some() && !is_missing(value);
                self.is_merged && is_good && (has_instant || is_in_date)
            }
            Kind::Milliseconds => is_missing(value) && (has_whole_seconds || has_pair),
            Kind::Seconds if is_missing(value) => self.is_exact || has_pair,
            Kind::Seconds => is_good && has_milliseconds,
            _ => false,
        }
    }

    /// Returns true if the row has milliseconds that do not fit.
    pub(super) fn has_misfit_milliseconds(&self) -> bool {
        let value = self.milliseconds.as_deref();
        value.is_some_and(|value| !fits(Kind::Milliseconds, value))
    }

    /// Returns the member for a column that is combined with others or decoded twice.
    pub(super) fn member(
        &self,
        plan: &Plan,
        column: &Column,
        value: &[u8],
    ) -> Option<(String, String)> {
        let own = |text: String| Some((column.key.to_string(), string(&text)));
        match column.encode {
            Encode::Standard(StandardEncode::Date(_)) => {
                let seconds = self.seconds?.to_string();
                let key = Log::Realtime.field("timestamp")?.key(plan.output().names);
                Some((key.to_owned(), timestamp(plan.output().timestamp, &seconds)))
            }
            Encode::Standard(StandardEncode::Joined { .. }) => {
                let query = self.query.as_ref()?;
                own(text(column.decode, &[value, query].join(&b'?')))
            }
            Encode::Standard(StandardEncode::DecodedTwice { without_date }) => {
                let once = text(column.decode, value);
                let is_old = match (self.day, day("2022-01-01")) {
                    (Some(day), Some(first)) => day < first,
                    _ => without_date,
                };
                let is_encoded_twice = is_old && once.contains("%20") && !once.contains(' ');
                own(if is_encoded_twice {
                    decoded_twice(value)
                } else {
                    once
                })
            }
            _ => None,
        }
    }
}

fn decoded_twice(value: &[u8]) -> String {
    let decode = |bytes: &[u8]| percent_encoding::percent_decode(bytes).collect::<Vec<u8>>();
    String::from_utf8_lossy(&decode(&decode(value))).into_owned()
}

/// Returns true if date and time are parsed instead of copied as text.
pub(super) fn is_checked(plan: &Plan, layout: &Layout) -> bool {
    let has = |kind| layout.columns.iter().any(|column| column.kind == kind);
    let (date, time) = (has(Kind::Date), has(Kind::Time));
    let several =
        (date && time) || ((has(Kind::Milliseconds) || has(Kind::Seconds)) && (date || time));
    let output = plan.output();
    several && output.values == Values::Typed && output.timestamp != Timestamp::Verbatim
}
