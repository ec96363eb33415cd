//! Builds configuration errors: line, column, message and suggestion.

use std::fmt::Write as _;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::ConfigError;

/// Returns the line of an offset, from 1.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|&byte| byte == b'\n')
        .count()
        + 1
}

/// Returns the column of an offset within its line, from 1 and in characters.
fn column_at(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.rsplit(|&byte| byte == b'\n').next();
    // All bytes but those that continue a character.
    let is_first = |&&byte: &&u8| byte & 0xC0 != 0x80;
    line.unwrap_or_default().iter().filter(is_first).count() + 1
}

/// Describes text that is not TOML. The parser expects characters there, not names that could be suggested.
pub(super) fn syntax_error(text: &str, error: &toml::de::Error) -> ConfigError {
    let place = error.span().map(|span| span.start);
    let column = place.map_or_else(String::new, |offset| {
        format!("column {}: ", column_at(text, offset))
    });
    ConfigError {
        message: format!("{column}{}", error.message()),
        line: place.map(|offset| line_at(text, offset)),
        ..ConfigError::default()
    }
}

/// Describes TOML that is not a configuration.
pub(super) fn value_error(text: &str, error: &toml::de::Error) -> ConfigError {
    let key = error.span().and_then(|span| path_of(text, &span));
    let line = error.span().map(|span| line_at(text, span.start));
    let (mut message, suggestion) = readable(error.message());
    if let Some(list @ ("layouts" | "custom_fields")) = key.as_deref() {
        let _ = write!(message, "; each one begins with [[{list}]]");
    }
    if key.as_deref() == Some("fields") {
        message.push_str("; fields belong to a layout, below [[layouts]]");
    }
    ConfigError {
        message,
        line,
        key,
        suggestion,
    }
}

/// Returns the path of the key or value at a span of a TOML document, such as `layouts[0].fields`, or None if the whole
/// document is meant.
///
/// Spans are looked up after an error, as a deserializer that keeps the path doubles the code of every configuration
/// type.
fn path_of(text: &str, span: &Range<usize>) -> Option<String> {
    let document = DeTable::parse(text).ok()?;
    let path = path_in_table(document.get_ref(), span)?;
    Some(path.trim_start_matches('.').to_owned())
}

fn path_in_table(table: &DeTable<'_>, span: &Range<usize>) -> Option<String> {
    table.iter().find_map(|(key, value)| {
        // First the key: within `[a.b]`, the unknown key `a` is at a place that the table `b` has, too.
        let is_key = key.span() == *span;
        let rest = is_key
            .then(String::new)
            .or_else(|| path_in_value(value, span))?;
        Some(format!(".{}{rest}", key.get_ref()))
    })
}

fn path_in_value(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<String> {
    let within = match value.get_ref() {
        DeValue::Table(table) => path_in_table(table, span),
        DeValue::Array(values) => values
            .iter()
            .enumerate()
            .find_map(|(index, value)| Some(format!("[{index}]{}", path_in_value(value, span)?))),
        _ => None,
    };
    within.or_else(|| contains(&value.span(), span).then(String::new))
}

fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Converts a message of serde, such as "unknown field `a`, expected one of `b`, `c`", into one about configurations.
/// Returns the nearest valid name, too.
fn readable(message: &str) -> (String, Option<String>) {
    if let Some((wrong, known)) = unknown_name(message, "unknown field `") {
        let message = format!("unknown key, known are {}", known.join(", "));
        return (message, nearest(wrong, known.into_iter()));
    }
    if let Some((wrong, known)) = unknown_name(message, "unknown variant `") {
        let message = format!("\"{wrong}\" is not one of {}", known.join(", "));
        return (message, nearest(wrong, known.into_iter()));
    }
    if let Some(name) = message.strip_prefix("missing field `") {
        let name = name.strip_suffix('`').unwrap_or(name);
        return (format!("the key \"{name}\" is missing"), None);
    }
    // serde's names for tables and arrays, and toml's for a name out of a list.
    let (found, expected) = message.rsplit_once(", expected ").unwrap_or((message, ""));
    let found = found.replace("wanted string or table", "expected a string");
    let found = found
        .strip_suffix("type: map")
        .map_or(found.clone(), |kind| format!("{kind}type: table"));
    let found = found
        .strip_suffix("sequence")
        .map_or(found.clone(), |kind| format!("{kind}array"));
    let message = match expected {
        "" => found,
        "a map" => format!("{found}, expected a table"),
        "a sequence" => format!("{found}, expected an array"),
        "i64" => format!("{found}, expected an integer"),
        expected if expected.starts_with("struct") => format!("{found}, expected a table"),
        expected => format!("{found}, expected {expected}"),
    };
    (message, None)
}

/// Parses the unknown name and the known ones out of a message that begins with `start`. The unknown name is user input
/// and may contain backticks; the known ones come last.
fn unknown_name<'message>(
    message: &'message str,
    start: &str,
) -> Option<(&'message str, Vec<&'message str>)> {
    let (wrong, known) = message.strip_prefix(start)?.rsplit_once("`, expected ")?;
    Some((wrong, known.split('`').skip(1).step_by(2).collect()))
}

/// Returns the known name that a wrong one probably means.
pub(crate) fn nearest<'name>(
    wrong: &str,
    known: impl Iterator<Item = &'name str>,
) -> Option<String> {
    const MIN_SIMILARITY: f64 = 0.6;
    let wrong = wrong.to_lowercase().replace('_', "-");
    known
        .map(|name| {
            (
                strsim::normalized_damerau_levenshtein(&wrong, &name.replace('_', "-")),
                name,
            )
        })
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}
