//! Results of the engine as immutable Python objects.

use std::collections::BTreeMap;

use edgelift::explain::Explained;
use edgelift::fields::Kind;
use edgelift::lines;
use edgelift::plan::Plan;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyMapping, PyMappingProxy, PyTuple};

/// Number of records per outcome: ``read == ok + dropped + failed``.
#[pyclass(frozen, eq, module = "edgelift._core")]
#[derive(Default, PartialEq)]
pub(crate) struct Counts {
    /// Records read, without blank lines.
    #[pyo3(get)]
    read: u64,
    /// Records that became a document.
    #[pyo3(get)]
    ok: u64,
    /// Records that were omitted by a rule.
    #[pyo3(get)]
    dropped: u64,
    /// Records that failed.
    #[pyo3(get)]
    failed: u64,
    /// Blank lines, which are skipped.
    #[pyo3(get)]
    blank: u64,
    /// Records that became a document although a value lacks the shape of its field.
    #[pyo3(get)]
    shape_mismatches: u64,
    /// Field of the first such value, or None.
    #[pyo3(get)]
    shape_field: Option<String>,
    by_reason: BTreeMap<String, u64>,
}

impl From<lines::Counts> for Counts {
    fn from(counts: lines::Counts) -> Self {
        let by_reason = counts
            .by_reason()
            .map(|(reason, n)| (reason.code().to_owned(), n));
        Self {
            read: counts.read,
            ok: counts.ok,
            dropped: counts.dropped,
            failed: counts.failed(),
            blank: counts.blank,
            shape_mismatches: counts.shape_mismatches,
            shape_field: counts.shape_field.map(str::to_owned),
            by_reason: by_reason.collect(),
        }
    }
}

#[pymethods]
impl Counts {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "one per attribute")]
    #[pyo3(signature = (read=0, ok=0, dropped=0, failed=0, blank=0, by_reason=None, shape_mismatches=0, shape_field=None))]
    fn new(
        read: u64,
        ok: u64,
        dropped: u64,
        failed: u64,
        blank: u64,
        by_reason: Option<&Bound<'_, PyMapping>>,
        shape_mismatches: u64,
        shape_field: Option<String>,
    ) -> PyResult<Self> {
        let mut reasons = BTreeMap::new();
        if let Some(mapping) = by_reason {
            for item in mapping.items()?.iter() {
                let (reason, count) = item.extract()?;
                reasons.insert(reason, count);
            }
        }
        Ok(Self {
            read,
            ok,
            dropped,
            failed,
            blank,
            shape_mismatches,
            shape_field,
            by_reason: reasons,
        })
    }

    /// Failed records for each reason that occurred; read-only.
    #[getter]
    fn by_reason<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyMappingProxy>> {
        let reasons = PyDict::new(py);
        for (reason, count) in &self.by_reason {
            reasons.set_item(reason, count)?;
        }
        Ok(PyMappingProxy::new(py, reasons.as_mapping()))
    }

    fn __repr__(&self) -> String {
        let Self {
            read,
            ok,
            dropped,
            failed,
            blank,
            shape_mismatches,
            shape_field,
            by_reason,
        } = self;
        let reasons: Vec<String> = by_reason
            .iter()
            .map(|(reason, count)| format!("'{reason}': {count}"))
            .collect();
        let shapes = match shape_field {
            None if *shape_mismatches == 0 => String::new(),
            None => format!(", shape_mismatches={shape_mismatches}, shape_field=None"),
            Some(field) => format!(", shape_mismatches={shape_mismatches}, shape_field='{field}'"),
        };
        format!(
            "Counts(read={read}, ok={ok}, dropped={dropped}, failed={failed}, blank={blank}, by_reason={{{}}}{shapes})",
            reasons.join(", ")
        )
    }
}

/// A line that could not be transformed.
#[pyclass(frozen, module = "edgelift._core")]
pub(crate) struct Failure {
    /// Line number in the input, from 1.
    #[pyo3(get)]
    line: u64,
    /// Byte offset of the line in the input, from 0.
    #[pyo3(get)]
    offset: u64,
    /// Code of the reason, one of `REASONS`.
    #[pyo3(get)]
    reason: String,
    /// Real-time name of the field, or None.
    #[pyo3(get)]
    field: Option<String>,
    /// Column number, from 1, or None.
    #[pyo3(get)]
    column: Option<usize>,
    /// Explanation for people.
    #[pyo3(get)]
    message: String,
    /// The line as it was read, without its line feed, which can be tried again.
    ///
    /// If the source record of an error object failed, this is the decoded record, and ``message`` begins with
    /// ``in rawData:``. Of a `too_large` line it is the first ``max_record_bytes`` bytes.
    #[pyo3(get)]
    raw: Py<PyBytes>,
    /// Header lines that name the columns of ``raw``, or None.
    ///
    /// It is ``#Fields:``, after ``#Version:`` in version 1. None without a header, and for a header of more than 8 kB or
    /// more than ``max_record_bytes``.
    #[pyo3(get)]
    header: Option<String>,
    /// Format that ``raw`` was read in, ``realtime`` or ``standard``, if it could be either, or None.
    ///
    /// It is None unless ``raw`` begins with a brace and the first record of a file decides, with ``auto``.
    #[pyo3(get)]
    log_format: Option<String>,
    /// False if ``raw`` is from an error object whose keys do not say that it holds a source record.
    #[pyo3(get)]
    is_source: bool,
}

