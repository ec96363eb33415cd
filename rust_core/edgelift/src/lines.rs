//! Many lines to JSON lines, in chunks that may be cut anywhere. Memory is bounded by the longest record.

#![expect(
    clippy::inline_always,
    reason = "the loop over lines calls it once a line"
)]

use std::fmt;
use std::sync::Arc;

use crate::error::{Reason, RecordError};
use crate::header::{self, Directive};
use crate::plan::{Plan, Version};
use crate::record::{self, Documents, Scratch};

/// How many records went which way: `read = ok + dropped + failed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records read; blank lines are not among them.
    pub read: u64,
    /// Records that became a document.
    pub ok: u64,
    /// Records left out by a rule.
    pub dropped: u64,
    /// Blank lines.
    pub blank: u64,
    failed: [u64; Reason::ALL.len()],
}

impl Counts {
    /// Counts a failed record.
    pub fn fail(&mut self, reason: Reason) {
        self.read += 1;
        self.failed[reason as usize] += 1;
    }

    /// Counts a record that became a document.
    pub fn pass(&mut self) {
        self.read += 1;
        self.ok += 1;
    }

    /// Counts a record that was left out.
    pub fn leave_out(&mut self) {
        self.read += 1;
        self.dropped += 1;
    }

    /// Counts as failed what had been counted as left out.
    pub fn refuse(&mut self, count: u64, reason: Reason) {
        let count = count.min(self.dropped);
        self.dropped -= count;
        self.failed[reason as usize] += count;
    }

    /// Records that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.failed.iter().sum()
    }

    /// Failed records for each reason that occurred.
    pub fn by_reason(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL
            .into_iter()
            .zip(self.failed)
            .filter(|(_, count)| *count > 0)
    }
}

/// A line that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Line of the input, from 1.
    pub line: u64,
    /// Byte of the input at which the line begins.
    pub offset: u64,
    /// Why.
    pub error: RecordError,
    /// The line without its line feed; of one that is too large only as much as a record may have.
    pub raw: Vec<u8>,
    /// Whether a line feed follows `raw`, so that a CR at its end belongs to the line end.
    pub has_line_feed: bool,
    /// What the header before it says.
    header: Option<Header>,
}

/// The plan that a header makes.
#[derive(Clone)]
struct Header(Arc<Plan>);

impl Header {
    fn fields(&self) -> impl Iterator<Item = &str> {
        let columns = self.0.layouts().iter().flat_map(|layout| &layout.columns);
        columns.map(|column| &*column.field)
    }
}

impl PartialEq for Header {
    fn eq(&self, other: &Self) -> bool {
        self.fields().eq(other.fields())
    }
}

impl Eq for Header {}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields()).finish()
    }
}

impl Failure {
    /// What is wrong, for people.
    #[must_use]
    pub fn message(&self, plan: &Plan) -> String {
        self.error.message(self.plan(plan), &self.record())
    }

    /// Real-time name of the field in question.
    #[must_use]
    pub fn field(&self, plan: &Plan) -> Option<String> {
        self.error.field(self.plan(plan), &self.record())
    }

    fn plan<'a>(&'a self, plan: &'a Plan) -> &'a Plan {
        self.header.as_ref().map_or(plan, |header| &header.0)
    }

    fn record(&self) -> Vec<u8> {
        let end: &[u8] = if self.has_line_feed { b"\n" } else { b"" };
        [&self.raw, end].concat()
    }
}

/// Lines that arrive in chunks.
#[derive(Debug)]
pub struct Stream {
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

impl Stream {
    /// Begins a stream of a plan's records.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
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

    /// Counts of all lines so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Transforms the lines that a chunk completes. `plan` is the one that the stream began with.
    pub fn feed(
        &mut self,
        plan: &Plan,
        mut chunk: &[u8],
        out: &mut Documents,
        failures: &mut Vec<Failure>,
    ) {
        if !self.pending.is_empty() {
            let Some(end) = memchr::memchr(b'\n', chunk) else {
                return self.keep(plan, chunk);
            };
            self.keep(plan, &chunk[..=end]);
            chunk = &chunk[end + 1..];
            self.finish(plan, out, failures);
        }
        while let Some(end) = memchr::memchr(b'\n', chunk) {
            self.line(plan, chunk, end + 1, 0, out, failures);
            chunk = &chunk[end + 1..];
        }
        self.keep(plan, chunk);
    }

    /// Transforms the last line, if it has no line feed.
    pub fn finish(&mut self, plan: &Plan, out: &mut Documents, failures: &mut Vec<Failure>) {
        if self.pending.is_empty() {
            return;
        }
        let mut pending = std::mem::take(&mut self.pending);
        let skipped = std::mem::take(&mut self.skipped);
        self.line(plan, &pending, pending.len(), skipped, out, failures);
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
        len: usize,
        skipped: u64,
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
            record::transform_line(told, bytes, line.len(), &mut self.scratch, out)
        });
        match transformed {
            Ok(_) => {
                out.newline();
                self.counts.pass();
            }
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
    let mut stream = Stream::new(plan);
    stream.feed(plan, text, out, failures);
    stream.finish(plan, out, failures);
    stream.counts
}
