//! The records of one Firehose event: dicts in, dicts out, everything between in the engine.

use edgelift::error::{Reason, RecordError};
use edgelift::event::{Answer, Answerer};
use edgelift::lines;
use edgelift::plan::Plan;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMappingProxy, PySet, PyString, PyTuple};

use crate::convert::type_name;
use crate::error::EdgeliftError;
use crate::results::Counts;

/// What became of the records of one event.
#[pyclass(frozen, get_all, module = "edgelift._core")]
pub(crate) struct Batch {
    records: Py<PyList>,
    counts: Py<Counts>,
    bytes_in: usize,
    bytes_out: usize,
    layouts: Py<PyTuple>,
    first_failures: Py<PyMappingProxy>,
    duplicates: Py<PyTuple>,
}

/// The counts of a batch while it is being made.
struct Tally<'py> {
    counts: lines::Counts,
    bytes_in: usize,
    bytes_out: usize,
    layouts: Vec<u64>,
    first_failures: Bound<'py, PyDict>,
    duplicates: Vec<Bound<'py, PyString>>,
    /// An answer, of which copies are made: cheaper than three new items.
    template: Bound<'py, PyDict>,
}

impl Batch {
    pub(crate) fn of(
        plan: &Plan,
        answerer: &mut Answerer,
        records: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let py = records.py();
        let Ok(records) = records.cast::<PyList>() else {
            return Err(EdgeliftError::new_err(format!(
                "an event has a list \"records\", not '{}'",
                type_name(records)
            )));
        };
        let mut tally = Tally {
            counts: lines::Counts::default(),
            bytes_in: 0,
            bytes_out: 0,
            layouts: vec![0; plan.layouts().len()],
            first_failures: PyDict::new(py),
            duplicates: Vec::new(),
            template: answer(py)?,
        };
        let ids = records
            .iter()
            .enumerate()
            .map(|(index, record)| record_id(index, &record));
        let ids: Vec<Bound<'_, PyString>> = ids.collect::<PyResult<_>>()?;
        let seen = PySet::empty(py)?;
        let mut answers = Vec::with_capacity(ids.len());
        for (record, id) in records.iter().zip(&ids) {
            seen.add(id)?;
            if seen.len() == answers.len() {
                tally.duplicates.push(id.clone());
                continue;
            }
            answers.push(tally.answer(plan, answerer, &record, id)?);
        }
        tally.finish(PyList::new(py, answers)?)
    }
}

/// The record's id; without one the record cannot be answered at all.
fn record_id<'py>(index: usize, record: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    let py = record.py();
    let id = match record.cast::<PyDict>() {
        Ok(record) => record.get_item(intern!(py, "recordId"))?,
        Err(_) => None,
    };
    id.and_then(|id| id.cast_into::<PyString>().ok()).ok_or_else(|| {
        EdgeliftError::new_err(format!(
            "records[{index}] is no Firehose record: expected an object with a string \"recordId\""
        ))
    })
}

impl<'py> Tally<'py> {
    fn answer(
        &mut self,
        plan: &Plan,
        answerer: &mut Answerer,
        record: &Bound<'py, PyAny>,
        id: &Bound<'py, PyString>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let py = record.py();
        let data = record.cast::<PyDict>()?.get_item(intern!(py, "data"))?;
        let Some(data) = data else {
            return self.refuse(id, None, Reason::BadBase64, || {
                "the record has no data".to_owned()
            });
        };
        let Ok(text) = data.cast::<PyString>() else {
            return self.refuse(id, None, Reason::BadBase64, || {
                format!("the record's data is not a string but {}", type_name(&data))
            });
        };
        // A string with lone surrogates has no UTF-8, and is no base64 either.
        match answerer.answer(plan, text.to_str().unwrap_or("\u{fffd}")) {
            Ok(Answer {
                data,
                bytes_in,
                bytes_out,
                layout,
            }) => {
                self.counts.pass();
                self.bytes_in += bytes_in;
                self.bytes_out += bytes_out;
                self.layouts[layout] += 1;
                let reply = self.template.copy()?;
                reply.set_item(intern!(py, "recordId"), id)?;
                reply.set_item(intern!(py, "data"), crate::ascii::string(py, data)?)?;
                Ok(reply)
            }
            Err(refusal) => {
                self.bytes_in += refusal.record.len();
                let error: RecordError = refusal.error;
                self.refuse(id, Some(text), error.reason, || {
                    error.message(plan, refusal.record)
                })
            }
        }
    }

    #[cold]
    fn refuse(
        &mut self,
        id: &Bound<'py, PyString>,
        data: Option<&Bound<'py, PyString>>,
        reason: Reason,
        message: impl FnOnce() -> String,
    ) -> PyResult<Bound<'py, PyDict>> {
        let py = id.py();
        self.counts.fail(reason);
        if !self.first_failures.contains(reason.code())? {
            self.first_failures
                .set_item(reason.code(), (id, message()))?;
        }
        let reply = self.template.copy()?;
        reply.set_item(intern!(py, "recordId"), id)?;
        reply.set_item(intern!(py, "result"), intern!(py, "ProcessingFailed"))?;
        reply.set_item(intern!(py, "data"), data.unwrap_or(intern!(py, "")))?;
        Ok(reply)
    }

    fn finish(self, records: Bound<'py, PyList>) -> PyResult<Batch> {
        let py = records.py();
        Ok(Batch {
            records: records.unbind(),
            counts: Py::new(py, Counts::from(self.counts))?,
            bytes_in: self.bytes_in,
            bytes_out: self.bytes_out,
            layouts: PyTuple::new(py, self.layouts)?.unbind(),
            first_failures: PyMappingProxy::new(py, self.first_failures.as_mapping()).unbind(),
            duplicates: PyTuple::new(py, self.duplicates)?.unbind(),
        })
    }
}

/// The answer to a record that became a document, but for the record and the document.
fn answer(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let answer = PyDict::new(py);
    answer.set_item(intern!(py, "recordId"), py.None())?;
    answer.set_item(intern!(py, "result"), intern!(py, "Ok"))?;
    answer.set_item(intern!(py, "data"), py.None())?;
    Ok(answer)
}
