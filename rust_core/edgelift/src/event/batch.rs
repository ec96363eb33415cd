//! Answers the records of one event, in any form that a caller holds them in.

use super::partition;
use super::record_transformer::{RecordTransformer, Rejected, Transformed};
use super::response_size::{DocumentSize, Outcome, ResponseSize};
use super::seen_ids::SeenIds;
use super::style::Style;
use super::tally::{Report, Tally};
use super::{EventError, Record};
use crate::config::Policy;
use crate::error::Reason;
use crate::limits::MAX_RESPONSE_BYTES;
use crate::plan::Plan;

/// The records of one event and their outcomes.
///
/// A caller pushes the records one by one and writes the answer to each. [`Batch::fit`] then reduces the response to
/// the limit of Lambda and returns the answers to be written again.
pub struct Batch<'a, R: Record> {
    plan: &'a Plan,
    transformer: &'a mut RecordTransformer,
    /// The answered records: Firehose expects each `recordId` once.
    records: Vec<R>,
    ids: SeenIds<R>,
    sizes: ResponseSize,
    tally: Tally,
    metadata: String,
}

impl<'a, R: Record> Batch<'a, R> {
    /// Returns an empty batch with capacity for `records`, whose answers are serialized in `style`.
    #[must_use]
    pub fn new(
        plan: &'a Plan,
        transformer: &'a mut RecordTransformer,
        style: Style,
        records: usize,
    ) -> Self {
        Self {
            plan,
            transformer,
            records: Vec::with_capacity(records),
            ids: SeenIds::default(),
            sizes: ResponseSize::new(style, records),
            tally: Tally::default(),
            metadata: String::new(),
        }
    }

