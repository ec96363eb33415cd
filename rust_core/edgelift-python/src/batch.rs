//! The records of one Firehose event: dicts in, dicts out, everything between in the engine.

use edgelift::error::{Reason, RecordError};
use edgelift::event::{self, Answerer, Document, Fate, Style};
use edgelift::plan::Plan;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySet, PyString, PyTuple};

use crate::convert::type_name;
use crate::error::EdgeliftError;
use crate::report::Report;

/// What became of the records of one event.
#[pyclass(frozen, get_all, module = "edgelift._core")]
pub(crate) struct Batch {
    records: Py<PyList>,
    put_back: Py<PyTuple>,
    room: usize,
    report: Py<Report>,
}

/// A batch while it is being made.
struct Work<'a, 'py> {
    plan: &'a Plan,
    answerer: &'a mut Answerer,
    batch: event::Batch,
    style: Style,
    answers: Vec<Answer<'py>>,
    /// An answer, of which copies are made: cheaper than three new items.
    template: Bound<'py, PyDict>,
}

struct Answer<'py> {
    id: Bound<'py, PyString>,
    /// The record's own data, if they are a string.
    data: Option<Bound<'py, PyString>>,
    /// Place of the record in the event.
    record: usize,
    reply: Bound<'py, PyDict>,
}

impl Batch {
    pub(crate) fn of(
        plan: &Plan,
        answerer: &mut Answerer,
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
        let mut work = Work {
            plan,
            answerer,
            batch: event::Batch::new(plan, style, records.len()),
            style,
            answers: Vec::with_capacity(records.len()),
            template: template(py)?,
        };
        // Set once an id is not greater than the one before.
        let mut seen: Option<Bound<'_, PySet>> = None;
        for (index, record) in records.iter().enumerate() {
            let id = record_id(index, &record)?;
            if seen.is_none() && !work.grows(&id) {
                let ids = work.answers.iter().map(|answer| &answer.id);
                seen = Some(PySet::new(py, ids)?);
            }
            if let Some(seen) = &seen {
                seen.add(&id)?;
                if seen.len() == work.answers.len() {
                    work.batch.duplicate(id.to_string_lossy().into_owned());
                    continue;
                }
            }
            work.answer(index, &record, id)?;
        }
        if work.batch.size() > event::LIMIT {
            work.fit(py)?;
        }
        work.finish(py)
    }
}

/// The record's id; without one the record cannot be answered at all.
fn record_id<'py>(index: usize, record: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    let py = record.py();
    let id = match record.cast::<PyDict>() {
        Ok(record) => record.get_item(intern!(py, "recordId"))?,
        Err(_) => None,
    };
    id.and_then(|id| id.cast_into::<PyString>().ok())
        .ok_or_else(|| EdgeliftError::new_err(event::EventError::NoRecordId(index).to_string()))
}

