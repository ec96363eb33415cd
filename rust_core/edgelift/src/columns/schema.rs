//! The columns of a plan: names and types.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, TimeUnit};

use crate::error::ConfigError;
use crate::fields::Log;
use crate::plan::{Encode, Layout, Plan, StandardEncode, UNPARSED, Version};

/// Name of the column of values whose keys have no column, in every naming profile.
pub const OTHER: &str = "_other";

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnType {
    /// Microseconds since 1970, UTC.
    Timestamp,
    Int64,
    Int32,
    Float64,
    Boolean,
    Text,
    /// A list of texts.
    Texts,
    /// A list of pairs of a name and a value, both texts.
    Pairs,
}

/// A column.
#[derive(Clone, Debug)]
pub(super) struct ColumnField {
    pub(super) name: Box<str>,
    pub(super) column_type: ColumnType,
}

impl ColumnField {
    fn new(name: &str, column_type: ColumnType) -> Self {
        Self {
            name: name.into(),
            column_type,
        }
    }

    pub(super) fn to_arrow(&self) -> Field {
        Field::new(&*self.name, self.column_type.data_type(), true)
    }
}

impl ColumnType {
    fn data_type(self) -> DataType {
        match self {
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Int64 => DataType::Int64,
            Self::Int32 => DataType::Int32,
            Self::Float64 => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Text => DataType::Utf8,
            Self::Texts => DataType::List(text_item()),
            Self::Pairs => DataType::List(pair_item()),
        }
    }

    /// Returns the type of the values that are written like this; `None` for the time of day, which the column of the
    /// date has.
    pub(super) const fn new(encode: Encode) -> Option<Self> {
        Some(match encode {
            Encode::EpochMillis
            | Encode::Iso8601
            | Encode::VerbatimTimestamp
            | Encode::Standard(
                StandardEncode::Date(_)
                | StandardEncode::Milliseconds(_)
                | StandardEncode::EventTime(_)
                | StandardEncode::Seconds { .. },
            ) => Self::Timestamp,
            Encode::Standard(StandardEncode::Time) => return None,
            Encode::Integer | Encode::HeadersCount => Self::Int64,
            Encode::Status => Self::Int32,
            Encode::Decimal => Self::Float64,
            Encode::Boolean => Self::Boolean,
            Encode::Address
            | Encode::Decoded
            | Encode::Raw
            | Encode::Version { .. }
            | Encode::Standard(
                StandardEncode::Joined { .. }
                | StandardEncode::DecodedTwice { .. }
                | StandardEncode::DecodedWhole,
            ) => Self::Text,
            Encode::ArrayOfOne { .. } | Encode::List { .. } | Encode::Names { .. } => Self::Texts,
            Encode::Headers { .. } => Self::Pairs,
        })
    }
}

/// Returns the items of a list of texts.
pub(super) fn text_item() -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Utf8, true))
}

/// Returns the members of a pair.
pub(super) fn pair_members() -> Fields {
    let text = |name| Field::new(name, DataType::Utf8, true);
    Fields::from(vec![text("name"), text("value")])
}

/// Returns the items of a list of pairs.
pub(super) fn pair_item() -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Struct(pair_members()), true))
}

/// Returns all columns that batches may have: those of the layouts, or of standard logs if there are none.
pub(super) fn columns(plan: &Plan) -> Result<Vec<ColumnField>, ConfigError> {
    let mut columns = Vec::new();
    for layout in plan.layouts() {
        add_layout(&mut columns, plan, layout);
    }
    if plan.layouts().is_empty() {
        let all = standard_plan(plan)?;
        add_layout(&mut columns, &all, &all.layouts()[0]);
    }
    columns.push(ColumnField::new(UNPARSED, ColumnType::Pairs));
    if plan.reads_standard() {
        // A log may name columns that no layout has.
        columns.push(ColumnField::new(OTHER, ColumnType::Pairs));
    }
    Ok(columns)
}

/// Returns the plan for a standard log with all fields.
fn standard_plan(plan: &Plan) -> Result<Plan, ConfigError> {
    let standard = Log::Standard.fields();
    let names = standard
        .iter()
        .filter_map(|field| field.name_in(Log::Standard));
    let names: Vec<&str> = names.chain(plan.custom_names()).collect();
    plan.for_header(&names, Version::Two)
        .map_err(|problem| ConfigError {
            message: format!("standard logs with all fields have no columns: {problem:?}"),
            ..ConfigError::default()
        })
}

/// Adds the columns of a layout, in its order. Of equal keys, the first one counts.
fn add_layout(columns: &mut Vec<ColumnField>, plan: &Plan, layout: &Layout) {
    let mut add = |name: &str, column_type| {
        if columns.iter().all(|column| *column.name != *name) {
            columns.push(ColumnField::new(name, column_type));
        }
    };
    for column in layout.columns.iter().filter(|column| column.is_selected) {
        let key = match column.encode {
            Encode::Standard(StandardEncode::Date(_)) => plan.timestamp_key(),
            _ => &*column.key,
        };
        if let Some(column_type) = ColumnType::new(column.encode) {
            add(key, column_type);
        }
        if column.encode == Encode::HeadersCount && layout.headers.is_some() {
            add(plan.truncated_key(), ColumnType::Boolean);
        }
    }
}
