//! Transforms the records of one Firehose event: dicts in, dicts out. The engine does everything in between.

use edgelift::error::{Reason, RecordError};
use edgelift::event::{self, DocumentSize, Outcome, RecordTransformer, Style};
use edgelift::plan::Plan;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PySet, PyString, PyTuple};

use crate::convert::type_name;
use crate::error::EdgeliftError;
use crate::report::Report;

/// Result for the records of one event.
#[pyclass(frozen, get_all, module = "edgelift._core")]
pub(crate) struct Batch {
    records: Py<PyList>,
    reingest: Py<PyTuple>,
    bytes_left: usize,
    report: Py<Report>,
}

/// State of a batch while it is built.
struct Work<'a, 'py> {
    plan: &'a Plan,
    transformer: &'a mut RecordTransformer,
    batch: event::Batch,
    style: Style,
    records: &'a Bound<'py, PyTuple>,
    keys: Keys<'py>,
    answers: Vec<Answer<'py>>,
    /// Indexes of the answers to re-ingested records, each with the index of its record in the event.
    reingest: Vec<(usize, usize)>,
    /// An answer to copy, which is cheaper than setting three new items.
    template: Bound<'py, PyDict>,
}

/// The keys of a record, as the same objects as in the event: `json` creates one object for all equal keys of a text.
/// A dict finds an identical key by its address, other keys by a comparison.
struct Keys<'py> {
    id: Bound<'py, PyString>,
    data: Bound<'py, PyString>,
}

impl<'py> Keys<'py> {
    /// Returns the keys of the first record, which most others share.
    fn of(py: Python<'py>, records: &Bound<'py, PyTuple>) -> Self {
        let mut keys = Self {
            id: intern!(py, "recordId").clone(),
            data: intern!(py, "data").clone(),
        };
        let first = records.iter_borrowed().next();
        let Some(Ok(first)) = first.map(Borrowed::cast::<PyDict>) else {
            return keys;
        };
        for (key, _) in first.iter() {
            // Only exact strings: a subclass may define equality as it likes.
            let Ok(key) = key.cast_into_exact::<PyString>() else {
                continue;
            };
            if key == "recordId" {
                keys.id = key;
            } else if key == "data" {
                keys.data = key;
            }
        }
        keys
    }
}

/// The answer to a record while it is built.
struct Draft<'a, 'py> {
    /// Index of the record in the event.
    record: usize,
    /// Text of the record's id, with lone surrogates replaced.
    id: &'a str,
    /// The record's data, if they are a string.
    data: Option<Bound<'py, PyString>>,
    reply: Bound<'py, PyDict>,
}

/// A finished answer. Id and data are not stored: they are seldom needed again and can be looked up.
struct Answer<'py> {
    /// Index of the record in the event.
    record: usize,
    reply: Bound<'py, PyDict>,
}

impl<'py> Answer<'py> {
    fn id(&self) -> PyResult<Bound<'py, PyString>> {
        let key = intern!(self.reply.py(), "recordId");
        Ok(self.reply.as_any().get_item(key)?.cast_into()?)
    }

    /// Returns the record's data, if they are a string.
    fn data(&self, records: &Bound<'py, PyTuple>) -> PyResult<Option<Bound<'py, PyString>>> {
        let record = records.get_borrowed_item(self.record)?;
        let data = record
            .cast::<PyDict>()?
            .get_item(intern!(record.py(), "data"))?;
        Ok(data.and_then(|data| data.cast_into().ok()))
    }
}

impl Batch {
    pub(crate) fn of(
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
        let mut work = Work {
            plan,
            transformer,
            batch: event::Batch::new(plan, style, records.len()),
            style,
            records,
            keys: Keys::of(py, records),
            answers: Vec::with_capacity(records.len()),
            reingest: Vec::new(),
            template: template(py)?,
        };
        let mut last = String::new();
        // Set once an id is not greater than its predecessor.
        let mut seen: Option<Bound<'_, PySet>> = None;
        for (index, record) in records.iter_borrowed().enumerate() {
            let Ok(record) = record.cast::<PyDict>() else {
                return Err(no_id(index));
            };
            let id = record.get_item(&work.keys.id)?;
            let Some(id) = id.and_then(|id| id.cast_into::<PyString>().ok()) else {
                return Err(no_id(index));
            };
            // Equal ids have equal texts, even with lone surrogates replaced.
            let text = id.to_string_lossy();
            if seen.is_none() && !grows(&mut last, &text) {
                let ids: PyResult<Vec<_>> = work.answers.iter().map(Answer::id).collect();
                seen = Some(PySet::new(py, ids?)?);
            }
            if let Some(seen) = &seen {
                seen.add(&id)?;
                if seen.len() == work.answers.len() {
                    work.batch.add_duplicate(text.into_owned());
                    continue;
                }
            }
            work.answer(index, &record, &id, &text)?;
        }
        if work.batch.size() > event::LIMIT {
            work.fit(py)?;
        }
        work.finish(py)
    }
}

