//! Decompresses gzip with Python's zlib, so that the engine needs no decompressor for the few records that are gzip.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

/// Window of zlib for the gzip format.
const GZIP: i32 = 31;

/// Returns the content of a gzip file of one member; `None` if it is not that, or has more than `max_bytes`.
pub(crate) fn gunzip(compressed: &[u8], max_bytes: usize) -> Option<Vec<u8>> {
    Python::attach(|py| decompress(py, compressed, max_bytes).ok().flatten())
}

fn decompress(py: Python<'_>, compressed: &[u8], max_bytes: usize) -> PyResult<Option<Vec<u8>>> {
    let options = PyDict::new(py);
    options.set_item("wbits", GZIP)?;
    let decompressor = py
        .import("zlib")?
        .call_method("decompressobj", (), Some(&options))?;
    let content =
        decompressor.call_method1("decompress", (PyBytes::new(py, compressed), max_bytes))?;
    let is_complete: bool = decompressor.getattr("eof")?.extract()?;
    let has_more = decompressor.getattr("unused_data")?.len()? > 0;
    (is_complete && !has_more)
        .then(|| content.extract())
        .transpose()
}
