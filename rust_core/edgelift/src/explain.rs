//! Explains how each column of a record is transformed. For people, so it may be slow.

use std::mem;

use crate::config::{Missing, Shapes, Values};
use crate::error::{Reason, RecordError};
use crate::fields::Kind;
use crate::header::{self, Directive};
use crate::plan::{Column, Encode, HEADERS, HEADERS_COUNT, Layout, Plan, StandardEncode, Version};
use crate::record::{self, OutputBuffer, ParsedRecord, RecordLayout, Scratch};
use crate::scan::Scan;
use crate::value::{self, Line};

/// One column of a record, explained.
#[derive(Debug)]
pub struct Explained {
    /// Column, from 1.
    pub position: usize,
    /// Real-time name of the field, or `None` for an unknown column.
    pub field: Option<String>,
    /// Kind of the field.
    pub kind: Option<Kind>,
    /// Bytes in the record.
    pub raw: Vec<u8>,
    /// JSON in the document, or `None` if the document does not contain it.
    pub value: Option<String>,
    /// A remark for the reader; often empty.
    pub note: String,
}

/// Explains each column of a record, including columns that do not fit. Header lines may precede a row of a standard
/// log. JSON that cannot be read has no columns.
///
/// With several layouts, explains the record by its own layout, else by the first with its number of columns, else by
/// the one whose number of columns is nearest.
///
/// # Errors
///
/// Returns `TooLarge` for a record or a header line of more than `max_record_bytes`, like `record::transform`: there
/// may be millions of columns.
pub fn explain(plan: &Plan, record: &[u8]) -> Result<Vec<Explained>, RecordError> {
    let (header, record) = split_header(plan, record)?;
    let plan = header.as_ref().unwrap_or(plan);
    record::check_size(plan, record)?;
    let Ok(parsed) = ParsedRecord::parse(plan, record) else {
        return Ok(Vec::new());
    };
    let values = parsed.values(record);
    let mut documents = OutputBuffer::default();
    let transformed = record::transform(plan, record, &mut Scratch::new(plan), &mut documents);
    let error = transformed
        .err()
        .map(|error| (error, error.message(plan, record)));
    let plan = parsed.plan(plan);
    let layout =
        transformed.map_or_else(|_| nearest_layout(plan, values.len()), RecordLayout::index);
    let unknown = Layout::default();
    let layout = plan.layouts().get(layout).unwrap_or(&unknown);
    let rows = values.len().max(layout.columns.len());
    let mut explained: Vec<Explained> = (0..rows)
        .map(|index| explain_column(plan, layout, index, &values))
        .collect();
    if let (Some(first), Some((error, message))) = (explained.first_mut(), error)
        && matches!(
            error.reason,
            Reason::EmptyRecord | Reason::MultipleLines | Reason::BadHeader
        )
    {
        // An error of the whole record shows in none of its columns.
        let note = std::mem::take(&mut first.note);
        first.note = if note.is_empty() {
            message
        } else {
            format!("{message}; {note}")
        };
    }
    Ok(explained)
}

/// Splits header lines from the row after them. Returns the plan for the header, if there is one, and the row.
fn split_header<'a>(
    plan: &Plan,
    mut record: &'a [u8],
) -> Result<(Option<Plan>, &'a [u8]), RecordError> {
    let (mut header_plan, mut version) = (None, Version::Two);
    while plan.reads_standard()
        && let Some(directive) = header::directive(record)
        && let Some(end) = memchr::memchr(b'\n', record)
        && end + 1 < record.len()
    {
        match directive {
            Directive::Version => version = Version::One,
            Directive::Fields => {
                record::check_size(plan, &record[..=end])?;
                let version = mem::replace(&mut version, Version::Two);
                let read = header::plan_for_fields(plan, &record[..end], version);
                header_plan = Some(read.unwrap_or_else(|_| plan.without_layouts()));
            }
            Directive::Other => {}
        }
        record = &record[end + 1..];
    }
    Ok((header_plan, record))
}

