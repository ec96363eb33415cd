//! The entry points: transform a record, a line of a chunk, or a line without its end.

#[cfg(feature = "columns")]
use super::column_row::ColumnRow;
use super::dispatch;
use super::line::SplitLine;
use super::line_end::{LineEnd, pad, without_line_end};
use super::output_buffer::OutputBuffer;
use super::scratch::Scratch;
use super::standard;
use crate::error::{Reason, RecordError};
use crate::header;
use crate::json;
use crate::plan::Plan;
use crate::record_layout::RecordLayout;
use crate::scan::ScannedLine;
use crate::value::SLACK;

/// A line that has been scanned and not yet transformed.
#[derive(Clone, Copy)]
pub(crate) struct FirstLine<'a> {
    /// Length of the line in bytes, including its line end.
    pub(crate) len: usize,
    line: SplitLine<'a>,
}

impl<'a> FirstLine<'a> {
    /// Returns the row for columns, with the scratch that has scanned it; `None` if it needs a closer look.
    #[cfg(feature = "columns")]
    #[inline(always)]
    pub(crate) fn column_row(self, plan: &'a Plan, scratch: &'a Scratch) -> Option<ColumnRow<'a>> {
        ColumnRow::new(plan, self.line, scratch)
    }

    /// Appends the document for the line, with the scratch that has scanned it.
    #[inline(always)]
    pub(crate) fn transform(
        self,
        plan: &Plan,
        scratch: &mut Scratch,
        out: &mut OutputBuffer,
    ) -> Result<RecordLayout, RecordError> {
        dispatch::write(plan, self.line, scratch, out)
    }
}

/// Appends the document for a record, which is one line with or without its line end. Returns its layout.
///
/// # Errors
/// The record is too large, empty, more than one line, or fits no layout; `out` is unchanged.
pub fn transform(
    plan: &Plan,
    record: &[u8],
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<RecordLayout, RecordError> {
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
) -> Result<RecordLayout, RecordError> {
    let line = checked_line(plan, &bytes[..len])?;
    // Among real-time rows only a brace begins another record.
    if plan.reads_standard() && (json::begins_object(line) || plan.has_standard_columns()) {
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
    check_size(plan, record)?;
    let line = without_line_end(record);
    if line.is_empty() {
        Err(RecordError::whole(Reason::EmptyRecord))
    } else {
        Ok(line)
    }
}

/// Returns an error if the record, with its line end, has more than `max_record_bytes`.
pub(crate) fn check_size(plan: &Plan, record: &[u8]) -> Result<(), RecordError> {
    if record.len() > plan.max_record_bytes() {
        return Err(RecordError {
            count: record.len(),
            ..RecordError::whole(Reason::TooLarge)
        });
    }
    Ok(())
}

/// Appends the document for one line. `line` must not contain a line feed.
pub(crate) fn transform_line(
    plan: &Plan,
    line: &[u8],
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<RecordLayout, RecordError> {
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

/// Scans the row at the start of `bytes`. Returns `None` if it is not tab-separated, or if its line feed is missing or near
/// the end of `bytes`.
#[inline(always)]
pub(crate) fn scan_first_line<'a>(
    plan: &Plan,
    bytes: &'a [u8],
    scratch: &mut Scratch,
) -> Option<FirstLine<'a>> {
    if plan.delimiter().is_some() {
        return None;
    }
    let last = plan.max_record_bytes() - 1;
    let reach = bytes.len().min(last + SLACK);
    scan_bounded(&bytes[..reach], last, true, scratch)
}

/// Appends the document for a line that is known to end within `bytes`; [`SLACK`] bytes follow it.
#[inline]
fn transform_ended(
    plan: &Plan,
    bytes: &[u8],
    end: LineEnd,
    scratch: &mut Scratch,
    out: &mut OutputBuffer,
) -> Result<RecordLayout, RecordError> {
    let line = scan_bounded(bytes, end.place, end.may_return, scratch);
    let line = line.expect("a line feed ends the line");
    if line.len <= end.place {
        return Err(multiple_lines(line.len - 1));
    }
    line.transform(plan, scratch, out)
}

/// Scans the row at the start of `bytes` if its line feed is not after `last` and [`SLACK`] bytes follow the line; else
/// returns `None`. `may_return` is true if a CR before the line feed is part of the line end.
#[inline(always)]
fn scan_bounded<'a>(
    bytes: &'a [u8],
    last: usize,
    may_return: bool,
    scratch: &mut Scratch,
) -> Option<FirstLine<'a>> {
    let ScannedLine { len, columns } =
        dispatch::first_line(scratch.avx2, &mut scratch.scan, bytes, may_return)?;
    let feed = len + usize::from(bytes[len] == b'\r');
    if feed > last || bytes.len() - len < SLACK {
        return None;
    }
    let columns = columns.get();
    let line = SplitLine {
        bytes,
        len,
        columns,
    };
    let len = feed + 1;
    Some(FirstLine { len, line })
}

fn multiple_lines(offset: usize) -> RecordError {
    RecordError {
        offset,
        ..RecordError::whole(Reason::MultipleLines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::record::cpu::Avx2;

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
