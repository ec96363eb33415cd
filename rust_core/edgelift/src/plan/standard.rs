//! Layouts of standard logs, which their headers and the keys of their JSON records tell, and what only they do with
//! values.

use std::collections::HashSet;
use std::sync::Arc;

use super::layout::{self, Known};
use super::{Layout, Plan, by_count};
use crate::config::{Config, Format, Input, Output, TAB, Timestamp, Uri, Values};
use crate::error::ConfigError;
use crate::fields::{self, FIELDS, Kind, Names};

/// Real-time name of the field whose key date and time share.
const TIMESTAMP: &str = "timestamp";
const STEM: &str = "cs-uri-stem";
pub(super) const QUERY: &str = "cs-uri-query";
const USER_AGENT: &str = "cs-user-agent";

/// Version of a standard log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Files with `#Version:`, separated by tabs; the old ones have user agents that were encoded twice.
    One,
    /// JSON records, and rows with any delimiter.
    Two,
}

/// How a value is written that only standard logs have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encode {
    /// The day, which makes a timestamp with the time.
    Date(Moment),
    Time,
    Milliseconds(Moment),
    /// A path with the query string behind it.
    Joined {
        decode: bool,
    },
    /// A text that is decoded again where once was not enough.
    DecodedTwice,
}

/// What a moment becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    EpochMillis,
    Iso8601,
    Verbatim,
}

impl Moment {
    pub(super) fn of(output: &Output) -> Self {
        match (output.values, output.timestamp) {
            (Values::Typed, Timestamp::EpochMillis) => Self::EpochMillis,
            (Values::Typed, Timestamp::Iso8601) => Self::Iso8601,
            _ => Self::Verbatim,
        }
    }

    /// What stands before it.
    pub(crate) const fn opening(self) -> &'static str {
        match self {
            Self::EpochMillis => "",
            Self::Iso8601 | Self::Verbatim => "\"",
        }
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
    pub(super) fn of(fields: &[Known], output: &Output) -> Self {
        let place = |kind| fields.iter().position(|field| field.kind == kind);
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
            is_one: several && Moment::of(output) != Moment::Verbatim,
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
            _ if place == self.date => Some(Encode::Date(Moment::of(output))),
            _ if place == self.time => Some(Encode::Time),
            _ => None,
        }
    }
}

/// Key of the timestamp.
pub(super) fn timestamp_key(names: Names) -> &'static str {
    fields::realtime(TIMESTAMP).map_or(TIMESTAMP, |field| field.key(names))
}

/// What is wrong with the names that a log tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NamesError {
    /// There is none.
    None,
    /// None of them is one of CloudFront's, so that it is no log of it.
    Unknown,
    /// One stands there twice.
    Twice(String),
    /// Two fields would have the same key.
    EqualKeys(String),
}

impl Plan {
    /// The plan for rows with just these columns, under the names that standard logs give them.
    pub(crate) fn of_names(&self, names: &[&str], version: Version) -> Result<Self, NamesError> {
        if names.is_empty() {
            return Err(NamesError::None);
        }
        let mut seen = HashSet::with_capacity(names.len());
        if let Some(name) = names.iter().find(|&&name| !seen.insert(name)) {
            return Err(NamesError::Twice((*name).to_owned()));
        }
        let is_known =
            |name: &&str| fields::standard(name).is_some() || self.custom(name).is_some();
        if !names.iter().any(is_known) {
            return Err(NamesError::Unknown);
        }
        let columns = names.iter().map(|name| self.field_called(name)).collect();
        let columns = adjusted(columns, version, &self.input, &self.output);
        let layout = layout::build(&self.output, &columns)
            .map_err(|problem| NamesError::EqualKeys(self.with_way_out(problem)))?;
        let delimiter = match version {
            Version::One => None,
            Version::Two => delimiter(&self.input),
        };
        Ok(self.with_layouts(vec![layout], delimiter))
    }

    /// The plan for rows of which nothing is known.
    pub(crate) fn of_no_names(&self) -> Self {
        self.with_layouts(Vec::new(), None)
    }

