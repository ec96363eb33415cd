//! One record of any format.

use super::document::{document, is_misfit};
use super::json_record::json_record;
use super::kind::{fits, has_shape};
use super::value::is_missing;
use crate::config::{BadValue, Format, Shapes};
use crate::error::{Place, Reason, RecordError};
use crate::fields::Shape;
use crate::plan::{Column, Layout, Plan};
use crate::record_layout::RecordLayout;

/// Returns the document for a record.
///
/// # Errors
/// The same as those of [`crate::record::transform`].
pub fn transform(plan: &Plan, record: &[u8]) -> Result<String, RecordError> {
    transform_checked(plan, record).map(|(document, _)| document)
}

/// Returns the document for a record, and the field of its first value that does not have its shape.
///
/// # Errors
/// The same as those of [`transform`].
pub fn transform_checked(
    plan: &Plan,
    record: &[u8],
) -> Result<(String, Option<String>), RecordError> {
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
    let is_standard = match plan.input().format {
        Format::Realtime => false,
        Format::Standard => true,
        Format::Auto => plan.layouts().is_empty(),
    };
    if is_standard && is_header(line) {
        return Err(error(Reason::BadHeader, 0, 0));
    }
    if plan.input().format != Format::Realtime && begins_object(line) {
        return json_record(plan, line).map(|document| (document, None));
    }
    row(plan, line)
}

/// Returns true if a line begins with a brace, after at most 64 blanks.
pub(super) fn begins_object(line: &[u8]) -> bool {
    let first = line.iter().take(65).find(|byte| !b" \t\r".contains(byte));
    first == Some(&b'{')
}

/// Returns the document for a row.
pub(super) fn row(plan: &Plan, line: &[u8]) -> Result<(String, Option<String>), RecordError> {
    let values = split(line, plan.delimiter_of(line));
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
    let layout = &plan.layouts()[index];
    let error_at = |reason, column: usize| {
        let between = plan.delimiter_of(line).len();
        let before: usize = values[..column]
            .iter()
            .map(|value| value.len() + between)
            .sum();
        RecordError {
            place: Some(Place {
                layout: RecordLayout::Row(index),
                column,
            }),
            ..error(reason, before, 0)
        }
    };
    let document =
        document(plan, layout, &values).map_err(|column| error_at(Reason::BadValue, column))?;
    match counted_shape_misfit(layout, &values) {
        Some(column) if plan.input().shapes == Shapes::Fail => {
            Err(error_at(Reason::ShapeMismatch, column))
        }
        misfit => Ok((
            document,
            misfit.map(|column| layout.columns[column].field.to_string()),
        )),
    }
}

/// Returns the document for a line that is a row, whatever it looks like.
pub(super) fn row_of(plan: &Plan, line: &[u8]) -> Result<String, Reason> {
    let text = match line {
        [text @ .., b'\r', b'\n'] | [text @ .., b'\n'] | text => text,
    };
    if line.len() > plan.max_record_bytes() {
        Err(Reason::TooLarge)
    } else if text.is_empty() {
        Err(Reason::EmptyRecord)
    } else {
        row(plan, text).map_or_else(|error| Err(error.reason), |(document, _)| Ok(document))
    }
}

/// Returns the first column whose value does not have the shape that is checked.
fn counted_shape_misfit(layout: &Layout, values: &[&[u8]]) -> Option<usize> {
    let mut columns = layout.columns.iter().zip(values);
    columns.position(|(column, value)| {
        !is_missing(value)
            && column
                .checked_shape
                .is_some_and(|shape| !has_shape(shape, value))
    })
}

fn error(reason: Reason, offset: usize, count: usize) -> RecordError {
    RecordError {
        reason,
        place: None,
        offset,
        count,
    }
}

/// Returns the first of the best layouts: those whose kinds fit; else those without a misfit that would be written; else
/// those whose only misfits are unproven. With bad_value = "keep", the first layout if there is none.
fn match_layout(plan: &Plan, candidates: &[usize], values: &[&[u8]]) -> Option<usize> {
    let all = |index: usize, accepts: &dyn Fn(&Layout, &Column, &[u8]) -> bool| {
        let layout = &plan.layouts()[index];
        let mut columns = layout.columns.iter().zip(values);
        columns.all(|(column, value)| is_missing(value) || accepts(layout, column, value))
    };
    let best = |accepts: &dyn Fn(&Layout, &Column, &[u8]) -> bool| {
        let mut best: Option<usize> = None;
        for &index in candidates.iter().filter(|&&index| all(index, accepts)) {
            let is_better = |newer| {
                let newer = shape_misfits(&plan.layouts()[newer], values);
                let older = shape_misfits(&plan.layouts()[index], values);
                let fixed = |misfits: &[Shape]| {
                    let fixed = misfits.iter().filter(|shape| shape.is_fixed_word());
                    fixed.count()
                };
                match newer.len().saturating_sub(older.len()) {
                    0 => false,
                    1 => fixed(&newer) > fixed(&older),
                    _ => true,
                }
            };
            if best.is_none_or(is_better) {
                best = Some(index);
            }
        }
        best
    };
    let accepted =
        |layout: &Layout, column: &Column, value: &[u8]| !is_misfit(plan, layout, column, value);
    best(&|_, column, value| fits(column.kind, value))
        .or_else(|| best(&accepted))
        .or_else(|| {
            best(&|layout, column, value| column.unproven || accepted(layout, column, value))
        })
        .or_else(|| match plan.input().bad_value {
            BadValue::Keep => candidates.first().copied(),
            BadValue::Fail => None,
        })
}

/// Returns the shapes that the values of a layout lack.
fn shape_misfits(layout: &Layout, values: &[&[u8]]) -> Vec<Shape> {
    let columns = layout.columns.iter().zip(values);
    columns
        .filter(|(_, value)| !is_missing(value))
        .filter_map(|(column, value)| column.shape.filter(|&shape| !has_shape(shape, value)))
        .collect()
}

/// Returns true if a line begins with `#`, a word and a colon.
pub(super) fn is_header(line: &[u8]) -> bool {
    header(&String::from_utf8_lossy(line)).is_some()
}

/// Splits a line of a header into its word, in lower case, and what follows its colon.
pub(super) fn header(line: &str) -> Option<(String, &str)> {
    let (word, rest) = line.strip_prefix('#')?.split_once(':')?;
    let letters = word.trim_start_matches([' ', '\t']);
    let is_word = letters.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
    (is_word && !letters.is_empty() && word.len() <= 32)
        .then(|| (letters.to_ascii_lowercase(), rest))
}

/// Returns the names in a header, which may separate them as rows separate their values.
pub(super) fn header_names<'a>(plan: &Plan, value: &'a str) -> Vec<&'a str> {
    let names: Vec<&str> = value.split_whitespace().collect();
    let delimiter = plan.input().delimiter.trim();
    match names[..] {
        [all] if !delimiter.is_empty() => all.split(delimiter).collect(),
        _ => names,
    }
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
