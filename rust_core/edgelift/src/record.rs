//! Transforms one record into one JSON object, as a plan says. This is the core of the engine.
//!
//! A record allocates nothing: the scan, the list of misfits and the output buffer are reused. A record that fails
//! leaves the output unchanged.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

mod avx2;
mod field_buffer;
mod layout_match;
mod line;
mod output_buffer;
mod row;
mod standard;

use crate::error::{Reason, RecordError};
use crate::header;
use crate::plan::{ColumnIndexes, Plan, UNPARSED};
use crate::scan::Scan;
use crate::value::{MinuteCache, Prefix, SLACK};
use avx2::Avx2;
use field_buffer::FieldBuffer;
use line::{LineEnd, multiple_lines, transform_ended};
use standard::PlanCache;

pub(crate) use field_buffer::{BadJson, Problem};
pub(crate) use line::{LineResult, transform_first_line};
pub use output_buffer::OutputBuffer;
pub(crate) use row::encode_single_value;
pub(crate) use standard::{ParseFailure, ParsedRecord};

/// Memory that is reused for each record.
#[derive(Debug)]
pub struct Scratch {
    /// `None` if the processor lacks AVX2.
    avx2: Option<Avx2>,
    scan: Scan,
    /// Columns whose values go into `_unparsed`.
    unparsed: Vec<usize>,
    unparsed_prefix: Prefix,
    /// Copy of a line that ends with its buffer, followed by bytes that encoders may read.
    padded: Vec<u8>,
    /// Values of a record that is not tab-separated.
    fields: FieldBuffer,
    plan_cache: PlanCache,
    minute: MinuteCache,
}

impl Scratch {
    /// Returns memory for the records of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            avx2: Avx2::detect(),
            scan: Scan::with_columns(plan.max_columns()),
            unparsed: Vec::with_capacity(plan.max_columns()),
            unparsed_prefix: Prefix::new(UNPARSED, ""),
            padded: Vec::new(),
            fields: FieldBuffer::default(),
            plan_cache: PlanCache::default(),
            minute: MinuteCache::default(),
        }
    }

    /// Makes room for the records of another plan, too.
    pub(crate) fn widen(&mut self, plan: &Plan) {
        self.scan.widen(plan.max_columns());
    }

    /// Returns the columns of a layout that hold a record's metadata. The index after the last layout of the plan means
    /// the layout of the last JSON record.
    pub(crate) fn column_indexes<'a>(&'a self, plan: &'a Plan, layout: usize) -> &'a ColumnIndexes {
        let is_json = layout == plan.layouts().len();
        match self.plan_cache.last().filter(|_| is_json) {
            None => &plan.firehose().layouts[layout],
            Some(json_plan) => &json_plan.firehose().layouts[0],
        }
    }

    /// Returns a function from column to value for the record that was transformed last. `bytes` begin with that
    /// record.
    #[inline]
    pub(crate) fn values<'a>(
        &'a self,
        plan: &Plan,
        layout: usize,
        bytes: &'a [u8],
    ) -> impl Fn(usize) -> Option<&'a [u8]> + Copy {
        // JSON records and rows with another delimiter have their values there.
        let is_in_field_buffer = layout == plan.layouts().len() || plan.delimiter().is_some();
        move |column| {
            if is_in_field_buffer {
                return self.fields.value(column);
            }
            let ends = self.scan.ends(column + 1);
            let start = column.checked_sub(1).map_or(0, |before| ends[before] + 1);
            bytes.get(start as usize..ends[column] as usize)
        }
    }
}

/// Appends the document for a record, which is one line with or without its line end. Returns the index of its layout.
///
/// # Errors
/// The record is too large, empty, more than one line, or fits no layout; `out` is unchanged.
pub fn transform(
    plan: &Plan,
    record: &[u8],
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    // Checked first, so that a record that is too large is not copied.
    checked_line(plan, record)?;
    with_copy(record, scratch, |bytes, scratch| {
        transform_prefix(plan, bytes, record.len(), scratch, out)
    })
}

