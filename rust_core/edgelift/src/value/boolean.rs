//! `boolean`: `true`, `false`, `1` or `0`, in any case.

use super::raw_value::RawValue;
use super::write;

/// Parses a boolean.
pub(super) fn parse(raw: RawValue<'_>) -> Option<bool> {
    let value = raw.value();
    if value == b"1" || value.eq_ignore_ascii_case(b"true") {
        Some(true)
    } else if value == b"0" || value.eq_ignore_ascii_case(b"false") {
        Some(false)
    } else {
        None
    }
}

/// Writes a boolean.
pub(crate) fn write_boolean(raw: RawValue<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    let word: &[u8] = if parse(raw)? { b"true" } else { b"false" };
    Some(write::bytes(out, at, word))
}
