//! Python values to the engine's, and back.

use std::borrow::Cow;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyMapping, PyMappingProxy, PyMemoryView, PyString};
use toml::{Table, Value};

/// The bytes of any bytes-like object.
///
/// `bytes` are immutable and taken as they stand. Of everything else a copy is made: its owner may change or
/// resize it while the engine reads without the GIL, and a copy costs a tenth of the transformation.
pub(crate) fn bytes_like<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    if let Ok(bytes) = object.cast::<PyBytes>() {
        return Ok(bytes.clone());
    }
    let view = PyMemoryView::from(object).map_err(|_| {
        PyTypeError::new_err(format!("a bytes-like object is required, not '{}'", type_name(object)))
    })?;
    Ok(view.call_method0("tobytes")?.cast_into()?)
}

/// Name of an object's type, for messages.
pub(crate) fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string())
}

/// A mapping as a TOML table.
pub(crate) fn table(mapping: &Bound<'_, PyMapping>) -> PyResult<Table> {
    let mut table = Table::new();
    for item in mapping.items()?.iter() {
        let (key, object): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let Ok(key) = key.cast::<PyString>() else {
            return Err(wrong_type("a key of a configuration", &key));
        };
        table.insert(key.to_string(), value(&object)?);
    }
    Ok(table)
}

fn value(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Value::String(text.extract::<Cow<'_, str>>()?.into_owned()));
    }
    if object.is_instance_of::<PyBool>() {
        return Ok(Value::Boolean(object.extract()?));
    }
    if object.is_instance_of::<PyInt>() {
        return Ok(Value::Integer(object.extract()?));
    }
    if object.is_instance_of::<PyFloat>() {
        return Ok(Value::Float(object.extract()?));
    }
    if let Ok(mapping) = object.cast::<PyMapping>() {
        return table(mapping).map(Value::Table);
    }
    let Ok(items) = object.try_iter() else {
        return Err(wrong_type("a value of a configuration", object));
    };
    items.map(|item| value(&item?)).collect::<PyResult<_>>().map(Value::Array)
}

fn wrong_type(what: &str, object: &Bound<'_, PyAny>) -> PyErr {
    PyTypeError::new_err(format!("{what} cannot be of type '{}'", type_name(object)))
}

/// A TOML table as a read-only mapping.
pub(crate) fn mapping<'py>(
    py: Python<'py>,
    table: &Table,
) -> PyResult<Bound<'py, PyMappingProxy>> {
    let dict = PyDict::new(py);
    for (key, value) in table {
        match value {
            Value::String(text) => dict.set_item(key, text)?,
            Value::Integer(number) => dict.set_item(key, number)?,
            Value::Boolean(truth) => dict.set_item(key, truth)?,
            Value::Table(inner) => dict.set_item(key, mapping(py, inner)?)?,
            other => dict.set_item(key, other.to_string())?,
        }
    }
    Ok(PyMappingProxy::new(py, dict.as_mapping()))
}
