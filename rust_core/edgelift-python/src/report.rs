//! Report on one event, for the log line and its metrics.

use edgelift::event::{self, FirstFailure};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMappingProxy, PyTuple};

use crate::results::Counts;

/// Counts and sizes of the records of a Firehose event.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct Report(event::Report);

impl From<event::Report> for Report {
    fn from(report: event::Report) -> Self {
        Self(report)
    }
}

#[pymethods]
impl Report {
    /// Number of records per outcome.
    #[getter]
    fn counts(&self) -> Counts {
        Counts::from(self.0.counts)
    }

    /// Bytes of the decoded records.
    #[getter]
    fn bytes_in(&self) -> usize {
        self.0.bytes_in
    }

    /// Bytes of the documents, before base64.
    #[getter]
    fn bytes_out(&self) -> usize {
        self.0.bytes_out
    }

    /// Number of documents per layout, in the order of the configuration; then that of JSON records, if there are any or all
    /// layouts are of standard logs.
    #[getter]
    fn layouts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.layouts)
    }

    /// Oldest ``timestamp`` of the documents, in milliseconds since 1970, or None.
    #[getter]
    fn oldest(&self) -> Option<u64> {
        self.0.oldest
    }

    /// Documents that lost their optional fields so that the response fits.
    #[getter]
    fn slimmed(&self) -> u64 {
        self.0.slimmed
    }

    /// Records that must be re-ingested; they count as dropped.
    #[getter]
    fn reingested(&self) -> u64 {
        self.0.reingested
    }

    /// ``recordId`` and message of the first failed record of each reason.
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

    /// Each repeated ``recordId``, which the response has only once.
    #[getter]
    fn duplicates<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.duplicates)
    }

    /// Return a report in which ``count`` records to be re-ingested have failed as `too_large` instead.
    ///
    /// ``record_id`` and ``message`` are those of the first one.
    #[pyo3(signature = (count, /, record_id, message))]
    fn with_refused(&self, count: u64, record_id: String, message: String) -> Self {
        Self(self.0.clone().with_refused(count, record_id, message))
    }
}
