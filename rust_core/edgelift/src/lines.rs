//! Transforms many lines into JSON lines, bulk bodies or raw records, in chunks that may be split anywhere. Memory is
//! bounded by the longest record.

#![expect(
    clippy::inline_always,
    reason = "the loop over lines calls it once a line"
)]

mod detected;
mod directives;
mod failure;
mod json_lines;
mod output_format;

use crate::bulk::Bulk;
use crate::error::RecordError;
use crate::header;
use crate::plan::Plan;
use crate::record::{self, LineResult, OutputBuffer, Scratch};
use crate::replay::{self, ErrorObjectReader};
use detected::DetectedFormat;
use directives::{BYTE_ORDER_MARK, mark_len};
use failure::Header;
use output_format::{Ndjson, OutputFormat, Raw, write_line};

pub use crate::counts::Counts;
pub use failure::Failure;

/// Transforms lines that arrive in chunks.
#[derive(Debug)]
pub struct Stream {
    reader: Reader,
    format: StreamFormat,
}

/// The output that is written per record.
#[derive(Debug)]
enum StreamFormat {
    Ndjson,
    Bulk(Box<Bulk>),
    Raw,
}

impl Stream {
    /// Returns a stream that writes JSON lines.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self::with(plan, StreamFormat::Ndjson)
    }

    /// Returns a stream that writes a bulk body. One stream is one object: repeated lines are counted within it.
    #[must_use]
    pub fn bulk(plan: &Plan, bulk: Bulk) -> Self {
        Self::with(plan, StreamFormat::Bulk(Box::new(bulk)))
    }

    /// Returns a stream that writes the records themselves, for re-ingestion: the bytes of each record that can be
    /// transformed without its context, and a line feed unless they end with one. Each record is followed by exactly
    /// one line feed.
    #[must_use]
    pub fn raw(plan: &Plan) -> Self {
        Self::with(plan, StreamFormat::Raw)
    }

    fn with(plan: &Plan, format: StreamFormat) -> Self {
        Self {
            reader: Reader::new(plan),
            format,
        }
    }

    /// Returns the counts of all lines so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.reader.counts
    }

    /// Returns descriptions of the formats detected so far; empty if all lines were blank.
    #[must_use]
    pub fn detected_formats(&self, plan: &Plan) -> Vec<String> {
        self.reader.detected_formats(plan)
    }

    /// Transforms the lines that `chunk` completes. `plan` is the plan that the stream was created with.
    pub fn feed(
        &mut self,
        plan: &Plan,
        chunk: &[u8],
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) {
        let reader = &mut self.reader;
        match &mut self.format {
            StreamFormat::Ndjson => reader.feed(plan, chunk, &mut Ndjson, out, failures),
            StreamFormat::Bulk(bulk) => reader.feed(plan, chunk, &mut **bulk, out, failures),
            StreamFormat::Raw => reader.feed(plan, chunk, &mut Raw, out, failures),
        }
    }

    /// Transforms the last line if it has no line feed.
    pub fn finish(&mut self, plan: &Plan, out: &mut OutputBuffer, failures: &mut Vec<Failure>) {
        let reader = &mut self.reader;
        match &mut self.format {
            StreamFormat::Ndjson => reader.finish(plan, &mut Ndjson, out, failures),
            StreamFormat::Bulk(bulk) => reader.finish(plan, &mut **bulk, out, failures),
            StreamFormat::Raw => reader.finish(plan, &mut Raw, out, failures),
        }
    }

    /// Transforms all lines of `text` at once.
    pub fn all(
        mut self,
        plan: &Plan,
        text: &[u8],
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) -> Counts {
        self.feed(plan, text, out, failures);
        self.finish(plan, out, failures);
        self.counts()
    }
}

/// Splits chunks into lines and tracks the position in the input.
#[derive(Debug)]
struct Reader {
    scratch: Scratch,
    counts: Counts,
    /// The beginning of a line whose end has not arrived.
    pending: Vec<u8>,
    /// Bytes of that line that arrived after `pending` was full.
    skipped: u64,
    line: u64,
    offset: u64,
    header: Option<Header>,
    /// True if a `#Version:` line precedes the next `#Fields:` line.
    has_version: bool,
    error_objects: ErrorObjectReader,
    /// The header embedded in the last source record.
    embedded_header: Option<Header>,
    detected: Vec<DetectedFormat>,
    /// Records read that are not rows.
    non_rows: u64,
}

/// The position of a line in the input.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// Line number, from 1.
    number: u64,
    /// Byte offset of its first byte in the input.
    offset: u64,
    /// Bytes of the line that are kept, including its line feed if it has one.
    len: usize,
    /// Bytes of the line that are not kept.
    skipped: u64,
}

impl Line {
    /// Returns the position of a part of the line.
    const fn part(self, start: usize, end: usize) -> Self {
        Self {
            offset: self.offset + start as u64,
            len: end - start,
            ..self
        }
    }
}

impl Reader {
    fn new(plan: &Plan) -> Self {
        Self {
            scratch: Scratch::new(plan),
            counts: Counts::default(),
            pending: Vec::new(),
            skipped: 0,
            line: 0,
            offset: 0,
            header: None,
            has_version: false,
            error_objects: ErrorObjectReader::default(),
            embedded_header: None,
            detected: Vec::new(),
            non_rows: 0,
        }
    }

    fn detected_formats(&self, plan: &Plan) -> Vec<String> {
        let mut detected = self.detected.clone();
        if self.has_rows_without_header() {
            DetectedFormat::Rows.add(&mut detected);
        }
        // Rows without a header are detected last but reported first.
        detected.sort_by_key(|kind| *kind != DetectedFormat::Rows);
        detected
            .into_iter()
            .map(|kind| kind.describe(plan))
            .collect()
    }