impl Failure {
    pub(crate) fn from_failure(py: Python<'_>, failure: &lines::Failure, plan: &Plan) -> Self {
        let error = &failure.error;
        Self {
            line: failure.line,
            offset: failure.offset,
            reason: error.reason.code().to_owned(),
            field: failure.field(plan),
            column: error.place.map(|place| place.column + 1),
            message: failure.message(plan),
            raw: PyBytes::new(py, &failure.raw).unbind(),
            header: failure.header().map(str::to_owned),
            log_format: failure.log_format(plan).map(str::to_owned),
            is_source: failure.is_source(),
        }
    }

    fn equals(&self, py: Python<'_>, other: &Self) -> bool {
        self.line == other.line
            && self.offset == other.offset
            && self.reason == other.reason
            && self.field == other.field
            && self.column == other.column
            && self.message == other.message
            && self.raw.as_bytes(py) == other.raw.as_bytes(py)
            && self.header == other.header
            && self.log_format == other.log_format
            && self.is_source == other.is_source
    }
}

#[pymethods]
impl Failure {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "one per attribute")]
    #[pyo3(signature = (line, offset, reason, field, column, message, raw, header=None, log_format=None, is_source=true))]
    fn new(
        line: u64,
        offset: u64,
        reason: String,
        field: Option<String>,
        column: Option<usize>,
        message: String,
        raw: Py<PyBytes>,
        header: Option<String>,
        log_format: Option<String>,
        is_source: bool,
    ) -> Self {
        Self {
            line,
            offset,
            reason,
            field,
            column,
            message,
            raw,
            header,
            log_format,
            is_source,
        }
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> bool {
        other
            .cast::<Self>()
            .is_ok_and(|other| self.equals(py, other.get()))
    }

    fn __hash__(&self) -> u64 {
        self.offset
    }

    fn __repr__(&self) -> String {
        format!(
            "<Failure line {}: {}: {}>",
            self.line, self.reason, self.message
        )
    }
}

/// Documents, failures and counts of many lines.
#[pyclass(frozen, get_all, module = "edgelift._core")]
pub(crate) struct TransformResult {
    /// One line of JSON per document; with the format ``bulk`` each one after its action.
    output: Py<PyBytes>,
    /// The lines that failed, in order.
    failures: Py<PyTuple>,
    /// Counts of all lines of the call, or of the stream so far.
    counts: Py<Counts>,
}

#[pymethods]
impl TransformResult {
    #[new]
    pub(crate) fn new(output: Py<PyBytes>, failures: Py<PyTuple>, counts: Py<Counts>) -> Self {
        Self {
            output,
            failures,
            counts,
        }
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        let Ok(other) = other.cast::<Self>() else {
            return Ok(false);
        };
        let other = other.get();
        Ok(self.output.as_bytes(py) == other.output.as_bytes(py)
            && *self.counts.get() == *other.counts.get()
            && self.failures.bind(py).eq(&other.failures)?)
    }

    fn __hash__(&self, py: Python<'_>) -> usize {
        self.output.as_bytes(py).len()
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let bytes = self.output.as_bytes(py).len();
        format!(
            "<TransformResult {bytes} bytes, {}>",
            self.counts.get().__repr__()
        )
    }
}

/// A column of an explained record.
#[pyclass(frozen, get_all, module = "edgelift._core")]
pub(crate) struct ExplainedColumn {
    /// Column number, from 1.
    position: usize,
    /// Real-time name of the field, or None for a column that the layout does not have.
    field: Option<String>,
    /// The column as it is in the record.
    raw: Py<PyBytes>,
    /// The value as JSON text, or None if the document does not have it.
    value: Option<String>,
    /// Kind of the field.
    kind: Option<&'static str>,
    /// Note for people, such as why the value does not fit; often empty.
    note: String,
}

impl ExplainedColumn {
    pub(crate) fn new(py: Python<'_>, explained: Explained) -> Self {
        Self {
            position: explained.position,
            field: explained.field,
            raw: PyBytes::new(py, &explained.raw).unbind(),
            value: explained.value,
            kind: explained.kind.map(Kind::name),
            note: explained.note,
        }
    }
}

#[pymethods]
impl ExplainedColumn {
    fn __repr__(&self) -> String {
        let (field, value) = (self.field.as_deref().unwrap_or("?"), self.value.as_deref());
        format!(
            "<ExplainedColumn {} {field}: {} {}>",
            self.position,
            value.unwrap_or("-"),
            self.note
        )
    }
}
