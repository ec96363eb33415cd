//! The outcome of the records of one event: for the size of the response, and for the log.

use super::response_size::{DocumentSize, Item, Outcome, ResponseSize, Style};
use super::{EventError, LIMIT, Transformed};
use crate::config::Policy;
use crate::counts::Counts;
use crate::error::Reason;
use crate::plan::Plan;
use crate::record::RecordLayout;

/// Collects the outcome of the records of one event.
#[derive(Debug)]
pub struct Batch {
    response_size: ResponseSize,
    layouts: usize,
    has_json_records: bool,
    bytes_in: usize,
    oldest: Option<u64>,
    first_failures: Vec<FirstFailure>,
    duplicates: Vec<String>,
}

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

impl Batch {
    /// Returns an empty batch with capacity for `records`, serialized in `style`.
    #[must_use]
    pub fn new(plan: &Plan, style: Style, records: usize) -> Self {
        Self {
            response_size: ResponseSize::new(style, records),
            layouts: plan.layouts().len(),
            has_json_records: plan.reads_standard(),
            bytes_in: 0,
            oldest: None,
            first_failures: Vec::new(),
            duplicates: Vec::new(),
        }
    }

    /// Adds a record that became a document. `id` and `data` are the serialized sizes of its `recordId`, quotes
    /// included, and of its received data.
    #[inline]
    pub fn add_transformed(
        &mut self,
        id: usize,
        data: usize,
        transformed: &Transformed,
        document: DocumentSize,
    ) {
        self.bytes_in += transformed.bytes_in;
        // `None` is not older than a timestamp.
        if let Some(timestamp) = transformed.timestamp {
            self.oldest = Some(
                self.oldest
                    .map_or(timestamp, |oldest| oldest.min(timestamp)),
            );
        }
        let item = Item::transformed(id, data, transformed, document, self.response_size.style);
        self.response_size.push(item);
    }

    /// Adds a failed record of `bytes_in` bytes. `first` returns `recordId` and message; it is called for the first
    /// failure of a reason.
    #[cold]
    pub fn add_failed(
        &mut self,
        id: usize,
        data: usize,
        reason: Reason,
        bytes_in: usize,
        first: impl FnOnce() -> (String, String),
    ) {
        self.bytes_in += bytes_in;
        self.response_size
            .push(Item::failed(id, data, reason, self.response_size.style));
        if self
            .first_failures
            .iter()
            .all(|first| first.reason != reason)
        {
            self.first_failure(reason, first());
        }
    }

    /// Adds a record whose `recordId` is repeated.
    #[cold]
    pub fn add_duplicate(&mut self, record_id: String) {
        self.duplicates.push(record_id);
    }

    /// Returns the size of the response in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.response_size.size()
    }

    /// Returns the number of answers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.response_size.items.len()
    }

    /// Returns true if there are no answers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.response_size.items.is_empty()
    }

    /// Returns the outcome of a record.
    #[must_use]
    pub fn outcome(&self, index: usize) -> Outcome {
        self.response_size.items[index].outcome
    }

    /// Returns the size of an answer in bytes.
    pub(super) fn answer_size(&self, index: usize) -> usize {
        self.response_size.items[index].size()
    }

    /// Reduces a response to the limit of Lambda. `slim` returns the size of a document without its optional fields,
    /// `record_id` the id of an answer.
    ///
    /// # Errors
    /// The response is too large even without data.
    pub fn fit(
        &mut self,
        policy: Policy,
        slim: impl FnMut(usize) -> Option<DocumentSize>,
        record_id: impl FnOnce(usize) -> String,
    ) -> Result<(), EventError> {
        let is_too_large = |outcome| {
            matches!(
                outcome,
                Outcome::Failed(Reason::TooLarge) | Outcome::FailedWithoutData(Reason::TooLarge)
            )
        };
        let was_ok: Vec<bool> = (self.response_size.items.iter())
            .map(|item| item.outcome == Outcome::Ok)
            .collect();
        self.response_size.fit(policy, slim)?;
        let mut outcomes = self
            .response_size
            .items
            .iter()
            .map(|item| item.outcome)
            .zip(was_ok);
        let first = outcomes.position(|(outcome, was_ok)| was_ok && is_too_large(outcome));
        // A record that is too large by itself may have failed before.
        let is_too_large_failure = |first: &FirstFailure| first.reason == Reason::TooLarge;
        if let Some(index) = first
            && !self.first_failures.iter().any(is_too_large_failure)
        {
            let message = format!(
                "the document has no room in the answer, of which Lambda takes {LIMIT} bytes; make the buffer of the \
                 transformation smaller"
            );
            self.first_failure(Reason::TooLarge, (record_id(index), message));
        }
        Ok(())
    }

    fn first_failure(&mut self, reason: Reason, (record_id, message): (String, String)) {
        self.first_failures.push(FirstFailure {
            reason,
            record_id,
            message,
        });
    }

    /// Returns the counts of all outcomes.
    #[must_use]
    pub fn report(self) -> Report {
        let mut counts = Counts::default();
        let (mut layouts, mut bytes_out) = (vec![0; self.layouts], 0);
        let (mut json_records, mut slimmed, mut reingested) = (0, 0, 0);
        for item in &self.response_size.items {
            match item.outcome {
                Outcome::Ok | Outcome::Slim => {
                    counts.add_ok();
                    match item.layout {
                        RecordLayout::Row(index) => layouts[index] += 1,
                        RecordLayout::Json => json_records += 1,
                    }
                    bytes_out += item.document;
                    slimmed += u64::from(item.outcome == Outcome::Slim);
                }
                Outcome::Reingest => {
                    counts.add_dropped();
                    reingested += 1;
                }
                Outcome::Failed(reason) | Outcome::FailedWithoutData(reason) => {
                    counts.add_failed(reason);
                }
            }
        }
        if self.has_json_records {
            layouts.push(json_records);
        }
        Report {
            counts,
            bytes_in: self.bytes_in,
            bytes_out,
            layouts,
            oldest: self.oldest,
            slimmed,
            reingested,
            first_failures: self.first_failures,
            duplicates: self.duplicates,
        }
    }
}
