//! Compiles configurations: TOML text, mappings, files, names of fields.

use std::path::Path;
#[cfg(feature = "columns")]
use std::sync::Arc;

#[cfg(feature = "columns")]
use edgelift::columns::ColumnPlan;
use edgelift::config::Config;
use edgelift::error::ConfigError;
use edgelift::plan::Plan;
use pyo3::exceptions::{PyTypeError, PyUserWarning};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyMapping, PyMappingProxy, PyString};
use toml::{Table, Value};

use crate::convert::{field_names, lone_surrogate, mapping, os_error, refused, table, type_name};
use crate::error::config_error;

/// Compiles TOML text or a mapping.
///
/// # Errors
/// `ConfigError`, or `TypeError` for an object that is neither.
pub(crate) fn compile_object(config: &Bound<'_, PyAny>) -> PyResult<Compiled> {
    let py = config.py();
    if let Ok(text) = config.cast::<PyString>() {
        let text = text.to_str().map_err(|_| lone_surrogate())?;
        if !text.is_empty() && !text.contains(['=', '\n']) {
            return Err(refused(format!(
                "\"{text}\" is not TOML; for a file, use Transformer.from_file"
            )));
        }
        return compile(py, text, true);
    }
    let Ok(mapping) = config.cast::<PyMapping>() else {
        return Err(PyTypeError::new_err(format!(
            "a configuration is TOML text or a mapping, not '{}'",
            type_name(config)
        )));
    };
    compile_table(py, &table(mapping)?)
}

/// Compiles a TOML file.
///
/// # Errors
/// `ConfigError`, or `OSError` for a file that cannot be read.
pub(crate) fn compile_file(py: Python<'_>, path: &Path) -> PyResult<Compiled> {
    let bytes = std::fs::read(path).map_err(|error| os_error(&error, path))?;
    let text = String::from_utf8(bytes)
        .map_err(|error| refused(format!("the file is not UTF-8: {error}")))?;
    compile(py, &text, true)
}

/// Compiles one layout with these fields, and the options of `output`.
///
/// # Errors
/// `ConfigError`.
pub(crate) fn compile_fields(
    names: &Bound<'_, PyAny>,
    output: Option<&Bound<'_, PyDict>>,
) -> PyResult<Compiled> {
    let layout = Table::from_iter([("fields".to_owned(), field_names(names)?)]);
    let layouts = Value::Array(vec![Value::Table(layout)]);
    let mut config = Table::from_iter([("layouts".to_owned(), layouts)]);
    if let Some(output) = output {
        let output = table(output.as_mapping())?;
        config.insert("output".to_owned(), Value::Table(output));
    }
    compile_table(names.py(), &config)
}

/// Returns the options of a plan, by section.
pub(crate) fn options<'py>(py: Python<'py>, plan: &Plan) -> PyResult<Bound<'py, PyMappingProxy>> {
    let delivery = plan.firehose();
    let sections = [
        ("input", Table::try_from(plan.input())),
        ("output", Table::try_from(plan.output())),
        ("firehose", Table::try_from(&delivery.firehose)),
        ("overflow", Table::try_from(&delivery.overflow)),
        ("metrics", Table::try_from(&delivery.metrics)),
        ("bulk", Table::try_from(plan.bulk())),
        ("opensearch", Table::try_from(plan.opensearch())),
    ];
    let mut options = Table::new();
    for (name, section) in sections {
        let section = section.map_err(|error| PyTypeError::new_err(error.to_string()))?;
        options.insert(name.to_owned(), Value::Table(section));
    }
    mapping(py, &options)
}

fn compile_table(py: Python<'_>, table: &Table) -> PyResult<Compiled> {
    let text = toml::to_string(table).map_err(|error| refused(error.to_string()))?;
    compile(py, &text, false)
}

/// A plan and the configuration that it is compiled from.
pub(crate) struct Compiled {
    pub(crate) plan: Plan,
    #[cfg(feature = "columns")]
    pub(crate) source: Source,
}

fn compile(py: Python<'_>, text: &str, is_text: bool) -> PyResult<Compiled> {
    let config = Config::parse(text).map_err(|error| to_exception(error, is_text))?;
    let plan = Plan::compile(&config).map_err(|error| to_exception(error, is_text))?;
    for warning in plan.warnings() {
        let message = std::ffi::CString::new(&**warning)?;
        PyErr::warn(py, &py.get_type::<PyUserWarning>(), &message, 1)?;
    }
    Ok(Compiled {
        plan,
        #[cfg(feature = "columns")]
        source: Source {
            text: text.to_owned(),
            is_text,
        },
    })
}

/// Returns the exception for a configuration. Line numbers mean nothing for one that was not text.
fn to_exception(error: ConfigError, is_text: bool) -> PyErr {
    config_error(ConfigError {
        line: error.line.filter(|_| is_text),
        ..error
    })
}

/// The text of a configuration, which is compiled again for each selection of columns.
#[cfg(feature = "columns")]
pub(crate) struct Source {
    text: String,
    is_text: bool,
}

#[cfg(feature = "columns")]
impl Source {
    /// Compiles the configuration for these columns, or for all.
    ///
    /// # Errors
    /// `ConfigError`: the configuration has no types, or a column is unknown.
    pub(crate) fn column_plan(&self, columns: Option<Vec<String>>) -> PyResult<Arc<ColumnPlan>> {
        Config::parse(&self.text)
            .and_then(|config| ColumnPlan::compile(config, columns))
            .map_err(|error| to_exception(error, self.is_text))
    }
}
