//! Counts the records of one event, for the log.

use super::Transformed;
use super::response_size::{Item, Outcome};
use crate::counts::Counts;
use crate::error::Reason;
use crate::plan::Plan;
use crate::record::RecordLayout;

/// The outcome of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Counts of records by result.
    pub counts: Counts,
    /// Size of the decoded records in bytes.
    pub bytes_in: usize,
    /// Size of the documents in bytes, before base64.
    pub bytes_out: usize,
    /// Number of documents per layout, followed by the number from JSON records if the format has them.
    pub layouts: Vec<u64>,
    /// Oldest `timestamp` of the documents, in milliseconds since 1970.
    pub oldest: Option<u64>,
    /// Documents without their optional fields.
    pub slimmed: u64,
    /// Records to re-ingest; they count as dropped.
    pub reingested: u64,
    /// The first failed record of each reason.
    pub first_failures: Vec<FirstFailure>,
    /// Each repeated `recordId`.
    pub duplicates: Vec<String>,
}

impl Report {
    /// Recounts `count` records as failed because the stream rejected them, `record_id` first. Its message replaces
    /// that of a record that did not fit into the response.
    #[must_use]
    pub fn with_refused(mut self, count: u64, record_id: String, message: String) -> Self {
        let reason = Reason::TooLarge;
        self.counts.dropped_to_failed(count, reason);
        self.reingested -= count;
        if count > 0 {
            self.first_failures.retain(|first| first.reason != reason);
            self.first_failures.push(FirstFailure {
                reason,
                record_id,
                message,
            });
        }
        self
    }
}

/// The first record that failed for a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstFailure {
    /// The reason.
    pub reason: Reason,
    /// Its `recordId`.
    pub record_id: String,
    /// The error message for people.
    pub message: String,
}

/// Everything that a report says of records and their answers do not.
#[derive(Debug, Default)]
pub(super) struct Tally {
    bytes_in: usize,
    oldest: Option<u64>,
    first_failures: Vec<FirstFailure>,
    duplicates: Vec<String>,
    /// Index and field of each record with a value that does not have its shape.
    shape_mismatches: Vec<(usize, &'static str)>,
}

impl Tally {
    /// Adds a record that became a document; `index` is that of its answer.
    #[inline]
    pub(super) fn add_transformed(&mut self, transformed: &Transformed, index: usize) {
        if let Some(field) = transformed.shape_mismatch {
            self.shape_mismatches.push((index, field));
        }
        self.bytes_in += transformed.bytes_in;
        // `None` is not older than a timestamp.
        if let Some(timestamp) = transformed.timestamp {
            self.oldest = Some(
                self.oldest
                    .map_or(timestamp, |oldest| oldest.min(timestamp)),
            );
        }
    }

    /// Adds a failed record of `bytes_in` bytes. `first` returns `recordId` and message; it is called for the first
    /// failure of a reason.
    #[cold]
    pub(super) fn add_failed(
        &mut self,
        reason: Reason,
        bytes_in: usize,
        first: impl FnOnce() -> (String, String),
    ) {
        self.bytes_in += bytes_in;
        let mut failures = self.first_failures.iter();
        if failures.all(|first| first.reason != reason) {
            let (record_id, message) = first();
            self.first_failures.push(FirstFailure {
                reason,
                record_id,
                message,
            });
        }
    }

    /// Adds a dropped record of `bytes_in` bytes.
    pub(super) fn add_dropped(&mut self, bytes_in: usize) {
        self.bytes_in += bytes_in;
    }

    /// Adds a record whose `recordId` is repeated.
    pub(super) fn add_duplicate(&mut self, record_id: String) {
        self.duplicates.push(record_id);
    }

    /// Returns the report on all records, with the counts of their answers.
    pub(super) fn report(self, plan: &Plan, items: &[Item]) -> Report {
        let mut report = Report {
            counts: Counts::default(),
            bytes_in: self.bytes_in,
            bytes_out: 0,
            layouts: vec![0; plan.layouts().len()],
            oldest: self.oldest,
            slimmed: 0,
            reingested: 0,
            first_failures: self.first_failures,
            duplicates: self.duplicates,
        };
        let mut json_records = 0;
        for item in items {
            match item.outcome {
                Outcome::Ok | Outcome::Slim => {
                    report.counts.add_ok();
                    match item.layout {
                        RecordLayout::Row(index) => report.layouts[index] += 1,
                        RecordLayout::Json => json_records += 1,
                    }
                    report.bytes_out += item.document;
                    report.slimmed += u64::from(item.outcome == Outcome::Slim);
                }
                Outcome::Reingest => {
                    report.counts.add_dropped();
                    report.reingested += 1;
                }
                Outcome::Dropped => report.counts.add_dropped(),
                Outcome::Failed(reason) | Outcome::FailedWithoutData(reason) => {
                    report.counts.add_failed(reason);
                }
            }
        }
        for (index, field) in self.shape_mismatches {
            if items[index].outcome.has_document() {
                report.counts.add_shape_mismatch(field);
            }
        }
        if json_records > 0 || plan.has_standard_columns() {
            report.layouts.push(json_records);
        }
        report
    }
}