/// Returns the error for a record without an id, which cannot be answered.
#[cold]
fn no_id(index: usize) -> PyErr {
    EdgeliftError::new_err(event::EventError::MissingRecordId(index).to_string())
}

/// Returns true if an id is greater than `last`, and replaces `last` with it. Firehose sends ascending ids, and
/// ascending ids cannot repeat, so they need not all be remembered.
fn grows(last: &mut String, id: &str) -> bool {
    let grows = (last.len(), &**last) < (id.len(), id);
    last.clear();
    last.push_str(id);
    grows
}

impl<'py> Work<'_, 'py> {
    fn answer(
        &mut self,
        index: usize,
        record: &Bound<'py, PyDict>,
        id: &Bound<'py, PyString>,
        text: &str,
    ) -> PyResult<()> {
        let py = record.py();
        let data = record.get_item(&self.keys.data)?;
        let draft = Draft {
            record: index,
            id: text,
            data: None,
            reply: self.template.copy()?,
        };
        draft.reply.set_item(intern!(py, "recordId"), id)?;
        let Some(data) = data else {
            return self.refuse(py, draft, 0, Reason::BadBase64, event::missing_data);
        };
        match data.cast_into::<PyString>() {
            Ok(data) => {
                let data = Some(data);
                self.transform(py, Draft { data, ..draft })
            }
            Err(error) => {
                let found = type_name(&error.into_inner());
                self.refuse(py, draft, 0, Reason::BadBase64, || {
                    event::not_a_string(&found)
                })
            }
        }
    }

    fn transform(&mut self, py: Python<'py>, draft: Draft<'_, 'py>) -> PyResult<()> {
        // A string with lone surrogates has no UTF-8, and is not base64 either.
        let own = draft.data.as_ref().map(|data| data.to_str());
        let own = own.and_then(Result::ok).unwrap_or("\u{fffd}");
        match self.transformer.transform(self.plan, own.as_bytes()) {
            Ok(summary) => {
                let metadata =
                    event::metadata(self.plan, self.transformer.partitions(), self.style);
                let document = DocumentSize {
                    bytes: self.transformer.document().len(),
                    metadata: metadata.len(),
                };
                let id = event::serialized_len(draft.id, self.style);
                self.batch
                    .add_transformed(id, own.len(), &summary, document);
                self.set_document(py, &draft.reply)?;
                self.set_metadata(py, &draft.reply)?;
                self.keep(draft);
                Ok(())
            }
            Err(rejected) => {
                let (error, record): (RecordError, _) = (rejected.error, rejected.record);
                let message = error.message(self.plan, record);
                let bytes_in = record.len();
                self.refuse(py, draft, bytes_in, error.reason, || message)
            }
        }
    }

    fn set_document(&mut self, py: Python<'py>, reply: &Bound<'py, PyDict>) -> PyResult<()> {
        let data = crate::ascii::string(py, self.transformer.encoded())?;
        reply.set_item(intern!(py, "data"), data)
    }

    fn set_metadata(&mut self, py: Python<'py>, reply: &Bound<'py, PyDict>) -> PyResult<()> {
        let partitions = &self.plan.firehose().partitions;
        if partitions.is_empty() {
            return Ok(());
        }
        let keys = PyDict::new(py);
        for (partition, value) in partitions.iter().zip(self.transformer.partitions()) {
            keys.set_item(&partition.key, value)?;
        }
        let metadata = PyDict::new(py);
        metadata.set_item(intern!(py, "partitionKeys"), keys)?;
        reply.set_item(intern!(py, "metadata"), metadata)
    }

    #[cold]
    fn refuse(
        &mut self,
        py: Python<'py>,
        mut draft: Draft<'_, 'py>,
        bytes_in: usize,
        reason: Reason,
        message: impl FnOnce() -> String,
    ) -> PyResult<()> {
        if self.style == (Style::Spaced { ascii: false }) {
            // The runtime client could not encode it.
            draft.data = draft.data.filter(|data| data.to_str().is_ok());
        }
        let data = draft.data.as_ref().unwrap_or(intern!(py, ""));
        let own = event::serialized_len(&data.to_string_lossy(), self.style) - 2;
        let id = event::serialized_len(draft.id, self.style);
        let first = || (draft.id.to_owned(), message());
        self.batch.add_failed(id, own, reason, bytes_in, first);
        let reply = &draft.reply;
        reply.set_item(intern!(py, "result"), intern!(py, "ProcessingFailed"))?;
        reply.set_item(intern!(py, "data"), data)?;
        self.keep(draft);
        Ok(())
    }

    fn keep(&mut self, draft: Draft<'_, 'py>) {
        self.answers.push(Answer {
            record: draft.record,
            reply: draft.reply,
        });
    }

    /// Shrinks the answers to the size limit.
    #[cold]
    fn fit(&mut self, py: Python<'py>) -> PyResult<()> {
        let before: Vec<Outcome> = (0..self.batch.len())
            .map(|index| self.batch.outcome(index))
            .collect();
        let (plan, style, answers) = (self.plan, self.style, &self.answers);
        let (transformer, records) = (&mut *self.transformer, self.records);
        let fitted = self.batch.fit(
            plan.firehose().policy(),
            |index| {
                let data = answers[index].data(records).ok()??;
                remake_slim(plan, transformer, &data, style)
            },
            |index| {
                let id = answers[index].id();
                id.map(|id| id.to_string_lossy().into_owned())
                    .unwrap_or_default()
            },
        );
        fitted.map_err(|error| EdgeliftError::new_err(error.to_string()))?;
        for (index, before) in before.into_iter().enumerate() {
            let outcome = self.batch.outcome(index);
            if outcome != before {
                self.change(py, index, outcome)?;
            }
            if outcome == Outcome::Reingest {
                self.reingest.push((index, self.answers[index].record));
            }
        }
        Ok(())
    }

    fn change(&mut self, py: Python<'py>, index: usize, outcome: Outcome) -> PyResult<()> {
        let reply = self.answers[index].reply.clone();
        let data = self.answers[index].data(self.records)?;
        if outcome == Outcome::Slim {
            if let Some(data) = data {
                remake_slim(self.plan, self.transformer, &data, self.style);
                self.set_document(py, &reply)?;
            }
            return Ok(());
        }
        let own = data.filter(|_| matches!(outcome, Outcome::Failed(_)));
        reply.set_item(intern!(py, "result"), outcome.result())?;
        reply.set_item(intern!(py, "data"), own.as_ref().unwrap_or(intern!(py, "")))?;
        if reply.contains(intern!(py, "metadata"))? {
            reply.del_item(intern!(py, "metadata"))?;
        }
        Ok(())
    }

    fn finish(self, py: Python<'py>) -> PyResult<Batch> {
        let replies = self.answers.into_iter().map(|answer| answer.reply);
        Ok(Batch {
            records: PyList::new(py, replies)?.unbind(),
            reingest: PyTuple::new(py, self.reingest)?.unbind(),
            bytes_left: event::LIMIT - self.batch.size(),
            report: Py::new(py, Report::from(self.batch.report()))?,
        })
    }
}

/// Rebuilds a document without its optional fields. Returns `None` if it does not get shorter.
fn remake_slim(
    plan: &Plan,
    transformer: &mut RecordTransformer,
    data: &Bound<'_, PyString>,
    style: Style,
) -> Option<DocumentSize> {
    let summary = transformer
        .transform(plan, data.to_str().ok()?.as_bytes())
        .ok()?;
    if !transformer.slim(plan, summary.layout) {
        return None;
    }
    Some(DocumentSize {
        bytes: transformer.document().len(),
        metadata: event::metadata(plan, transformer.partitions(), style).len(),
    })
}

/// Returns an answer with result `Ok`, and without id and data.
fn template(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let answer = PyDict::new(py);
    answer.set_item(intern!(py, "recordId"), py.None())?;
    answer.set_item(intern!(py, "result"), intern!(py, "Ok"))?;
    answer.set_item(intern!(py, "data"), py.None())?;
    Ok(answer)
}
