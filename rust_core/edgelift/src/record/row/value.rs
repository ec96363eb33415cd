//! Writes a value as its column says.

use super::columns::{Row, State};
use super::decoding::{write_decoded_twice, write_headers, write_list, write_names, write_string};
use crate::plan::{Column, Encode, StandardEncode};
use crate::value::{self, RawValue};

impl Row<'_> {
    /// Writes a value after its key.
    #[inline(never)]
    pub(super) fn write_value(
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
                let decode = matches!(column.encode, Encode::Decoded);
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
            Encode::Standard(StandardEncode::DecodedTwice { without_date }) => {
                let may_be = || self.may_be_encoded_twice(without_date);
                Some(write_decoded_twice(may_be, line, start, end, out, at))
            }
            Encode::Standard(encode) => {
                self.write_standard(column, encode, line, (start, end), out, at)
            }
            Encode::HeadersCount => self.write_headers_count(raw, out, at, *entries),
            Encode::List { decode } => write_list(decode, line, start, end, out, at),
            Encode::Names { decode } => Some(write_names(decode, line, start, end, out, at)),
            Encode::Headers { decode, counted } => {
                let (at, count) = write_headers(decode, line, start, end, out, at);
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
        let (start, end) = self.range(headers);
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
}
