//! The class of a compiled configuration.

use std::path::PathBuf;
use std::sync::Arc;

use edgelift::event::{Memory as EventMemory, RecordTransformer};
use edgelift::plan::Plan;
use edgelift::record::{self, OutputBuffer, Scratch};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyMappingProxy, PyTuple, PyType};

use crate::batch::Batch;
use crate::blocks::{BLOCK_BYTES, ResultBuilder, blocks};
use crate::compile;
use crate::convert::{GIL_BYTES, KEPT_BYTES, bytes_like};
use crate::error::record_error;
use crate::event_answer::EventAnswer;
use crate::fields::LayoutColumn;
use crate::gunzip::gunzip;
use crate::output_format::new_stream;
use crate::pool::Pool;
use crate::results::{ExplainedColumn, TransformResult};
use crate::stream::Stream;

/// A compiled configuration.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct Transformer {
    plan: Arc<Plan>,
    memories: Pool<Memory>,
    record_transformers: Pool<RecordTransformer>,
    event_memories: Pool<EventMemory>,
}

struct Memory {
    scratch: Scratch,
    documents: OutputBuffer,
}

impl From<Plan> for Transformer {
    fn from(plan: Plan) -> Self {
        Self {
            plan: Arc::new(plan),
            memories: Pool::default(),
            record_transformers: Pool::default(),
            event_memories: Pool::default(),
        }
    }
}

impl Transformer {
    fn answer(&self, event: &Bound<'_, PyAny>, reingest: bool) -> PyResult<EventAnswer> {
        let event = bytes_like(event)?;
        let new = || EventMemory::new(&self.plan).with_gunzip(gunzip);
        self.event_memories.with(new, |memory| {
            let answer = EventAnswer::from_event(&self.plan, memory, &event, reingest);
            memory.shrink(KEPT_BYTES);
            answer
        })
    }

    fn with_memory<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        let new = || Memory {
            scratch: Scratch::new(&self.plan),
            documents: OutputBuffer::default(),
        };
        self.memories.with(new, |memory| {
            memory.documents.clear();
            let result = work(memory);
            memory.documents.shrink(KEPT_BYTES);
            result
        })
    }
}

#[pymethods]
impl Transformer {
    #[new]
    fn new(config: &Bound<'_, PyAny>) -> PyResult<Self> {
        compile::compile_object(config).map(Self::from)
    }

    #[classmethod]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts owned paths")]
    fn from_file(cls: &Bound<'_, PyType>, path: PathBuf) -> PyResult<Self> {
        compile::compile_file(cls.py(), &path).map(Self::from)
    }

    #[classmethod]
    #[pyo3(signature = (names, /, **output))]
    fn from_fields(
        _cls: &Bound<'_, PyType>,
        names: &Bound<'_, PyAny>,
        output: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        compile::compile_fields(names, output).map(Self::from)
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
        let mut stream = new_stream(&self.plan, format, index)?;
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
        let lines = new_stream(&self.plan, format, index)?;
        Ok(Stream::new(Arc::clone(&self.plan), lines))
    }

    #[pyo3(signature = (records, *, ensure_ascii=true))]
    fn transform_records(&self, records: &Bound<'_, PyAny>, ensure_ascii: bool) -> PyResult<Batch> {
        let new = || RecordTransformer::new(&self.plan).with_gunzip(gunzip);
        self.record_transformers.with(new, |transformer| {
            let batch = Batch::from_records(&self.plan, transformer, records, ensure_ascii);
            transformer.shrink(KEPT_BYTES);
            batch
        })
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
            .map_err(|error| record_error(&error, &self.plan, bytes))?
            .into_iter()
            .map(|column| ExplainedColumn::new(py, column))
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
        compile::options(py, &self.plan)
    }
}
