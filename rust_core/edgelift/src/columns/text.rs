//! Copies texts and lists into columns, percent-decoded or not. The bytes between two special bytes, which the scan has
//! found, are copied in blocks.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

use super::buffers::{PairLists, Texts};
use crate::value::{self, Line};

/// Length of the separator `%0A`.
const SEPARATOR_LEN: usize = 3;

/// Appends a text.
#[inline(always)]
pub(super) fn copy_text(
    decode: bool,
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    texts: &mut Texts,
) {
    line.specials.skip_to(start);
    if line.specials.next >= end {
        texts.copy(line.bytes, start, end);
    } else if decode {
        copy_special::<true>(line, start, end, texts);
    } else {
        copy_special::<false>(line, start, end, texts);
    }
}

/// Appends a text with special bytes.
#[inline(never)]
fn copy_special<const DECODE: bool>(
    line: &mut Line<'_>,
    mut start: usize,
    end: usize,
    texts: &mut Texts,
) {
    let (mark, mut is_ascii) = (texts.len_in_bytes(), true);
    texts.reserve(end - start);
    while line.specials.next < end {
        let special = line.specials.next;
        texts.copy_reserved(line.bytes, start, special);
        let escape: &[u8; 3] = value::window(&line.bytes[special..]);
        let (mut byte, mut read) = (escape[0], 1);
        // A value is followed by a byte other than a hexadecimal digit, so that no escape extends past its end.
        if DECODE
            && byte == b'%'
            && let Some(decoded) = value::decode_hex_digits(escape[1], escape[2])
        {
            (byte, read) = (decoded, 3);
        }
        texts.push_reserved(byte);
        is_ascii &= byte.is_ascii();
        start = special + read;
        line.specials.advance();
    }
    texts.copy_reserved(line.bytes, start, end);
    if !is_ascii {
        texts.replace_invalid(mark);
    }
}

/// Appends the entries of a list. Returns false if there are none.
#[inline(never)]
pub(super) fn copy_list(
    decode: bool,
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    items: &mut Texts,
) -> bool {
    let (mut from, mut is_empty) = (start, true);
    while from <= end {
        let rest = &line.bytes[from..end];
        let to = from + memchr::memchr(b',', rest).unwrap_or(rest.len());
        let (entry, entry_end) = value::trim_entry(line.bytes, from, to);
        if entry < entry_end {
            copy_text(decode, line, entry, entry_end, items);
            items.close();
            is_empty = false;
        }
        from = to + 1;
    }
    !is_empty
}

/// Calls `copy` with the range of each entry between separators that is not empty.
#[inline(always)]
fn for_each_entry(
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    mut copy: impl FnMut(&mut Line<'_>, usize, usize),
) {
    let mut from = start;
    while from < end {
        line.specials.skip_to(from);
        let mut ahead = *line;
        let to = value::next_separator(&mut ahead, end);
        if to > from {
            copy(line, from, to);
        }
        from = to + SEPARATOR_LEN;
    }
}

/// Appends the names between separators.
#[inline(never)]
pub(super) fn copy_names(
    decode: bool,
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    items: &mut Texts,
) {
    for_each_entry(line, start, end, |line, from, to| {
        copy_text(decode, line, from, to, items);
        items.close();
    });
}

/// Appends the headers between separators, each split at its first colon. Returns their number.
#[inline(never)]
pub(super) fn copy_pairs(
    decode: bool,
    line: &mut Line<'_>,
    start: usize,
    end: usize,
    lists: &mut PairLists,
) -> usize {
    let mut count = 0;
    for_each_entry(line, start, end, |line, from, to| {
        let PairLists { names, values, .. } = &mut *lists;
        let mark = names.len_in_bytes();
        copy_text(decode, line, from, to, names);
        let entry = names.bytes_after(mark);
        // A colon at the beginning is part of the name, as in `:method:GET`.
        let colon = entry.get(1..).and_then(|rest| memchr::memchr(b':', rest));
        if let Some(colon) = colon {
            values.push(&entry[colon + 2..]);
            names.keep(mark, 0..colon + 1);
        } else {
            values.push(b"");
        }
        names.close();
        count += 1;
    });
    count
}
