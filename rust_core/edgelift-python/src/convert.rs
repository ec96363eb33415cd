//! Converts Python values to those of the engine, and back.

use std::borrow::Cow;
use std::path::Path;

use edgelift::error::ConfigError;
use pyo3::exceptions::{PyOSError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyDict, PyFloat, PyInt, PyMapping, PyMappingProxy, PyMemoryView, PyString,
    PyTuple,
};
use toml::{Table, Value};

use crate::error::config_error;

/// Calls with fewer bytes keep the GIL. From this size on two threads are almost twice as fast as one, as
/// `python -m benchmarks.gil` shows; for a single record, waiting for the GIL again costs more than it gains.
pub(crate) const GIL_BYTES: usize = 4 * 1024;

/// Bytes of memory that are kept between calls; larger buffers are freed.
pub(crate) const KEPT_BYTES: usize = 1 << 22;

/// Returns the bytes of any bytes-like object.
///
/// `bytes` are immutable and are not copied. Everything else is copied: its owner may change or resize it while the
/// engine reads without the GIL. A copy costs a tenth of the transformation.
pub(crate) fn bytes_like<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    let view = PyMemoryView::from(object).map_err(|error| {
        if !error.is_instance_of::<PyTypeError>(object.py()) {
            return error;
        }
        PyTypeError::new_err(format!(
            "a bytes-like object is required, not '{}'",
            type_name(object)
        ))
    })?;
    Ok(view.call_method0("tobytes")?.cast_into()?)
}

/// Returns the name of an object's type, for messages.
pub(crate) fn type_name(object: &Bound<'_, PyAny>) -> String {
    object
        .get_type()
        .name()
        .map_or_else(|_| "?".to_owned(), |name| name.to_string())
}

/// Converts a mapping to a TOML table.
pub(crate) fn table(mapping: &Bound<'_, PyMapping>) -> PyResult<Table> {
    nested_table(mapping, MOST_NESTED)
}

/// Converts `fields` of a layout: the string `"all"` or names.
pub(crate) fn field_names(names: &Bound<'_, PyAny>) -> PyResult<Value> {
    match names.cast::<PyString>() {
        Ok(text) => string(text),
        Err(_) => array(names, MOST_NESTED),
    }
}

/// Deepest nesting of a configuration. A limit is needed, since a mapping may contain itself.
const MOST_NESTED: usize = 16;

fn nested_table(mapping: &Bound<'_, PyMapping>, levels: usize) -> PyResult<Table> {
    let mut table = Table::new();
    for item in mapping.items()?.iter() {
        let (key, object): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let Ok(key) = key.cast::<PyString>() else {
            return Err(wrong_type("a key", &key));
        };
        table.insert(text(key)?, value(&object, levels)?);
    }
    Ok(table)
}

fn value(object: &Bound<'_, PyAny>, levels: usize) -> PyResult<Value> {
    let Some(levels) = levels.checked_sub(1) else {
        return Err(refused(format!(
            "more than {MOST_NESTED} levels of nesting"
        )));
    };
    if let Ok(text) = object.cast::<PyString>() {
        return string(text);
    }
    if object.is_instance_of::<PyBool>() {
        return Ok(Value::Boolean(object.extract()?));
    }
    if object.is_instance_of::<PyInt>() {
        let number = object
            .extract()
            .map_err(|_| refused(format!("{object} has more than 64 bits")));
        return number.map(Value::Integer);
    }
    if object.is_instance_of::<PyFloat>() {
        return Ok(Value::Float(object.extract()?));
    }
    match object.cast::<PyMapping>() {
        Ok(mapping) => nested_table(mapping, levels).map(Value::Table),
        Err(_) => array(object, levels),
    }
}

fn array(object: &Bound<'_, PyAny>, levels: usize) -> PyResult<Value> {
    let Ok(items) = object.try_iter() else {
        return Err(wrong_type("a value", object));
    };
    items
        .map(|item| value(&item?, levels))
        .collect::<PyResult<_>>()
        .map(Value::Array)
}

fn string(string: &Bound<'_, PyString>) -> PyResult<Value> {
    text(string).map(Value::String)
}

fn text(string: &Bound<'_, PyString>) -> PyResult<String> {
    let text = string.extract::<Cow<'_, str>>();
    text.map(Cow::into_owned).map_err(|_| lone_surrogate())
}

/// Returns the `ConfigError` for text that has no UTF-8.
pub(crate) fn lone_surrogate() -> PyErr {
    refused("a string with a lone surrogate".to_owned())
}

fn wrong_type(what: &str, object: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!(
        "{what} of a configuration cannot be of type '{}'",
        type_name(object)
    ))
}

/// Returns a `ConfigError` without a place.
pub(crate) fn refused(message: String) -> PyErr {
    config_error(ConfigError {
        message,
        ..ConfigError::default()
    })
}

/// Returns the exception that Python itself would raise for a file.
pub(crate) fn os_error(error: &std::io::Error, path: &Path) -> PyErr {
    match error.raw_os_error() {
        Some(number) => {
            let text = error.to_string();
            let text = text
                .split(" (os error")
                .next()
                .unwrap_or_default()
                .to_owned();
            PyOSError::new_err((number, text, path.to_path_buf()))
        }
        None => PyOSError::new_err(error.to_string()),
    }
}

/// Converts a TOML table to a read-only mapping.
pub(crate) fn mapping<'py>(py: Python<'py>, table: &Table) -> PyResult<Bound<'py, PyMappingProxy>> {
    let dict = PyDict::new(py);
    for (key, value) in table {
        match value {
            Value::String(text) => dict.set_item(key, text)?,
            Value::Integer(number) => dict.set_item(key, number)?,
            Value::Boolean(truth) => dict.set_item(key, truth)?,
            Value::Array(items) => {
                let texts = items.iter().map(|item| item.as_str().unwrap_or_default());
                dict.set_item(key, PyTuple::new(py, texts.collect::<Vec<_>>())?)?;
            }
            Value::Table(inner) => dict.set_item(key, mapping(py, inner)?)?,
            other => dict.set_item(key, other.to_string())?,
        }
    }
    Ok(PyMappingProxy::new(py, dict.as_mapping()))
}
