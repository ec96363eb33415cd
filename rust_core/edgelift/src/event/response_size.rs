//! Computes the size of a response before it is built, and reduces it to the limit of Lambda.

use super::record_transformer::encoded_len;
use super::style::Style;
use crate::config::Policy;
use crate::error::Reason;
use crate::limits::MAX_RESPONSE_BYTES;
use crate::record::RecordLayout;

/// The outcome of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `Ok`, with its document.
    Ok,
    /// `Ok`, with its document without the optional fields.
    Slim,
    /// `Dropped`, to be re-ingested.
    Reingest,
    /// `Dropped`, since it holds no row.
    Dropped,
    /// `ProcessingFailed`, with the received data.
    Failed(Reason),
    /// `ProcessingFailed`, with data `""`: Firehose keeps the source record itself.
    FailedWithoutData(Reason),
}

impl Outcome {
    /// Returns true if the answer has a document.
    #[must_use]
    pub const fn has_document(self) -> bool {
        matches!(self, Self::Ok | Self::Slim)
    }

    /// Returns the `result` of the answer.
    #[must_use]
    pub const fn result(self) -> &'static str {
        match self {
            Self::Ok | Self::Slim => "Ok",
            Self::Reingest | Self::Dropped => "Dropped",
            Self::Failed(_) | Self::FailedWithoutData(_) => "ProcessingFailed",
        }
    }
}

/// The outcome of a record and the sizes of its answer, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) outcome: Outcome,
    /// The layout of the document.
    pub(super) layout: RecordLayout,
    /// Size of the document before base64.
    pub(super) document: usize,
    /// Size of the answer without result, data and metadata.
    frame: usize,
    /// Size of the encoded document and the metadata.
    payload: usize,
    /// Size of the received data; of those of documents it is not known before the response has to be reduced.
    data: usize,
}

impl Item {
    /// Returns the size of the answer. A record to re-ingest counts as failed with data `""`, which it becomes if the
    /// stream rejects it.
    pub(super) fn size(&self) -> usize {
        self.size_as(self.outcome)
    }

    fn size_as(&self, outcome: Outcome) -> usize {
        let data = match outcome {
            Outcome::Ok | Outcome::Slim => self.payload,
            Outcome::Failed(_) => self.data,
            Outcome::Reingest | Outcome::Dropped | Outcome::FailedWithoutData(_) => 0,
        };
        let result = match outcome {
            Outcome::Reingest => Outcome::FailedWithoutData(Reason::TooLarge).result(),
            _ => outcome.result(),
        };
        self.frame + result.len() + data
    }
}

/// Size of a document and its metadata, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct DocumentSize {
    /// The document, before base64.
    pub(super) bytes: usize,
    /// The metadata of the answer.
    pub(super) metadata: usize,
}

impl DocumentSize {
    fn answer_bytes(self) -> usize {
        encoded_len(self.bytes) + self.metadata
    }
}

/// The answers of a batch and their total size.
#[derive(Debug)]
pub(super) struct ResponseSize {
    pub(super) items: Vec<Item>,
    pub(super) style: Style,
    /// Size of all answers, commas included.
    size: usize,
}

impl ResponseSize {
    pub(super) fn new(style: Style, records: usize) -> Self {
        Self {
            items: Vec::with_capacity(records),
            style,
            size: style.envelope_bytes(),
        }
    }

    /// Adds the answer to a record that became a document.
    #[inline]
    pub(super) fn push_transformed(
        &mut self,
        id_len: usize,
        layout: RecordLayout,
        document: DocumentSize,
    ) {
        self.push(Item {
            outcome: Outcome::Ok,
            layout,
            document: document.bytes,
            frame: self.style.frame_bytes() + id_len,
            payload: document.answer_bytes(),
            data: 0,
        });
    }

    /// Adds the answer to a record without a document.
    #[cold]
    pub(super) fn push_without_document(
        &mut self,
        id_len: usize,
        data_len: usize,
        outcome: Outcome,
    ) {
        self.push(Item {
            outcome,
            layout: RecordLayout::Row(0),
            document: 0,
            frame: self.style.frame_bytes() + id_len,
            payload: 0,
            data: data_len,
        });
    }

