//! Transforms one Firehose event: bytes in, bytes out.

use edgelift::event::{self, Memory};
use edgelift::plan::Plan;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::convert::GIL_BYTES;
use crate::error::event_error;
use crate::report::Report;

/// Response to the bytes of a Firehose event.
#[pyclass(frozen, get_all, module = "edgelift._core")]
pub(crate) struct EventAnswer {
    /// The response as JSON, or None if records must be re-ingested first.
    response: Option<Py<PyBytes>>,
    /// Counts and sizes of the records.
    report: Py<Report>,
    /// ``invocationId`` of the event.
    invocation_id: Option<String>,
    /// ``deliveryStreamArn`` of the event.
    delivery_stream_arn: Option<String>,
}

impl EventAnswer {
    pub(crate) fn from_event(
        plan: &Plan,
        memory: &mut Memory,
        event: &Bound<'_, PyBytes>,
        reingest: bool,
    ) -> PyResult<Self> {
        let (py, bytes) = (event.py(), event.as_bytes());
        let answered = if bytes.len() < GIL_BYTES {
            event::transform(plan, bytes, memory, reingest)
        } else {
            py.detach(|| event::transform(plan, bytes, memory, reingest))
        };
        let answered = answered.map_err(|error| event_error(&error))?;
        Ok(Self {
            response: answered.bytes.map(|bytes| PyBytes::new(py, bytes).unbind()),
            report: Py::new(py, Report::from(answered.report))?,
            invocation_id: answered.invocation_id,
            delivery_stream_arn: answered.delivery_stream_arn,
        })
    }

    /// Returns the response, or `None` if records have to be re-ingested first.
    pub(crate) fn into_response(self) -> Option<Py<PyBytes>> {
        self.response
    }
}
