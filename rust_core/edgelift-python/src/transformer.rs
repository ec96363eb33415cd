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
#[cfg(feature = "columns")]
use crate::columns::{ColumnBatches, ColumnSchema, ColumnStream};
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

/// A compiled configuration: TOML text, or a mapping of the same structure.
///
/// It is immutable, and any number of threads may share it.
///
/// >>> Transformer.from_fields(["c-ip"]).transform(b"192.0.2.1")
/// b'{"c-ip":"192.0.2.1"}'
///
/// Raises:
///     ConfigError: the configuration is invalid.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct Transformer {
    plan: Arc<Plan>,
    #[cfg(feature = "columns")]
    source: compile::Source,
    memories: Pool<Memory>,
    record_transformers: Pool<RecordTransformer>,
    event_memories: Pool<EventMemory>,
}

struct Memory {
    scratch: Scratch,
    documents: OutputBuffer,
}

impl From<compile::Compiled> for Transformer {
    fn from(compiled: compile::Compiled) -> Self {
        Self {
            plan: Arc::new(compiled.plan),
            #[cfg(feature = "columns")]
            source: compiled.source,
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

    /// Compile a TOML file.
    ///
    /// Raises:
    ///     ConfigError: the configuration is invalid.
    ///     OSError: the file cannot be read.
    #[classmethod]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts owned paths")]
    fn from_file(cls: &Bound<'_, PyType>, path: PathBuf) -> PyResult<Self> {
        compile::compile_file(cls.py(), &path).map(Self::from)
    }

    /// Compile one layout of real-time fields; ``output`` takes the options of ``[output]``.
    ///
    /// Raises:
    ///     ConfigError: a name or an option is unknown.
    #[classmethod]
    #[pyo3(signature = (names, /, **output))]
    fn from_fields(
        _cls: &Bound<'_, PyType>,
        names: &Bound<'_, PyAny>,
        output: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        compile::compile_fields(names, output).map(Self::from)
    }

    /// Transform one record, with or without its line end, into one JSON object.
    ///
    /// Raises:
    ///     RecordError: the record cannot be transformed.
    ///     TypeError: ``record`` is not bytes-like.
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

    /// Transform many lines. The last line may lack its line feed.
    ///
    /// Lines may also be error objects of Firehose: their source records are transformed, and documents that OpenSearch
    /// refused are returned unchanged. ``format``, ``index`` and ``raw_data`` are those of `stream`.
    ///
    /// Raises:
    ///     ConfigError, ValueError: as for `stream`.
    ///     TypeError: ``data`` is not bytes-like.
    #[pyo3(signature = (data, *, format="ndjson", index=None, raw_data=None))]
    fn transform_lines(
        &self,
        data: &Bound<'_, PyAny>,
        format: &str,
        index: Option<&str>,
        raw_data: Option<&str>,
    ) -> PyResult<TransformResult> {
        let py = data.py();
        let mut stream = new_stream(&self.plan, format, index, raw_data)?;
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

    /// Begin a stream of lines that arrive in chunks.
    ///
    /// Args:
    ///     format: ``ndjson`` writes one line of JSON per document. ``bulk`` writes bodies for OpenSearch's ``_bulk``,
    ///         with a ``create`` action before each document. ``raw`` writes the source records unchanged, to be
    ///         re-ingested into their stream; rows that need the header of their log, and documents that OpenSearch
    ///         refused, fail.
    ///     index: pattern of the index name for ``bulk``, such as ``cdn-logs-{yyyy}-{MM}-{dd}``; None means
    ///         ``[bulk] index``.
    ///     raw_data: what ``rawData`` of error objects holds that do not say it: ``source``, a record to transform, or
    ///         ``document``, one that is passed on; None means that the content decides.
    ///
    /// Raises:
    ///     ConfigError: ``index`` is invalid, or is named by time and a layout has no time.
    ///     ValueError: ``format`` or ``raw_data`` is unknown, or ``index`` is given with another format than ``bulk``.
    #[pyo3(signature = (*, format="ndjson", index=None, raw_data=None))]
    fn stream(
        &self,
        format: &str,
        index: Option<&str>,
        raw_data: Option<&str>,
    ) -> PyResult<Stream> {
        let lines = new_stream(&self.plan, format, index, raw_data)?;
        Ok(Stream::new(Arc::clone(&self.plan), lines))
    }

    /// Transform the lines in chunks of bytes, which may be split anywhere, into batches of typed columns.
    ///
    /// Columns have the values of the documents, and the names of the profile ``snake`` unless ``[output] names`` is
    /// written. A missing value is null, and a time is a timestamp, in spite of ``missing`` and ``timestamp``.
    ///
    /// Args:
    ///     chunks: any iterable of bytes-like objects, such as a file that is open for reading bytes.
    ///     rows: most rows of a batch.
    ///     columns: names of the columns, in this order; None means all.
    ///
    /// Raises:
    ///     ConfigError: a column is unknown or selected twice, or the configuration has ``values = "text"``.
    ///     ValueError: ``rows`` is 0.
    #[cfg(feature = "columns")]
    #[pyo3(signature = (chunks, rows=8192, columns=None))]
    fn batches(
        &self,
        chunks: &Bound<'_, PyAny>,
        rows: usize,
        columns: Option<Vec<String>>,
    ) -> PyResult<ColumnBatches> {
        ColumnBatches::new(self.column_stream(rows, columns)?, chunks)
    }

    /// Begin a stream of lines that arrive in chunks and become batches of typed columns, as for `batches`.
    ///
    /// Raises:
    ///     ConfigError, ValueError: as for `batches`.
    #[cfg(feature = "columns")]
    #[pyo3(signature = (rows=8192, columns=None))]
    fn column_stream(&self, rows: usize, columns: Option<Vec<String>>) -> PyResult<ColumnStream> {
        ColumnStream::new(self.source.column_plan(columns)?, rows)
    }

    /// Return names and types of the columns of all batches.
    ///
    /// Raises:
    ///     ConfigError: as for `batches`.
    #[cfg(feature = "columns")]
    #[pyo3(signature = (columns=None))]
    fn schema(&self, columns: Option<Vec<String>>) -> PyResult<ColumnSchema> {
        let plan = self.source.column_plan(columns)?;
        Ok(ColumnSchema::new(&plan))
    }

    /// Transform the ``records`` of a Firehose transformation event.
    ///
    /// The response ``{"records": …}`` has at most 6,291,456 bytes if it is serialized with the separators ", " and
    /// ": ", and with ``ensure_ascii``.
    ///
    /// Raises:
    ///     EdgeliftError: ``records`` is not a list, a record has no string ``recordId``, or there are more records
    ///         than fit into a response without data.
    #[pyo3(signature = (records, *, ensure_ascii=true))]
    fn transform_records(&self, records: &Bound<'_, PyAny>, ensure_ascii: bool) -> PyResult<Batch> {
        let new = || RecordTransformer::new(&self.plan).with_gunzip(gunzip);
        self.record_transformers.with(new, |transformer| {
            let batch = Batch::from_records(&self.plan, transformer, records, ensure_ascii);
            transformer.shrink(KEPT_BYTES);
            batch
        })
    }

    /// Transform the bytes of a Firehose transformation event into the bytes of its response.
    ///
    /// The response has at most 6,291,456 bytes. With the policy ``reingest``, records that would be re-ingested fail:
    /// only the handlers re-ingest.
    ///
    /// Raises:
    ///     EdgeliftError: it is not a Firehose event, a record has no string ``recordId``, or there are more records
    ///         than fit into a response without data.
    ///     TypeError: ``event`` is not bytes-like.
    fn transform_event(&self, event: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyBytes>>> {
        self.answer(event, false).map(EventAnswer::into_response)
    }

    /// Transform an event like `transform_event`, and report on its records.
    ///
    /// There is no response if records must be re-ingested; with ``reingest=False`` they fail.
    #[pyo3(signature = (event, *, reingest=true))]
    fn answer_event(&self, event: &Bound<'_, PyAny>, reingest: bool) -> PyResult<EventAnswer> {
        self.answer(event, reingest)
    }

    /// Explain how each column of a record is read, even if the record does not fit.
    ///
    /// The header of a standard log may precede its row. The list is empty for JSON that cannot be read.
    ///
    /// Raises:
    ///     RecordError: the record, or its header, has more than ``max_record_bytes`` (``too_large``).
    ///     TypeError: ``record`` is not bytes-like.
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

    /// The columns of each layout, in the order of the configuration.
    #[getter]
    fn layouts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let layouts = self
            .plan
            .layouts()
            .iter()
            .map(|layout| PyTuple::new(py, layout.columns.iter().map(LayoutColumn::from)));
        PyTuple::new(py, layouts.collect::<PyResult<Vec<_>>>()?)
    }

    /// All options in effect by section, such as ``options["output"]["names"]``.
    #[getter]
    fn options<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMappingProxy>> {
        compile::options(py, &self.plan)
    }
}
