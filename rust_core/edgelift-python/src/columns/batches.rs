//! Batches as an iterator.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use super::batch::ColumnBatch;
use super::schema::ColumnSchema;
use super::stream::ColumnStream;
use crate::results::Counts;

/// Batches of the rows in chunks, which are read as batches are asked for.
///
/// It is an Arrow stream, too: ``polars.DataFrame(batches)``, ``pyarrow.table(batches)``.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct ColumnBatches {
    stream: ColumnStream,
    chunks: Py<PyAny>,
    queue: Mutex<Queue>,
}

/// Batches that are complete and not returned yet.
#[derive(Default)]
struct Queue {
    batches: VecDeque<Py<ColumnBatch>>,
    is_finished: bool,
}

impl ColumnBatches {
    pub(crate) fn new(stream: ColumnStream, chunks: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self {
            stream,
            chunks: chunks.try_iter()?.into_any().unbind(),
            queue: Mutex::default(),
        })
    }

    fn with_queue<T>(&self, work: impl FnOnce(&mut Queue) -> T) -> T {
        work(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[pymethods]
impl ColumnBatches {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<ColumnBatch>>> {
        loop {
            let (batch, is_finished) =
                self.with_queue(|queue| (queue.batches.pop_front(), queue.is_finished));
            if batch.is_some() || is_finished {
                return Ok(batch);
            }
            // Python code runs while the next chunk is made, so the queue is not locked.
            let chunk = self.chunks.bind(py).try_iter()?.next().transpose()?;
            let batches = match &chunk {
                Some(chunk) => self.stream.feed(chunk)?,
                None => self.stream.finish(py)?,
            };
            self.with_queue(|queue| {
                queue.batches.extend(batches);
                queue.is_finished = chunk.is_none();
            });
        }
    }

    /// Export the batches that are left as the capsule of a stream. ``requested_schema`` is ignored.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        slf: &Bound<'py, Self>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        slf.get().stream.schema().export_stream(slf.as_any())
    }

    /// Export the schema as a capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        self.stream.schema().__arrow_c_schema__(py)
    }

    /// Counts of all lines that have been read.
    #[getter]
    fn counts(&self) -> Counts {
        self.stream.counts()
    }

    /// Formats of the lines that have been read, for people, such as ``real-time rows``.
    #[getter]
    fn detected_formats(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        self.stream.detected_formats(py)
    }

    /// Names and types of the columns of all batches.
    #[getter]
    fn schema(&self) -> ColumnSchema {
        self.stream.schema()
    }
}
