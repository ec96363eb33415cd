//! Report on one event, for the log line and its metrics.

use edgelift::event::{self, FirstFailure};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMappingProxy, PyTuple};

use crate::results::Counts;

/// Report on the records of one event.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct Report(event::Report);

impl From<event::Report> for Report {
    fn from(report: event::Report) -> Self {
        Self(report)
    }
}

#[pymethods]
impl Report {
    #[getter]
    fn counts(&self) -> Counts {
        Counts::from(self.0.counts)
    }

    #[getter]
    fn bytes_in(&self) -> usize {
        self.0.bytes_in
    }

    #[getter]
    fn bytes_out(&self) -> usize {
        self.0.bytes_out
    }

    #[getter]
    fn layouts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.layouts)
    }

    #[getter]
    fn oldest(&self) -> Option<u64> {
        self.0.oldest
    }

    #[getter]
    fn slimmed(&self) -> u64 {
        self.0.slimmed
    }

    #[getter]
    fn reingested(&self) -> u64 {
        self.0.reingested
    }

    #[getter]
    fn first_failures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMappingProxy>> {
        let failures = PyDict::new(py);
        for FirstFailure {
            reason,
            record_id,
            message,
        } in &self.0.first_failures
        {
            failures.set_item(reason.code(), (record_id, message))?;
        }
        Ok(PyMappingProxy::new(py, failures.as_mapping()))
    }

    #[getter]
    fn duplicates<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.duplicates)
    }

    #[pyo3(signature = (count, /, record_id, message))]
    fn with_refused(&self, count: u64, record_id: String, message: String) -> Self {
        Self(self.0.clone().with_refused(count, record_id, message))
    }
}
