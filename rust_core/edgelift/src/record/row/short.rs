//! Copies keys and values of at most 32 bytes in windows of fixed size.

use crate::plan::{Column, FastPath, MAX_COPIED_LEN};
use crate::value::{self, Prefix, fast_path};

/// Bytes read at once: a short value and the tab after it. More is safe, since 40 bytes always follow a column.
pub(super) const SOURCE_WINDOW: usize = MAX_COPIED_LEN + 8;
/// Bytes written at once: the longest key that a length of one byte allows, a short value and the bytes after it.
pub(in crate::record) const TARGET_WINDOW: usize = 256 + 2 * MAX_COPIED_LEN;

/// Writes a key, a short value and a quote, which the next write overwrites after a number. Returns the position of the
/// value.
///
/// Arrays of fixed size need no bounds checks and are copied without a call.
#[inline(always)]
pub(super) fn copy_short(
    column: &Column,
    source: &[u8; SOURCE_WINDOW],
    len: usize,
    target: &mut [u8; TARGET_WINDOW],
) -> usize {
    let key = column.prefix.head_len();
    let source: &[u8; MAX_COPIED_LEN] = value::window(source);
    target[..Prefix::HEAD].copy_from_slice(column.prefix.head());
    target[key..key + MAX_COPIED_LEN].copy_from_slice(source);
    target[key + len] = b'"';
    key
}

/// Writes a key and a short value that needs no conversion. Returns the number of bytes written, or zero if the value
/// needs the slow path.
#[inline(always)]
pub(super) fn write_short(
    column: &Column,
    clean: bool,
    source: &[u8; SOURCE_WINDOW],
    len: usize,
    target: &mut [u8; TARGET_WINDOW],
) -> usize {
    let key = copy_short(column, source, len, target);
    let source: &[u8; MAX_COPIED_LEN] = value::window(source);
    let (fits, quote) = match column.fast_path {
        FastPath::String => (clean, 1),
        FastPath::Integer => (fast_path::is_integer(source, len), 0),
        FastPath::Decimal => (fast_path::is_decimal(source, len), 0),
        FastPath::Status => (fast_path::is_status(source, len), 0),
        FastPath::Address => (fast_path::is_address(source, len), 1),
        FastPath::Millis => {
            // The digits are already copied; only the decimal point is removed.
            target[key + 10..key + 14].copy_from_slice(&source[11..15]);
            if !fast_path::is_timestamp(source, len) {
                return 0;
            }
            return key + 13;
        }
        FastPath::Never => return 0,
    };
    if fits { key + len + quote } else { 0 }
}
