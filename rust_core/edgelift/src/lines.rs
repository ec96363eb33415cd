//! Transforms many lines into JSON lines, bulk bodies or raw records, in chunks that may be split anywhere. Memory is
//! bounded by the longest record.

mod chunks;
mod detected;
mod directives;
#[cfg(feature = "columns")]
mod document_reader;
mod error_objects;
mod failure;
mod first_record;
mod fork;
mod headers;
mod json_lines;
mod output_format;
mod reader;
mod rows;
mod sink;

use std::sync::Arc;

use crate::bulk::Bulk;
use crate::plan::Plan;
use crate::record::OutputBuffer;
use output_format::{Ndjson, Raw};
use reader::Reader;
use sink::Sink;

pub use crate::counts::Counts;
pub use crate::foreign::Gunzip;
pub use crate::replay::RawData;
#[cfg(feature = "columns")]
pub(crate) use document_reader::{DocumentReader, DocumentSink};
pub use failure::Failure;
pub use fork::count_lines;

/// Transforms lines that arrive in chunks.
#[derive(Debug)]
pub struct Stream {
    reader: Reader,
    format: StreamFormat,
    /// `None` unless this is a fork.
    forked_at: Option<fork::ForkPoint>,
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
    pub fn new(plan: Arc<Plan>) -> Self {
        Self::with(plan, StreamFormat::Ndjson)
    }

    /// Returns a stream that writes a bulk body. One stream is one object: repeated lines are counted within it.
    #[must_use]
    pub fn bulk(plan: Arc<Plan>, bulk: Bulk) -> Self {
        Self::with(plan, StreamFormat::Bulk(Box::new(bulk)))
    }

    /// Returns a stream that writes the records themselves, for re-ingestion: the bytes of each record that can be
    /// transformed without its context, and a line feed unless they end with one. Each record is followed by exactly
    /// one line feed.
    #[must_use]
    pub fn raw(plan: Arc<Plan>) -> Self {
        Self::with(plan, StreamFormat::Raw)
    }

    /// Sets what `rawData` of error objects holds whose keys do not say it.
    #[must_use]
    pub const fn with_raw_data(mut self, raw_data: RawData) -> Self {
        self.reader.raw_data = raw_data;
        self
    }

    /// Decompresses source records in error objects with a decompressor of any number of members.
    #[must_use]
    pub fn with_gunzip(mut self, gunzip: Gunzip) -> Self {
        self.reader.gunzip = Some(gunzip);
        self
    }

    /// Returns a stream for a later part of the input, which begins on a new line after `lines` more lines of `bytes`
    /// bytes, as if none of these lines changed how the lines after them are read; [`join`](Self::join) says whether one
    /// did. Returns `None` if the lines so far may say more than a fork keeps: within a line, for bulk bodies, whose
    /// actions depend on all lines before, and after error objects.
    #[must_use]
    pub fn fork(&self, lines: u64, bytes: u64) -> Option<Self> {
        let format = match self.format {
            StreamFormat::Ndjson => StreamFormat::Ndjson,
            StreamFormat::Raw => StreamFormat::Raw,
            StreamFormat::Bulk(_) => return None,
        };
        let (reader, point) = self.reader.fork(lines, bytes)?;
        Some(Self {
            reader,
            format,
            forked_at: Some(point),
        })
    }

    /// Takes over what a fork says after its part, whose results are those of this stream. The parts before it must
    /// have been joined. Returns false if the part changed how the lines after it are read: the forks for later parts
    /// are void then.
    pub fn join(&mut self, fork: &Self) -> bool {
        let point = fork.forked_at.as_ref();
        point.is_some_and(|point| self.reader.join(&fork.reader, point))
    }

    fn with(plan: Arc<Plan>, format: StreamFormat) -> Self {
        Self {
            reader: Reader::new(plan),
            format,
            forked_at: None,
        }
    }

    /// Returns the counts of all lines so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.reader.counts
    }

    /// Returns descriptions of the formats detected so far; empty if all lines were blank.
    #[must_use]
    pub fn detected_formats(&self) -> Vec<String> {
        self.reader.detected_formats()
    }

    /// Transforms the lines that `chunk` completes.
    pub fn feed(&mut self, chunk: &[u8], out: &mut OutputBuffer, failures: &mut Vec<Failure>) {
        let reader = &mut self.reader;
        match &mut self.format {
            StreamFormat::Ndjson => reader.feed(chunk, &mut Sink::new(&mut Ndjson, out, failures)),
            StreamFormat::Bulk(bulk) => {
                reader.feed(chunk, &mut Sink::new(&mut **bulk, out, failures));
            }
            StreamFormat::Raw => reader.feed(chunk, &mut Sink::new(&mut Raw, out, failures)),
        }
    }

    /// Transforms the last line if it has no line feed, and begins the next file of an archive: neither a header nor
    /// the first record of the files before it counts any more. Lines, offsets and counts go on.
    pub fn begin_file(&mut self, out: &mut OutputBuffer, failures: &mut Vec<Failure>) {
        self.finish(out, failures);
        self.reader.begin_file();
    }

    /// Transforms the last line if it has no line feed.
    pub fn finish(&mut self, out: &mut OutputBuffer, failures: &mut Vec<Failure>) {
        let reader = &mut self.reader;
        match &mut self.format {
            StreamFormat::Ndjson => reader.finish(&mut Sink::new(&mut Ndjson, out, failures)),
            StreamFormat::Bulk(bulk) => reader.finish(&mut Sink::new(&mut **bulk, out, failures)),
            StreamFormat::Raw => reader.finish(&mut Sink::new(&mut Raw, out, failures)),
        }
    }

    /// Transforms all lines of `text` at once.
    pub fn all(
        mut self,
        text: &[u8],
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) -> Counts {
        self.feed(text, out, failures);
        self.finish(out, failures);
        self.counts()
    }
}

/// Transforms all lines of `text` at once.
pub fn transform(
    plan: &Arc<Plan>,
    text: &[u8],
    out: &mut OutputBuffer,
    failures: &mut Vec<Failure>,
) -> Counts {
    Stream::new(Arc::clone(plan)).all(text, out, failures)
}
