//! Collects the rows of a batch.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{ArrayRef, PrimitiveArray, StructArray};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::Fields;

use super::buffers::{Bits, PairLists, TextLists, Texts};
use super::schema::{ColumnField, ColumnType};

/// The values of one column.
#[derive(Debug)]
pub(super) struct ColumnBuilder {
    /// The rows that have a value.
    pub(super) present: Bits,
    pub(super) values: Values,
}

/// The values of a column, by type. Those of null rows are zero or empty.
#[derive(Debug)]
pub(super) enum Values {
    Timestamp(Vec<i64>),
    Int64(Vec<i64>),
    Int32(Vec<i32>),
    Float64(Vec<f64>),
    Boolean(Bits),
    Text(Texts),
    Texts(TextLists),
    Pairs(PairLists),
}

impl ColumnBuilder {
    fn new(column_type: ColumnType) -> Self {
        let values = match column_type {
            ColumnType::Timestamp => Values::Timestamp(Vec::new()),
            ColumnType::Int64 => Values::Int64(Vec::new()),
            ColumnType::Int32 => Values::Int32(Vec::new()),
            ColumnType::Float64 => Values::Float64(Vec::new()),
            ColumnType::Boolean => Values::Boolean(Bits::default()),
            ColumnType::Text => Values::Text(Texts::default()),
            ColumnType::Texts => Values::Texts(TextLists::default()),
            ColumnType::Pairs => Values::Pairs(PairLists::default()),
        };
        Self {
            present: Bits::default(),
            values,
        }
    }

    /// Removes the value of a row, which is the last one.
    fn clear(&mut self, row: usize) {
        self.present.clear(row);
        match &mut self.values {
            // The next value of the row overwrites it.
            Values::Timestamp(_) | Values::Int64(_) | Values::Int32(_) | Values::Float64(_) => {}
            Values::Boolean(values) => values.clear(row),
            Values::Text(texts) => texts.truncate(row),
            Values::Texts(lists) => lists.clear(row),
            Values::Pairs(lists) => lists.clear(row),
        }
    }

    /// Returns the first `rows` values as an array, and clears the column.
    fn take(&mut self, rows: usize) -> ArrayRef {
        let nulls = self.present.take_nulls(rows);
        match &mut self.values {
            Values::Timestamp(values) => {
                let array = take_numbers::<TimestampMicrosecondType>(values, rows, nulls);
                Arc::new(array.with_timezone("UTC"))
            }
            Values::Int64(values) => Arc::new(take_numbers::<Int64Type>(values, rows, nulls)),
            Values::Int32(values) => Arc::new(take_numbers::<Int32Type>(values, rows, nulls)),
            Values::Float64(values) => Arc::new(take_numbers::<Float64Type>(values, rows, nulls)),
            Values::Boolean(values) => values.take_array(rows, nulls),
            Values::Text(texts) => Arc::new(texts.take(rows, nulls)),
            Values::Texts(lists) => lists.take(rows, nulls),
            Values::Pairs(lists) => lists.take(rows, nulls),
        }
    }
}

/// Sets the value of a row; rows before it without a value get zero, and later values are removed.
#[inline]
pub(super) fn set_number<N: Copy + Default>(values: &mut Vec<N>, row: usize, value: N) {
    if values.len() != row {
        values.resize(row, N::default());
    }
    values.push(value);
}

fn take_numbers<T: ArrowPrimitiveType>(
    values: &mut Vec<T::Native>,
    rows: usize,
    nulls: Option<NullBuffer>,
) -> PrimitiveArray<T> {
    values.resize(rows, T::Native::default());
    let array = PrimitiveArray::new(ScalarBuffer::from(values.as_slice().to_vec()), nulls);
    values.clear();
    array
}

/// The rows of a batch.
#[derive(Debug)]
pub(super) struct Builder {
    fields: Fields,
    pub(super) columns: Vec<ColumnBuilder>,
    /// Number of complete rows, and index of the row whose values are set.
    pub(super) rows: usize,
    /// Bytes of the records of the rows.
    pub(super) bytes: usize,
}

impl Builder {
    pub(super) fn new(fields: &Fields, columns: &[ColumnField]) -> Self {
        let columns = columns
            .iter()
            .map(|column| ColumnBuilder::new(column.column_type));
        Self {
            fields: fields.clone(),
            columns: columns.collect(),
            rows: 0,
            bytes: 0,
        }
    }

    /// Removes the values of the current row.
    #[cold]
    pub(super) fn clear_row(&mut self) {
        let row = self.rows;
        self.columns.iter_mut().for_each(|column| column.clear(row));
    }

    /// Returns the rows, and begins the next batch.
    pub(super) fn take(&mut self) -> StructArray {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let arrays: Vec<ArrayRef> = self
            .columns
            .iter_mut()
            .map(|column| column.take(rows))
            .collect();
        StructArray::try_new_with_length(self.fields.clone(), arrays, None, rows)
            .expect("arrays have the types of the schema")
    }
}
