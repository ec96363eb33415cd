//! One record to one JSON object, along a plan. The heart.
//!
//! Nothing is allocated for a record: the scan, the list of misfits and the output are used again. A record
//! that fails leaves the output as it was.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

mod avx2;
mod documents;
mod parts;
mod row;
mod standard;

use crate::error::{Place, Reason, RecordError};
use crate::header;
use crate::plan::{Column, Places, Plan, UNPARSED};
use crate::scan::Scan;
use crate::value::{self, Minute, Prefix, SLACK};
use avx2::Avx2;
use parts::Parts;
use row::{Row, WINDOW};
use standard::Learned;

pub use documents::Documents;
pub(crate) use parts::{BadJson, Problem};
pub(crate) use row::value_alone;
pub(crate) use standard::{Told, Untold};

/// Memory that is used again for each record.
#[derive(Debug)]
pub struct Scratch {
    /// There if the processor has it.
    avx2: Option<Avx2>,
    scan: Scan,
    /// Columns that go into `_unparsed`.
    unparsed: Vec<usize>,
    unparsed_prefix: Prefix,
    /// A line that stands at the end of its buffer, and room for encoders to read behind it.
    padded: Vec<u8>,
    /// A row whose values do not stand between tabs.
    parts: Parts,
    learned: Learned,
    minute: Minute,
}

impl Scratch {
    /// Memory for the records of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            avx2: Avx2::detect(),
            scan: Scan::with_columns(plan.widest()),
            unparsed: Vec::with_capacity(plan.widest()),
            unparsed_prefix: Prefix::new(UNPARSED, ""),
            padded: Vec::new(),
            parts: Parts::default(),
            learned: Learned::default(),
            minute: Minute::default(),
        }
    }

    /// Room for the records of another plan, too.
    pub(crate) fn widen(&mut self, plan: &Plan) {
        self.scan.widen(plan.widest());
    }

    /// Where a layout has what is told of a record beside its document; the one behind those of the plan is that of the
    /// last JSON record.
    pub(crate) fn places<'a>(&'a self, plan: &'a Plan, layout: usize) -> &'a Places {
        let is_learned = layout == plan.layouts().len();
        match self.learned.last().filter(|_| is_learned) {
            None => &plan.delivery().layouts[layout],
            Some(learned) => &learned.delivery().layouts[0],
        }
    }

    /// What gives the values, by column, of the record that was transformed last, and that these bytes begin with.
    #[inline]
    pub(crate) fn values<'a>(
        &'a self,
        plan: &Plan,
        layout: usize,
        bytes: &'a [u8],
    ) -> impl Fn(usize) -> Option<&'a [u8]> + Copy {
        // Of a JSON record, and of one with another delimiter, they stand apart.
        let is_apart = layout == plan.layouts().len() || plan.delimiter().is_some();
        move |column| {
            if is_apart {
                return self.parts.value(column);
            }
            let ends = self.scan.ends(column + 1);
            let start = column.checked_sub(1).map_or(0, |before| ends[before] + 1);
            bytes.get(start as usize..ends[column] as usize)
        }
    }
}

/// Adds the document of a record: one line, with or without its line end. Returns the layout that it has.
///
/// # Errors
/// The record is too large, empty, more than one line, or fits no layout; `out` is as it was.
pub fn transform(
    plan: &Plan,
    record: &[u8],
    scratch: &mut Scratch,
    out: &mut Documents,
) -> Result<usize, RecordError> {
    transform_prefix(plan, record, record.len(), scratch, out)
}

/// The same for the record `bytes[..len]`, behind which there may be more bytes, so that blocks can be read.
pub(crate) fn transform_prefix(
    plan: &Plan,
    bytes: &[u8],
    len: usize,
    scratch: &mut Scratch,
    out: &mut Documents,
) -> Result<usize, RecordError> {
    let line = line_of(plan, &bytes[..len])?.len();
    if let Some(offset) = memchr::memchr(b'\n', &bytes[..line]) {
        return Err(RecordError {
            offset,
            ..RecordError::whole(Reason::SeveralLines)
        });
    }
    if plan.reads_standard() && header::is_directive(&bytes[..line]) {
        return Err(RecordError::whole(Reason::BadHeader));
    }
    transform_line(plan, bytes, line, scratch, out)
}

