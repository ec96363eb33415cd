//! Many lines to JSON lines or bulk bodies, in chunks that may be cut anywhere. Memory is bounded by the longest record.

#![expect(
    clippy::inline_always,
    reason = "the loop over lines calls it once a line"
)]

mod counts;
mod failure;

use std::sync::Arc;

use crate::bulk::Bulk;
use crate::error::{Reason, RecordError};
use crate::header::{self, Directive};
use crate::plan::{Plan, Version};
use crate::record::{self, Documents, Scratch};
use failure::Header;

pub use counts::Counts;
pub use failure::Failure;

/// Lines that arrive in chunks.
#[derive(Debug)]
pub struct Stream {
    reader: Reader,
    /// There if the documents make bulk bodies.
    bulk: Option<Bulk>,
}

/// What is done with a document that has just been written. Chosen once a chunk and compiled for each, so that a line
/// pays for its own only.
trait Finish {
    /// `line` begins with the line, which has the layout, and is as long.
    fn finish(
        &mut self,
        plan: &Plan,
        layout: usize,
        line: &[u8],
        scratch: &Scratch,
        out: &mut Documents,
        start: usize,
    ) -> Result<(), RecordError>;
}

/// JSON lines.
struct Ndjson;

impl Finish for Ndjson {
    #[inline(always)]
    fn finish(
        &mut self,
        _: &Plan,
        _: usize,
        _: &[u8],
        _: &Scratch,
        out: &mut Documents,
        _: usize,
    ) -> Result<(), RecordError> {
        out.newline();
        Ok(())
    }
}

impl Finish for Bulk {
    fn finish(
        &mut self,
        plan: &Plan,
        layout: usize,
        line: &[u8],
        scratch: &Scratch,
        out: &mut Documents,
        start: usize,
    ) -> Result<(), RecordError> {
        self.wrap(plan, layout, line, scratch, out, start)
    }
}

impl Stream {
    /// Begins a stream of a plan's records, which become JSON lines.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            reader: Reader::new(plan),
            bulk: None,
        }
    }

    /// The same for bulk bodies. A stream is one object: equal lines are counted in it.
    #[must_use]
    pub fn bulk(plan: &Plan, bulk: Bulk) -> Self {
        Self {
            reader: Reader::new(plan),
            bulk: Some(bulk),
        }
    }

    /// Counts of all lines so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.reader.counts
    }

    /// Transforms the lines that a chunk completes. `plan` is the one that the stream began with.
    pub fn feed(
        &mut self,
        plan: &Plan,
        chunk: &[u8],
        out: &mut Documents,
        failures: &mut Vec<Failure>,
    ) {
        match &mut self.bulk {
            None => self.reader.feed(plan, chunk, &mut Ndjson, out, failures),
            Some(bulk) => self.reader.feed(plan, chunk, bulk, out, failures),
        }
    }

    /// Transforms the last line, if it has no line feed.
    pub fn finish(&mut self, plan: &Plan, out: &mut Documents, failures: &mut Vec<Failure>) {
        match &mut self.bulk {
            None => self.reader.finish(plan, &mut Ndjson, out, failures),
            Some(bulk) => self.reader.finish(plan, bulk, out, failures),
        }
    }

    /// Transforms all lines of a text at once.
    pub fn all(
        mut self,
        plan: &Plan,
        text: &[u8],
        out: &mut Documents,
        failures: &mut Vec<Failure>,
    ) -> Counts {
        self.feed(plan, text, out, failures);
        self.finish(plan, out, failures);
        self.counts()
    }
}

