//! Layouts: the columns of one kind of record, with keys that are rendered and checked.

use std::collections::HashSet;

use super::column::Column;
use super::encode::{Encode, StandardEncode};
use super::field_names::{HEADERS, HEADERS_COUNT, QUERY};
use super::resolved_field::ResolvedField;
use super::shape_checks::ShapeChecks;
use super::time_columns::{TimeColumns, is_checked, timestamp_format, timestamp_key};
use crate::config::{Output, Values};
use crate::fields::{Kind, Log, Names};
use crate::value::{GROWTH, Prefix, TimestampFormat};

/// Key of the values that did not fit, in every naming profile.
pub const UNPARSED: &str = "_unparsed";

/// The columns of one kind of record.
#[derive(Debug, Default)]
pub struct Layout {
    /// In the order of the record.
    pub columns: Vec<Column>,
    /// Bytes of a document besides its values: keys, punctuation, numbers that are longer than written.
    pub(crate) fixed_bytes: usize,
    /// Column of `cs-headers`, if the layout has `cs-headers-count`, too.
    pub(crate) headers: Option<usize>,
    /// `,"cs-headers-truncated":true` in the naming profile.
    pub(crate) truncated: Box<[u8]>,
    /// The time columns of a standard log.
    pub(crate) time_columns: TimeColumns,
    /// Maximum number of output bytes per input byte.
    pub(crate) growth: usize,
    /// Column of `cs-uri-query`, if another column is joined with it.
    pub(crate) query: Option<usize>,
    /// `,"timestamp":` in the naming profile, if date and time make a timestamp.
    pub(crate) timestamp: Option<Prefix>,
    /// The columns whose values are checked for their shape.
    pub(crate) shape_checks: ShapeChecks,
    /// Format of the timestamp that the first two columns make, if they are date and time and there are no
    /// milliseconds.
    pub(crate) leading_time: Option<TimestampFormat>,
    /// The columns that are written or checked, if there are others; `None` visits all.
    pub(crate) visited: Option<Box<[usize]>>,
    /// Kind of log.
    pub(crate) log: Log,
}

impl Layout {
    /// Builds a layout.
    ///
    /// # Errors
    /// Two of its keys are equal; the error is a message for users.
    pub(super) fn new(output: &Output, log: Log, fields: &[ResolvedField]) -> Result<Self, String> {
        let kinds: Vec<Kind> = fields.iter().map(|field| field.kind).collect();
        let time_columns = TimeColumns::new(&kinds, output);
        let columns: Vec<Column> = fields
            .iter()
            .enumerate()
            .map(|(index, field)| {
                let encode = encode(&time_columns, index, field, output);
                match log {
                    Log::Connection => Column::for_connection(field, encode),
                    Log::Realtime | Log::Standard => Column::new(field, encode),
                }
            })
            .collect();
        let headers = column_index(&columns, HEADERS_COUNT)
            .filter(|_| output.values == Values::Typed)
            .and_then(|_| column_index(&columns, HEADERS));
        let truncated_key = truncated_key(output.names);
        let timestamp_key = time_columns.pair().map(|_| timestamp_key(output.names));
        // With milliseconds or seconds, their column has the key of the timestamp.
        let pair_key = timestamp_key.filter(|_| !time_columns.have_instant());
        let other_keys = headers.map(|_| truncated_key).into_iter().chain(pair_key);
        let other_columns = columns.iter().enumerate();
        // Of milliseconds and seconds, each document has one.
        let seconds = time_columns.milliseconds.and(time_columns.seconds);
        let other_columns =
            other_columns.filter(|(index, column)| Some(*index) != seconds && column.is_selected);
        refuse_equal_keys(other_columns.map(|(_, column)| column), other_keys)?;
        let truncated = format!("{}true", Prefix::render(truncated_key, ""));
        let format = timestamp_format(output);
        let timestamp = timestamp_key.map(|key| Prefix::new(key, format.opening()));
        let query = column_index(&columns, QUERY).filter(|_| fields.iter().any(is_joined));
        let fixed_bytes = columns.iter().map(Column::fixed_bytes).sum::<usize>();
        Ok(Self {
            fixed_bytes: fixed_bytes + truncated.len() + timestamp.as_ref().map_or(0, Prefix::len),
            growth: if query.is_some() { 2 * GROWTH } else { GROWTH },
            query,
            shape_checks: ShapeChecks::new(&columns),
            visited: visited(&columns),
            columns,
            headers,
            truncated: truncated.into_bytes().into(),
            time_columns,
            timestamp,
            leading_time: time_columns.are_first().then_some(format),
            log,
        })
    }

    /// Returns the column of a field.
    pub(crate) fn column(&self, field: &str) -> Option<usize> {
        column_index(&self.columns, field)
    }

    /// Returns the column of a field with values of this kind. A log may have another column of that name.
    pub(crate) fn column_of_kind(&self, field: &str, kind: Kind) -> Option<usize> {
        let is_wanted = |column: &Column| *column.field == *field && column.kind == kind;
        self.columns.iter().position(is_wanted)
    }
}

/// Returns the columns that are written or checked, or `None` if all columns are written.
fn visited(columns: &[Column]) -> Option<Box<[usize]>> {
    if columns.iter().all(|column| column.is_selected) {
        return None;
    }
    let indexes = 0..columns.len();
    let is_visited = |&index: &usize| columns[index].is_selected || columns[index].is_checked();
    Some(indexes.filter(is_visited).collect())
}

fn encode(
    time_columns: &TimeColumns,
    index: usize,
    field: &ResolvedField,
    output: &Output,
) -> Encode {
    if time_columns.is_date(index) {
        Encode::Standard(StandardEncode::Date(timestamp_format(output)))
    } else if time_columns.is_time(index) {
        Encode::Standard(StandardEncode::Time)
    } else if time_columns.is_seconds_beside_others(index) {
        Encode::Standard(StandardEncode::Seconds {
            format: timestamp_format(output),
            is_checked: is_checked(output),
        })
    } else if let Some(encode) = field.encode {
        Encode::Standard(encode)
    } else {
        Encode::new(&field.name, &field.key, field.kind, field.decode, output)
    }
}

fn is_joined(field: &ResolvedField) -> bool {
    matches!(field.encode, Some(StandardEncode::Joined { .. }))
}

fn column_index(columns: &[Column], field: &str) -> Option<usize> {
    columns.iter().position(|column| *column.field == *field)
}

pub(super) const fn truncated_key(names: Names) -> &'static str {
    match names {
        Names::Cloudfront => "cs-headers-truncated",
        Names::Snake => "cs_headers_truncated",
        Names::Ecs | Names::Otel => "aws.cloudfront.headers_truncated",
    }
}

fn refuse_equal_keys<'a>(
    mut columns: impl Iterator<Item = &'a Column>,
    others: impl Iterator<Item = &'a str>,
) -> Result<(), String> {
    let mut keys: HashSet<&str> = [UNPARSED].into_iter().chain(others).collect();
    match columns.find(|column| !keys.insert(&column.key)) {
        None => Ok(()),
        Some(Column { field, key, .. }) => Err(format!(
            "the field \"{field}\" would write the key \"{key}\" a second time"
        )),
    }
}