    fn has_rows_without_header(&self) -> bool {
        self.header.is_none() && self.counts.read > self.non_rows
    }

    fn feed(
        &mut self,
        plan: &Plan,
        mut chunk: &[u8],
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) {
        if !self.pending.is_empty() {
            let Some(end) = memchr::memchr(b'\n', chunk) else {
                return self.keep_pending(plan, chunk, format, out, failures);
            };
            self.keep_pending(plan, &chunk[..=end], format, out, failures);
            chunk = &chunk[end + 1..];
            self.finish(plan, format, out, failures);
        }
        while !chunk.is_empty() {
            let row = self.transform_row(plan, chunk, format, out, failures);
            let Some(len) = row.or_else(|| Some(memchr::memchr(b'\n', chunk)? + 1)) else {
                break;
            };
            if row.is_none() {
                self.transform_line(plan, (&chunk[..len], 0), format, out, failures);
            }
            chunk = &chunk[len..];
        }
        self.keep_pending(plan, chunk, format, out, failures);
    }

    /// Transforms the row that `bytes` begin with and returns its length. Returns `None` if they do not begin with a
    /// complete row.
    #[inline(always)]
    fn transform_row(
        &mut self,
        plan: &Plan,
        bytes: &[u8],
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) -> Option<usize> {
        if !begins_like_row(bytes) {
            return None;
        }
        let active_plan = self.header.as_ref().map_or(plan, |header| &header.plan);
        let start = out.len();
        let LineResult { len, result } =
            record::transform_first_line(active_plan, bytes, &mut self.scratch, out)?;
        self.line += 1;
        self.offset += len as u64;
        let scratch = &self.scratch;
        let result = result.and_then(|layout| {
            format.write_record(active_plan, layout, &bytes[..len], scratch, out, start)
        });
        self.count_result(plan, (&bytes[..len], 0), result, format, out, failures);
        Some(len)
    }

    fn finish(
        &mut self,
        plan: &Plan,
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) {
        if self.pending.is_empty() {
            return;
        }
        let mut pending = std::mem::take(&mut self.pending);
        let skipped = std::mem::take(&mut self.skipped);
        self.transform_line(plan, (&pending, skipped), format, out, failures);
        pending.clear();
        // One long line must not keep its memory for the rest of the stream.
        pending.shrink_to(1 << 16);
        self.pending = pending;
    }

    /// Keeps the beginning of a line, limited to the bytes that prove it too large and show it in a message.
    fn keep_pending(
        &mut self,
        plan: &Plan,
        mut part: &[u8],
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) {
        loop {
            let capacity = self
                .line_capacity(plan, part)
                .saturating_sub(self.pending.len());
            let (kept, rest) = part.split_at(part.len().min(capacity));
            self.pending.extend_from_slice(kept);
            part = rest;
            if part.is_empty()
                || self.skipped > 0
                || !self.drain_complete_objects(plan, format, out, failures)
            {
                break;
            }
        }
        self.skipped += part.len() as u64;
    }

    /// Returns how many bytes of the line that continues with `part` are kept: one more than the limit, and enough to
    /// recognize a directive. A byte order mark does not count, nor does it hide a brace.
    fn line_capacity(&self, plan: &Plan, part: &[u8]) -> usize {
        let mut head = [0; BYTE_ORDER_MARK.len() + 1];
        let bytes = self.pending.iter().chain(part);
        for (slot, &byte) in head.iter_mut().zip(bytes) {
            *slot = byte;
        }
        let mark = mark_len(&head, self.offset);
        let max_bytes = match head[mark] {
            b'{' => replay::max_line_bytes(plan),
            _ => plan.max_record_bytes().max(header::DIRECTIVE_BYTES),
        };
        mark + max_bytes + 1
    }

    /// Transforms a line, including its line feed if it has one; `skipped` more bytes of it are not kept.
    #[inline(never)]
    fn transform_line(
        &mut self,
        plan: &Plan,
        (text, skipped): (&[u8], u64),
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) {
        let len = text.len();
        self.line += 1;
        self.offset += len as u64 + skipped;
        if !begins_like_row(text) && self.handle_non_row(plan, text, skipped, format, out, failures)
        {
            return;
        }
        let active_plan = self.header.as_ref().map_or(plan, |header| &header.plan);
        let transformed = write_line(active_plan, text, format, &mut self.scratch, out);
        self.count_result(plan, (text, skipped), transformed, format, out, failures);
    }

    /// Counts a line as transformed or failed.
    #[inline(always)]
    fn count_result(
        &mut self,
        plan: &Plan,
        (text, skipped): (&[u8], u64),
        transformed: Result<(), RecordError>,
        format: &mut impl OutputFormat,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) {
        match transformed {
            Ok(()) => self.counts.add_ok(),
            Err(error) => self.fail_line(plan, (text, skipped), error, format, out, failures),
        }
    }

    /// Returns the position of the last line. Computed on demand, because few lines need it.
    const fn current_line(&self, len: usize, skipped: u64) -> Line {
        Line {
            number: self.line,
            offset: self.offset - (len as u64 + skipped),
            len,
            skipped,
        }
    }
}

/// Returns true if `bytes` begin like a row: with a digit, in all logs but standard ones without a date column.
#[inline(always)]
fn begins_like_row(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(u8::is_ascii_digit)
}

/// Transforms all lines of `text` at once.
pub fn transform(
    plan: &Plan,
    text: &[u8],
    out: &mut OutputBuffer,
    failures: &mut Vec<Failure>,
) -> Counts {
    Stream::new(plan).all(plan, text, out, failures)
}