/// The record without its line end, if it is neither too large nor empty.
pub(crate) fn line_of<'a>(plan: &Plan, record: &'a [u8]) -> Result<&'a [u8], RecordError> {
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

/// Takes one LF or CR LF off the end.
pub(crate) fn without_line_end(record: &[u8]) -> &[u8] {
    let line = record
        .strip_suffix(b"\n")
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    line.unwrap_or(record)
}

/// The columns of a record, the plain way.
pub(crate) fn columns(record: &[u8]) -> impl Iterator<Item = &[u8]> {
    without_line_end(record).split(|&byte| byte == b'\t')
}

/// The same for the line `bytes[..len]`, in which there is no line feed.
#[inline]
pub(crate) fn transform_line(
    plan: &Plan,
    bytes: &[u8],
    len: usize,
    scratch: &mut Scratch,
    out: &mut Documents,
) -> Result<usize, RecordError> {
    if plan.reads_standard() {
        return standard::transform_line(plan, bytes, len, scratch, out);
    }
    transform_row::<false>(plan, bytes, len, scratch, out)
}

/// The same for values between tabs. Only with `STANDARD` they may be those of a standard log: rows of real-time logs
/// do not pay for what these have more.
#[inline]
fn transform_row<const STANDARD: bool>(
    plan: &Plan,
    bytes: &[u8],
    len: usize,
    scratch: &mut Scratch,
    out: &mut Documents,
) -> Result<usize, RecordError> {
    // Encoders read in blocks, and take three bytes for an escape without looking whether the line goes on.
    let goes_on = bytes.get(len).is_none_or(|&byte| byte >= b'0');
    if goes_on || bytes.len() - len < SLACK {
        return transform_last::<STANDARD>(plan, &bytes[..len], scratch, out);
    }
    transform_padded::<STANDARD>(plan, bytes, len, scratch, out)
}

/// The same for a line behind which there are too few bytes, or the wrong ones.
#[cold]
#[inline(never)]
fn transform_last<const STANDARD: bool>(
    plan: &Plan,
    line: &[u8],
    scratch: &mut Scratch,
    out: &mut Documents,
) -> Result<usize, RecordError> {
    let mut padded = std::mem::take(&mut scratch.padded);
    padded.clear();
    pad(&mut padded, line);
    let result = transform_padded::<STANDARD>(plan, &padded, line.len(), scratch, out);
    // One long line must not hold its memory.
    padded.clear();
    padded.shrink_to(1 << 16);
    scratch.padded = padded;
    result
}

/// Adds a line and as many bytes as encoders may read behind it.
fn pad(padded: &mut Vec<u8>, line: &[u8]) {
    padded.extend_from_slice(line);
    padded.resize(line.len() + SLACK, 0);
}

/// The same for a line with [`SLACK`] bytes behind it, the first of which is no hexadecimal digit.
#[inline]
fn transform_padded<const STANDARD: bool>(
    plan: &Plan,
    bytes: &[u8],
    len: usize,
    scratch: &mut Scratch,
    out: &mut Documents,
) -> Result<usize, RecordError> {
    match scratch.avx2 {
        Some(avx2) => avx2.transform::<STANDARD>(plan, bytes, len, scratch, out),
        None => transform_baseline::<STANDARD>(plan, bytes, len, scratch, out),
    }
}

#[inline(never)]
fn transform_baseline<const STANDARD: bool>(
    plan: &Plan,
    bytes: &[u8],
    len: usize,
    scratch: &mut Scratch,
    out: &mut Documents,
) -> Result<usize, RecordError> {
    transform_with::<STANDARD>(plan, bytes, len, scratch, out, Scan::line)
}

