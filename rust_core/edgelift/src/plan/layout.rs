//! From fields to a layout: keys rendered and checked, each column with its encoder.

use std::collections::HashSet;

use super::clock::{self, Clock, timestamp_format, timestamp_key};
use super::known::Known;
use super::{Column, Encode, FastPath, Layout, PLAIN, SHORT};
use crate::config::{Output, Values};
use crate::fields::{Kind, Names};
use crate::value::{GROWTH, Prefix};

/// Key of the values that did not fit, in every naming profile.
pub const UNPARSED: &str = "_unparsed";
pub(crate) const HEADERS_COUNT: &str = "cs-headers-count";
pub(crate) const HEADERS: &str = "cs-headers";
pub(super) const QUERY: &str = "cs-uri-query";

/// Builds a layout; what is wrong with it, if two of its keys are equal.
pub(super) fn build(output: &Output, fields: &[Known]) -> Result<Layout, String> {
    let kinds: Vec<Kind> = fields.iter().map(|field| field.kind).collect();
    let clock = Clock::of(&kinds, output);
    let columns: Vec<Column> = fields
        .iter()
        .enumerate()
        .map(|(place, field)| {
            let encode = clock.encode(place, output).or(field.encode).map_or_else(
                || Encode::of(&field.name, &field.key, field.kind, output),
                Encode::Standard,
            );
            column(field, encode)
        })
        .collect();
    let place = |name: &str| columns.iter().position(|column| *column.field == *name);
    let typed = output.values == Values::Typed;
    let headers = place(HEADERS_COUNT)
        .filter(|_| typed)
        .and_then(|_| place(HEADERS));
    let truncated_key = truncated_key(output.names);
    let timestamp_key = clock.pair().map(|_| timestamp_key(output.names));
    // One column has the key already where the milliseconds are there, too.
    let second_key = timestamp_key.filter(|_| clock.milliseconds.is_none());
    let other_keys = headers.map(|_| truncated_key).into_iter().chain(second_key);
    refuse_equal_keys(&columns, other_keys)?;
    let truncated = format!("{}true", Prefix::render(truncated_key, ""));
    let moment = timestamp_format(output);
    let timestamp = timestamp_key.map(|key| Prefix::new(key, moment.opening()));
    let is_joined = |field: &Known| matches!(field.encode, Some(clock::Encode::Joined { .. }));
    let query = place(QUERY).filter(|_| fields.iter().any(is_joined));
    let room = columns.iter().map(Column::fixed_bytes).sum::<usize>();
    Ok(Layout {
        fixed_bytes: room + truncated.len() + timestamp.as_ref().map_or(0, Prefix::len),
        growth: if query.is_some() { 2 * GROWTH } else { GROWTH },
        query,
        columns,
        headers,
        truncated: truncated.into_bytes().into(),
        clock,
        timestamp,
        begins_with: clock.is_first().then_some(moment),
    })
}

fn column(field: &Known, encode: Encode) -> Column {
    let prefix = Prefix::new(&field.key, Column::opening(encode));
    let short = FastPath::of(encode, &prefix);
    Column {
        field: field.name.clone(),
        key: field.key.clone(),
        kind: field.kind,
        unproven: field.unproven,
        shape: field.shape,
        short,
        plain: if short == FastPath::String {
            SHORT + 1 - PLAIN
        } else {
            0
        },
        prefix,
        unparsed: Prefix::new(&field.name, "\""),
        encode,
    }
}

const fn truncated_key(names: Names) -> &'static str {
    match names {
        Names::Cloudfront => "cs-headers-truncated",
        Names::Snake => "cs_headers_truncated",
        Names::Ecs | Names::Otel => "aws.cloudfront.headers_truncated",
    }
}

fn refuse_equal_keys<'a>(
    columns: &'a [Column],
    others: impl Iterator<Item = &'a str>,
) -> Result<(), String> {
    let mut keys: HashSet<&str> = [UNPARSED].into_iter().chain(others).collect();
    match columns.iter().find(|column| !keys.insert(&column.key)) {
        None => Ok(()),
        Some(Column { field, key, .. }) => Err(format!(
            "the field \"{field}\" would write the key \"{key}\" a second time"
        )),
    }
}

impl Column {
    /// Room for the key, the key in `_unparsed`, punctuation and a number at its longest.
    fn fixed_bytes(&self) -> usize {
        const LONGEST_NUMBER: usize = 64;
        self.prefix.len() + self.unparsed.len() + LONGEST_NUMBER
    }
}
