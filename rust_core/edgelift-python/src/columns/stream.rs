//! Transforms lines that arrive in chunks into batches.

use std::sync::{Arc, Mutex, PoisonError};

use edgelift::columns::{self, ColumnPlan};
use edgelift::lines;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::batch::ColumnBatch;
use super::schema::ColumnSchema;
use crate::blocks::blocks;
use crate::convert::{GIL_BYTES, bytes_like};
use crate::error::EdgeliftError;
use crate::gunzip::gunzip_members;
use crate::results::Counts;

/// Transforms lines that arrive in chunks, which may be split anywhere, into batches of rows.
///
/// Memory is bounded by a batch. One thread at a time uses a stream.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct ColumnStream {
    plan: Arc<ColumnPlan>,
    state: Mutex<State>,
    /// Apart from the state, so that other threads read them while a chunk is transformed.
    progress: Mutex<Progress>,
}

struct State {
    stream: columns::ColumnStream,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Open,
    Finished,
    /// A chunk was not read to its end, and its partial results are lost.
    Interrupted,
}

#[derive(Default)]
struct Progress {
    counts: lines::Counts,
    detected_formats: Vec<String>,
}

impl ColumnStream {
    /// Begins a stream of batches with at most `rows` rows.
    ///
    /// # Errors
    /// `ValueError`: `rows` is 0.
    pub(crate) fn new(plan: Arc<ColumnPlan>, rows: usize) -> PyResult<Self> {
        if rows == 0 {
            return Err(PyValueError::new_err(
                "rows is 0; a batch has at least one row",
            ));
        }
        let stream = columns::ColumnStream::new(&plan, rows).with_gunzip(gunzip_members);
        Ok(Self {
            plan,
            state: Mutex::new(State {
                stream,
                phase: Phase::Open,
            }),
            progress: Mutex::default(),
        })
    }

    /// Does `work` for each part, and returns the batches that are complete. Signal handlers run between parts.
    fn advance<'a>(
        &self,
        py: Python<'_>,
        parts: impl Iterator<Item = &'a [u8]>,
        work: impl Fn(&mut columns::ColumnStream, &[u8], &mut Vec<columns::ColumnBatch>) + Send + Sync,
        after: Phase,
    ) -> PyResult<Vec<Py<ColumnBatch>>> {
        // Not waited for: the thread that has it may be this one, in a signal handler, or have gone with a fork.
        let mut state = self.state.try_lock().map_err(|_| {
            EdgeliftError::new_err(
                "the stream is in the middle of a chunk; one thread at a time uses a stream",
            )
        })?;
        match state.phase {
            Phase::Open => {}
            Phase::Finished => {
                return Err(PyValueError::new_err(
                    "the stream is finished; begin a new one",
                ));
            }
            Phase::Interrupted => {
                let message =
                    "the stream was interrupted in the middle of a chunk; begin a new one";
                return Err(PyValueError::new_err(message));
            }
        }
        state.phase = Phase::Interrupted;
        let (mut batches, mut complete) = (Vec::new(), Vec::new());
        let mut is_first = true;
        for part in parts {
            if !std::mem::take(&mut is_first) {
                py.check_signals()?;
            }
            let stream = &mut state.stream;
            let mut run = || work(stream, part, &mut complete);
            if part.len() < GIL_BYTES {
                run();
            } else {
                py.detach(run);
            }
            let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
            progress.counts = state.stream.counts();
            progress.detected_formats = state.stream.detected_formats();
            drop(progress);
            for batch in complete.drain(..) {
                batches.push(Py::new(py, ColumnBatch::new(py, batch, self.plan.plan())?)?);
            }
        }
        state.phase = after;
        Ok(batches)
    }

    fn with_progress<T>(&self, read: impl FnOnce(&Progress) -> T) -> T {
        read(&self.progress.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[pymethods]
impl ColumnStream {
    /// Transform the lines that a chunk completes, and return the batches that they complete.
    ///
    /// Signal handlers run every few megabytes. If one raises, the rows of the chunk are lost, and the stream accepts no
    /// more chunks.
    ///
    /// Raises:
    ///     EdgeliftError: another thread, or the code that a signal handler interrupted, is using the stream.
    ///     ValueError: the stream is finished, or was interrupted in the middle of a chunk.
    pub(crate) fn feed(&self, chunk: &Bound<'_, PyAny>) -> PyResult<Vec<Py<ColumnBatch>>> {
        let bytes = bytes_like(chunk)?;
        let feed = |stream: &mut columns::ColumnStream, part: &[u8], complete: &mut Vec<_>| {
            stream.feed(part, complete);
        };
        self.advance(chunk.py(), blocks(bytes.as_bytes()), feed, Phase::Open)
    }

    /// Transform the last line if it has no line feed, and begin the next file of an archive.
    ///
    /// The first record of each file decides how it is read, and a header does not apply to later files. Line numbers,
    /// offsets and counts go on, and a batch may have rows of several files.
    ///
    /// Raises:
    ///     EdgeliftError, ValueError: as for `feed`.
    fn begin_file(&self, py: Python<'_>) -> PyResult<Vec<Py<ColumnBatch>>> {
        let begin = |stream: &mut columns::ColumnStream, _: &[u8], complete: &mut Vec<_>| {
            stream.begin_file(complete);
        };
        self.advance(py, std::iter::once(&[][..]), begin, Phase::Open)
    }

    /// Return the rows and failures of the complete lines so far as a batch, if there are any.
    ///
    /// Raises:
    ///     EdgeliftError, ValueError: as for `feed`.
    fn flush(&self, py: Python<'_>) -> PyResult<Vec<Py<ColumnBatch>>> {
        let flush = |stream: &mut columns::ColumnStream, _: &[u8], complete: &mut Vec<_>| {
            stream.flush(complete);
        };
        self.advance(py, std::iter::once(&[][..]), flush, Phase::Open)
    }

    /// Transform the last line if it has no line feed, end the stream and return the last batch.
    ///
    /// The last batch has no rows if only failures are left.
    ///
    /// Raises:
    ///     EdgeliftError, ValueError: as for `feed`.
    pub(crate) fn finish(&self, py: Python<'_>) -> PyResult<Vec<Py<ColumnBatch>>> {
        let finish = |stream: &mut columns::ColumnStream, _: &[u8], complete: &mut Vec<_>| {
            stream.finish(complete);
        };
        self.advance(py, std::iter::once(&[][..]), finish, Phase::Finished)
    }

    /// Counts of all lines so far, those of incomplete batches included.
    #[getter]
    pub(crate) fn counts(&self) -> Counts {
        self.with_progress(|progress| progress.counts).into()
    }

    /// Formats of the lines so far, for people, such as ``real-time rows``.
    #[getter]
    pub(crate) fn detected_formats(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        let found = self.with_progress(|progress| progress.detected_formats.clone());
        Ok(PyTuple::new(py, found)?.unbind())
    }

    /// Names and types of the columns of all batches.
    #[getter]
    pub(crate) fn schema(&self) -> ColumnSchema {
        ColumnSchema::new(&self.plan)
    }
}