    #[inline]
    fn push(&mut self, item: Item) {
        if !self.items.is_empty() {
            self.size += self.style.comma().len();
        }
        self.size += item.size();
        self.items.push(item);
    }

    /// Returns the size of the response in bytes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    fn fits(&self) -> bool {
        self.size <= MAX_RESPONSE_BYTES
    }

    /// Changes outcomes, beginning with the last record, until the response fits; an answer never gets longer.
    /// `data_len` returns the size of received data, `slim` that of a document without its optional fields.
    pub(super) fn fit(
        &mut self,
        policy: Policy,
        data_len: impl Fn(usize) -> usize,
        mut slim: impl FnMut(usize) -> Option<DocumentSize>,
    ) -> Result<(), super::EventError> {
        for (index, item) in self.items.iter_mut().enumerate() {
            item.data = data_len(index);
        }
        if policy == Policy::Slim {
            for index in self.last_first() {
                if !self.fits_alone(index) {
                    self.slim(index, &mut slim);
                }
            }
        }
        self.shrink_oversized_answers();
        if policy == Policy::Slim {
            for index in self.last_first() {
                if !self.fits() && self.items[index].outcome == Outcome::Ok {
                    self.slim(index, &mut slim);
                }
            }
        }
        if policy == Policy::Reingest {
            self.change(|outcome| (outcome == Outcome::Ok).then_some(Outcome::Reingest));
        }
        self.change(|outcome| {
            (outcome.has_document()).then_some(Outcome::Failed(Reason::TooLarge))
        });
        self.change(|outcome| match outcome {
            Outcome::Failed(reason) => Some(Outcome::FailedWithoutData(reason)),
            _ => None,
        });
        self.change(|outcome| {
            (outcome.has_document()).then_some(Outcome::FailedWithoutData(Reason::TooLarge))
        });
        if self.fits() {
            return Ok(());
        }
        Err(super::EventError::TooManyRecords(self.items.len()))
    }

    fn last_first(&self) -> impl Iterator<Item = usize> + use<> {
        (0..self.items.len()).rev()
    }

    /// Replaces a document by the one without its optional fields, if that is shorter.
    fn slim(&mut self, index: usize, slim: &mut impl FnMut(usize) -> Option<DocumentSize>) {
        let Some(document) = slim(index) else { return };
        let item = &mut self.items[index];
        let (before, payload) = (item.payload, document.answer_bytes());
        if payload < before {
            item.outcome = Outcome::Slim;
            (item.payload, item.document) = (payload, document.bytes);
            self.size -= before - payload;
        }
    }

    /// Shrinks the answers that do not fit alone, before all others: they would displace other answers in vain, or be
    /// re-ingested forever.
    fn shrink_oversized_answers(&mut self) {
        for index in 0..self.items.len() {
            self.size -= self.items[index].size();
            if !self.fits_alone(index) && self.items[index].outcome.has_document() {
                self.items[index].outcome = Outcome::Failed(Reason::TooLarge);
            }
            if !self.fits_alone(index)
                && let Outcome::Failed(reason) = self.items[index].outcome
            {
                self.items[index].outcome = Outcome::FailedWithoutData(reason);
            }
            self.size += self.items[index].size();
        }
    }

    fn fits_alone(&self, index: usize) -> bool {
        self.items[index].size() <= MAX_RESPONSE_BYTES - self.style.envelope_bytes()
    }

    /// Changes outcomes to those that `to` returns, beginning with the last record, until the response fits. An
    /// outcome that would make the answer longer stays.
    fn change(&mut self, to: impl Fn(Outcome) -> Option<Outcome>) {
        for index in self.last_first() {
            if self.fits() {
                return;
            }
            let item = &mut self.items[index];
            let before = item.size();
            if let Some(outcome) = to(item.outcome)
                && item.size_as(outcome) < before
            {
                item.outcome = outcome;
                self.size -= before - item.size();
            }
        }
    }
}
