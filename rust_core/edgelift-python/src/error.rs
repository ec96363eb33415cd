//! Converts errors of the engine to the Python exceptions in `edgelift.errors`.

use edgelift::error as engine;
use edgelift::event::EventError;
use edgelift::plan::Plan;
use pyo3::PyErr;

pyo3::import_exception!(edgelift.errors, EdgeliftError);
pyo3::import_exception!(edgelift.errors, RecordError);
pyo3::import_exception!(edgelift.errors, ConfigError);

/// Returns a `RecordError`; its columns are counted from 1.
#[cold]
pub(crate) fn record_error(error: &engine::RecordError, plan: &Plan, record: &[u8]) -> PyErr {
    let column = error.place.map(|place| place.column + 1);
    let field = error.field(plan, record);
    RecordError::new_err((
        error.message(plan, record),
        error.reason.code(),
        field,
        column,
        error.offset,
    ))
}

/// Returns a `ConfigError`.
#[cold]
pub(crate) fn config_error(error: engine::ConfigError) -> PyErr {
    ConfigError::new_err((error.to_string(), error.line, error.key, error.suggestion))
}

/// Returns the `EdgeliftError` for an event that cannot be answered.
#[cold]
pub(crate) fn event_error(error: &EventError) -> PyErr {
    EdgeliftError::new_err(error.to_string())
}
