//! Decompresses gzip with Python's zlib, so that the engine needs no decompressor for the few records that are gzip.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

/// Window of zlib for the gzip format.
const GZIP: i32 = 31;

/// Returns the content of a gzip file of one member; `None` if it is not that, or has more than `max_bytes`.
pub(crate) fn gunzip(compressed: &[u8], max_bytes: usize) -> Option<Vec<u8>> {
    Python::attach(|py| {
        let compressed = PyBytes::new(py, compressed);
        let (content, rest) = decompress(&compressed, max_bytes).ok().flatten()?;
        rest.as_bytes().is_empty().then_some(content)
    })
}

/// Returns the content of a gzip file of any number of members; `None` if it is not that, or has more than `max_bytes`.
pub(crate) fn gunzip_members(compressed: &[u8], max_bytes: usize) -> Option<Vec<u8>> {
    Python::attach(|py| {
        let mut rest = PyBytes::new(py, compressed);
        let mut all = Vec::new();
        while !rest.as_bytes().is_empty() {
            // To zlib 0 means no limit.
            let max_bytes = max_bytes.checked_sub(all.len()).filter(|&left| left > 0)?;
            let content;
            (content, rest) = decompress(&rest, max_bytes).ok().flatten()?;
            all.extend(content);
        }
        Some(all)
    })
}

/// Returns the content of the first member, and the bytes after it; `None` if it is incomplete or too long.
fn decompress<'py>(
    compressed: &Bound<'py, PyBytes>,
    max_bytes: usize,
) -> PyResult<Option<(Vec<u8>, Bound<'py, PyBytes>)>> {
    let py = compressed.py();
    let options = PyDict::new(py);
    options.set_item("wbits", GZIP)?;
    let decompressor = py
        .import("zlib")?
        .call_method("decompressobj", (), Some(&options))?;
    let content = decompressor.call_method1("decompress", (compressed, max_bytes))?;
    let is_complete: bool = decompressor.getattr("eof")?.extract()?;
    let rest = decompressor
        .getattr("unused_data")?
        .cast_into::<PyBytes>()?;
    let content = content.cast_into::<PyBytes>()?;
    Ok(is_complete.then(|| (content.as_bytes().to_vec(), rest)))
}
