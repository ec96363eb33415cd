//! Transforms the records of one Firehose event: dicts in, dicts out. The engine does everything in between.

use edgelift::event::{self, Outcome, RecordTransformer, Style};
use edgelift::limits::MAX_RESPONSE_BYTES;
use edgelift::plan::Plan;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::convert::type_name;
use crate::dict_answer::DictAnswers;
use crate::dict_record::Keys;
use crate::error::{EdgeliftError, event_error};
use crate::report::Report;

/// Response to the records of a Firehose event.
#[pyclass(frozen, get_all, module = "edgelift._core")]
pub(crate) struct Batch {
    /// One dict per ``recordId``, in order: recordId, result, data, and metadata if there are partition keys.
    records: Py<PyList>,
    /// Records that must be re-ingested: index in ``records``, index in the event.
    ///
    /// Their result is ``Dropped``. Empty unless the policy is ``reingest`` and the response would be too large.
    reingest: Py<PyTuple>,
    /// Bytes by which the response may still grow, if each re-ingested record had failed without data.
    bytes_left: usize,
    /// Counts and sizes of the records.
    report: Py<Report>,
}

impl Batch {
    pub(crate) fn from_records(
        plan: &Plan,
        transformer: &mut RecordTransformer,
        records: &Bound<'_, PyAny>,
        ensure_ascii: bool,
    ) -> PyResult<Self> {
        let py = records.py();
        let Ok(records) = records.cast::<PyList>() else {
            return Err(EdgeliftError::new_err(format!(
                "an event has a list \"records\", not '{}'",
                type_name(records)
            )));
        };
        let style = Style::Spaced {
            ascii: ensure_ascii,
        };
        // Items of a tuple can be borrowed: it keeps them even if the list changes.
        let records = &records.to_tuple();
        let keys = Keys::from_records(records);
        let mut batch = event::Batch::new(plan, transformer, style, records.len());
        let mut answers = DictAnswers::new(py, records.len())?;
        for (index, record) in records.iter_borrowed().enumerate() {
            let pushed = batch.push(keys.read(index, &record, style)?);
            if let Some(outcome) = pushed.map_err(|error| event_error(&error))? {
                answers.push(&mut batch, outcome)?;
            }
        }
        let mut reingest = Vec::new();
        let changed = batch.fit(plan.firehose().policy());
        for index in changed.map_err(|error| event_error(&error))? {
            let outcome = batch.transform_again(index);
            answers.write(index, &mut batch, outcome)?;
            if outcome == Outcome::Reingest {
                reingest.push((index, batch.record(index).index));
            }
        }
        Ok(Self {
            records: PyList::new(py, answers.into_vec())?.unbind(),
            reingest: PyTuple::new(py, reingest)?.unbind(),
            bytes_left: MAX_RESPONSE_BYTES - batch.size(),
            report: Py::new(py, Report::from(batch.into_report()))?,
        })
    }
}
