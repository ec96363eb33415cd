//! Writes the answers to the records of an event as dicts.

use edgelift::event::{Batch, Outcome};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::dict_record::DictRecord;

/// The answers to the records of a batch.
pub(crate) struct DictAnswers<'py> {
    answers: Vec<Bound<'py, PyDict>>,
    /// An answer to copy, which is cheaper than setting three new items.
    template: Bound<'py, PyDict>,
}

impl<'py> DictAnswers<'py> {
    /// Returns an empty list with capacity for the answers to `records` records.
    pub(crate) fn new(py: Python<'py>, records: usize) -> PyResult<Self> {
        let template = PyDict::new(py);
        template.set_item(intern!(py, "recordId"), py.None())?;
        template.set_item(intern!(py, "result"), intern!(py, "Ok"))?;
        template.set_item(intern!(py, "data"), py.None())?;
        Ok(Self {
            answers: Vec::with_capacity(records),
            template,
        })
    }

    /// Adds the answer to the record that was pushed last.
    #[inline]
    pub(crate) fn push(
        &mut self,
        batch: &mut Batch<'_, DictRecord<'py>>,
        outcome: Outcome,
    ) -> PyResult<()> {
        let (answer, index) = (self.template.copy()?, self.answers.len());
        let id = &batch.record(index).id;
        answer.set_item(intern!(id.py(), "recordId"), id)?;
        self.answers.push(answer);
        self.write(index, batch, outcome)
    }

    /// Writes result, data and metadata of an answer, with the last document of the batch.
    #[inline]
    pub(crate) fn write(
        &self,
        index: usize,
        batch: &mut Batch<'_, DictRecord<'py>>,
        outcome: Outcome,
    ) -> PyResult<()> {
        let answer = &self.answers[index];
        if outcome.has_document() {
            let data = crate::ascii::string(answer.py(), batch.encoded())?;
            answer.set_item(intern!(answer.py(), "data"), data)?;
            return set_metadata(answer, batch);
        }
        let raw_data = match outcome {
            Outcome::Failed(_) => batch.record(index).encodable_data(),
            _ => None,
        };
        fail(answer, outcome, raw_data)
    }

    /// Returns the answers.
    pub(crate) fn into_vec(self) -> Vec<Bound<'py, PyDict>> {
        self.answers
    }
}

fn set_metadata(answer: &Bound<'_, PyDict>, batch: &Batch<'_, DictRecord<'_>>) -> PyResult<()> {
    let py = answer.py();
    let partitions = batch.partitions();
    if partitions.len() == 0 {
        return Ok(());
    }
    let keys = PyDict::new(py);
    for (key, value) in partitions {
        keys.set_item(key, value)?;
    }
    let metadata = PyDict::new(py);
    metadata.set_item(intern!(py, "partitionKeys"), keys)?;
    answer.set_item(intern!(py, "metadata"), metadata)
}

#[cold]
fn fail(
    answer: &Bound<'_, PyDict>,
    outcome: Outcome,
    raw_data: Option<&Bound<'_, PyString>>,
) -> PyResult<()> {
    let py = answer.py();
    answer.set_item(
        intern!(py, "result"),
        PyString::intern(py, outcome.result()),
    )?;
    answer.set_item(intern!(py, "data"), raw_data.unwrap_or(intern!(py, "")))?;
    if answer.contains(intern!(py, "metadata"))? {
        answer.del_item(intern!(py, "metadata"))?;
    }
    Ok(())
}
