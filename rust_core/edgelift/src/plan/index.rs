//! The name of the OpenSearch index of a document: a pattern over the time of its record, in UTC.

use std::fmt::Write as _;

use toml::Spanned;

use crate::config::Config;
use crate::error::ConfigError;
use crate::value;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    pattern: Box<str>,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    Time(Time),
}

/// A placeholder; ordered from the longest unit of time to the shortest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Time {
    Year,
    Month,
    Day,
    Hour,
}

impl Time {
    const ALL: [Self; 4] = [Self::Year, Self::Month, Self::Day, Self::Hour];

    const fn placeholder(self) -> &'static str {
        match self {
            Self::Year => "{yyyy}",
            Self::Month => "{MM}",
            Self::Day => "{dd}",
            Self::Hour => "{HH}",
        }
    }

    /// Returns the number of its digits.
    const fn width(self) -> usize {
        match self {
            Self::Year => 4,
            _ => 2,
        }
    }
}

/// An error in a pattern, with the nearest valid placeholder.
struct Wrong {
    message: String,
    suggestion: Option<String>,
}

impl From<String> for Wrong {
    fn from(message: String) -> Self {
        Self {
            message,
            suggestion: None,
        }
    }
}

/// Compiles the index pattern of a configuration; `None` for weekly indices.
pub(super) fn compile(config: &Config) -> Result<Option<Index>, ConfigError> {
    let prefix = &config.opensearch.index_prefix;
    let has_placeholder = prefix.get_ref().contains(['{', '}']);
    let placeholder = has_placeholder
        .then(|| "a prefix has no placeholders: they belong into [bulk] index".to_owned());
    if let Some(message) = placeholder.or_else(|| name_problem(prefix.get_ref())) {
        return Err(ConfigError {
            message,
            line: Some(config.line(&prefix.span())),
            key: Some("opensearch.index_prefix".to_owned()),
            ..ConfigError::default()
        });
    }
    let parse = |index: &Spanned<String>| {
        let line = Some(config.line(&index.span()));
        Index::parse(index.get_ref(), "bulk.index", line)
    };
    config.bulk.index.as_ref().map(parse).transpose()
}

/// Returns the error for a bulk body with weekly indices.
pub(super) fn weekly() -> ConfigError {
    ConfigError {
        message:
            "weekly indices are Firehose's only; choose another rotation, or write the pattern"
                .to_owned(),
        key: Some("bulk.index".to_owned()),
        ..ConfigError::default()
    }
}

impl Index {
    /// Parses a pattern; `key` and `line` are its place in the configuration.
    pub(super) fn parse(
        pattern: &str,
        key: &str,
        line: Option<usize>,
    ) -> Result<Self, ConfigError> {
        let error = |wrong: Wrong| ConfigError {
            message: wrong.message,
            line,
            key: Some(key.to_owned()),
            suggestion: wrong.suggestion,
        };
        let index = Self {
            pattern: pattern.into(),
            parts: parts(pattern).map_err(error)?,
        };
        check(&index).map_err(|message| error(message.into()))?;
        Ok(index)
    }

    /// Returns the pattern as it was written.
    pub(super) fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Returns true if the name depends on the hour, so that the day of a record is not enough.
    pub(crate) fn needs_hour(&self) -> bool {
        self.parts.contains(&Part::Time(Time::Hour))
    }

    /// Returns the seconds during which the name is certain not to change, or `None` if it never changes.
    pub(crate) fn period(&self) -> Option<u64> {
        let is_time = |part: &Part| matches!(part, Part::Time(_));
        if self.needs_hour() {
            Some(3600)
        } else {
            self.parts.iter().any(is_time).then_some(DAY)
        }
    }

    /// Appends the name for a time in seconds since 1970.
    pub(crate) fn write(&self, seconds: u64, name: &mut String) {
        let (year, month, day) = value::date_of_day(seconds / DAY);
        for part in &self.parts {
            let time = match part {
                Part::Text(text) => {
                    name.push_str(text);
                    continue;
                }
                Part::Time(time) => *time,
            };
            let number = match time {
                Time::Year => year,
                Time::Month => month,
                Time::Day => day,
                Time::Hour => seconds % DAY / 3600,
            };
            let width = time.width();
            let _ = write!(name, "{number:0width$}");
        }
    }

