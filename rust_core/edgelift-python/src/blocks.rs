//! Splits long calls into blocks. Between two blocks other threads get the GIL and signal handlers run.

use edgelift::lines;
use edgelift::plan::Plan;
use edgelift::record::OutputBuffer;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};

use crate::results::{Counts, Failure, TransformResult};

/// Bytes of input between two checks for signals: some 10 ms of work. A call with at most this many bytes is one block.
pub(crate) const BLOCK_BYTES: usize = 1 << 22;

/// Bytes of output that are copied before other threads get the GIL. Fresh pages take most of the time, which stays
/// below the 5 ms after which the interpreter itself would switch threads.
const SHARE_BYTES: usize = 1 << 20;

/// Bytes of one copy; few enough to stay in the CPU cache until they are copied again.
const PIECE_BYTES: usize = 1 << 17;

/// Bytes of output that are copied at once, into reused memory, which is twice as fast as fresh pages.
const LARGE_BYTES: usize = 1 << 24;

/// Initial size of a buffer for more output. When blocks of this size grow, allocators move their pages instead of
/// copying them; glibc's limit is 32 MiB.
const RESERVED_BYTES: usize = 1 << 26;

/// Failures that are converted before other threads get the GIL.
const SHARE_FAILURES: usize = 1 << 12;

/// Splits a text after line feeds into blocks of at most [`BLOCK_BYTES`]; a longer line is split where a block is full.
pub(crate) fn blocks(mut text: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let most = &text[..text.len().min(BLOCK_BYTES)];
        let line_end = most.iter().rposition(|&byte| byte == b'\n');
        let (block, rest) = text.split_at(line_end.map_or(most.len(), |end| end + 1));
        text = rest;
        Some(block)
    })
}

/// Lets other threads have the GIL, then runs the handlers of signals that have arrived.
///
/// # Errors
/// The exception that a handler raises: `KeyboardInterrupt` by default.
fn pause(py: Python<'_>) -> PyResult<()> {
    py.detach(|| ());
    py.check_signals()
}

/// A [`TransformResult`] that grows block by block.
#[derive(Default)]
pub(crate) struct ResultBuilder<'py> {
    /// An `io.BytesIO`, set once the output is large: it grows in place and returns its memory as `bytes` without a
    /// copy.
    buffer: Option<Bound<'py, PyAny>>,
    failures: Vec<Py<Failure>>,
    is_long: bool,
}

impl<'py> ResultBuilder<'py> {
    /// Begins the results for `input` bytes.
    pub(crate) fn new(input: usize) -> Self {
        Self {
            is_long: input > BLOCK_BYTES,
            ..Self::default()
        }
    }

    /// Takes the failures of a block, and its documents if they are large.
    ///
    /// # Errors
    /// `MemoryError`, or the exception of a signal handler.
    pub(crate) fn push(
        &mut self,
        py: Python<'py>,
        documents: &mut OutputBuffer,
        failures: &mut Vec<lines::Failure>,
        plan: &Plan,
    ) -> PyResult<()> {
        self.failures.reserve(failures.len());
        for share in failures.chunks(SHARE_FAILURES) {
            for failure in share {
                let failure = Failure::from_failure(py, failure, plan);
                self.failures.push(Py::new(py, failure)?);
            }
            if share.len() == SHARE_FAILURES {
                pause(py)?;
            }
        }
        failures.clear();
        if documents.as_bytes().len() > LARGE_BYTES {
            self.write(py, documents.as_bytes())?;
            documents.clear();
        }
        if self.is_long { pause(py) } else { Ok(()) }
    }

    fn write(&mut self, py: Python<'py>, bytes: &[u8]) -> PyResult<()> {
        let buffer = match self.buffer.take() {
            Some(buffer) => buffer,
            None => new_buffer(py)?,
        };
        let buffer = self.buffer.insert(buffer);
        for share in bytes.chunks(SHARE_BYTES) {
            for piece in share.chunks(PIECE_BYTES) {
                write(buffer, piece)?;
            }
            pause(py)?;
        }
        Ok(())
    }

    /// Returns the results, with the documents that `push` left in the buffer.
    ///
    /// # Errors
    /// `MemoryError`, or the exception of a signal handler.
    pub(crate) fn finish(
        mut self,
        py: Python<'py>,
        documents: &OutputBuffer,
        counts: lines::Counts,
    ) -> PyResult<TransformResult> {
        let rest = documents.as_bytes();
        let output = if self.buffer.is_none() {
            PyBytes::new(py, rest)
        } else {
            self.write(py, rest)?;
            let buffer = self.buffer.into_pyobject(py)?;
            buffer.call_method0(intern!(py, "truncate"))?;
            buffer.call_method0(intern!(py, "getvalue"))?.cast_into()?
        };
        Ok(TransformResult::new(
            output.unbind(),
            PyTuple::new(py, self.failures)?.unbind(),
            Py::new(py, Counts::from(counts))?,
        ))
    }
}

/// Creates an empty buffer of [`RESERVED_BYTES`]. `bytes` of zeros take no memory until they are written to, and the
/// buffer overwrites them if it holds the only reference.
fn new_buffer(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    let zeros = py.get_type::<PyBytes>().call1((RESERVED_BYTES,))?;
    let io = py.import(intern!(py, "io"))?;
    let buffer = io.call_method1(intern!(py, "BytesIO"), (zeros,))?;
    buffer.call_method1(intern!(py, "seek"), (0,))?;
    Ok(buffer)
}

/// Appends to a buffer. Uses an object that raises `MemoryError` where `PyBytes::new` would panic.
fn write(buffer: &Bound<'_, PyAny>, piece: &[u8]) -> PyResult<()> {
    let py = buffer.py();
    let copy = PyBytes::new_with(py, piece.len(), |bytes| {
        bytes.copy_from_slice(piece);
        Ok(())
    })?;
    buffer.call_method1(intern!(py, "write"), (copy,))?;
    Ok(())
}