fn explain_column(plan: &Plan, layout: &Layout, index: usize, values: &[&[u8]]) -> Explained {
    let raw = values.get(index).copied();
    let column = layout.columns.get(index);
    let (value, note) = match (column, raw) {
        (Some(column), Some(raw)) => explain_value(plan, layout, column, raw, values),
        (Some(_), None) => (None, "the record ends before this column".to_owned()),
        (None, _) if plan.layouts().is_empty() => {
            (None, "no header and no layout says what it is".to_owned())
        }
        (None, _) => {
            let note = format!("the layout has {} columns", layout.columns.len());
            (None, note)
        }
    };
    Explained {
        position: index + 1,
        field: column.map(|column| column.field.to_string()),
        kind: column.map(|column| column.kind),
        raw: raw.unwrap_or_default().to_vec(),
        value,
        note,
    }
}

fn nearest_layout(plan: &Plan, count: usize) -> usize {
    let distance = |index: &usize| plan.layouts()[*index].columns.len().abs_diff(count);
    (0..plan.layouts().len()).min_by_key(distance).unwrap_or(0)
}

fn explain_value(
    plan: &Plan,
    layout: &Layout,
    column: &Column,
    raw: &[u8],
    values: &[&[u8]],
) -> (Option<String>, String) {
    let date = present(values, layout.time_columns.date).unwrap_or_default();
    let value = record::encode_single_value(plan, column, raw, date);
    let missing = || match plan.output().missing {
        Missing::Omit => "missing: left out".to_owned(),
        Missing::Null | Missing::Keep => "missing".to_owned(),
    };
    let encode = match column.encode {
        Encode::Standard(encode) => Some(encode),
        _ => None,
    };
    let typed = plan.output().values == Values::Typed;
    let is_truncated = || typed && is_truncated(layout, column, raw, values);
    if !column.is_selected && (value::is_missing(raw) || column.accepts(raw)) {
        let note = match column.kind {
            Kind::Headers if !value::is_missing(raw) && is_truncated() => {
                format!("{UNSELECTED}; {TRUNCATED}")
            }
            _ => UNSELECTED.to_owned(),
        };
        return (None, note);
    }
    if value::is_missing(raw) {
        let note = encode.and_then(|encode| redundancy_note(layout, encode, values));
        return note.map_or_else(|| (value, missing()), |note| (None, note.to_owned()));
    }
    if !column.accepts(raw) {
        let requirement = column.kind.requirement().unwrap_or_default();
        let outcome = if column.unproven || plan.keeps_bad_values() {
            if column.is_selected {
                "goes into _unparsed"
            } else {
                "left out"
            }
        } else {
            "the record fails"
        };
        return (None, format!("not {requirement}: {outcome}"));
    }
    if let Some(encode) = encode
        && let Some(explained) = explain_joint(plan, layout, encode, raw, values)
    {
        return explained;
    }
    let note = match column.kind {
        Kind::List if typed && !value.as_deref().is_some_and(|list| list.starts_with('[')) => {
            missing()
        }
        Kind::Headers if is_truncated() => TRUNCATED.to_owned(),
        _ => shape_note(plan, column, raw),
    };
    (value, note)
}

/// Returns the note for a value that does not have its shape, or an empty one.
fn shape_note(plan: &Plan, column: &Column, raw: &[u8]) -> String {
    match column.checked_shape {
        Some(shape) if !value::shape::matches(shape, raw) => {
            let outcome = match plan.input().shapes {
                Shapes::Fail => "the record fails",
                Shapes::Warn | Shapes::Ignore => "the record may have another layout",
            };
            format!("not {}: {outcome}", shape.requirement())
        }
        _ => String::new(),
    }
}

const UNSELECTED: &str = "left out: not in [output] columns";
const TRUNCATED: &str = "truncated: fewer entries than cs-headers-count";
const BY_MILLISECONDS: &str = "omitted: timestamp(ms) has it";
const BY_SECONDS: &str = "omitted: timestamp has it";
const BY_DATE_AND_TIME: &str = "omitted: date and time have it";