    /// Returns the error for a pattern with a time and a layout without one. `key` is the pattern's place in the
    /// configuration.
    pub(super) fn needs_time(&self, layout: &str, key: &str) -> ConfigError {
        ConfigError {
            message: format!(
                "\"{}\" is named by the time of each record, and {layout} has none; add the field of the time, or \
                 name an index without a time",
                self.pattern()
            ),
            key: Some(key.to_owned()),
            ..ConfigError::default()
        }
    }
}

const DAY: u64 = 86_400;

fn parts(pattern: &str) -> Result<Vec<Part>, Wrong> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some(place) = rest.find(['{', '}']) {
        let (text, brace) = rest.split_at(place);
        let closed = brace.find('}').filter(|_| brace.starts_with('{'));
        let end = closed.ok_or_else(|| "a brace without its other half".to_owned())? + 1;
        if !text.is_empty() {
            parts.push(Part::Text(text.into()));
        }
        parts.push(Part::Time(time(&brace[..end])?));
        rest = &brace[end..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.into()));
    }
    Ok(parts)
}

fn time(placeholder: &str) -> Result<Time, Wrong> {
    let found = Time::ALL
        .into_iter()
        .find(|time| time.placeholder() == placeholder);
    found.ok_or_else(|| {
        // For {YYYY}, {mm} or {day} the first letter suggests the placeholder.
        let letter = |text: &str| {
            text.chars()
                .nth(1)
                .map(|letter| letter.to_ascii_lowercase())
        };
        let known = Time::ALL.map(Time::placeholder);
        let near = known
            .iter()
            .find(|known| letter(known) == letter(placeholder));
        Wrong {
            message: format!(
                "unknown placeholder \"{placeholder}\", known are {}",
                known.join(", ")
            ),
            suggestion: near.map(|&near| near.to_owned()),
        }
    })
}

/// Refuses a pattern that would give a name that [`name_problem`] refuses. All times give digits at the same positions,
/// so one time represents all of them, and no name has to be checked later.
fn check(index: &Index) -> Result<(), String> {
    if let Some(place) = index.pattern.find('%') {
        let sign: String = index.pattern[place..].chars().take(2).collect();
        let known = Time::ALL.map(Time::placeholder).join(", ");
        return Err(format!(
            "\"{sign}\" is not a placeholder, known are {known}, and % is not allowed in a URL path"
        ));
    }
    let mut name = String::new();
    index.write(0, &mut name);
    name_problem(&name).map_or(Ok(()), Err)
}

/// Returns why OpenSearch cannot create an index of this name, or should not.
///
/// Names that begin with a dot are valid, but plugins keep their state in them (`.opendistro_security`), and log content
/// must not get there. Date math (`<logs-{now/d}>`, also percent-encoded as in a URL) would name another index each day.
///
/// Source: `validateIndexOrAliasName` and `validateIndexName` in OpenSearch's `MetadataCreateIndexService`. Control
/// characters and all white space are refused in addition.
pub(crate) fn name_problem(name: &str) -> Option<String> {
    const MOST: usize = 255;
    let is_refused = |c: &char| c.is_whitespace() || c.is_control() || "\\/*?\"<>|,#:".contains(*c);
    let is_upper = |c: &char| c.to_lowercase().next() != Some(*c);
    if name.starts_with('<') || name.starts_with("%3C") || name.starts_with("%3c") {
        return Some(
            "date math names another index each day; write the name of one index".to_owned(),
        );
    }
    if let Some(refused) = name.chars().find(is_refused) {
        return Some(format!(
            "{refused:?} is not allowed in the name of an index"
        ));
    }
    if let Some(upper) = name.chars().find(is_upper) {
        return Some(format!(
            "{upper:?} is not allowed in the name of an index, which must be lower case"
        ));
    }
    match name.chars().next() {
        None => {
            return Some(
                "the name of an index is expected, such as cdn-logs-{yyyy}-{MM}-{dd}".to_owned(),
            );
        }
        Some('.') => {
            return Some(
                "the name of an index cannot begin with '.', as those of system indices do"
                    .to_owned(),
            );
        }
        Some(sign @ ('-' | '_' | '+')) => {
            return Some(format!("the name of an index cannot begin with '{sign}'"));
        }
        Some(_) => {}
    }
    (name.len() > MOST).then(|| {
        format!(
            "the name of an index has at most {MOST} bytes, this one {}",
            name.len()
        )
    })
}
