//! Writes the columns of one line by its layout.

mod single;
mod standard;

use crate::config::Missing;
use crate::plan::{
    Column, Encode, FastPath, Layout, MAX_COPIED_LEN, MIN_PRESENT_LEN, Plan, StandardEncode,
};
use crate::scan::Scan;
use crate::value::{self, Line, MinuteCache, Prefix, RawValue, fast_path};
use standard::{DATE_TIME_LEN, write_decoded_twice};

pub(crate) use single::encode_single_value;

/// A line with its columns and its layout.
pub(super) struct Row<'a> {
    plan: &'a Plan,
    layout: &'a Layout,
    bytes: &'a [u8],
    scan: &'a Scan,
    ends: &'a [u32],
}

impl<'a> Row<'a> {
    /// Returns the row for the line at the start of `bytes`, which has been scanned and has `count` columns.
    pub(super) fn new(
        plan: &'a Plan,
        layout: &'a Layout,
        bytes: &'a [u8],
        scan: &'a Scan,
        count: usize,
    ) -> Self {
        Self {
            plan,
            layout,
            bytes,
            scan,
            ends: scan.ends(count),
        }
    }

    fn line(&self) -> Line<'a> {
        Line {
            bytes: self.bytes,
            specials: self.scan.specials(),
        }
    }

    /// Returns the offset at which a column begins.
    pub(super) fn start(&self, column: usize) -> usize {
        column
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize + 1)
    }

    /// Returns the column that ends at `place`. Searching for a rare misfit costs less than counting all columns.
    #[cold]
    fn column_that_ends(&self, place: usize) -> usize {
        self.ends.partition_point(|&end| (end as usize) < place)
    }

    /// Writes keys and values, each pair with a comma before it. Returns the position after them, or the column of the
    /// first misfit that rejects the record.
    ///
    /// With `STANDARD` the layout may begin with date and time. A check at runtime would cost all other rows 2 %.
    #[inline(always)]
    pub(super) fn write<const STANDARD: bool>(
        &self,
        out: &mut [u8],
        at: usize,
        minute: &mut MinuteCache,
        unparsed: &mut Vec<usize>,
    ) -> Result<usize, usize> {
        let mut state = State {
            line: self.line(),
            entries: None,
        };
        let total = out.len();
        let mut room = &mut out[at..];
        let (mut start, mut skipped) = (0, 0);
        if STANDARD
            && let Some(format) = self.layout.leading_time
            && let Some(written) = self.write_leading_time(format, minute, room)
        {
            room = &mut std::mem::take(&mut room)[written..];
            (start, skipped) = (DATE_TIME_LEN as usize + 1, 2);
        }
        let columns = &self.layout.columns[skipped..];
        for (column, &end) in columns.iter().zip(&self.ends[skipped..]) {
            let end = end as usize;
            let len = end.wrapping_sub(start);
            let source: &[u8; SOURCE_WINDOW] = value::window_at(self.bytes, start);
            if len.wrapping_sub(MIN_PRESENT_LEN) < column.fast_string_lens {
                // Keeps the two conditions apart: the compiler would merge them, at twice the cost.
                let target = value::window_mut(room);
                if state.line.specials.next >= end {
                    // Never changes `len`, but proves its bound to the compiler.
                    let len = len % (2 * MAX_COPIED_LEN);
                    let written = copy_short(column, source, len, target) + len + 1;
                    room = &mut std::mem::take(&mut room)[written..];
                    start = end + 1;
                    continue;
                }
            }
            if len <= MAX_COPIED_LEN {
                let missing = len == 0 || (len == 1 && source[0] == b'-');
                if missing {
                    if self.plan.output().missing != Missing::Omit {
                        let written =
                            self.write_missing(column, &mut state.line, start, end, room, 0);
                        room = &mut std::mem::take(&mut room)[written..];
                    }
                    start = end + 1;
                    continue;
                }
                let clean = state.line.specials.next >= end;
                let written = write_short(column, clean, source, len, value::window_mut(room));
                if written > 0 {
                    room = &mut std::mem::take(&mut room)[written..];
                    start = end + 1;
                    continue;
                }
            }
            match self.write_present::<STANDARD>(column, &mut state, start, end, room, 0) {
                Some(after) => room = &mut std::mem::take(&mut room)[after..],
                None if matches!(column.encode, Encode::List { .. }) => {
                    let written = self.write_missing(column, &mut state.line, start, end, room, 0);
                    room = &mut std::mem::take(&mut room)[written..];
                }
                None if column.unproven || self.plan.keeps_bad_values() => {
                    unparsed.push(self.column_that_ends(end));
                }
                None => return Err(self.column_that_ends(end)),
            }
            start = end + 1;
        }
        Ok(total - room.len())
    }

    /// Writes a key and its value, which is not missing. Returns `None` if the value does not fit or is a list without
    /// entries.
    #[inline(always)]
    fn write_present<const STANDARD: bool>(
        &self,
        column: &Column,
        state: &mut State<'_>,
        start: usize,
        end: usize,
        out: &mut [u8],
        at: usize,
    ) -> Option<usize> {
        let at = column.prefix.write(out, at);
        if column.encode == Encode::Decoded {
            let at = value::write_string::<true>(&mut state.line, start, end, out, at);
            return Some(value::write_byte(out, at, b'"'));
        }
        if STANDARD && column.encode == Encode::Standard(StandardEncode::DecodedTwice) {
            return Some(write_decoded_twice(&mut state.line, start, end, out, at));
        }
        self.write_value(column, state, start, end, out, at)
    }

    /// Writes a value after its key.
    #[inline(never)]
    fn write_value(
        &self,
        column: &Column,
        state: &mut State<'_>,
        start: usize,
        end: usize,
        out: &mut [u8],
        at: usize,
    ) -> Option<usize> {
        let State { line, entries } = state;
        let raw = RawValue::new(&line.bytes[start..], end - start);
        match column.encode {
            Encode::Decoded | Encode::Raw => {
                let decode = column.encode == Encode::Decoded;
                let at = write_string(decode, line, start, end, out, at);
                Some(value::write_byte(out, at, b'"'))
            }
            Encode::Integer => value::write_integer(raw, out, at),
            Encode::Decimal => value::write_decimal(raw, out, at),
            Encode::Status => value::write_status(raw, out, at),
            Encode::Address => value::write_address(raw, out, at),
            Encode::EpochMillis => value::write_epoch_millis(raw, out, at),
            Encode::Iso8601 => value::write_iso8601(raw, out, at),
            Encode::VerbatimTimestamp => value::write_timestamp_verbatim(raw, out, at),
            Encode::Boolean => value::write_boolean(raw, out, at),
            Encode::Standard(StandardEncode::DecodedTwice) => {
                Some(write_decoded_twice(line, start, end, out, at))
            }
            Encode::Standard(encode) => {
                self.write_standard(column, encode, line, (start, end), out, at)
            }
            Encode::HeadersCount => self.write_headers_count(raw, out, at, *entries),
            Encode::List { decode } => {
                let write = if decode {
                    value::write_list::<true>
                } else {
                    value::write_list::<false>
                };
                write(line, start, end, out, at)
            }
            Encode::Names { decode } => {
                let write = if decode {
                    value::write_names::<true>
                } else {
                    value::write_names::<false>
                };
                Some(write(line, start, end, out, at))
            }
            Encode::Headers { decode, counted } => {
                let write = if decode {
                    value::write_headers::<true>
                } else {
                    value::write_headers::<false>
                };
                let (at, count) = write(line, start, end, out, at);
                if counted {
                    *entries = Some(count);
                }
                Some(at)
            }
            Encode::ArrayOfOne { decode } => {
                let at = write_string(decode, line, start, end, out, at);
                Some(value::write_bytes(out, at, b"\"]"))
            }
            Encode::Version { decode, protocol } => {
                let written = write_string(decode, line, start, end, out, at);
                let left = protocol.strip(&out[at..written]);
                out.copy_within(at + left.start..at + left.end, at);
                Some(value::write_byte(out, at + left.len(), b'"'))
            }
        }
    }

    /// Writes the number of headers, and the mark of truncation if the column of headers has fewer entries.
    fn write_headers_count(
        &self,
        raw: RawValue<'_>,
        out: &mut [u8],
        at: usize,
        entries: Option<usize>,
    ) -> Option<usize> {
        let count = value::parse_integer(raw)?;
        let at = count.write(raw, out, at);
        let Some(headers) = self.layout.headers else {
            return Some(at);
        };
        let (start, end) = (self.start(headers), self.ends[headers] as usize);
        if value::is_missing(&self.bytes[start..end]) {
            return Some(at);
        }
        // In CloudFront's order the headers come first, so they are already counted.
        let entries = entries.unwrap_or_else(|| value::count_headers(&mut self.line(), start, end));
        if count.exceeds(raw, entries as u64) {
            return Some(value::write_bytes(out, at, &self.layout.truncated));
        }
        Some(at)
    }

    #[inline(never)]
    fn write_missing(
        &self,
        column: &Column,
        line: &mut Line<'_>,
        start: usize,
        end: usize,
        out: &mut [u8],
        at: usize,
    ) -> usize {
        match self.plan.output().missing {
            Missing::Omit => at,
            _ if self.is_given_elsewhere(column) => at,
            Missing::Null => {
                let at = column.prefix.write_key(out, at);
                value::write_bytes(out, at, b"null")
            }
            Missing::Keep => {
                let at = column.prefix.write_key(out, at);
                let at = value::write_byte(out, at, b'"');
                let at = value::write_string::<false>(line, start, end, out, at);
                value::write_byte(out, at, b'"')
            }
        }
    }

    /// Writes the values that do not fit as an object of strings.
    #[cold]
    pub(super) fn write_unparsed(&self, out: &mut [u8], mut at: usize, columns: &[usize]) -> usize {
        let mut line = self.line();
        let opening = at;
        for &column in columns {
            at = self.layout.columns[column].unparsed.write(out, at);
            let (start, end) = (self.start(column), self.ends[column] as usize);
            at = write_string(self.plan.output().decode, &mut line, start, end, out, at);
            at = value::write_byte(out, at, b'"');
        }
        close(out, opening, at)
    }
}

/// State that earlier columns of a line pass to later ones.
struct State<'a> {
    line: Line<'a>,
    /// Number of entries in `cs-headers`, once they are written.
    entries: Option<usize>,
}

/// Bytes read at once: a short value and the tab after it. More is safe, since 40 bytes always follow a column.
const SOURCE_WINDOW: usize = MAX_COPIED_LEN + 8;
/// Bytes written at once: the longest key that a length of one byte allows, a short value and the bytes after it.
pub(super) const TARGET_WINDOW: usize = 256 + 2 * MAX_COPIED_LEN;

/// Writes a key, a short value and a quote, which the next write overwrites after a number. Returns the position of the
/// value.
///
/// Arrays of fixed size need no bounds checks and are copied without a call.
#[inline(always)]
fn copy_short(
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
fn write_short(
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

/// Closes an object: replaces the comma before its first key with the opening brace and appends the closing one.
#[inline]
pub(super) fn close(out: &mut [u8], start: usize, at: usize) -> usize {
    out[start] = b'{';
    let end = at.max(start + 1);
    out[end] = b'}';
    end + 1
}

#[inline(always)]
fn write_string(
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