/// The same, with a scan that the processor can do.
#[inline(always)]
fn transform_with<const STANDARD: bool>(
    plan: &Plan,
    bytes: &[u8],
    len: usize,
    scratch: &mut Scratch,
    out: &mut Documents,
    scan: impl Fn(&mut Scan, &[u8], usize) -> usize,
) -> Result<usize, RecordError> {
    let count = scan(&mut scratch.scan, bytes, len);
    write_columns::<STANDARD>(plan, bytes, len, count, scratch, out)
}

/// The same for a line that has been scanned and has `count` columns.
#[inline(always)]
fn write_columns<const STANDARD: bool>(
    plan: &Plan,
    bytes: &[u8],
    len: usize,
    count: usize,
    scratch: &mut Scratch,
    out: &mut Documents,
) -> Result<usize, RecordError> {
    let index = match plan.candidates(count) {
        [] if plan.layouts().is_empty() => return Err(RecordError::whole(Reason::NoHeader)),
        [] => {
            return Err(RecordError {
                count,
                ..RecordError::whole(Reason::ColumnCount)
            });
        }
        &[only] => only,
        several => choose(plan, several, scratch.scan.ends(count), bytes)?,
    };
    let layout = &plan.layouts()[index];
    out.reserve(len * layout.growth + layout.fixed_bytes + UNPARSED.len() + SLACK + WINDOW);
    let row = Row::new(plan, layout, bytes, &scratch.scan, count);
    scratch.unparsed.clear();
    let start = out.len;
    let written = row.write::<STANDARD>(
        &mut out.bytes,
        start,
        &mut scratch.minute,
        &mut scratch.unparsed,
    );
    let mut at = written.map_err(|column| RecordError {
        place: Some(Place {
            layout: index,
            column,
        }),
        offset: row.start(column),
        ..RecordError::whole(Reason::BadValue)
    })?;
    if !scratch.unparsed.is_empty() {
        let to = scratch.unparsed_prefix.write(&mut out.bytes, at);
        at = row.write_unparsed(&mut out.bytes, to, &scratch.unparsed);
    }
    out.len = row::close(&mut out.bytes, start, at);
    Ok(index)
}

/// Which of several layouts a row has: the first that its kinds and shapes fit, else the first that its
/// kinds fit, else the first that can be written: with values = "text" most misfits do not matter, and those
/// of unproven fields never do.
#[cold]
fn choose(
    plan: &Plan,
    candidates: &[usize],
    ends: &[u32],
    bytes: &[u8],
) -> Result<usize, RecordError> {
    let first = |accepts: &dyn Fn(&Column, &[u8]) -> bool| {
        candidates.iter().copied().find(|&index| {
            let mut start = 0;
            plan.layouts()[index]
                .columns
                .iter()
                .zip(ends)
                .all(|(column, &end)| {
                    let value = &bytes[start..end as usize];
                    start = end as usize + 1;
                    accepts(column, value)
                })
        })
    };
    let fits = |column: &Column, value: &[u8]| value::fits(column.kind, value);
    let looks = |column: &Column, value: &[u8]| {
        column
            .shape
            .is_none_or(|shape| value::shape::has(shape, value))
    };
    first(&|column, value| fits(column, value) && looks(column, value))
        .or_else(|| first(&fits))
        .or_else(|| first(&Column::accepts))
        .or_else(|| plan.keeps_bad_values().then_some(candidates[0]))
        .or_else(|| first(&|column, value| column.unproven || column.accepts(value)))
        .ok_or(RecordError {
            count: ends.len(),
            ..RecordError::whole(Reason::NoLayout)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// What both ways make of a record: the same document, or the same error.
    fn check(plan: &Plan, record: &[u8]) {
        let transformed = |avx2| {
            let mut scratch = Scratch {
                avx2,
                ..Scratch::new(plan)
            };
            let mut documents = Documents::default();
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
    fn every_processor_has_the_same_answer() {
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
