//! The compiled configuration.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use edgelift::bulk::Bulk;
use edgelift::config::Config;
use edgelift::error::ConfigError;
use edgelift::event::{Memory as EventMemory, RecordTransformer};
use edgelift::lines;
use edgelift::plan::Plan;
use edgelift::record::{self, OutputBuffer, Scratch};
use pyo3::exceptions::{PyTypeError, PyUserWarning, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyMapping, PyMappingProxy, PyString, PyTuple, PyType};
use toml::{Table, Value};

use crate::batch::Batch;
use crate::blocks::{BLOCK_BYTES, ResultBuilder, blocks};
use crate::convert::{
    GIL_BYTES, KEPT_BYTES, bytes_like, field_names, lone_surrogate, mapping, os_error, table,
    type_name,
};
use crate::error::{config_error, record_error};
use crate::fields::LayoutColumn;
use crate::report::EventAnswer;
use crate::results::{ExplainedColumn, TransformResult};
use crate::stream::Stream;

/// A compiled configuration.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct Transformer {
    plan: Arc<Plan>,
    /// Memory of earlier calls, one per concurrent call.
    spare: Mutex<Vec<Memory>>,
    record_transformers: Mutex<Vec<RecordTransformer>>,
    events: Mutex<Vec<EventMemory>>,
}

struct Memory {
    scratch: Scratch,
    documents: OutputBuffer,
}

impl Transformer {
    fn compile(py: Python<'_>, text: &str, is_text: bool) -> PyResult<Self> {
        // Line numbers mean nothing for a configuration that was not text.
        let lineless = |error: ConfigError| ConfigError {
            line: error.line.filter(|_| is_text),
            ..error
        };
        let config = Config::parse(text).map_err(|error| config_error(lineless(error)))?;
        let plan = Plan::compile(&config).map_err(|error| config_error(lineless(error)))?;
        for warning in plan.warnings() {
            let message = std::ffi::CString::new(&**warning)?;
            PyErr::warn(py, &py.get_type::<PyUserWarning>(), &message, 1)?;
        }
        Ok(Self {
            plan: Arc::new(plan),
            spare: Mutex::default(),
            record_transformers: Mutex::default(),
            events: Mutex::default(),
        })
    }

    fn from_table(py: Python<'_>, table: &Table) -> PyResult<Self> {
        let text = toml::to_string(table).map_err(|error| {
            config_error(ConfigError {
                message: error.to_string(),
                ..ConfigError::default()
            })
        })?;
        Self::compile(py, &text, false)
    }

    fn answer(&self, event: &Bound<'_, PyAny>, reingest: bool) -> PyResult<EventAnswer> {
        let event = bytes_like(event)?;
        let spare = || self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = spare().pop();
        let mut memory = kept.unwrap_or_else(|| EventMemory::new(&self.plan));
        let answer = EventAnswer::of(&self.plan, &mut memory, &event, reingest);
        memory.shrink(KEPT_BYTES);
        spare().push(memory);
        answer
    }

    /// Begins a stream with an output format.
    fn lines(&self, format: &str, index: Option<&str>) -> PyResult<lines::Stream> {
        let plan = Arc::clone(&self.plan);
        match (format, index) {
            ("ndjson", None) => Ok(lines::Stream::new(plan)),
            ("bulk", index) => {
                let bulk = Bulk::new(&plan, index).map_err(config_error)?;
                Ok(lines::Stream::bulk(plan, bulk))
            }
            ("raw", None) => Ok(lines::Stream::raw(plan)),
            ("ndjson" | "raw", Some(_)) => Err(PyValueError::new_err(
                "only format = \"bulk\" has an index; JSON lines and records go to none",
            )),
            _ => Err(PyValueError::new_err(format!(
                "the format is \"ndjson\", \"bulk\" or \"raw\", not \"{format}\""
            ))),
        }
    }

    fn with_memory<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = spare().pop();
        let mut memory = kept.unwrap_or_else(|| Memory {
            scratch: Scratch::new(&self.plan),
            documents: OutputBuffer::default(),
        });
        memory.documents.clear();
        let result = work(&mut memory);
        memory.documents.shrink(KEPT_BYTES);
        spare().push(memory);
        result
    }
}

#[pymethods]
impl Transformer {
    #[new]
    fn new(config: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = config.py();
        if let Ok(text) = config.cast::<PyString>() {
            let text = text.to_str().map_err(|_| lone_surrogate())?;
            if !text.is_empty() && !text.contains(['=', '\n']) {
                return Err(config_error(ConfigError {
                    message: format!(
                        "\"{text}\" is no TOML; for a file, use Transformer.from_file"
                    ),
                    ..ConfigError::default()
                }));
            }
            return Self::compile(py, text, true);
        }
        let Ok(mapping) = config.cast::<PyMapping>() else {
            return Err(PyTypeError::new_err(format!(
                "a configuration is TOML text or a mapping, not '{}'",
                type_name(config)
            )));
        };
        Self::from_table(py, &table(mapping)?)
    }