/// Finds the lines, and knows where it is.
#[derive(Debug)]
struct Reader {
    scratch: Scratch,
    counts: Counts,
    /// The beginning of a line whose end has not come.
    pending: Vec<u8>,
    /// Bytes of that line that came after `pending` was full.
    skipped: u64,
    line: u64,
    offset: u64,
    header: Option<Header>,
    /// Whether `#Version:` has come for the next header.
    has_version: bool,
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
        }
    }

    fn feed(
        &mut self,
        plan: &Plan,
        mut chunk: &[u8],
        finish: &mut impl Finish,
        out: &mut Documents,
        failures: &mut Vec<Failure>,
    ) {
        if !self.pending.is_empty() {
            let Some(end) = memchr::memchr(b'\n', chunk) else {
                return self.keep(plan, chunk);
            };
            self.keep(plan, &chunk[..=end]);
            chunk = &chunk[end + 1..];
            self.finish(plan, finish, out, failures);
        }
        while let Some(end) = memchr::memchr(b'\n', chunk) {
            self.line(plan, chunk, (end + 1, 0), finish, out, failures);
            chunk = &chunk[end + 1..];
        }
        self.keep(plan, chunk);
    }

    fn finish(
        &mut self,
        plan: &Plan,
        finish: &mut impl Finish,
        out: &mut Documents,
        failures: &mut Vec<Failure>,
    ) {
        if self.pending.is_empty() {
            return;
        }
        let mut pending = std::mem::take(&mut self.pending);
        let skipped = std::mem::take(&mut self.skipped);
        self.line(
            plan,
            &pending,
            (pending.len(), skipped),
            finish,
            out,
            failures,
        );
        pending.clear();
        // One long line must not hold its memory for the rest of the stream.
        pending.shrink_to(1 << 16);
        self.pending = pending;
    }

    /// Keeps the beginning of a line, but no more than is needed to know that it is too large and to show it.
    fn keep(&mut self, plan: &Plan, part: &[u8]) {
        let room = (plan.max_record_bytes() + 1).saturating_sub(self.pending.len());
        let kept = part.len().min(room);
        self.pending.extend_from_slice(&part[..kept]);
        self.skipped += (part.len() - kept) as u64;
    }

    /// Transforms the line `bytes[..len]`, its line feed included if it has one; `skipped` bytes of it are
    /// not there.
    #[inline(always)]
    fn line(
        &mut self,
        plan: &Plan,
        bytes: &[u8],
        (len, skipped): (usize, u64),
        finish: &mut impl Finish,
        out: &mut Documents,
        failures: &mut Vec<Failure>,
    ) {
        self.line += 1;
        let offset = self.offset;
        self.offset += len as u64 + skipped;
        if plan.reads_standard()
            && bytes[0] == b'#'
            && let Some(directive) = header::directive(&bytes[..len])
        {
            return self.directive(plan, directive, &bytes[..len], (offset, skipped), failures);
        }
        let told = self.header.as_ref().map_or(plan, |header| &header.0);
        let transformed = record::line_of(told, &bytes[..len]).and_then(|line| {
            let start = out.len();
            let layout = record::transform_line(told, bytes, line.len(), &mut self.scratch, out)?;
            finish.finish(told, layout, line, &self.scratch, out, start)
        });
        match transformed {
            Ok(()) => self.counts.pass(),
            Err(error) => self.fail(plan, &bytes[..len], (offset, skipped), error, failures),
        }
    }

    /// Learns from a line that is no row. A `#Fields:` line that cannot be used fails, and so do the rows behind it:
    /// their columns must not be taken for those of an older one.
    #[cold]
    #[inline(never)]
    fn directive(
        &mut self,
        plan: &Plan,
        directive: Directive,
        line: &[u8],
        place: (u64, u64),
        failures: &mut Vec<Failure>,
    ) {
        match directive {
            Directive::Version => self.has_version = true,
            Directive::Other => {}
            Directive::Fields => {
                let version = if std::mem::take(&mut self.has_version) {
                    Version::One
                } else {
                    Version::Two
                };
                let read = record::line_of(plan, line).and_then(|line| {
                    let told = header::plan_of(plan, line, version);
                    told.map_err(|_| RecordError::whole(Reason::BadHeader))
                });
                let (told, error) = match read {
                    Ok(told) => (told, None),
                    Err(error) => (plan.of_no_names(), Some(error)),
                };
                self.scratch.widen(&told);
                self.header = Some(Header(Arc::new(told)));
                if let Some(error) = error {
                    self.fail(plan, line, place, error, failures);
                }
            }
        }
    }

    /// Counts a line that is not transformed, and keeps it unless it is blank.
    #[cold]
    #[inline(never)]
    fn fail(
        &mut self,
        plan: &Plan,
        line: &[u8],
        (offset, skipped): (u64, u64),
        mut error: RecordError,
        failures: &mut Vec<Failure>,
    ) {
        if error.reason == Reason::EmptyRecord {
            self.counts.blank += 1;
            return;
        }
        self.counts.fail(error.reason);
        let mut raw = line.strip_suffix(b"\n").unwrap_or(line);
        let mut has_line_feed = raw.len() < line.len();
        if error.reason == Reason::TooLarge {
            error.count += usize::try_from(skipped).unwrap_or(usize::MAX);
            raw = &raw[..raw.len().min(plan.max_record_bytes())];
            has_line_feed = false;
        }
        failures.push(Failure {
            line: self.line,
            offset,
            error,
            raw: raw.to_vec(),
            has_line_feed,
            header: self.header.clone(),
        });
    }
}

/// Transforms all lines of a text at once.
pub fn transform(
    plan: &Plan,
    text: &[u8],
    out: &mut Documents,
    failures: &mut Vec<Failure>,
) -> Counts {
    Stream::new(plan).all(plan, text, out, failures)
}