impl<'py> Work<'_, 'py> {
    /// Whether an id is greater than the last one. Firehose counts them up, and what grows does not repeat: no need to
    /// remember all.
    fn grows(&self, id: &Bound<'py, PyString>) -> bool {
        let Some(last) = self.answers.last() else {
            return true;
        };
        match (last.id.to_str(), id.to_str()) {
            (Ok(last), Ok(id)) => (last.len(), last) < (id.len(), id),
            _ => false,
        }
    }

    fn answer(
        &mut self,
        index: usize,
        record: &Bound<'py, PyAny>,
        id: Bound<'py, PyString>,
    ) -> PyResult<()> {
        let py = record.py();
        let data = record.cast::<PyDict>()?.get_item(intern!(py, "data"))?;
        let answer = Answer {
            reply: self.template.copy()?,
            id,
            data: None,
            record: index,
        };
        answer.reply.set_item(intern!(py, "recordId"), &answer.id)?;
        let Some(data) = data else {
            return self.refuse(answer, 0, Reason::BadBase64, event::no_data);
        };
        match data.cast_into::<PyString>() {
            Ok(data) => {
                let data = Some(data);
                self.transform(py, Answer { data, ..answer })
            }
            Err(error) => {
                let found = type_name(&error.into_inner());
                self.refuse(answer, 0, Reason::BadBase64, || event::no_string(&found))
            }
        }
    }

    fn transform(&mut self, py: Python<'py>, answer: Answer<'py>) -> PyResult<()> {
        // A string with lone surrogates has no UTF-8, and is no base64 either.
        let own = answer.data.as_ref().map(|data| data.to_str());
        let own = own.and_then(Result::ok).unwrap_or("\u{fffd}");
        match self.answerer.make(self.plan, own.as_bytes()) {
            Ok(made) => {
                let metadata = event::metadata(self.plan, self.answerer.partitions(), self.style);
                let document = Document {
                    bytes: self.answerer.document().len(),
                    metadata: metadata.len(),
                };
                let id = event::serialized_len(&answer.id.to_string_lossy(), self.style);
                self.batch.made(id, own.len(), &made, document);
                self.set_document(py, &answer.reply)?;
                self.set_metadata(py, &answer.reply)?;
                self.answers.push(answer);
                Ok(())
            }
            Err(refusal) => {
                let (error, record): (RecordError, _) = (refusal.error, refusal.record);
                let message = error.message(self.plan, record);
                let bytes_in = record.len();
                self.refuse(answer, bytes_in, error.reason, || message)
            }
        }
    }

    fn set_document(&mut self, py: Python<'py>, reply: &Bound<'py, PyDict>) -> PyResult<()> {
        let data = crate::ascii::string(py, self.answerer.encoded())?;
        reply.set_item(intern!(py, "data"), data)
    }

    fn set_metadata(&mut self, py: Python<'py>, reply: &Bound<'py, PyDict>) -> PyResult<()> {
        let partitions = &self.plan.delivery().partitions;
        if partitions.is_empty() {
            return Ok(());
        }
        let keys = PyDict::new(py);
        for (partition, value) in partitions.iter().zip(self.answerer.partitions()) {
            keys.set_item(&partition.key, value)?;
        }
        let metadata = PyDict::new(py);
        metadata.set_item(intern!(py, "partitionKeys"), keys)?;
        reply.set_item(intern!(py, "metadata"), metadata)
    }

    #[cold]
    fn refuse(
        &mut self,
        mut answer: Answer<'py>,
        bytes_in: usize,
        reason: Reason,
        message: impl FnOnce() -> String,
    ) -> PyResult<()> {
        let py = answer.id.py();
        if self.style == (Style::Spaced { ascii: false }) {
            // The client could not write it.
            answer.data = answer.data.filter(|data| data.to_str().is_ok());
        }
        let data = answer.data.as_ref().unwrap_or(intern!(py, "")).clone();
        let own = event::serialized_len(&data.to_string_lossy(), self.style) - 2;
        let id = event::serialized_len(&answer.id.to_string_lossy(), self.style);
        let first = || (answer.id.to_string_lossy().into_owned(), message());
        self.batch.refused(id, own, reason, bytes_in, first);
        let reply = &answer.reply;
        reply.set_item(intern!(py, "result"), intern!(py, "ProcessingFailed"))?;
        reply.set_item(intern!(py, "data"), data)?;
        self.answers.push(answer);
        Ok(())
    }

    /// Brings the answers under the limit.
    #[cold]
    fn fit(&mut self, py: Python<'py>) -> PyResult<()> {
        let before: Vec<Fate> = (0..self.batch.len())
            .map(|index| self.batch.fate(index))
            .collect();
        let (plan, style, answers) = (self.plan, self.style, &self.answers);
        let answerer = &mut *self.answerer;
        let fitted = self.batch.fit(
            plan.delivery().policy(),
            |index| remake_slim(plan, answerer, answers[index].data.as_ref()?, style),
            |index| answers[index].id.to_string_lossy().into_owned(),
        );
        fitted.map_err(|error| EdgeliftError::new_err(error.to_string()))?;
        for (index, before) in before.into_iter().enumerate() {
            let fate = self.batch.fate(index);
            if fate != before {
                self.change(py, index, fate)?;
            }
        }
        Ok(())
    }

    fn change(&mut self, py: Python<'py>, index: usize, fate: Fate) -> PyResult<()> {
        let reply = self.answers[index].reply.clone();
        let data = self.answers[index].data.clone();
        if fate == Fate::Slim {
            if let Some(data) = data {
                remake_slim(self.plan, self.answerer, &data, self.style);
                self.set_document(py, &reply)?;
            }
            return Ok(());
        }
        let own = data.filter(|_| matches!(fate, Fate::Failed(_)));
        reply.set_item(intern!(py, "result"), fate.result())?;
        reply.set_item(intern!(py, "data"), own.as_ref().unwrap_or(intern!(py, "")))?;
        if reply.contains(intern!(py, "metadata"))? {
            reply.del_item(intern!(py, "metadata"))?;
        }
        Ok(())
    }

    fn finish(self, py: Python<'py>) -> PyResult<Batch> {
        let put_back = self
            .answers
            .iter()
            .enumerate()
            .filter_map(|(index, answer)| {
                (self.batch.fate(index) == Fate::PutBack).then_some((index, answer.record))
            });
        let put_back: Vec<(usize, usize)> = put_back.collect();
        let replies = self.answers.iter().map(|answer| &answer.reply);
        Ok(Batch {
            records: PyList::new(py, replies)?.unbind(),
            put_back: PyTuple::new(py, put_back)?.unbind(),
            room: event::LIMIT - self.batch.size(),
            report: Py::new(py, Report::from(self.batch.report()))?,
        })
    }
}

/// Makes a document again without its optional fields; none if that makes it no shorter.
fn remake_slim(
    plan: &Plan,
    answerer: &mut Answerer,
    data: &Bound<'_, PyString>,
    style: Style,
) -> Option<Document> {
    let made = answerer.make(plan, data.to_str().ok()?.as_bytes()).ok()?;
    if !answerer.slim(plan, made.layout) {
        return None;
    }
    Some(Document {
        bytes: answerer.document().len(),
        metadata: event::metadata(plan, answerer.partitions(), style).len(),
    })
}

/// The answer to a record that became a document, but for the record and the document.
fn template(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let answer = PyDict::new(py);
    answer.set_item(intern!(py, "recordId"), py.None())?;
    answer.set_item(intern!(py, "result"), intern!(py, "Ok"))?;
    answer.set_item(intern!(py, "data"), py.None())?;
    Ok(answer)
}
