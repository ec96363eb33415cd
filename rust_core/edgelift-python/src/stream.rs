//! Transforms lines that arrive in chunks.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::{mem, ptr};

use edgelift::lines;
use edgelift::plan::Plan;
use edgelift::record::OutputBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt as _;
use pyo3::types::PyTuple;

use crate::blocks::{ResultBuilder, blocks};
use crate::convert::{GIL_BYTES, KEPT_BYTES, bytes_like};
use crate::error::EdgeliftError;
use crate::fork;
use crate::results::{Counts, TransformResult};

/// Return the number of line feeds, ten times as fast as ``bytes.count``.
#[cfg(feature = "fork")]
#[pyfunction]
#[pyo3(signature = (data, /))]
pub(crate) fn count_lines(data: &[u8]) -> u64 {
    lines::count_lines(data)
}

/// Transforms lines that arrive in chunks, which may be split anywhere.
///
/// Memory is constant, except with the format ``bulk``: it keeps a hash of each line without ``x-edge-request-id`` and
/// of each finished document without an id.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct Stream {
    plan: Arc<Plan>,
    // The locks protect threads that share a stream by mistake.
    /// Held for a whole chunk, so that chunks of several threads do not mix.
    chunks: Mutex<Chunks>,
    /// Held while the engine works, and not while Python code runs: signal handlers and the garbage collector may
    /// read the counts of this stream. The only Python code that the engine calls is zlib's, for records in gzip.
    lines: Mutex<lines::Stream>,
    /// The [`thread_mark`] of the thread that is in the middle of a chunk, or 0.
    feeder: AtomicUsize,
    /// The [`fork::generation`] of the process that locked last.
    locked_in: AtomicU32,
}

#[derive(Default)]
struct Chunks {
    phase: Phase,
    documents: OutputBuffer,
}

#[derive(Clone, Copy, Default)]
enum Phase {
    #[default]
    Open,
    Finished,
    /// A chunk was not read to its end, and its partial results are lost.
    Interrupted,
}

/// A chunk that is being read. No other chunk can begin before it is dropped.
struct Chunk<'a, 'py> {
    py: Python<'py>,
    stream: &'a Stream,
    chunks: MutexGuard<'a, Chunks>,
    lines: ResultBuilder<'py>,
    counts: lines::Counts,
    /// Phase of the stream once this is dropped.
    after: Phase,
}

/// Returns a number that no other living thread has.
fn thread_mark() -> usize {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|mark| ptr::from_ref(mark).addr())
}

impl Stream {
    pub(crate) fn new(plan: Arc<Plan>, lines: lines::Stream) -> Self {
        Self {
            plan,
            chunks: Mutex::default(),
            lines: Mutex::new(lines),
            feeder: AtomicUsize::new(0),
            locked_in: AtomicU32::new(fork::generation()),
        }
    }

    /// Locks a mutex. Waits without the GIL, since the holder may be waiting for the GIL.
    ///
    /// # Errors
    /// Waiting would never end: a thread held the lock when this process was forked, or this thread holds it.
    fn lock<'a, T>(&self, py: Python<'_>, mutex: &'a Mutex<T>) -> PyResult<MutexGuard<'a, T>> {
        let guard = match mutex.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(error)) => error.into_inner(),
            Err(TryLockError::WouldBlock) => {
                self.check_holder()?;
                mutex
                    .lock_py_attached(py)
                    .unwrap_or_else(PoisonError::into_inner)
            }
        };
        self.locked_in.store(fork::generation(), Ordering::Relaxed);
        Ok(guard)
    }

    #[cold]
    fn check_holder(&self) -> PyResult<()> {
        let problem = if self.locked_in.load(Ordering::Relaxed) != fork::generation() {
            "the stream was in use by another thread when this process was forked; begin a new one"
        } else if self.feeder.load(Ordering::Relaxed) == thread_mark() {
            "the stream is in the middle of a chunk, which a signal handler cannot add to"
        } else {
            return Ok(());
        };
        Err(EdgeliftError::new_err(problem))
    }

    /// Begins a chunk of `bytes` bytes, after waiting for other threads to finish theirs.
    fn begin<'a, 'py>(&'a self, py: Python<'py>, bytes: usize) -> PyResult<Chunk<'a, 'py>> {
        let chunks = self.lock(py, &self.chunks)?;
        let problem = match chunks.phase {
            Phase::Open => None,
            Phase::Finished => Some("the stream is finished; begin a new one"),
            Phase::Interrupted => {
                Some("the stream was interrupted in the middle of a chunk; begin a new one")
            }
        };
        if let Some(problem) = problem {
            return Err(PyValueError::new_err(problem));
        }
        // An empty chunk has no parts that would set the counts.
        let counts = self.lock(py, &self.lines)?.counts();
        self.feeder.store(thread_mark(), Ordering::Relaxed);
        Ok(Chunk {
            py,
            stream: self,
            chunks,
            lines: ResultBuilder::new(bytes),
            counts,
            after: Phase::Interrupted,
        })
    }
}

