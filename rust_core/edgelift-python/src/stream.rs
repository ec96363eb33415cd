//! Lines that arrive in chunks.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use edgelift::lines;
use edgelift::plan::Plan;
use edgelift::record::Documents;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::MutexExt as _;
use pyo3::types::PyTuple;

use crate::convert::{GIL_BYTES, KEPT_BYTES, bytes_like};
use crate::results::{Counts, Lines};

/// Lines that arrive in chunks. The lock is for threads that share one by mistake.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct Stream {
    plan: Arc<Plan>,
    state: Mutex<State>,
}

struct State {
    lines: lines::Stream,
    documents: Documents,
    finished: bool,
}

impl Stream {
    pub(crate) fn new(plan: Arc<Plan>, lines: lines::Stream) -> Self {
        let state = State {
            lines,
            documents: Documents::default(),
            finished: false,
        };
        Self {
            plan,
            state: Mutex::new(state),
        }
    }

    /// The lock, for which a thread waits without the GIL, since its holder may be waiting for that.
    fn state(&self, py: Python<'_>) -> MutexGuard<'_, State> {
        self.state
            .lock_py_attached(py)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn advance(
        &self,
        py: Python<'_>,
        bytes: usize,
        work: impl FnOnce(&Plan, &mut State, &mut Vec<lines::Failure>) + Send,
    ) -> PyResult<Lines> {
        let mut guard = self.state(py);
        let state = &mut *guard;
        if state.finished {
            return Err(PyValueError::new_err(
                "the stream is finished; begin a new one",
            ));
        }
        state.documents.clear();
        let mut failures = Vec::new();
        let run = || work(&self.plan, state, &mut failures);
        if bytes < GIL_BYTES {
            run();
        } else {
            py.detach(run);
        }
        let mut documents = mem::take(&mut state.documents);
        let counts = state.lines.counts();
        // Making Python objects may run the garbage collector, and with it somebody's code that asks this stream.
        drop(guard);
        let lines = Lines::of(py, documents.as_bytes(), &failures, counts, &self.plan);
        documents.shrink(KEPT_BYTES);
        self.state(py).documents = documents;
        lines
    }
}

#[pymethods]
impl Stream {
    fn feed(&self, chunk: &Bound<'_, PyAny>) -> PyResult<Lines> {
        let py = chunk.py();
        let chunk = bytes_like(chunk)?;
        let bytes = chunk.as_bytes();
        self.advance(py, bytes.len(), |plan, state, failures| {
            state
                .lines
                .feed(plan, bytes, &mut state.documents, failures);
        })
    }

    fn finish(&self, py: Python<'_>) -> PyResult<Lines> {
        self.advance(py, 0, |plan, state, failures| {
            state.lines.finish(plan, &mut state.documents, failures);
            state.finished = true;
        })
    }

    #[getter]
    fn counts(&self, py: Python<'_>) -> Counts {
        self.state(py).lines.counts().into()
    }

    #[getter]
    fn found(&self, py: Python<'_>) -> PyResult<Py<PyTuple>> {
        let found = self.state(py).lines.found(&self.plan);
        Ok(PyTuple::new(py, found)?.unbind())
    }
}
