//! The table of fields, and the columns of resolved layouts.

use edgelift::fields::{self, Log, Names};
use edgelift::plan;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMappingProxy};

/// A field of a kind of log.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct Field(&'static fields::Field, Log);

#[pymethods]
impl Field {
    /// Name in this kind of log.
    #[getter]
    fn name(&self) -> &'static str {
        self.0.name_in(self.1).unwrap_or(self.0.name)
    }

    /// Position in CloudFront's order, from 1.
    #[getter]
    fn position(&self) -> u8 {
        self.0.position_in(self.1)
    }

    /// Kind of value: timestamp, integer, status, decimal, boolean, address, text, keyword, list, names or headers.
    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind.name()
    }

    /// Meaning of the value, in one line.
    #[getter]
    fn meaning(&self) -> &'static str {
        self.0.meaning
    }

    /// Name of the same value in standard (access) logs, or None if they lack it.
    #[getter]
    fn standard(&self) -> Option<&'static str> {
        self.0.standard.map(|(_, name)| name)
    }

    /// Key in the document for each naming profile: cloudfront, snake, ecs, otel.
    #[getter]
    fn keys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMappingProxy>> {
        let keys = PyDict::new(py);
        for (profile, names) in [
            ("cloudfront", Names::Cloudfront),
            ("snake", Names::Snake),
            ("ecs", Names::Ecs),
            ("otel", Names::Otel),
        ] {
            keys.set_item(profile, self.0.key(names))?;
        }
        Ok(PyMappingProxy::new(py, keys.as_mapping()))
    }

    /// True if no recorded row shows a value yet; then a value that does not fit never fails the record.
    #[getter]
    fn unproven(&self) -> bool {
        self.0.unproven
    }

    fn __repr__(&self) -> String {
        format!("<Field {} ({})>", self.name(), self.kind())
    }
}

/// The fields of a kind of log by their names in it, such as `edgelift.FIELDS`.
pub(crate) fn table(py: Python<'_>, log: Log) -> PyResult<Bound<'_, PyMappingProxy>> {
    let table = PyDict::new(py);
    for field in log.fields() {
        table.set_item(field.name_in(log), Field(field, log))?;
    }
    Ok(PyMappingProxy::new(py, table.as_mapping()))
}

/// A column of a layout.
#[pyclass(frozen, get_all, module = "edgelift._core")]
pub(crate) struct LayoutColumn {
    /// Real-time name of the field.
    field: String,
    /// Key in the document.
    key: String,
    /// Kind of value.
    kind: &'static str,
    /// True if a value that does not fit never fails the record.
    unproven: bool,
    /// Shape of the values, or None.
    ///
    /// It is method, http_version, ip_version, tls_version, scheme, edge_location, country, request_id or result_type.
    shape: Option<&'static str>,
    /// True if texts are percent-decoded; False for fields in ``[output] raw`` and with ``decode = false``.
    decode: bool,
    /// True if documents have the key; False for fields that ``[output] columns`` leaves out.
    selected: bool,
}

impl From<&plan::Column> for LayoutColumn {
    fn from(column: &plan::Column) -> Self {
        Self {
            field: column.field.to_string(),
            key: column.key.to_string(),
            kind: column.kind.name(),
            unproven: column.unproven,
            shape: column.shape.map(fields::Shape::name),
            decode: column.decode,
            selected: column.is_selected,
        }
    }
}

#[pymethods]
impl LayoutColumn {
    fn __repr__(&self) -> String {
        format!(
            "<LayoutColumn {} -> {} ({})>",
            self.field, self.key, self.kind
        )
    }
}
