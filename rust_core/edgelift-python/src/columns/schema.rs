//! The schema of batches, and streams of batches.

use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, Fields, Schema, SchemaRef};
use edgelift::columns::ColumnPlan;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use super::batch::ColumnBatch;
use super::export_error;

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

    /// Export the schema as a capsule.
    pub(super) fn __arrow_c_schema__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        export_schema(py, self.0.fields())
    }

    /// Export batches with this schema as the capsule of a stream, which reads them one by one.
    ///
    /// An exception of the iterable ends the stream; the reader raises one of its own with the same text.
    pub(super) fn export_stream<'py>(
        &self,
        batches: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let reader = BatchReader {
            schema: Arc::clone(&self.0),
            batches: batches.try_iter()?.into_any().unbind(),
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

/// Reads batches from a Python iterator, in any thread.
struct BatchReader {
    schema: SchemaRef,
    batches: Py<PyAny>,
}

impl BatchReader {
    fn read(&self, py: Python<'_>) -> PyResult<Option<RecordBatch>> {
        let Some(batch) = self.batches.bind(py).try_iter()?.next() else {
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
        let read = Python::try_attach(|py| self.read(py))?;
        let batch = read.map_err(|error| ArrowError::ExternalError(Box::new(error)));
        batch.transpose()
    }
}

impl RecordBatchReader for BatchReader {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
