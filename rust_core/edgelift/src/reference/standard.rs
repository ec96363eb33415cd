//! Reference implementation of what only standard logs have: headers, JSON records, and times in two columns.

use super::value::{day, second, text, timestamp};
use super::{fits, is_missing, transform};
use crate::config::{Timestamp, Values};
use crate::error::{Place, Reason, RecordError};
use crate::fields::{self, Kind};
use crate::json::string;
use crate::plan::{Column, Encode, Layout, Plan, StandardEncode, Version};
use crate::record_layout::RecordLayout;

/// Returns the document, or the reason of the failure, for each line that is neither blank nor a valid header.
#[must_use]
pub fn lines(plan: &Plan, text: &[u8]) -> Vec<Result<String, Reason>> {
    let (mut header_plan, mut version) = (None, Version::Two);
    let mut results = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let header = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
        if let Some(names) = header.strip_prefix("#Fields:") {
            let mut names: Vec<&str> = names.split_whitespace().collect();
            // A header of version 2 may separate its names as rows separate their values.
            let delimiter = plan.input().delimiter.trim();
            if version == Version::Two && names.len() == 1 && !delimiter.is_empty() {
                names = names[0].split(delimiter).collect();
            }
            let compiled = plan.for_columns(&names, version);
            let compiled = compiled
                .ok()
                .filter(|_| line.len() <= plan.max_record_bytes());
            if compiled.is_none() {
                let is_too_large = line.len() > plan.max_record_bytes();
                results.push(Err(if is_too_large {
                    Reason::TooLarge
                } else {
                    Reason::BadHeader
                }));
            }
            header_plan = Some(compiled.unwrap_or_else(|| plan.without_layouts()));
            version = Version::Two;
        } else if is_header(line) {
            if header.starts_with("#Version:") {
                version = Version::One;
            }
        } else {
            let document = transform(header_plan.as_ref().unwrap_or(plan), line);
            results.push(document.map_err(|error| error.reason));
        }
    }
    // Drops blank lines.
    results.retain(|result| *result != Err(Reason::EmptyRecord));
    results
}

/// Returns true if a line begins with `#`, a word and a colon.
pub(super) fn is_header(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    let word = line
        .strip_prefix('#')
        .and_then(|rest| rest.split_once(':'))
        .map(|(word, _)| word);
    word.is_some_and(|word| {
        (1..=32).contains(&word.len()) && word.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
    })
}

pub(super) fn split<'a>(line: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    let (mut values, mut start, mut place) = (Vec::new(), 0, 0);
    while place < line.len() {
        if line[place..].starts_with(delimiter) {
            values.push(&line[start..place]);
            place += delimiter.len();
            start = place;
        } else {
            place += 1;
        }
    }
    values.push(&line[start..]);
    values
}

/// Returns the document for a JSON record. Errors in the JSON itself have no offset.
pub(super) fn json_record(plan: &Plan, record: &[u8]) -> Result<String, RecordError> {
    let bad = RecordError {
        reason: Reason::BadJson,
        place: None,
        offset: 0,
        count: 0,
    };
    let members = std::str::from_utf8(record)
        .ok()
        .and_then(members)
        .ok_or(bad)?;
    let names: Vec<&str> = members.iter().map(|member| &*member.key).collect();
    let json_plan = plan.for_columns(&names, Version::Two).map_err(|_| bad)?;
    let values: Vec<&[u8]> = members
        .iter()
        .map(|member| member.value.as_bytes())
        .collect();
    super::document(&json_plan, &json_plan.layouts()[0], &values).map_err(|column| RecordError {
        reason: Reason::BadValue,
        place: Some(Place {
            layout: RecordLayout::Json,
            column,
        }),
        offset: members[column].place,
        count: 0,
    })
}

struct Member {
    key: String,
    value: String,
    place: usize,
}

