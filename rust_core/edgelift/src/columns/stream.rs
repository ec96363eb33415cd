//! Transforms lines that arrive in chunks into batches.

use std::sync::Arc;

use arrow_array::StructArray;
use arrow_schema::Fields;

use super::builder::Builder;
use super::plan::ColumnPlan;
use super::row::RowPlan;
use crate::lines::{Counts, DocumentReader, DocumentSink, Failure, Gunzip, RawData};
use crate::plan::{Layout, Plan};
use crate::record::ColumnRow;

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
    /// The layouts of the last row.
    layouts: Arc<[Layout]>,
    /// How rows of each of these layouts are read without a document, if they can be.
    row_plans: Vec<Option<RowPlan>>,
}

impl Collector {
    /// Sets the values of the current row without a document. Returns false, and sets nothing, if it needs one.
    #[inline]
    fn set_row(&mut self, plan: &Plan, row: ColumnRow<'_>) -> bool {
        if !Arc::ptr_eq(&self.layouts, plan.shared_layouts()) {
            self.compile(plan);
        }
        match &self.row_plans[row.layout] {
            Some(row_plan) => self.builder.set_row(row_plan, row),
            None => false,
        }
    }

    /// Compiles how rows of a plan are read: the configured one, or that of a header.
    #[cold]
    fn compile(&mut self, plan: &Plan) {
        self.layouts = Arc::clone(plan.shared_layouts());
        let row_plans = self
            .layouts
            .iter()
            .map(|layout| RowPlan::new(&self.plan, layout));
        self.row_plans = row_plans.collect();
    }

    /// Completes the current row, of a record with `bytes` bytes.
    #[inline]
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
                layouts: Arc::default(),
                row_plans: Vec::new(),
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
            let collector = &mut self.collector;
            let row = self
                .reader
                .read_row(chunk, |plan, row| collector.set_row(plan, row));
            if let Some(len) = row {
                self.collector.finish_row(len);
                if !self.collector.complete.is_empty() {
                    self.append_complete(batches);
                }
                chunk = &chunk[len..];
                continue;
            }
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
        self.flush(batches);
    }

    /// Appends the rows and failures of the lines so far, if there are any, as a batch.
    pub fn flush(&mut self, batches: &mut Vec<ColumnBatch>) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    /// Returns true if the row after a header, if there is one, is read without a document.
    fn is_read(config: &str, header: &str, row: &str) -> bool {
        let config = Config::parse(config).expect("TOML");
        let plan = ColumnPlan::compile(config, None).expect("a plan");
        let mut stream = ColumnStream::new(&plan, 10);
        stream.feed(header.as_bytes(), &mut Vec::new());
        let text = format!("{row}\n{}", "\n".repeat(200));
        let collector = &mut stream.collector;
        let take = |plan: &Plan, row: ColumnRow<'_>| collector.set_row(plan, row);
        let len = stream.reader.read_row(text.as_bytes(), take);
        assert!(len.is_none_or(|len| len == row.len() + 1));
        len.is_some()
    }

    #[test]
    fn usual_rows_are_read_without_documents() {
        let config = "layouts = [{ fields = [\"timestamp\", \"c-ip\", \"sc-status\", \"sc-bytes\", \"cs-uri-stem\", \
                      \"time-taken\", \"x-forwarded-for\", \"ssl-protocol\", \"cs-headers\", \"cs-header-names\", \
                      \"cs-headers-count\", \"cmcd-startup\"] }]";
        let row = "1700000000.123\t192.0.2.1\t200\t1024\t/a%20b%C3%A9\t0.050\t192.0.2.7,%20::1\tTLSv1.3\tHost:a%0A\tHost%0A\t2\t\
                   true";
        assert!(is_read(config, "", row));
        assert!(is_read(
            config,
            "",
            "1700000000\t::1\t200\t-1\t-\t-\t,\t-\t-\t-\t-\t0"
        ));
        assert!(!is_read(config, "", &row.replace("\t1024\t", "\tx\t")));
        assert!(!is_read(config, "", &row.replace("TLSv1.3", "TLS")));
        let header =
            "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs(User-Agent)\n";
        assert!(is_read(
            "",
            header,
            "2024-11-15\t19:45:51\tFRA56-P1\t7\t192.0.2.1\tMozilla/5.0%20(X)"
        ));
        assert!(!is_read(
            "",
            header,
            "2014-11-15\t19:45:51\tFRA56-P1\t7\t192.0.2.1\tMozilla/5.0%2520(X)"
        ));
    }
}
