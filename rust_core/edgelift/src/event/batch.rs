//! What became of the records of one event: for the answer's size, and for whoever reads the log.

use super::response_size::{DocumentSize, Item, Outcome, ResponseSize, Style};
use super::{EventError, LIMIT, Transformed};
use crate::config::Policy;
use crate::error::Reason;
use crate::lines::Counts;
use crate::plan::Plan;

/// The records of one event while they are answered.
#[derive(Debug)]
pub struct Batch {
    response_size: ResponseSize,
    layouts: usize,
    bytes_in: usize,
    oldest: Option<u64>,
    first_failures: Vec<FirstFailure>,
    duplicates: Vec<String>,
}

/// What became of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many went which way.
    pub counts: Counts,
    /// Bytes of the decoded records.
    pub bytes_in: usize,
    /// Bytes of the documents, before base64.
    pub bytes_out: usize,
    /// Number of documents that each layout made; behind them, with formats that have JSON records, that of these.
    pub layouts: Vec<u64>,
    /// Oldest `timestamp` of the documents made, in milliseconds since 1970.
    pub oldest: Option<u64>,
    /// Documents that lost their optional fields.
    pub slimmed: u64,
    /// Records that are put back into the stream; they count as dropped.
    pub reingested: u64,
    /// The first failed record of each reason.
    pub first_failures: Vec<FirstFailure>,
    /// Each `recordId` that came again.
    pub duplicates: Vec<String>,
}

impl Report {
    /// The same when so many of the records that were to be put back were refused, this one first. Why it was is
    /// told rather than of another record that had no room.
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
    /// Why.
    pub reason: Reason,
    /// Its `recordId`.
    pub record_id: String,
    /// What is wrong, for people.
    pub message: String,
}

impl Batch {
    /// Of so many records, answered in this style.
    #[must_use]
    pub fn new(plan: &Plan, style: Style, records: usize) -> Self {
        Self {
            response_size: ResponseSize::new(style, records),
            // One more for the layouts that the keys of JSON records tell.
            layouts: plan.layouts().len() + usize::from(plan.reads_standard()),
            bytes_in: 0,
            oldest: None,
            first_failures: Vec::new(),
            duplicates: Vec::new(),
        }
    }

    /// A record that became a document. `id` and `data` are the bytes that its `recordId`, quotes included, and its
    /// own data take in an answer.
    #[inline]
    pub fn add_transformed(
        &mut self,
        id: usize,
        data: usize,
        transformed: &Transformed,
        document: DocumentSize,
    ) {
        self.bytes_in += transformed.bytes_in;
        // Any time is younger than none.
        if let Some(timestamp) = transformed.timestamp {
            self.oldest = Some(
                self.oldest
                    .map_or(timestamp, |oldest| oldest.min(timestamp)),
            );
        }
        let item = Item::transformed(id, data, transformed, document, self.response_size.style);
        self.response_size.push(item);
    }

    /// A record of so many bytes that became none. `first` tells `recordId` and message, if it is the first of its
    /// reason.
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

    /// A record whose `recordId` had come before.
    #[cold]
    pub fn add_duplicate(&mut self, record_id: String) {
        self.duplicates.push(record_id);
    }

    /// Bytes of the response.
    #[must_use]
    pub fn size(&self) -> usize {
        self.response_size.size()
    }

    /// Answers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.response_size.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.response_size.items.is_empty()
    }

    /// What becomes of an answered record.
    #[must_use]
    pub fn outcome(&self, index: usize) -> Outcome {
        self.response_size.items[index].outcome
    }

    /// Bytes of an answer.
    pub(super) fn answer_size(&self, index: usize) -> usize {
        self.response_size.items[index].size()
    }

    /// Brings a response that is too large under what Lambda takes. `slim` says what a document has without
    /// its optional fields, `record_id` is that of an answer.
    ///
    /// # Errors
    /// Even without data the answers are too large.
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
        let was_made: Vec<bool> = (self.response_size.items.iter())
            .map(|item| item.outcome == Outcome::Ok)
            .collect();
        self.response_size.fit(policy, slim)?;
        let mut outcomes = self
            .response_size
            .items
            .iter()
            .map(|item| item.outcome)
            .zip(was_made);
        let first = outcomes.position(|(outcome, was_made)| was_made && is_too_large(outcome));
        // A record that is too large by itself may have failed before.
        let known = |first: &FirstFailure| first.reason == Reason::TooLarge;
        if let Some(index) = first
            && !self.first_failures.iter().any(known)
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

    /// Counts what became of all.
    #[must_use]
    pub fn report(self) -> Report {
        let mut counts = Counts::default();
        let (mut layouts, mut bytes_out) = (vec![0; self.layouts], 0);
        let (mut slimmed, mut reingested) = (0, 0);
        for item in &self.response_size.items {
            match item.outcome {
                Outcome::Ok | Outcome::Slim => {
                    counts.add_ok();
                    layouts[item.layout] += 1;
                    bytes_out += item.document;
                    slimmed += u64::from(item.outcome == Outcome::Slim);
                }
                Outcome::Reingest => {
                    counts.add_dropped();
                    reingested += 1;
                }
                Outcome::Failed(reason) | Outcome::FailedWithoutData(reason) => {
                    counts.add_failed(reason)
                }
            }
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
