//! Transforms lines that arrive in chunks into batches.

use std::sync::Arc;

use arrow_array::StructArray;
use arrow_schema::Fields;

use super::builder::Builder;
use super::plan::ColumnPlan;
use crate::lines::{Counts, DocumentReader, DocumentSink, Failure, Gunzip, RawData};

/// Bytes of records after which a batch ends, so that memory is bounded and offsets have 32 bits.
const MAX_BATCH_BYTES: usize = 1 << 26;

/// Rows with the columns of a plan.
#[derive(Debug)]
pub struct ColumnBatch {
    /// The rows, as one struct without nulls.
    pub rows: StructArray,
    /// The failed lines since the batch before.
    pub failures: Vec<Failure>,
}

/// Transforms lines that arrive in chunks. Memory is bounded by a batch and the longest record.
#[derive(Debug)]
pub struct ColumnStream {
    reader: DocumentReader,
    collector: Collector,
    failures: Vec<Failure>,
    /// Bytes of the lines in `failures`.
    failure_bytes: usize,
}

/// Collects rows into batches.
#[derive(Debug)]
struct Collector {
    plan: Arc<ColumnPlan>,
    builder: Builder,
    max_rows: usize,
    complete: Vec<StructArray>,
}

impl Collector {
    /// Completes the current row, of a record with `bytes` bytes.
    fn finish_row(&mut self, bytes: usize) {
        self.builder.rows += 1;
        self.builder.bytes += bytes;
        if self.builder.rows >= self.max_rows || self.builder.bytes >= MAX_BATCH_BYTES {
            self.complete.push(self.builder.take());
        }
    }
}

impl DocumentSink for Collector {
    fn push_document(&mut self, document: &[u8], record_bytes: usize) {
        self.builder.set_document(&self.plan, document);
        self.finish_row(record_bytes);
    }
}

impl ColumnStream {
    /// Returns a stream of batches with at most `max_rows` rows, at least one.
    #[must_use]
    pub fn new(plan: &Arc<ColumnPlan>, max_rows: usize) -> Self {
        let fields: &Fields = plan.schema().fields();
        Self {
            reader: DocumentReader::new(Arc::clone(plan.plan())),
            collector: Collector {
                builder: Builder::new(fields, &plan.columns),
                plan: Arc::clone(plan),
                max_rows,
                complete: Vec::new(),
            },
            failures: Vec::new(),
            failure_bytes: 0,
        }
    }

    /// Sets what `rawData` of error objects holds whose keys do not say it.
    #[must_use]
    pub const fn with_raw_data(mut self, raw_data: RawData) -> Self {
        self.reader.set_raw_data(raw_data);
        self
    }

    /// Decompresses source records in error objects with a decompressor of any number of members.
    #[must_use]
    pub fn with_gunzip(mut self, gunzip: Gunzip) -> Self {
        self.reader.set_gunzip(gunzip);
        self
    }

    /// Returns the counts of all lines so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.reader.counts()
    }

    /// Returns descriptions of the formats detected so far; empty if all lines were blank.
    #[must_use]
    pub fn detected_formats(&self) -> Vec<String> {
        self.reader.detected_formats()
    }

    /// Transforms the lines that `chunk` completes, and appends the batches that they complete.
    pub fn feed(&mut self, mut chunk: &[u8], batches: &mut Vec<ColumnBatch>) {
        while !chunk.is_empty() {
            let len = memchr::memchr(b'\n', chunk).map_or(chunk.len(), |end| end + 1);
            let known = self.failures.len();
            self.reader
                .feed(&chunk[..len], &mut self.collector, &mut self.failures);
            let failed = self.failures[known..].iter();
            self.failure_bytes += failed.map(|failure| failure.raw.len()).sum::<usize>();
            self.append_complete(batches);
            chunk = &chunk[len..];
        }
    }

    /// Transforms the last line if it has no line feed, and begins the next file of an archive, as
    /// [`Stream::begin_file`](crate::lines::Stream::begin_file) does.
    pub fn begin_file(&mut self, batches: &mut Vec<ColumnBatch>) {
        self.reader
            .begin_file(&mut self.collector, &mut self.failures);
        self.append_complete(batches);
    }

    /// Transforms the last line if it has no line feed, and appends the last batch. It has no rows if only failures are
    /// left.
    pub fn finish(&mut self, batches: &mut Vec<ColumnBatch>) {
        self.reader.finish(&mut self.collector, &mut self.failures);
        self.append_complete(batches);
        if self.collector.builder.rows > 0 || !self.failures.is_empty() {
            self.append_current(batches);
        }
    }

    /// Appends the batches that are complete. Failures, too, complete a batch, so that their number and bytes are
    /// bounded.
    fn append_complete(&mut self, batches: &mut Vec<ColumnBatch>) {
        for rows in self.collector.complete.drain(..) {
            self.failure_bytes = 0;
            let failures = std::mem::take(&mut self.failures);
            batches.push(ColumnBatch { rows, failures });
        }
        if self.failures.len() >= self.collector.max_rows || self.failure_bytes >= MAX_BATCH_BYTES {
            self.append_current(batches);
        }
    }

    fn append_current(&mut self, batches: &mut Vec<ColumnBatch>) {
        self.failure_bytes = 0;
        batches.push(ColumnBatch {
            rows: self.collector.builder.take(),
            failures: std::mem::take(&mut self.failures),
        });
    }
}
