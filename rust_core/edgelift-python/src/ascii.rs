//! Python strings from ASCII, the one place with `unsafe` in the binding.
//!
//! PyO3 makes strings by way of the UTF-8 decoder, which takes almost twice the time of the ASCII decoder for
//! base64 of some kilobytes: a fifteenth of a whole batch. `python -m benchmarks.gate --only handlers` shows it.

#![expect(unsafe_code, reason = "PyO3 has no safe call of the ASCII decoder")]

use std::ptr;

use pyo3::prelude::*;
use pyo3::types::PyString;

/// A string from ASCII text.
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
