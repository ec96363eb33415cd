//! Calls the encoders of strings and lists that are compiled with or without percent-decoding.

use crate::value::{self, Line};

#[inline(always)]
pub(super) fn write_string(
    decode: bool,
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    let write = if decode {
        value::write_string::<true>
    } else {
        value::write_string::<false>
    };
    write(line, start, end, out, at)
}

#[inline(always)]
pub(super) fn write_list(
    decode: bool,
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> Option<usize> {
    let write = if decode {
        value::write_list::<true>
    } else {
        value::write_list::<false>
    };
    write(line, start, end, out, at)
}

#[inline(always)]
pub(super) fn write_names(
    decode: bool,
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    let write = if decode {
        value::write_names::<true>
    } else {
        value::write_names::<false>
    };
    write(line, start, end, out, at)
}

/// Returns the end of the array and the number of its entries.
#[inline(always)]
pub(super) fn write_headers(
    decode: bool,
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> (usize, usize) {
    let write = if decode {
        value::write_headers::<true>
    } else {
        value::write_headers::<false>
    };
    write(line, start, end, out, at)
}

/// Writes a string, decoded a second time if it was encoded twice, and the closing quote. `may_be_encoded_twice` is
/// called only if the string looks like it.
#[inline(always)]
pub(super) fn write_decoded_twice(
    may_be_encoded_twice: impl Fn() -> bool,
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    out: &mut [u8],
    at: usize,
) -> usize {
    let written = value::write_string::<true>(line, start, end, out, at);
    let raw = &line.bytes[start..end];
    let at = if value::looks_encoded_twice(out, at, written) && may_be_encoded_twice() {
        value::decode_twice(raw, out, at)
    } else {
        written
    };
    value::write_byte(out, at, b'"')
}