/// Parses a flat object into its members.
fn members(json: &str) -> Option<Vec<Member>> {
    let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    let mut rest = json
        .trim_start_matches(blank)
        .strip_prefix('{')?
        .trim_start_matches(blank);
    let mut members = Vec::new();
    if let Some(end) = rest.strip_prefix('}') {
        return end.trim_matches(blank).is_empty().then_some(members);
    }
    loop {
        let (key, after) = quoted(rest.trim_start_matches(blank))?;
        let after = after
            .trim_start_matches(blank)
            .strip_prefix(':')?
            .trim_start_matches(blank);
        let place = json.len() - after.len();
        let (value, after) = if after.starts_with('"') {
            quoted(after)?
        } else {
            let end = after.find(|c| blank(c) || c == ',' || c == '}')?;
            let word = &after[..end];
            let is_plain = matches!(word, "true" | "false") || is_number(word);
            let value = if word == "null" { "" } else { word };
            (is_plain || word == "null").then(|| (value.to_owned(), &after[end..]))?
        };
        members.push(Member { key, value, place });
        let after = after.trim_start_matches(blank);
        if let Some(end) = after.strip_prefix('}') {
            return end.trim_matches(blank).is_empty().then_some(members);
        }
        rest = after.strip_prefix(',')?;
    }
}

fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (number, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_short = whole == "0" || !whole.starts_with('0');
    is_short && digits(whole) && digits(decimals) && digits(exponent)
}

/// Parses a string. Returns its text and the rest of the input.
fn quoted(json: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut units: Vec<u16> = Vec::new();
    let mut rest = json.strip_prefix('"')?;
    loop {
        let escape = rest.strip_prefix("\\u");
        if let Some(digits) = escape.and_then(|digits| digits.get(..4))
            && digits.chars().all(|digit| digit.is_ascii_hexdigit())
        {
            units.push(u16::from_str_radix(digits, 16).ok()?);
            rest = &rest[6..];
            continue;
        }
        // A lone surrogate becomes three bytes, none of them valid UTF-8.
        for unit in char::decode_utf16(units.drain(..)) {
            match unit {
                Ok(character) => text.push(character),
                Err(_) => text.push_str("\u{fffd}\u{fffd}\u{fffd}"),
            }
        }
        let mut characters = rest.chars();
        match characters.next()? {
            '"' => return Some((text, characters.as_str())),
            '\\' => text.push(match characters.next()? {
                plain @ ('"' | '\\' | '/') => plain,
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                _ => return None,
            }),
            '\0'..' ' => return None,
            plain => text.push(plain),
        }
        rest = characters.as_str();
    }
}

/// Values of a row that depend on several columns: its time, and its path with the query.
pub(super) struct JointColumns {
    /// True if date, time and milliseconds become a single timestamp.
    is_merged: bool,
    has_milliseconds: bool,
    /// Seconds since 1970 from date and time, if both are present and fit.
    seconds: Option<u64>,
    query: Option<Vec<u8>>,
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
            has_milliseconds: kind(Kind::Milliseconds)
                .is_some_and(|value| fits(Kind::Milliseconds, value)),
            seconds: seconds(),
            query: column(&|column| &*column.field == "cs-uri-query").map(<[u8]>::to_vec),
        }
    }

    /// Returns true if another column already gives this value.
    pub(super) fn is_redundant(&self, column: &Column, value: &[u8]) -> bool {
        let is_good = is_missing(value) || fits(column.kind, value);
        self.is_merged
            && match column.kind {
                Kind::Date => self.has_milliseconds && is_good,
                Kind::Time => {
                    let is_in_date = self.seconds.is_some() && !is_missing(value);
                    is_good && (self.has_milliseconds || is_in_date)
                }
                Kind::Milliseconds => is_missing(value) && self.seconds.is_some(),
                _ => false,
            }
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
                let key = fields::realtime("timestamp")?.key(plan.output().names);
                Some((key.to_owned(), timestamp(plan.output().timestamp, &seconds)))
            }
            Encode::Standard(StandardEncode::Joined { .. }) => {
                let query = self.query.as_ref()?;
                own(text(plan, &[value, query].join(&b'?')))
            }
            Encode::Standard(StandardEncode::DecodedTwice) => {
                let once = text(plan, value);
                let is_encoded_twice = once.contains("%20") && !once.contains(' ');
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
    let several = (date && time) || (has(Kind::Milliseconds) && (date || time));
    let output = plan.output();
    several && output.values == Values::Typed && output.timestamp != Timestamp::Verbatim
}
