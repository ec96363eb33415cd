//! boolean: `true`, `false`, `1` or `0`, in any case.

use super::{Cell, write};

/// Reads a boolean, or `None` if the value is none.
pub(super) fn parse(cell: Cell<'_>) -> Option<bool> {
    let value = cell.value();
    if value == b"1" || value.eq_ignore_ascii_case(b"true") {
        Some(true)
    } else if value == b"0" || value.eq_ignore_ascii_case(b"false") {
        Some(false)
    } else {
        None
    }
}

/// Writes a boolean.
pub(crate) fn boolean(cell: Cell<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    let word: &[u8] = if parse(cell)? { b"true" } else { b"false" };
    Some(write::bytes(out, at, word))
}
