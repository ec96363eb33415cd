//! The table of fields, and the columns of resolved layouts.

use edgelift::fields::{self, Names};
use edgelift::plan;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMappingProxy};

/// One field of the real-time log.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct Field(&'static fields::Field);

#[pymethods]
impl Field {
    #[getter]
    fn name(&self) -> &'static str {
        self.0.name
    }

    #[getter]
    fn position(&self) -> u8 {
        self.0.position
    }

    #[getter]
    fn kind(&self) -> &'static str {
        self.0.kind.name()
    }

    #[getter]
    fn meaning(&self) -> &'static str {
        self.0.meaning
    }

    #[getter]
    fn standard(&self) -> Option<&'static str> {
        self.0.standard.map(|(_, name)| name)
    }

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

    #[getter]
    fn unproven(&self) -> bool {
        self.0.unproven
    }

    fn __repr__(&self) -> String {
        format!("<Field {} ({})>", self.0.name, self.0.kind.name())
    }
}

/// `edgelift.FIELDS`.
pub(crate) fn table(py: Python<'_>) -> PyResult<Bound<'_, PyMappingProxy>> {
    let table = PyDict::new(py);
    for field in fields::realtime_fields() {
        table.set_item(field.name, Field(field))?;
    }
    Ok(PyMappingProxy::new(py, table.as_mapping()))
}

/// One column of a resolved layout.
#[pyclass(frozen, get_all, module = "edgelift._core")]
pub(crate) struct LayoutColumn {
    field: String,
    key: String,
    kind: &'static str,
    unproven: bool,
    shape: Option<&'static str>,
}

impl From<&plan::Column> for LayoutColumn {
    fn from(column: &plan::Column) -> Self {
        Self {
            field: column.field.to_string(),
            key: column.key.to_string(),
            kind: column.kind.name(),
            unproven: column.unproven,
            shape: column.shape.map(fields::Shape::name),
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
