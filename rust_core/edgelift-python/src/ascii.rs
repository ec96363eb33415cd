//! Creates Python strings from ASCII. The only file of the binding with `unsafe`.
//!
//! PyO3 creates strings with the UTF-8 decoder. For base64 of some kilobytes it takes almost twice the time of the
//! ASCII decoder, a fifteenth of a whole batch. `python -m benchmarks.gate --only handlers` shows it.

#![expect(unsafe_code, reason = "PyO3 has no safe call of the ASCII decoder")]

use std::ptr;

use pyo3::prelude::*;
use pyo3::types::PyString;

/// Returns a string with ASCII text.
///
/// # Errors
/// `UnicodeDecodeError` if the text is not ASCII, `MemoryError`.
pub(crate) fn string<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyString>> {
    let length = pyo3::ffi::Py_ssize_t::try_from(text.len())?;
    // SAFETY: pointer and length are those of one slice, whose bytes the decoder only reads and does not keep;
    // no error handler means "strict". `Python` proves that the thread is attached.
    let decoded =
        unsafe { pyo3::ffi::PyUnicode_DecodeASCII(text.as_ptr().cast(), length, ptr::null()) };
    // SAFETY: the decoder returns a new reference that nobody else has, or null with an exception set.
    let string = unsafe { Bound::from_owned_ptr_or_err(py, decoded) }?;
    Ok(string.cast_into()?)
}
