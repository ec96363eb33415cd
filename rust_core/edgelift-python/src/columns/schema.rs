//! The schema of batches, and streams of batches.

use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, DataType, Fields, Schema, SchemaRef};
use edgelift::columns::ColumnPlan;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use super::batch::ColumnBatch;
use super::export_error;
use super::failures::{self, FailureRow};

/// Names and types of the columns of all batches.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct ColumnSchema(SchemaRef);

impl ColumnSchema {
    pub(crate) fn new(plan: &ColumnPlan) -> Self {
        Self(Arc::clone(plan.schema()))
    }
}

#[pymethods]
impl ColumnSchema {
    /// Names of the columns, in order.
    #[getter]
    fn names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.fields().iter().map(|field| field.name()))
    }

    /// Types of the columns, in order.
    ///
    /// One is timestamp, int64, int32, float64, bool, utf8, list (of texts), pairs (a list of names with values), or
    /// failure.
    #[getter]
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let fields = self.0.fields().iter();
        PyTuple::new(py, fields.map(|field| type_name(field.data_type())))
    }

    /// Return the schema with the column ``_failure`` after the others.
    fn with_failure_column(&self) -> Self {
        Self(failures::with_failures(&self.0))
    }

    /// Return a batch of failed rows: their column ``_failure`` has the values, and the others are null.
    ///
    /// Args:
    ///     failures: reason, message, source, line and raw bytes of each; line and bytes may be None.
    fn failure_rows(&self, py: Python<'_>, failures: Vec<FailureRow>) -> ColumnBatch {
        ColumnBatch::from_rows(py, failures::failure_rows(&self.0, failures))
    }

    /// Export the schema as a capsule.
    pub(super) fn __arrow_c_schema__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        export_schema(py, self.0.fields())
    }

    /// Export batches with this schema as the capsule of a stream, which reads them one by one.
    ///
    /// An exception of the iterable ends the stream; the reader raises another one with the same text.
    pub(super) fn export_stream<'py>(
        &self,
        batches: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let reader = BatchReader {
            schema: Arc::clone(&self.0),
            batches: Some(batches.try_iter()?.into_any().unbind()),
        };
        let stream = FFI_ArrowArrayStream::new(Box::new(reader));
        PyCapsule::new_with_value(batches.py(), stream, c"arrow_array_stream")
    }

    fn __repr__(&self) -> String {
        let columns = self.0.fields().iter();
        let columns = columns.map(|field| format!("{}: {}", field.name(), field.data_type()));
        format!("ColumnSchema({})", columns.collect::<Vec<_>>().join(", "))
    }
}

pub(super) fn export_schema<'py>(
    py: Python<'py>,
    fields: &Fields,
) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(Schema::new(fields.clone()));
    let schema = schema.map_err(|error| export_error(&error))?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}

fn type_name(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Timestamp(..) => "timestamp",
        DataType::Int64 => "int64",
        DataType::Int32 => "int32",
        DataType::Float64 => "float64",
        DataType::Boolean => "bool",
        DataType::List(item) if matches!(item.data_type(), DataType::Struct(_)) => "pairs",
        DataType::List(_) => "list",
        DataType::Struct(_) => "failure",
        _ => "utf8",
    }
}

/// Returns the error for the reader, which turns it into another exception.
///
/// A program may handle that exception and go on, so an interrupt by the keyboard is sent again: it is raised when the
/// main thread runs Python code the next time. If that is code of the reader, the reader may turn it into its error, too.
fn to_arrow(py: Python<'_>, error: &PyErr) -> ArrowError {
    let text = error.to_string();
    if error.is_instance_of::<PyKeyboardInterrupt>(py) {
        let sent = py
            .import("_thread")
            .and_then(|module| module.call_method0("interrupt_main"));
        drop(sent);
    }
    ArrowError::ExternalError(text.into())
}

/// Reads batches from a Python iterator, in any thread.
struct BatchReader {
    schema: SchemaRef,
    /// `None` after the drop only.
    batches: Option<Py<PyAny>>,
}

impl BatchReader {
    fn read(&self, py: Python<'_>) -> PyResult<Option<RecordBatch>> {
        let Some(batches) = &self.batches else {
            return Ok(None);
        };
        let Some(batch) = batches.bind(py).try_iter()?.next() else {
            return Ok(None);
        };
        let batch = batch?;
        let batch = batch.cast::<ColumnBatch>()?.get().to_record_batch();
        Ok(Some(batch))
    }
}

impl Iterator for BatchReader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = Python::try_attach(|py| self.read(py).map_err(|error| to_arrow(py, &error)));
        read.and_then(Result::transpose)
    }
}

impl Drop for BatchReader {
    /// Ends the iterator now, which may hold a file open. Without the GIL, PyO3 would do so when it is next attached.
    fn drop(&mut self) {
        let batches = self.batches.take();
        Python::try_attach(|_| drop(batches));
    }
}

impl RecordBatchReader for BatchReader {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
