//! Rows of columns as JSON values, and the rows that documents become.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, StructArray};
use arrow_schema::{DataType, Field, TimeUnit};
use edgelift::columns::{ColumnPlan, OTHER};
use edgelift::plan::UNPARSED;
use serde_json::{Map, Value, json};

pub(crate) type Row = Map<String, Value>;

/// Returns the value of a row; `None` for null. Pairs are sorted: JSON objects have no order here.
fn cell(array: &ArrayRef, row: usize) -> Option<Value> {
    if array.is_null(row) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) => {
            assert_eq!(&**zone, "UTC");
            array
                .as_primitive::<TimestampMicrosecondType>()
                .value(row)
                .into()
        }
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).into(),
        DataType::Boolean => array.as_boolean().value(row).into(),
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::List(_) => {
            let items = array.as_list::<i32>().value(row);
            Value::Array(
                (0..items.len())
                    .map(|item| cell(&items, item).expect("an item"))
                    .collect(),
            )
        }
        DataType::Struct(_) => {
            let pair = array.as_struct();
            Value::Array(
                pair.columns()
                    .iter()
                    .map(|text| cell(text, row).expect("a text"))
                    .collect(),
            )
        }
        other => panic!("no column is {other}"),
    })
}

fn sorted(mut pairs: Value) -> Value {
    if let Some(pairs) = pairs.as_array_mut() {
        pairs.sort_by_key(Value::to_string);
    }
    pairs
}

pub(crate) fn rows(batch: &StructArray) -> Vec<Row> {
    let row = |row| {
        let columns = batch.column_names().into_iter().zip(batch.columns());
        let values = columns.filter_map(|(name, array)| {
            let value = cell(array, row)?;
            let value = if name == UNPARSED || name == OTHER {
                sorted(value)
            } else {
                value
            };
            Some((name.to_owned(), value))
        });
        values.collect()
    };
    (0..batch.len()).map(row).collect()
}

/// Returns the row that a document becomes.
pub(crate) fn expected(plan: &ColumnPlan, document: &str) -> Row {
    let document: Row = serde_json::from_str(document).expect("an object");
    let (mut row, mut other) = (Row::new(), Vec::new());
    for (key, value) in document {
        let field = plan.schema().field_with_name(&key).ok();
        let typed = match (field.map(Field::data_type), &value) {
            (Some(DataType::Timestamp(..)), Value::Number(millis)) => {
                millis.as_i64().map(|millis| json!(millis * 1000))
            }
            (Some(DataType::Int64 | DataType::Int32), Value::Number(_))
            | (Some(DataType::Boolean), Value::Bool(_))
            | (Some(DataType::Utf8), Value::String(_)) => Some(value.clone()),
            (Some(DataType::Float64), Value::Number(number)) => number.as_f64().map(Value::from),
            (Some(DataType::List(_)), Value::Object(pairs)) => {
                let pairs = pairs.iter().map(|(name, value)| json!([name, value]));
                Some(sorted(Value::Array(pairs.collect())))
            }
            (Some(DataType::List(_)), Value::Array(items)) => {
                let item = |item: &Value| match item {
                    Value::Object(pair) => json!([pair["name"], pair["value"]]),
                    item => item.clone(),
                };
                Some(Value::Array(items.iter().map(item).collect()))
            }
            _ => None,
        };
        if let Some(value) = typed {
            row.insert(key, value);
        } else {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            other.push(json!([key, text]));
        }
    }
    if !other.is_empty() {
        row.insert(OTHER.to_owned(), sorted(Value::Array(other)));
    }
    row
}

/// Makes decimals comparable: serde_json reads the last digit of some of them differently.
pub(crate) fn rounded(mut row: Row) -> Row {
    for value in row.values_mut() {
        if let Some(number) = value.as_f64().filter(|_| value.is_f64()) {
            *value = format!("{number:.12e}").into();
        }
    }
    row
}
