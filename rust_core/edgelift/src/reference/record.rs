//! One record of any format.

use super::document::{document, is_misfit};
use super::json_record::json_record;
use super::kind::{fits, has_shape};
use super::value::is_missing;
use crate::config::{BadValue, Format};
use crate::error::{Place, Reason, RecordError};
use crate::plan::{Column, Layout, Plan};
use crate::record_layout::RecordLayout;

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
        if is_header(line) {
            return Err(error(Reason::BadHeader, 0, 0));
        }
        if line.starts_with(b"{") {
            return json_record(plan, line);
        }
    }
    let values = match plan.delimiter() {
        Some(delimiter) => split(line, delimiter),
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
    let is_shaped =
        |column: &Column, value: &[u8]| column.shape.is_none_or(|shape| has_shape(shape, value));
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
        first(&|layout, column, value| fits(layout, column, value) && is_shaped(column, value));
    let best = best.or_else(|| first(&fits)).or_else(|| first(&accepted));
    best.or_else(|| match plan.input().bad_value {
        BadValue::Keep => candidates.first().copied(),
        BadValue::Fail => first(&proven),
    })
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

fn split<'a>(line: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
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
