//! The slow, obvious twin of `record`, for tests and benchmarks only.
//!
//! Same documents, same errors, from the same plan, one step after the other as docs/values.md tells them,
//! with nothing shared with the encoders but the plan's columns. It may allocate, and it may not be tuned.

use std::net::IpAddr;

use crate::config::{BadValue, Missing, Timestamp, Values};
use crate::error::{Place, Reason, RecordError};
use crate::fields::{Kind, Names, Shape};
use crate::json::string;
use crate::plan::{Column, Layout, Plan, UNPARSED};

/// The document of a record.
///
/// # Errors
/// As [`crate::record::transform`].
pub fn transform(plan: &Plan, record: &[u8]) -> Result<String, RecordError> {
    let error = |reason, offset, count| RecordError {
        reason,
        place: None,
        offset,
        count,
    };
    if record.len() > plan.max_record_bytes() {
        return Err(error(Reason::TooLarge, 0, record.len()));
    }
    let line = match record {
        [line @ .., b'\r', b'\n'] | [line @ .., b'\n'] | line => line,
    };
    if line.is_empty() {
        return Err(error(Reason::EmptyRecord, 0, 0));
    }
    if let Some(offset) = line.iter().position(|&byte| byte == b'\n') {
        return Err(error(Reason::SeveralLines, offset, 0));
    }
    let values: Vec<&[u8]> = line.split(|&byte| byte == b'\t').collect();
    let candidates: Vec<usize> = (0..plan.layouts().len())
        .filter(|&index| plan.layouts()[index].columns.len() == values.len())
        .collect();
    let index = match candidates[..] {
        [] => return Err(error(Reason::ColumnCount, 0, values.len())),
        [only] => only,
        _ => choose(plan, &candidates, &values).ok_or(error(Reason::NoLayout, 0, values.len()))?,
    };
    document(plan, &plan.layouts()[index], &values).map_err(|column| {
        let before: usize = values[..column].iter().map(|value| value.len() + 1).sum();
        RecordError {
            place: Some(Place {
                layout: index,
                column,
            }),
            ..error(Reason::BadValue, before, 0)
        }
    })
}

fn choose(plan: &Plan, candidates: &[usize], values: &[&[u8]]) -> Option<usize> {
    let all = |index: usize, accepts: &dyn Fn(&Column, &[u8]) -> bool| {
        let columns = &plan.layouts()[index].columns;
        columns
            .iter()
            .zip(values)
            .all(|(column, value)| is_missing(value) || accepts(column, value))
    };
    let fits = |column: &Column, value: &[u8]| fits(column.kind, value);
    let looks = |column: &Column, value: &[u8]| column.shape.is_none_or(|shape| has(shape, value));
    let proven = |column: &Column, value: &[u8]| column.unproven || !is_misfit(plan, column, value);
    let first = |accepts: &dyn Fn(&Column, &[u8]) -> bool| {
        candidates
            .iter()
            .copied()
            .find(|&index| all(index, accepts))
    };
    let best = first(&|column, value| fits(column, value) && looks(column, value));
    let taken = |column: &Column, value: &[u8]| !is_misfit(plan, column, value);
    let best = best.or_else(|| first(&fits)).or_else(|| first(&taken));
    best.or_else(|| match plan.input().bad_value {
        BadValue::Keep => candidates.first().copied(),
        BadValue::Fail => first(&proven),
    })
}

/// Keys and values; the column of the first misfit if it rejects the record.
fn document(plan: &Plan, layout: &Layout, values: &[&[u8]]) -> Result<String, usize> {
    let output = plan.output();
    let mut members: Vec<(String, String)> = Vec::new();
    let mut unparsed: Vec<String> = Vec::new();
    for (index, (column, value)) in layout.columns.iter().zip(values).enumerate() {
        let typed_list = column.kind == Kind::List && output.values == Values::Typed;
        if is_missing(value) || (typed_list && entries_of_list(value).is_empty()) {
            match output.missing {
                Missing::Omit => {}
                Missing::Null => members.push((column.key.to_string(), "null".to_owned())),
                Missing::Keep => {
                    members.push((
                        column.key.to_string(),
                        string(&String::from_utf8_lossy(value)),
                    ));
                }
            }
        } else if is_misfit(plan, column, value) {
            if !column.unproven && plan.input().bad_value == BadValue::Fail {
                return Err(index);
            }
            unparsed.push(format!(
                "{}:{}",
                string(&column.field),
                string(&text(plan, value))
            ));
        } else {
            members.push((column.key.to_string(), json(plan, column, value)));
            if &*column.field == "cs-headers-count" && is_truncated(plan, layout, values, value) {
                let key = match output.names {
                    Names::Cloudfront => "cs-headers-truncated",
                    Names::Snake => "cs_headers_truncated",
                    Names::Ecs | Names::Otel => "aws.cloudfront.headers_truncated",
                };
                members.push((key.to_owned(), "true".to_owned()));
            }
        }
    }
    if !unparsed.is_empty() {
        members.push((UNPARSED.to_owned(), format!("{{{}}}", unparsed.join(","))));
    }
    let members: Vec<String> = members
        .iter()
        .map(|(key, value)| format!("{}:{value}", string(key)))
        .collect();
    Ok(format!("{{{}}}", members.join(",")))
}