    /// Removes all records.
    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.ids = SeenIds::default();
        self.sizes = ResponseSize::new(self.sizes.style, self.records.capacity());
        self.tally = Tally::default();
    }

    /// Adds a record. Returns `None` if its `recordId` is repeated, so that it has no answer; else its outcome. Its
    /// document and metadata stay until the next record.
    ///
    /// # Errors
    /// The data of the record are not valid JSON.
    #[inline]
    pub fn push(&mut self, mut record: R) -> Result<Option<Outcome>, EventError> {
        let id = record.id();
        if !self.ids.insert(&record, &id, &self.records) {
            self.tally.add_duplicate(display_id(&record));
            drop(id);
            record.check_data()?;
            return Ok(None);
        }
        let id_len = record.id_len(&id);
        drop(id);
        let outcome = self.answer(&mut record, id_len)?;
        self.records.push(record);
        Ok(Some(outcome))
    }

    #[inline]
    fn answer(&mut self, record: &mut R, id_len: usize) -> Result<Outcome, EventError> {
        loop {
            let transformed = match record.data() {
                Ok(data) => self.transformer.transform(self.plan, &data),
                Err(problem) => {
                    self.metadata.clear();
                    let outcome = Outcome::Failed(Reason::BadBase64);
                    self.sizes
                        .push_without_document(id_len, record.data_len(), outcome);
                    let first = || (display_id(record), problem);
                    self.tally.add_failed(Reason::BadBase64, 0, first);
                    return Ok(outcome);
                }
            };
            match transformed {
                Ok(transformed) => {
                    let Self {
                        plan, transformer, ..
                    } = self;
                    let style = self.sizes.style;
                    let document = document_size(plan, transformer, style, &mut self.metadata);
                    self.tally.add_transformed(&transformed, self.records.len());
                    self.sizes
                        .push_transformed(id_len, transformed.layout, document);
                    return Ok(Outcome::Ok);
                }
                // Once more with the checked data.
                Err(Rejected { error, .. })
                    if error.reason == Reason::BadBase64 && record.check_data()? => {}
                Err(rejected) if rejected.is_control_message() => {
                    self.metadata.clear();
                    self.sizes
                        .push_without_document(id_len, 0, Outcome::Dropped);
                    self.tally.add_dropped(rejected.record.len());
                    return Ok(Outcome::Dropped);
                }
                Err(rejected) => {
                    self.metadata.clear();
                    let reason = rejected.error.reason;
                    let outcome = Outcome::Failed(reason);
                    self.sizes
                        .push_without_document(id_len, record.data_len(), outcome);
                    let first = || (display_id(record), rejected.message(self.plan));
                    self.tally.add_failed(reason, rejected.record.len(), first);
                    return Ok(outcome);
                }
            }
        }
    }

    /// Reduces the response to the limit of Lambda. Returns the indexes of the answers that change, in order.
    ///
    /// # Errors
    /// The response is too large even without data.
    pub fn fit(&mut self, policy: Policy) -> Result<Vec<usize>, EventError> {
        if self.size() <= MAX_RESPONSE_BYTES {
            return Ok(Vec::new());
        }
        let before: Vec<Outcome> = self.outcomes().collect();
        let (records, style, metadata) = (&self.records, self.sizes.style, &mut self.metadata);
        let (plan, transformer) = (self.plan, &mut *self.transformer);
        self.sizes.fit(
            policy,
            |index| records[index].data_len(),
            |index| {
                let is_slim = transform_again(plan, transformer, &records[index], Outcome::Slim);
                is_slim.then(|| document_size(plan, transformer, style, metadata))
            },
        )?;
        let outcomes = self.outcomes().zip(before).enumerate();
        let changed: Vec<usize> = outcomes
            .filter(|(_, (outcome, before))| outcome != before)
            .map(|(index, _)| index)
            .collect();
        self.report_too_large(&changed);
        Ok(changed)
    }

    /// Reports the first document that does not fit into the response.
    fn report_too_large(&mut self, changed: &[usize]) {
        let reason = Reason::TooLarge;
        let is_too_large = |index: &&usize| {
            let outcome = self.outcome(**index);
            outcome == Outcome::Failed(reason) || outcome == Outcome::FailedWithoutData(reason)
        };
        if let Some(&index) = changed.iter().find(is_too_large) {
            let message = format!(
                "the document does not fit: Lambda accepts responses of up to {MAX_RESPONSE_BYTES} bytes; make the \
                 buffer of the transformation smaller"
            );
            let first = || (display_id(&self.records[index]), message);
            self.tally.add_failed(reason, 0, first);
        }
    }

    /// Transforms the record of an answer again, so that its document and metadata can be written again. Returns its
    /// outcome.
    pub fn transform_again(&mut self, index: usize) -> Outcome {
        let outcome = self.outcome(index);
        let record = &self.records[index];
        self.metadata.clear();
        if outcome.has_document() && transform_again(self.plan, self.transformer, record, outcome) {
            document_size(
                self.plan,
                self.transformer,
                self.sizes.style,
                &mut self.metadata,
            );
        }
        outcome
    }

    /// Returns a record that has an answer.
    #[must_use]
    pub fn record(&self, index: usize) -> &R {
        &self.records[index]
    }

    /// Returns the number of answers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Returns true if there are no answers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Returns the size of the response in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.sizes.size()
    }

    /// Returns the size of an answer in bytes.
    pub(super) fn answer_size(&self, index: usize) -> usize {
        self.sizes.items[index].size()
    }

    fn outcome(&self, index: usize) -> Outcome {
        self.sizes.items[index].outcome
    }

    fn outcomes(&self) -> impl Iterator<Item = Outcome> {
        self.sizes.items.iter().map(|item| item.outcome)
    }

    /// Returns the last document that was transformed.
    #[must_use]
    pub fn document(&self) -> &[u8] {
        self.transformer.document()
    }

    /// Returns the last document as base64, which is ASCII.
    pub fn encoded(&mut self) -> &[u8] {
        self.transformer.encoded()
    }

    /// Returns the partition keys of the last document and their values.
    #[must_use]
    pub fn partitions(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        let keys = self.plan.firehose().partitions.iter();
        let values = self.transformer.partitions().iter();
        keys.zip(values)
            .map(|(partition, value)| (&*partition.key, &**value))
    }

    /// Returns the metadata of the last answer as in the response, from the comma after its data; empty without
    /// partition keys.
    #[must_use]
    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    /// Returns the counts of all outcomes.
    #[must_use]
    pub fn into_report(self) -> Report {
        self.tally.report(self.plan, &self.sizes.items)
    }
}

/// Writes the metadata of the last document, and returns the sizes of both.
#[inline]
fn document_size(
    plan: &Plan,
    transformer: &RecordTransformer,
    style: Style,
    metadata: &mut String,
) -> DocumentSize {
    partition::write_metadata(plan, transformer.partitions(), style, metadata);
    DocumentSize {
        bytes: transformer.document().len(),
        metadata: metadata.len(),
    }
}

/// Transforms a record again. Returns false if it should be slim and does not get shorter.
fn transform_again(
    plan: &Plan,
    transformer: &mut RecordTransformer,
    record: &impl Record,
    outcome: Outcome,
) -> bool {
    let Ok(data) = record.data() else {
        return false;
    };
    let Ok(Transformed { layout, .. }) = transformer.transform(plan, &data) else {
        return false;
    };
    outcome != Outcome::Slim || transformer.slim(plan, layout)
}

/// Returns the id of a record for a message; lone surrogates are replaced.
fn display_id(record: &impl Record) -> String {
    String::from_utf8_lossy(&record.id()).into_owned()
}
