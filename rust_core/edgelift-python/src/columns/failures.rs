//! The column `_failure`: failed rows among the others.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::{BinaryBuilder, Int64Builder, StringBuilder};
use arrow_array::{Array as _, ArrayRef, StructArray, new_null_array};
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};

/// Name of the column of failures.
const FAILURE: &str = "_failure";

/// A failure as a row: reason, message, source, line and raw.
pub(crate) type FailureRow = (String, String, String, Option<i64>, Option<Vec<u8>>);

static MEMBERS: LazyLock<Fields> = LazyLock::new(|| {
    let members = [
        ("reason", DataType::Utf8),
        ("message", DataType::Utf8),
        ("source", DataType::Utf8),
        ("line", DataType::Int64),
        ("raw", DataType::Binary),
    ];
    let members = members.map(|(name, data_type)| Field::new(name, data_type, true));
    Fields::from(members.to_vec())
});

static FIELD: LazyLock<FieldRef> =
    LazyLock::new(|| Arc::new(Field::new(FAILURE, DataType::Struct(MEMBERS.clone()), true)));

/// Returns the schema with a column for failures after the others.
pub(super) fn with_failures(schema: &Schema) -> SchemaRef {
    Arc::new(Schema::new(added(schema.fields())))
}

/// Returns rows with a column for failures, in which they have none.
pub(super) fn without_failure(rows: &StructArray) -> StructArray {
    let (fields, mut columns, nulls) = rows.clone().into_parts();
    columns.push(new_null_array(FIELD.data_type(), rows.len()));
    StructArray::new(added(&fields), columns, nulls)
}

/// Returns a row for each failure, whose other columns are null.
pub(super) fn failure_rows(schema: &Schema, failures: Vec<FailureRow>) -> StructArray {
    let fields = schema.fields();
    let mut columns: Vec<ArrayRef> = fields
        .iter()
        .map(|field| new_null_array(field.data_type(), failures.len()))
        .collect();
    columns.push(Arc::new(failure_column(failures)));
    StructArray::new(added(fields), columns, None)
}

fn failure_column(failures: Vec<FailureRow>) -> StructArray {
    let mut texts = [
        StringBuilder::new(),
        StringBuilder::new(),
        StringBuilder::new(),
    ];
    let (mut lines, mut raws) = (Int64Builder::new(), BinaryBuilder::new());
    for (reason, message, source, line, raw) in failures {
        for (builder, text) in texts.iter_mut().zip([reason, message, source]) {
            builder.append_value(text);
        }
        lines.append_option(line);
        raws.append_option(raw);
    }
    let texts = texts
        .iter_mut()
        .map(|text| Arc::new(text.finish()) as ArrayRef);
    let others: [ArrayRef; 2] = [Arc::new(lines.finish()), Arc::new(raws.finish())];
    StructArray::new(MEMBERS.clone(), texts.chain(others).collect(), None)
}

fn added(fields: &Fields) -> Fields {
    fields.iter().cloned().chain([Arc::clone(&FIELD)]).collect()
}
