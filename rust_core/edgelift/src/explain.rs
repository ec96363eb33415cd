//! What becomes of each column of a record, for people who wonder. It may be slow.

use crate::config::{Missing, Values};
use crate::error::Reason;
use crate::fields::Kind;
use crate::plan::{Column, Layout, Plan};
use crate::record::{self, Documents, Scratch};
use crate::value;

/// One column of a record, explained.
#[derive(Debug)]
pub struct Explained<'a> {
    /// Column, from 1.
    pub position: usize,
    /// The field, or `None` for a column that the layout does not have.
    pub column: Option<&'a Column>,
    /// As it stands in the record.
    pub raw: &'a [u8],
    /// As JSON, or `None` if the document does not hold it.
    pub value: Option<String>,
    /// What a reader should know; often empty.
    pub note: String,
}

/// Explains each column of a record, whether it fits or not.
///
/// Of several layouts it is the one that the record has, else the first with its number of columns, else the
/// one whose number of columns is nearest.
#[must_use]
pub fn explain<'a>(plan: &'a Plan, record: &'a [u8]) -> Vec<Explained<'a>> {
    let values: Vec<&[u8]> = record::columns(record).collect();
    let mut documents = Documents::default();
    let transformed = record::transform(plan, record, &mut Scratch::new(plan), &mut documents);
    let layout = transformed.unwrap_or_else(|_| nearest_layout(plan, values.len()));
    let layout = &plan.layouts()[layout];
    let rows = values.len().max(layout.columns.len());
    let mut explained: Vec<Explained<'_>> = (0..rows)
        .map(|index| {
            let raw = values.get(index).copied();
            let column = layout.columns.get(index);
            let (value, note) = match (column, raw) {
                (Some(column), Some(raw)) => explain_value(plan, layout, column, raw, &values),
                (Some(_), None) => (None, "the record ends before this column".to_owned()),
                (None, _) => (
                    None,
                    format!("the layout has {} columns", layout.columns.len()),
                ),
            };
            Explained {
                position: index + 1,
                column,
                raw: raw.unwrap_or_default(),
                value,
                note,
            }
        })
        .collect();
    if let (Some(first), Err(error)) = (explained.first_mut(), transformed)
        && matches!(
            error.reason,
            Reason::TooLarge | Reason::EmptyRecord | Reason::SeveralLines
        )
    {
        // What is wrong with the record as a whole shows in none of its columns.
        let note = std::mem::take(&mut first.note);
        let message = error.message(plan, record);
        first.note = if note.is_empty() {
            message
        } else {
            format!("{message}; {note}")
        };
    }
    explained
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
    let value = record::value_alone(plan, column, raw);
    let missing = || match plan.output().missing {
        Missing::Omit => "missing: left out".to_owned(),
        Missing::Null | Missing::Keep => "missing".to_owned(),
    };
    if value::is_missing(raw) {
        return (value, missing());
    }
    if !column.accepts(raw) {
        let requirement = column.kind.requirement().unwrap_or_default();
        let fate = if column.unproven || plan.keeps_bad_values() {
            "goes into _unparsed"
        } else {
            "the record fails"
        };
        return (None, format!("not {requirement}: {fate}"));
    }
    let typed = plan.output().values == Values::Typed;
    let note = match column.kind {
        Kind::List if typed && !value.as_deref().is_some_and(|list| list.starts_with('[')) => {
            missing()
        }
        Kind::Headers if typed && is_truncated(layout, raw, values) => {
            "truncated: fewer entries than cs-headers-count".to_owned()
        }
        _ => String::new(),
    };
    (value, note)
}

fn is_truncated(layout: &Layout, headers: &[u8], values: &[&[u8]]) -> bool {
    let count = layout
        .columns
        .iter()
        .position(|column| &*column.field == "cs-headers-count");
    let count = count
        .and_then(|count| values.get(count))
        .filter(|count| value::fits(Kind::Integer, count));
    let count = count.and_then(|count| std::str::from_utf8(count).ok()?.parse().ok());
    count.is_some_and(|count: usize| record::count_headers(headers) < count)
}
