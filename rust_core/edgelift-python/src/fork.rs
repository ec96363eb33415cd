//! Detects forks. Locks that other threads of the parent process held are never unlocked in the child.

use std::sync::atomic::{AtomicU32, Ordering};

use pyo3::prelude::*;
use pyo3::types::{IntoPyDict as _, PyCFunction};

static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Returns a number that differs between a process and its forked children. Asking the system for the process id would
/// take longer than a short line.
pub(crate) fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Registers a counter of forks with Python, on systems that have forks.
pub(crate) fn register(py: Python<'_>) -> PyResult<()> {
    let Ok(register) = py.import("os")?.getattr("register_at_fork") else {
        return Ok(());
    };
    let count = PyCFunction::new_closure(py, None, None, |_, _| {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    })?;
    register.call((), Some(&[("after_in_child", count)].into_py_dict(py)?))?;
    Ok(())
}
