//! Rows with typed columns.

use arrow_array::{Array as _, RecordBatch, StructArray, ffi};
use edgelift::columns;
use edgelift::plan::Plan;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use super::schema::export_schema;
use super::{export_error, failures};
use crate::results::Failure;

/// Rows with typed columns, for any package that reads Arrow: ``pyarrow.record_batch(batch)``.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct ColumnBatch {
    rows: StructArray,
    /// Failures of the lines since the previous batch.
    #[pyo3(get)]
    failures: Py<PyTuple>,
}

impl ColumnBatch {
    pub(super) fn new(py: Python<'_>, batch: columns::ColumnBatch, plan: &Plan) -> PyResult<Self> {
        let failures = batch
            .failures
            .iter()
            .map(|failure| Py::new(py, Failure::from_failure(py, failure, plan)));
        let failures = failures.collect::<PyResult<Vec<_>>>()?;
        Ok(Self {
            rows: batch.rows,
            failures: PyTuple::new(py, failures)?.unbind(),
        })
    }

    /// Returns rows without failures.
    pub(super) fn from_rows(py: Python<'_>, rows: StructArray) -> Self {
        Self {
            rows,
            failures: PyTuple::empty(py).unbind(),
        }
    }

    pub(super) fn to_record_batch(&self) -> RecordBatch {
        RecordBatch::from(&self.rows)
    }
}

#[pymethods]
impl ColumnBatch {
    /// Export the rows as capsules of a schema and an array.
    ///
    /// ``requested_schema`` is ignored, as the interface allows.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        let _ = requested_schema;
        let (array, schema) =
            ffi::to_ffi(&self.rows.to_data()).map_err(|error| export_error(&error))?;
        Ok((
            PyCapsule::new_with_value(py, schema, c"arrow_schema")?,
            PyCapsule::new_with_value(py, array, c"arrow_array")?,
        ))
    }

    /// Export the schema as a capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        export_schema(py, self.rows.fields())
    }

    /// Return the rows with the column ``_failure``, which is null in all of them, and without failures.
    fn with_failure_column(&self, py: Python<'_>) -> Self {
        Self::from_rows(py, failures::without_failure(&self.rows))
    }

    /// Number of rows.
    fn __len__(&self) -> usize {
        self.rows.len()
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!(
            "ColumnBatch(rows={}, columns={}, failures={})",
            self.rows.len(),
            self.rows.num_columns(),
            self.failures.bind(py).as_any().len().unwrap_or_default(),
        )
    }
}