fn is_missing(value: &[u8]) -> bool {
    value.is_empty() || value == b"-"
}

fn is_misfit(plan: &Plan, column: &Column, value: &[u8]) -> bool {
    let checked = match plan.output().values {
        Values::Typed => true,
        Values::Text => {
            column.kind == Kind::Timestamp && plan.output().timestamp != Timestamp::Verbatim
        }
    };
    checked && !fits(column.kind, value)
}

fn fits(kind: Kind, value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else {
        return kind.requirement().is_none();
    };
    let digits = |text: &str| !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match kind {
        Kind::Timestamp => {
            let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
            digits(whole) && whole.len() <= 11 && digits(decimals) && decimals.len() <= 9
        }
        Kind::Integer => digits(unsigned) && text.parse::<i64>().is_ok(),
        Kind::Status => digits(text) && text.len() == 3,
        Kind::Decimal => {
            let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
            digits(whole) && digits(decimals) && text.len() <= 32
        }
        Kind::Boolean => matches!(text.to_lowercase().as_str(), "true" | "false" | "1" | "0"),
        Kind::Address => text.parse::<IpAddr>().is_ok(),
        _ => true,
    }
}

fn has(shape: Shape, value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    match shape {
        Shape::Method => {
            (3..=20).contains(&text.len())
                && !text.starts_with('-')
                && text.chars().all(|c| c.is_ascii_uppercase() || c == '-')
        }
        Shape::HttpVersion => {
            let version = text
                .strip_prefix("HTTP/")
                .and_then(|version| version.split_once('.'));
            version.is_some_and(|(major, minor)| {
                [major, minor].iter().all(|number| {
                    !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit())
                })
            })
        }
        Shape::IpVersion => text == "IPv4" || text == "IPv6",
        Shape::TlsVersion => {
            let minor: Vec<char> = text
                .strip_prefix("TLSv1.")
                .map(|minor| minor.chars().collect())
                .unwrap_or_default();
            text == "SSLv3" || text == "TLSv1" || matches!(minor[..], ['0'..='9'])
        }
        Shape::Scheme => ["http", "https", "ws", "wss"].contains(&&*text),
    }
}

/// The value as JSON.
fn json(plan: &Plan, column: &Column, value: &[u8]) -> String {
    let output = plan.output();
    let verbatim = String::from_utf8_lossy(value);
    let strings = |entries: Vec<&[u8]>| {
        let entries: Vec<String> = entries
            .iter()
            .map(|entry| string(&text(plan, entry)))
            .collect();
        format!("[{}]", entries.join(","))
    };
    match (column.kind, output.values) {
        (Kind::Text | Kind::Keyword, values) => {
            let json = string(&without_protocol(&column.key, text(plan, value)));
            let header = column.key.starts_with("http.") && column.key.contains(".header.");
            if header && output.names == Names::Otel && values == Values::Typed {
                return format!("[{json}]");
            }
            json
        }
        (Kind::List | Kind::Names | Kind::Headers, Values::Text) => string(&text(plan, value)),
        (_, Values::Text) | (Kind::Address | Kind::Date | Kind::Time, _) => string(&verbatim),
        (Kind::Timestamp, _) => timestamp(output.timestamp, &verbatim),
        (Kind::Integer | Kind::Status, _) => verbatim
            .parse::<i64>()
            .map(|number| number.to_string())
            .unwrap_or_default(),
        (Kind::Decimal, _) => {
            let (sign, digits) = verbatim
                .strip_prefix('-')
                .map_or(("", &*verbatim), |d| ("-", d));
            let digits = digits.trim_start_matches('0');
            let zero = if digits.is_empty() || digits.starts_with('.') {
                "0"
            } else {
                ""
            };
            format!("{sign}{zero}{digits}")
        }
        (Kind::Boolean, _) => (verbatim == "1" || verbatim.to_lowercase() == "true").to_string(),
        (Kind::List, _) => strings(entries_of_list(value)),
        (Kind::Names, _) => strings(pieces(value)),
        (Kind::Headers, _) => {
            let entries: Vec<String> = pieces(value)
                .iter()
                .map(|entry| header(&text(plan, entry)))
                .collect();
            format!("[{}]", entries.join(","))
        }
    }
}

