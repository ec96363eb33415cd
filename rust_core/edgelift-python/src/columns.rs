//! Columns: Arrow arrays, handed over by the PyCapsule interface. Arrow's structures release their memory themselves.

mod batch;
mod batches;
mod failures;
mod schema;
mod stream;

pub(crate) use batch::ColumnBatch;
pub(crate) use batches::ColumnBatches;
pub(crate) use schema::ColumnSchema;
pub(crate) use stream::ColumnStream;

use pyo3::PyErr;
use pyo3::exceptions::PyRuntimeError;

/// Returns the exception for an array or schema that cannot be exported.
#[cold]
fn export_error(error: &arrow_schema::ArrowError) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}