    fn with_layouts(&self, layouts: Vec<Layout>, delimiter: Option<Box<[u8]>>) -> Self {
        Self {
            by_count: by_count(&layouts),
            delivery: self.delivery.for_layouts(&layouts, self.output.names),
            bulk: self.bulk.clone(),
            index: self.index.clone(),
            layouts,
            input: self.input.clone(),
            output: self.output.clone(),
            warnings: Vec::new(),
            custom: Arc::clone(&self.custom),
            delimiter,
        }
    }

    /// Two names of a log cannot be renamed, but one profile leaves them as they are.
    fn with_way_out(&self, problem: String) -> String {
        match self.output.names {
            Names::Cloudfront => problem,
            _ => format!("{problem}; [output] names = \"cloudfront\" leaves names as they are"),
        }
    }

    fn custom(&self, name: &str) -> Option<&Known> {
        self.custom.iter().find(|field| *field.name == *name)
    }

    /// A field by its name in standard logs; one that is not known is a text.
    fn field_called(&self, name: &str) -> Known {
        let names = self.output.names;
        let custom = || self.custom(name);
        match fields::standard(name) {
            Some(field) => known(field, names),
            None => custom().map_or_else(|| Known::custom(name, Kind::Text, names), Known::clone),
        }
    }
}

/// Every field that a layout of standard logs may name.
pub(super) fn known_fields(config: &Config) -> Result<Vec<Known>, ConfigError> {
    let names = config.output.names;
    let standard = FIELDS.iter().filter(|field| field.standard.is_some());
    let known = standard.map(|field| known(field, names));
    Ok(known
        .chain(custom_fields(config)?.iter().cloned())
        .collect())
}

pub(super) fn custom_fields(config: &Config) -> Result<Arc<[Known]>, ConfigError> {
    let known = layout::known_fields(config)?.into_iter();
    Ok(known.filter(|field| field.is_custom).collect())
}

fn known(field: &fields::Field, names: Names) -> Known {
    let mut known = Known::of(field, names);
    if let Some((_, written)) = field.standard {
        known.written = written.into();
    }
    if field.kind == Kind::Timestamp {
        known.kind = Kind::Milliseconds;
    }
    known
}

/// The columns with what the options of standard logs do to them.
pub(super) fn adjusted(
    mut columns: Vec<Known>,
    version: Version,
    input: &Input,
    output: &Output,
) -> Vec<Known> {
    let has_query = columns.iter().any(|column| *column.name == *QUERY);
    let decode = output.decode;
    for column in &mut columns {
        if *column.written == *STEM && input.uri == Uri::Joined && has_query {
            // It has the meaning of the real-time field now, and so its key.
            if let Some(field) = fields::realtime(STEM) {
                *column = Known::of(field, output.names);
            }
            column.encode = Some(Encode::Joined { decode });
        }
        let is_user_agent = *column.name == *USER_AGENT && version == Version::One;
        if is_user_agent && input.decode_twice && decode {
            column.encode = Some(Encode::DecodedTwice);
        }
    }
    columns
}

/// Options that are set, but say something about standard logs only.
pub(super) fn without_effect(input: &Input) -> Vec<String> {
    let set = [
        ("uri", input.uri != Uri::default()),
        ("delimiter", &*input.delimiter != TAB),
        ("decode_twice", !input.decode_twice),
    ];
    let set = set
        .iter()
        .filter(|(_, is_set)| *is_set && input.format == Format::Realtime);
    set.map(|(option, _)| {
        format!("[input] {option} has no effect on real-time logs; format = \"standard\" or \"auto\" reads others")
    })
    .collect()
}

/// The delimiter of rows, unless it is the tab.
pub(super) fn delimiter(input: &Input) -> Option<Box<[u8]>> {
    let other = Some(&*input.delimiter).filter(|delimiter| *delimiter != TAB);
    other.map(|delimiter| delimiter.as_bytes().into())
}