fn timestamp(format: Timestamp, seconds: &str) -> String {
    let (whole, decimals) = seconds.split_once('.').unwrap_or((seconds, ""));
    let thousandths: String = decimals.chars().chain("000".chars()).take(3).collect();
    let whole: u64 = whole.parse().unwrap_or_default();
    match format {
        Timestamp::EpochMillis => {
            (whole * 1000 + thousandths.parse::<u64>().unwrap_or_default()).to_string()
        }
        Timestamp::Iso8601 => {
            let (mut year, mut days) = (1970, whole / 86_400);
            while days >= days_of_year(year) {
                days -= days_of_year(year);
                year += 1;
            }
            let mut month = 1;
            while days >= days_of_month(year, month) {
                days -= days_of_month(year, month);
                month += 1;
            }
            let (hour, minute, second) = (whole / 3600 % 24, whole / 60 % 60, whole % 60);
            let day = days + 1;
            format!(
                "\"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{thousandths}Z\""
            )
        }
        Timestamp::Verbatim => string(seconds),
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn header(entry: &str) -> String {
    let colon = entry
        .char_indices()
        .skip(1)
        .find(|&(_, c)| c == ':')
        .map(|(place, _)| place);
    let (name, value) = colon.map_or((entry, ""), |place| (&entry[..place], &entry[place + 1..]));
    format!("{{\"name\":{},\"value\":{}}}", string(name), string(value))
}

fn without_protocol(key: &str, version: String) -> String {
    let (names, short): (&[&str], bool) = match key {
        "http.version" => (&["HTTP/"], false),
        "network.protocol.version" => (&["HTTP/"], true),
        "tls.version" | "tls.protocol.version" => (&["TLSv", "SSLv"], false),
        _ => return version,
    };
    let number = names
        .iter()
        .find_map(|name| version.strip_prefix(name))
        .unwrap_or(&version);
    match number {
        "2.0" | "3.0" if short => number[..1].to_owned(),
        number => number.to_owned(),
    }
}

/// Whether fewer headers are here than the count says.
fn is_truncated(plan: &Plan, layout: &Layout, values: &[&[u8]], count: &[u8]) -> bool {
    let headers = layout
        .columns
        .iter()
        .position(|column| &*column.field == "cs-headers");
    let count = std::str::from_utf8(count)
        .ok()
        .and_then(|count| count.parse::<i64>().ok());
    match (headers, count) {
        (Some(headers), Some(count)) if plan.output().values == Values::Typed => {
            let entries = i64::try_from(pieces(values[headers]).len()).unwrap_or(i64::MAX);
            !is_missing(values[headers]) && entries < count
        }
        _ => false,
    }
}

/// The pieces between `%0A`, empty ones left out.
fn pieces(value: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for place in 0..value.len() {
        if place >= start && matches!(value[place..], [b'%', b'0', b'A' | b'a', ..]) {
            pieces.push(&value[start..place]);
            start = place + 3;
        }
    }
    pieces.push(&value[start..]);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn entries_of_list(value: &[u8]) -> Vec<&[u8]> {
    const BLANKS: [&[u8]; 3] = [b" ", b"%20", b"\\x20"];
    let mut entries: Vec<&[u8]> = value.split(|&byte| byte == b',').collect();
    for entry in &mut entries {
        while let Some(rest) = BLANKS.iter().find_map(|blank| entry.strip_prefix(*blank)) {
            *entry = rest;
        }
        while let Some(rest) = BLANKS.iter().find_map(|blank| entry.strip_suffix(*blank)) {
            *entry = rest;
        }
    }
    entries.retain(|entry| !entry.is_empty());
    entries
}

/// A value as text: percent-decoded if the plan says so, then decoded from UTF-8 as far as it is.
fn text(plan: &Plan, value: &[u8]) -> String {
    let mut bytes = Vec::new();
    let mut rest = value;
    while let [first, after @ ..] = rest {
        let digits = after
            .get(..2)
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let escape = digits
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match escape {
            Some(byte) if *first == b'%' && plan.output().decode => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
