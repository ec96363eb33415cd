//! What files and failed records are that are not logs and rows.

use std::borrow::Cow;

use pyo3::prelude::*;

/// Return what the file is that begins like this, as the words after "is"; None if it may be a log.
#[pyfunction]
#[pyo3(signature = (head, /))]
pub(crate) fn file_type(head: &[u8]) -> Option<Cow<'static, str>> {
    edgelift::sniff::file_type(head)
}

/// Return what a record is that fails as a row of a real-time log, as the words after "is"; None if that is unknown.
#[pyfunction]
#[pyo3(signature = (record, /))]
pub(crate) fn describe_record(record: &[u8]) -> Option<Cow<'static, str>> {
    edgelift::describe_record(record)
}
