//! The reference implementation of `record`: slow and obvious, for tests and benchmarks only.
//!
//! Gives the same documents and errors from the same plan, step by step as docs/values.md describes them. It shares
//! nothing with the encoders but the plan's columns. It may allocate and must not be optimized.

mod standard;
mod value;

use std::net::IpAddr;

use crate::config::{BadValue, Format, Missing, Timestamp, Values};
use crate::error::{Place, Reason, RecordError};
use crate::fields::{Kind, Names, Shape};
use crate::json::string;
use crate::plan::{Column, Layout, Plan, UNPARSED};
use crate::record_layout::RecordLayout;
use value::{entries_of_list, is_truncated, json, text};

pub use standard::lines;

/// Returns the document for a record.
///
/// # Errors
/// The same as those of [`crate::record::transform`].
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
        return Err(error(Reason::MultipleLines, offset, 0));
    }
    if plan.input().format != Format::Realtime {
        if standard::is_header(line) {
            return Err(error(Reason::BadHeader, 0, 0));
        }
        if line.starts_with(b"{") {
            return standard::json_record(plan, line);
        }
    }
    let values = match plan.delimiter() {
        Some(delimiter) => standard::split(line, delimiter),
        None => line.split(|&byte| byte == b'\t').collect(),
    };
    if plan.layouts().is_empty() {
        return Err(error(Reason::NoHeader, 0, 0));
    }
    let candidates: Vec<usize> = (0..plan.layouts().len())
        .filter(|&index| plan.layouts()[index].columns.len() == values.len())
        .collect();
    let index = match candidates[..] {
        [] => return Err(error(Reason::ColumnCount, 0, values.len())),
        [only] => only,
        _ => match_layout(plan, &candidates, &values).ok_or(error(
            Reason::NoLayout,
            0,
            values.len(),
        ))?,
    };
    document(plan, &plan.layouts()[index], &values).map_err(|column| {
        let between = plan.delimiter().map_or(1, <[u8]>::len);
        let before: usize = values[..column]
            .iter()
            .map(|value| value.len() + between)
            .sum();
        RecordError {
            place: Some(Place {
                layout: RecordLayout::Row(index),
                column,
            }),
            ..error(Reason::BadValue, before, 0)
        }
    })
}

fn match_layout(plan: &Plan, candidates: &[usize], values: &[&[u8]]) -> Option<usize> {
    let all = |index: usize, accepts: &dyn Fn(&Layout, &Column, &[u8]) -> bool| {
        let layout = &plan.layouts()[index];
        let mut columns = layout.columns.iter().zip(values);
        columns.all(|(column, value)| is_missing(value) || accepts(layout, column, value))
    };
    let fits = |_: &Layout, column: &Column, value: &[u8]| fits(column.kind, value);
    let has_shape =
        |column: &Column, value: &[u8]| column.shape.is_none_or(|shape| has(shape, value));
    let accepted =
        |layout: &Layout, column: &Column, value: &[u8]| !is_misfit(plan, layout, column, value);
    let proven = |layout: &Layout, column: &Column, value: &[u8]| {
        column.unproven || accepted(layout, column, value)
    };
    let first = |accepts: &dyn Fn(&Layout, &Column, &[u8]) -> bool| {
        candidates
            .iter()
            .copied()
            .find(|&index| all(index, accepts))
    };
    let best =
        first(&|layout, column, value| fits(layout, column, value) && has_shape(column, value));
    let best = best.or_else(|| first(&fits)).or_else(|| first(&accepted));
    best.or_else(|| match plan.input().bad_value {
        BadValue::Keep => candidates.first().copied(),
        BadValue::Fail => first(&proven),
    })
}

/// Returns the document for a row, or the column of the first misfit if it rejects the record.
fn document(plan: &Plan, layout: &Layout, values: &[&[u8]]) -> Result<String, usize> {
    let output = plan.output();
    let mut members: Vec<(String, String)> = Vec::new();
    let mut unparsed: Vec<String> = Vec::new();
    let joint = standard::JointColumns::new(plan, layout, values);
    for (index, (column, value)) in layout.columns.iter().zip(values).enumerate() {
        let typed_list = column.kind == Kind::List && output.values == Values::Typed;
        if joint.is_redundant(column, value) {
            continue;
        }
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
        } else if is_misfit(plan, layout, column, value) {
            if !column.unproven && plan.input().bad_value == BadValue::Fail {
                return Err(index);
            }
            unparsed.push(format!(
                "{}:{}",
                string(&column.field),
                string(&text(plan, value))
            ));
        } else {
            let own = || (column.key.to_string(), json(plan, column, value));
            members.push(joint.member(plan, column, value).unwrap_or_else(own));
            let is_count = &*column.field == "cs-headers-count" && column.kind == Kind::Integer;
            if is_count && is_truncated(plan, layout, values, value) {
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

fn is_misfit(plan: &Plan, layout: &Layout, column: &Column, value: &[u8]) -> bool {
    let checked = match plan.output().values {
        _ if matches!(column.kind, Kind::Date | Kind::Time) => standard::is_checked(plan, layout),
        Values::Typed => true,
        Values::Text => {
            matches!(column.kind, Kind::Timestamp | Kind::Milliseconds)
                && plan.output().timestamp != Timestamp::Verbatim
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
        Kind::Date => value::day(text).is_some(),
        Kind::Time => value::second(text).is_some(),
        Kind::Milliseconds => digits(text) && text.len() <= 14,
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