impl Chunk<'_, '_> {
    /// Does a part of the work and keeps its results.
    fn advance(
        &mut self,
        may_detach: bool,
        work: impl FnOnce(&mut lines::Stream, &mut OutputBuffer, &mut Vec<lines::Failure>) + Send,
    ) -> PyResult<()> {
        let (py, stream, plan) = (self.py, self.stream, &*self.stream.plan);
        let documents = &mut self.chunks.documents;
        let mut failures = Vec::new();
        let mut guard = stream.lock(py, &stream.lines)?;
        let lines = &mut *guard;
        let run = || work(lines, documents, &mut failures);
        if may_detach {
            py.detach(run);
        } else {
            run();
        }
        self.counts = guard.counts();
        drop(guard);
        let documents = &mut self.chunks.documents;
        self.lines.push(py, documents, &mut failures, plan)
    }

    fn finish(mut self, after: Phase) -> PyResult<TransformResult> {
        let lines = mem::take(&mut self.lines);
        let lines = lines.finish(self.py, &self.chunks.documents, self.counts)?;
        self.after = after;
        Ok(lines)
    }
}

impl Drop for Chunk<'_, '_> {
    fn drop(&mut self) {
        self.chunks.phase = self.after;
        self.chunks.documents.clear();
        self.chunks.documents.shrink(KEPT_BYTES);
        self.stream.feeder.store(0, Ordering::Relaxed);
    }
}

#[pymethods]
impl Stream {
    /// Transform the lines that a chunk completes.
    ///
    /// Signal handlers run every few megabytes. If one raises, the documents of the chunk are lost, and the stream
    /// accepts no more chunks.
    ///
    /// Raises:
    ///     EdgeliftError: another thread used the stream when this process was forked, or a signal handler feeds the
    ///         stream that it interrupted.
    ///     ValueError: the stream is finished, or was interrupted in the middle of a chunk.
    fn feed(&self, chunk: &Bound<'_, PyAny>) -> PyResult<TransformResult> {
        let py = chunk.py();
        let bytes = bytes_like(chunk)?;
        let bytes = bytes.as_bytes();
        let mut chunk = self.begin(py, bytes.len())?;
        for block in blocks(bytes) {
            chunk.advance(bytes.len() >= GIL_BYTES, |lines, documents, failures| {
                lines.feed(block, documents, failures);
            })?;
        }
        chunk.finish(Phase::Open)
    }

    /// Transform the last line if it has no line feed, and begin the next file of an archive.
    ///
    /// The first record of each file decides how it is read, and a header does not apply to later files. Line numbers,
    /// offsets and counts go on.
    ///
    /// Raises:
    ///     EdgeliftError, ValueError: as for `feed`.
    fn begin_file(&self, py: Python<'_>) -> PyResult<TransformResult> {
        let mut chunk = self.begin(py, 0)?;
        chunk.advance(false, |lines, documents, failures| {
            lines.begin_file(documents, failures);
        })?;
        chunk.finish(Phase::Open)
    }

    /// Transform the last line if it has no line feed, and end the stream.
    ///
    /// Raises:
    ///     EdgeliftError, ValueError: as for `feed`.
    fn finish(&self, py: Python<'_>) -> PyResult<TransformResult> {
        let mut chunk = self.begin(py, 0)?;
        chunk.advance(false, |lines, documents, failures| {
            lines.finish(documents, failures);
        })?;
        chunk.finish(Phase::Finished)
    }

    /// Return a stream for a later part of the input, to be fed by another thread; None if it must wait.
    ///
    /// The part begins on a new line. Its results are right if `join` returns True for each part before it.
    ///
    /// Args:
    ///     lines: number of the lines that are neither fed nor joined yet and come before the part.
    ///     size: their bytes.
    ///     reuse: a fork that is not needed any more, which becomes the new one and keeps its memory.
    ///
    /// Returns:
    ///     None within a line, for the format ``bulk``, and after error objects: the lines before decide too much.
    #[cfg(feature = "fork")]
    #[pyo3(signature = (lines, size, reuse=None))]
    fn fork<'py>(
        &self,
        py: Python<'py>,
        lines: u64,
        size: u64,
        reuse: Option<Bound<'py, Self>>,
    ) -> PyResult<Option<Bound<'py, Self>>> {
        let Some(fork) = self.lock(py, &self.lines)?.fork(lines, size) else {
            return Ok(None);
        };
        let Some(reuse) = reuse else {
            return Bound::new(py, Self::new(Arc::clone(&self.plan), fork)).map(Some);
        };
        let stream = reuse.get();
        *stream.lock(py, &stream.lines)? = fork;
        Ok(Some(reuse))
    }

    /// Take over the counts and the state of a fork that was fed the lines that come next in the input.
    ///
    /// Returns:
    ///     False if they change how the lines after them are read: forks for later parts must not be used.
    #[cfg(feature = "fork")]
    fn join(&self, py: Python<'_>, fork: &Self) -> PyResult<bool> {
        if ptr::eq(self, fork) {
            return Err(PyValueError::new_err("a stream cannot join itself"));
        }
        let fork = fork.lock(py, &fork.lines)?;
        Ok(self.lock(py, &self.lines)?.join(&fork))
    }

    /// Counts of all lines so far.
    #[getter]
    fn counts(&self, py: Python<'_>) -> PyResult<Counts> {
        Ok(self.lock(py, &self.lines)?.counts().into())
    }

    /// Formats of the lines so far, for people, such as ``real-time rows``.
    #[getter]
    fn detected_formats(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        let found = self.lock(py, &self.lines)?.detected_formats();
        Ok(PyTuple::new(py, found)?.unbind())
    }
}