/// Does the same as [`transform`] for the record `bytes[..len]`. [`SLACK`] bytes follow it; the first of them may be
/// overwritten by a line feed.
pub(crate) fn transform_prefix(
    plan: &Plan,
    bytes: &mut [u8],
    len: usize,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    let line = checked_line(plan, &bytes[..len])?;
    if plan.reads_standard() {
        if let Some(offset) = memchr::memchr(b'\n', line) {
            return Err(multiple_lines(offset));
        }
        if header::is_directive(line) {
            return Err(RecordError::whole(Reason::BadHeader));
        }
        if standard::needs_field_buffer(plan, line) {
            return standard::transform(plan, line, scratch, out);
        }
    }
    let end = if line.len() < len {
        LineEnd::at(len - 1, true)
    } else {
        bytes[len] = b'\n';
        LineEnd::at(len, false)
    };
    transform_ended(plan, bytes, end, scratch, out)
}

/// Returns the record without its line end, or an error if it is too large or empty.
pub(crate) fn checked_line<'a>(plan: &Plan, record: &'a [u8]) -> Result<&'a [u8], RecordError> {
    if record.len() > plan.max_record_bytes() {
        return Err(RecordError {
            count: record.len(),
            ..RecordError::whole(Reason::TooLarge)
        });
    }
    let line = without_line_end(record);
    if line.is_empty() {
        Err(RecordError::whole(Reason::EmptyRecord))
    } else {
        Ok(line)
    }
}

/// Removes one LF or CR LF from the end.
pub(crate) fn without_line_end(record: &[u8]) -> &[u8] {
    let line = record
        .strip_suffix(b"\n")
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    line.unwrap_or(record)
}

/// Splits a record at its tabs without a scan.
pub(crate) fn columns(record: &[u8]) -> impl Iterator<Item = &[u8]> {
    without_line_end(record).split(|&byte| byte == b'\t')
}

/// Appends the document for one line. `line` must not contain a line feed.
pub(crate) fn transform_line(
    plan: &Plan,
    line: &[u8],
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<usize, RecordError> {
    if standard::needs_field_buffer(plan, line) {
        return standard::transform(plan, line, scratch, out);
    }
    with_copy(line, scratch, |bytes, scratch| {
        let end = LineEnd::at(line.len(), false);
        transform_ended(plan, bytes, end, scratch, out)
    })
}

/// Calls `work` with a copy of a line that is followed by a line feed and the bytes that encoders may read.
#[inline(never)]
fn with_copy<T>(
    line: &[u8],
    scratch: &mut Scratch,
    work: impl FnOnce(&mut [u8], &mut Scratch) -> T,
) -> T {
    let mut padded = std::mem::take(&mut scratch.padded);
    padded.clear();
    pad(&mut padded, line);
    let result = work(&mut padded, scratch);
    // A single long line must not keep its memory.
    padded.clear();
    padded.shrink_to(1 << 16);
    scratch.padded = padded;
    result
}

/// Appends a line and [`SLACK`] bytes, the first of which is a line feed.
fn pad(padded: &mut Vec<u8>, line: &[u8]) {
    padded.extend_from_slice(line);
    padded.push(b'\n');
    padded.resize(line.len() + SLACK, 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// Checks that the code with and without AVX2 gives the same document or the same error.
    fn check(plan: &Plan, record: &[u8]) {
        let transformed = |avx2| {
            let mut scratch = Scratch {
                avx2,
                ..Scratch::new(plan)
            };
            let mut documents = OutputBuffer::default();
            let result = transform(plan, record, &mut scratch, &mut documents);
            (result, documents.as_bytes().to_vec())
        };
        assert_eq!(
            transformed(Avx2::detect()),
            transformed(None),
            "{}",
            record.escape_ascii()
        );
    }

    #[test]
    fn avx2_and_baseline_give_the_same_result() {
        let fields =
            "[\"timestamp\", \"c-ip\", \"cs-uri-stem\", \"sc-content-len\", \"cs-headers\"]";
        let config = Config::parse(&format!("[[layouts]]\nfields = {fields}")).expect("TOML");
        let plan = Plan::compile(&config).expect("a plan");
        let row =
            b"1700000000.123\t192.0.2.255\t/an%20image/of%C3%A9/two-hundred-and-forty.webp\t1200\t\
            Host:example.org%0AAccept:%2A/%2A%0AX-Long:a-value-of-a-header-that-fills-a-block%0A";
        for len in 0..=row.len() {
            check(&plan, &row[..len]);
        }
        for place in 0..row.len() {
            for byte in 0..=u8::MAX {
                let mut record = row.to_vec();
                record[place] = byte;
                check(&plan, &record);
            }
        }
    }
}