    #[classmethod]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts owned paths")]
    fn from_file(cls: &Bound<'_, PyType>, path: PathBuf) -> PyResult<Self> {
        let bytes = std::fs::read(&path).map_err(|error| os_error(&error, &path))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            config_error(ConfigError {
                message: format!("the file is not UTF-8: {error}"),
                ..ConfigError::default()
            })
        })?;
        Self::compile(cls.py(), &text, true)
    }

    #[classmethod]
    #[pyo3(signature = (names, /, **output))]
    fn from_fields(
        cls: &Bound<'_, PyType>,
        names: &Bound<'_, PyAny>,
        output: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let py = cls.py();
        let layout = Table::from_iter([("fields".to_owned(), field_names(names)?)]);
        let mut config = Table::new();
        config.insert(
            "layouts".to_owned(),
            Value::Array(vec![Value::Table(layout)]),
        );
        if let Some(output) = output {
            config.insert(
                "output".to_owned(),
                Value::Table(table(output.as_mapping())?),
            );
        }
        Self::from_table(py, &config)
    }

    fn transform<'py>(&self, record: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let py = record.py();
        let record = bytes_like(record)?;
        let bytes = record.as_bytes();
        self.with_memory(|Memory { scratch, documents }| {
            let mut transform = || record::transform(&self.plan, bytes, scratch, documents);
            let result = if bytes.len() < GIL_BYTES {
                transform()
            } else {
                py.detach(transform)
            };
            match result {
                Ok(_) => Ok(PyBytes::new(py, documents.as_bytes())),
                Err(error) => Err(record_error(&error, &self.plan, bytes)),
            }
        })
    }

    #[pyo3(signature = (data, *, format="ndjson", index=None))]
    fn transform_lines(
        &self,
        data: &Bound<'_, PyAny>,
        format: &str,
        index: Option<&str>,
    ) -> PyResult<TransformResult> {
        let py = data.py();
        let mut stream = self.lines(format, index)?;
        let data = bytes_like(data)?;
        let bytes = data.as_bytes();
        self.with_memory(|Memory { documents, .. }| {
            let (plan, mut lines) = (&self.plan, ResultBuilder::new(bytes.len()));
            let mut failures = Vec::new();
            if bytes.len() <= BLOCK_BYTES {
                let transform = || stream.all(bytes, documents, &mut failures);
                let counts = if bytes.len() < GIL_BYTES {
                    transform()
                } else {
                    py.detach(transform)
                };
                lines.push(py, documents, &mut failures, plan)?;
                return lines.finish(py, documents, counts);
            }
            for block in blocks(bytes) {
                py.detach(|| stream.feed(block, documents, &mut failures));
                lines.push(py, documents, &mut failures, plan)?;
            }
            stream.finish(documents, &mut failures);
            lines.push(py, documents, &mut failures, plan)?;
            lines.finish(py, documents, stream.counts())
        })
    }

    #[pyo3(signature = (*, format="ndjson", index=None))]
    fn stream(&self, format: &str, index: Option<&str>) -> PyResult<Stream> {
        let lines = self.lines(format, index)?;
        Ok(Stream::new(Arc::clone(&self.plan), lines))
    }

    #[pyo3(signature = (records, *, ensure_ascii=true))]
    fn transform_records(&self, records: &Bound<'_, PyAny>, ensure_ascii: bool) -> PyResult<Batch> {
        let spare = || {
            self.record_transformers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let kept = spare().pop();
        let mut transformer = kept.unwrap_or_else(|| RecordTransformer::new(&self.plan));
        let batch = Batch::of(&self.plan, &mut transformer, records, ensure_ascii);
        transformer.shrink(KEPT_BYTES);
        spare().push(transformer);
        batch
    }

    fn transform_event(&self, event: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyBytes>>> {
        self.answer(event, false).map(EventAnswer::into_response)
    }

    #[pyo3(signature = (event, *, reingest=true))]
    fn answer_event(&self, event: &Bound<'_, PyAny>, reingest: bool) -> PyResult<EventAnswer> {
        self.answer(event, reingest)
    }

    fn explain(&self, record: &Bound<'_, PyAny>) -> PyResult<Vec<ExplainedColumn>> {
        let py = record.py();
        let record = bytes_like(record)?;
        let bytes = record.as_bytes();
        let explain = || edgelift::explain::explain(&self.plan, bytes);
        let columns = if bytes.len() < GIL_BYTES {
            explain()
        } else {
            py.detach(explain)
        };
        Ok(columns
            .into_iter()
            .map(|column| ExplainedColumn::of(py, column))
            .collect())
    }

    #[getter]
    fn layouts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let layouts = self
            .plan
            .layouts()
            .iter()
            .map(|layout| PyTuple::new(py, layout.columns.iter().map(LayoutColumn::from)));
        PyTuple::new(py, layouts.collect::<PyResult<Vec<_>>>()?)
    }

    #[getter]
    fn options<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMappingProxy>> {
        let delivery = self.plan.firehose();
        let sections = [
            ("input", Table::try_from(self.plan.input())),
            ("output", Table::try_from(self.plan.output())),
            ("firehose", Table::try_from(&delivery.firehose)),
            ("overflow", Table::try_from(&delivery.overflow)),
            ("metrics", Table::try_from(&delivery.metrics)),
            ("bulk", Table::try_from(self.plan.bulk())),
        ];
        let mut options = Table::new();
        for (name, section) in sections {
            let section = section.map_err(|error| PyTypeError::new_err(error.to_string()))?;
            options.insert(name.to_owned(), Value::Table(section));
        }
        mapping(py, &options)
    }
}