/// Returns the note for a column whose time other columns already give, or `None` if they do not.
fn redundancy_note(
    layout: &Layout,
    encode: StandardEncode,
    values: &[&[u8]],
) -> Option<&'static str> {
    let time_columns = &layout.time_columns;
    let milliseconds = || {
        value::parse_milliseconds(present(values, time_columns.milliseconds)?)?;
        Some(BY_MILLISECONDS)
    };
    let seconds = || {
        value::parse_timestamp_millis(present(values, time_columns.seconds)?)?;
        Some(BY_SECONDS)
    };
    let pair = || {
        let (date, time) = time_columns.pair()?;
        value::parse_date_time(present(values, Some(date))?, present(values, Some(time))?)?;
        Some(BY_DATE_AND_TIME)
    };
    match encode {
        StandardEncode::Date(_) | StandardEncode::Time => milliseconds().or_else(seconds),
        StandardEncode::Milliseconds(_) => seconds().or_else(pair),
        StandardEncode::Seconds { .. } => milliseconds().or_else(pair),
        _ => None,
    }
}

/// Returns the value of a column, or `None` if it is missing.
fn present<'a>(values: &[&'a [u8]], column: Option<usize>) -> Option<&'a [u8]> {
    let raw = values.get(column?).copied()?;
    (!value::is_missing(raw)).then_some(raw)
}

/// Explains a value that is combined with other columns, if these have values.
fn explain_joint(
    plan: &Plan,
    layout: &Layout,
    encode: StandardEncode,
    raw: &[u8],
    values: &[&[u8]],
) -> Option<(Option<String>, String)> {
    let present = |column: Option<usize>| present(values, column);
    match encode {
        StandardEncode::Date(_) | StandardEncode::Time
            if let Some(note) = redundancy_note(layout, encode, values) =>
        {
            Some((None, note.to_owned()))
        }
        StandardEncode::Seconds { .. } => {
            value::parse_milliseconds(present(layout.time_columns.milliseconds)?)?;
            Some((None, BY_MILLISECONDS.to_owned()))
        }
        StandardEncode::Date(format) => {
            let millis = value::parse_date_time(raw, present(layout.time_columns.time)?)?;
            let mut out = vec![0; 64];
            let end = value::write_seconds(format, millis / 1000, &mut out, 0);
            let json = String::from_utf8_lossy(&out[..end]);
            let value = format!("{}{json}", format.opening());
            Some((Some(value), "with the time one timestamp".to_owned()))
        }
        StandardEncode::Time => {
            value::parse_date_time(present(layout.time_columns.date)?, raw)?;
            Some((None, "part of the timestamp".to_owned()))
        }
        StandardEncode::Joined { .. } => {
            let query = present(layout.query)?;
            let column = layout
                .columns
                .iter()
                .find(|column| column.encode == Encode::Standard(encode))?;
            let joined = [raw, query].join(&b'?');
            let note = "with the query string after it".to_owned();
            Some((
                record::encode_single_value(plan, column, &joined, b""),
                note,
            ))
        }
        StandardEncode::Milliseconds(_)
        | StandardEncode::EventTime(_)
        | StandardEncode::DecodedTwice { .. }
        | StandardEncode::DecodedWhole => None,
    }
}

/// Returns true if the column is `cs-headers` and has fewer entries than `cs-headers-count` says.
fn is_truncated(layout: &Layout, column: &Column, headers: &[u8], values: &[&[u8]]) -> bool {
    if &*column.field != HEADERS {
        return false;
    }
    let count = layout
        .column(HEADERS_COUNT)
        .filter(|&count| layout.columns[count].is_selected)
        .and_then(|count| values.get(count))
        .filter(|count| value::fits(Kind::Integer, count));
    let count = count.and_then(|count| std::str::from_utf8(count).ok()?.parse().ok());
    count.is_some_and(|count: usize| count_headers(headers) < count)
}

/// Returns the number of entries in a column of headers.
fn count_headers(raw: &[u8]) -> usize {
    let mut scan = Scan::with_columns(1);
    scan.line(raw, raw.len());
    let specials = scan.specials();
    value::count_headers(
        &mut Line {
            bytes: raw,
            specials,
        },
        0,
        raw.len(),
    )
}
