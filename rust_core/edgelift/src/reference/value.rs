//! Reference implementation of the values.

use crate::config::{Timestamp, Values};
use crate::fields::{Kind, Names};
use crate::json::string;
use crate::plan::{Column, Encode, Layout, Plan, StandardEncode};

/// Returns a value as JSON.
pub(super) fn json(plan: &Plan, column: &Column, value: &[u8]) -> String {
    let output = plan.output();
    let verbatim = String::from_utf8_lossy(value);
    let strings = |entries: Vec<&[u8]>| {
        let entries: Vec<String> = entries
            .iter()
            .map(|entry| string(&text(column.decode, entry)))
            .collect();
        format!("[{}]", entries.join(","))
    };
    let one_text = || {
        let is_unsure = column.encode == Encode::Standard(StandardEncode::DecodedWhole);
        if is_unsure && !is_percent_encoded(value) {
            String::from_utf8_lossy(value).into_owned()
        } else {
            text(column.decode, value)
        }
    };
    match (column.kind, output.values) {
        (Kind::Text | Kind::Keyword, values) => {
            let json = string(&without_protocol(&column.key, one_text()));
            let header = column.key.starts_with("http.") && column.key.contains(".header.");
            if header && output.names == Names::Otel && values == Values::Typed {
                return format!("[{json}]");
            }
            json
        }
        (Kind::List | Kind::Names | Kind::Headers, Values::Text) => string(&one_text()),
        (_, Values::Text) | (Kind::Address | Kind::Date | Kind::Time, _) => string(&verbatim),
        (Kind::Milliseconds, _) => milliseconds(output.timestamp, &verbatim),
        (Kind::EventTime, _) => match (output.timestamp, iso8601(&verbatim)) {
            (format @ (Timestamp::EpochMillis | Timestamp::Iso8601), Some(seconds)) => {
                timestamp(format, &seconds)
            }
            (format, _) => milliseconds(format, &verbatim),
        },
        (Kind::Timestamp | Kind::Seconds, _) => timestamp(output.timestamp, &verbatim),
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
        (Kind::Names, _) => strings(header_entries(value)),
        (Kind::Headers, _) => {
            let entries: Vec<String> = header_entries(value)
                .iter()
                .map(|entry| header(&text(column.decode, entry)))
                .collect();
            format!("[{}]", entries.join(","))
        }
    }
}

pub(super) fn timestamp(format: Timestamp, seconds: &str) -> String {
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

pub(super) fn is_leap(year: u64) -> bool {
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

/// Returns true if the column of headers has fewer entries than the count says.
pub(super) fn is_truncated(plan: &Plan, layout: &Layout, values: &[&[u8]], count: &[u8]) -> bool {
    let headers = layout
        .columns
        .iter()
        .position(|column| &*column.field == "cs-headers");
    let count = std::str::from_utf8(count)
        .ok()
        .and_then(|count| count.parse::<i64>().ok());
    match (headers, count) {
        (Some(headers), Some(count)) if plan.output().values == Values::Typed => {
            let entries = i64::try_from(header_entries(values[headers]).len()).unwrap_or(i64::MAX);
            !is_missing(values[headers]) && entries < count
        }
        _ => false,
    }
}

/// Splits a value at `%0A` and drops empty entries.
fn header_entries(value: &[u8]) -> Vec<&[u8]> {
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

pub(super) fn entries_of_list(value: &[u8]) -> Vec<&[u8]> {
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

/// Returns a value as text: percent-decoded if `decode`, then decoded from UTF-8 with replacement characters.
pub(super) fn text(decode: bool, value: &[u8]) -> String {
    let mut bytes = Vec::new();
    let mut rest = value;
    while let [first, after @ ..] = rest {
        let digits = after
            .get(..2)
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let escape = digits
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match escape {
            Some(byte) if *first == b'%' && decode => {
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

fn milliseconds(format: Timestamp, text: &str) -> String {
    let millis: u64 = text.parse().unwrap_or_default();
    match format {
        Timestamp::Verbatim => string(text),
        format => timestamp(format, &format!("{}.{:03}", millis / 1000, millis % 1000)),
    }
}

/// Parses ISO 8601 in UTC. Returns the seconds since 1970, with decimals.
pub(super) fn iso8601(text: &str) -> Option<String> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let (whole, decimals) = time.split_once('.').unwrap_or((time, "0"));
    let are_digits = decimals.chars().all(|c| c.is_ascii_digit());
    if !are_digits || !(1..=9).contains(&decimals.len()) {
        return None;
    }
    Some(format!("{}.{decimals}", day(date)? + second(whole)?))
}

/// Returns true if nothing of a text would have to be escaped, and each `%` is an escape.
fn is_percent_encoded(value: &[u8]) -> bool {
    let is_plain = |&byte: &u8| byte > b' ' && byte < 0x7f && byte != b'"';
    let mut after_signs = value.split(|&byte| byte == b'%').skip(1);
    value.iter().all(is_plain)
        && after_signs.all(|after| {
            let digits = after.get(..2);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        })
}

/// Parses a date. Returns the seconds from 1970 to its midnight.
pub(super) fn day(text: &str) -> Option<u64> {
    let [year, month, day] = numbers(text, '-', &[4, 2, 2])?[..] else {
        return None;
    };
    let exists = year >= 1970 && (1..=12).contains(&month);
    if !exists || day < 1 || day > days_of_month(year, month) {
        return None;
    }
    let years: u64 = (1970..year).map(days_of_year).sum();
    let months: u64 = (1..month).map(|month| days_of_month(year, month)).sum();
    Some((years + months + day - 1) * 86_400)
}

/// Parses a time of day. Returns the seconds since midnight.
pub(super) fn second(text: &str) -> Option<u64> {
    let [hour, minute, second] = numbers(text, ':', &[2, 2, 2])?[..] else {
        return None;
    };
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

/// Parses numbers with exactly these lengths.
fn numbers(text: &str, between: char, lengths: &[usize]) -> Option<Vec<u64>> {
    let parts: Vec<&str> = text.split(between).collect();
    let is_right = parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, length)| {
            part.len() == *length && part.chars().all(|c| c.is_ascii_digit())
        });
    is_right.then(|| parts.iter().filter_map(|part| part.parse().ok()).collect())
}

/// Returns true if a value is missing.
pub(super) fn is_missing(value: &[u8]) -> bool {
    value.is_empty() || value == b"-"
}
