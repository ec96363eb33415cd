//! The buffers of columns. They are kept for the next batch; arrays get copies of exact size.
//!
//! A value is set by the index of its row, and rows that are skipped are null. So a column that a record does not have
//! costs nothing.

use std::sync::Arc;

use arrow_array::{Array, BooleanArray, ListArray, StringArray, StructArray};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

use super::schema::{pair_item, pair_members, text_item};

/// Bits that are zero until they are set.
#[derive(Debug, Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    /// Number of bits that are set.
    ones: usize,
}

impl Bits {
    /// Sets a bit, which must be zero.
    #[inline]
    pub(super) fn set(&mut self, index: usize) {
        let byte = index / 8;
        if byte >= self.bytes.len() {
            self.bytes.resize(byte + 1, 0);
        }
        self.bytes[byte] |= 1 << (index % 8);
        self.ones += 1;
    }

    /// Returns the first `len` bits, and clears all.
    fn take(&mut self, len: usize) -> BooleanBuffer {
        self.bytes.resize(len.div_ceil(8), 0);
        let bits = BooleanBuffer::new(Buffer::from(&self.bytes[..]), 0, len);
        self.bytes.clear();
        self.ones = 0;
        bits
    }

    /// Returns the rows that are null, or `None` if no row is, and clears all bits.
    pub(super) fn take_nulls(&mut self, rows: usize) -> Option<NullBuffer> {
        if self.ones == rows {
            self.bytes.clear();
            self.ones = 0;
            return None;
        }
        Some(NullBuffer::new(self.take(rows)))
    }

    /// Returns the bits as values.
    pub(super) fn take_array(&mut self, rows: usize, nulls: Option<NullBuffer>) -> Arc<dyn Array> {
        Arc::new(BooleanArray::new(self.take(rows), nulls))
    }
}

/// Texts, one after the other.
#[derive(Debug)]
pub(super) struct Texts {
    /// End of each text; the first one begins at 0.
    ends: Vec<i32>,
    bytes: Vec<u8>,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            ends: vec![0],
            bytes: Vec::new(),
        }
    }
}

impl Texts {
    fn len(&self) -> usize {
        self.ends.len() - 1
    }

    fn end(&self) -> i32 {
        i32::try_from(self.bytes.len()).expect("a batch has less than 2 GiB of text")
    }

    /// Makes all texts from the last one up to `index` empty, and returns the buffer for the text at `index`. The text
    /// must be UTF-8; [`Texts::close`] ends it.
    #[inline]
    pub(super) fn open(&mut self, index: usize) -> &mut Vec<u8> {
        if self.ends.len() <= index {
            self.ends.resize(index + 1, self.end());
        }
        &mut self.bytes
    }

    /// Ends the text that was opened.
    #[inline]
    pub(super) fn close(&mut self) {
        self.ends.push(self.end());
    }

    /// Appends a text.
    pub(super) fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.close();
    }

    /// Returns the texts, and clears them.
    pub(super) fn take(&mut self, rows: usize, nulls: Option<NullBuffer>) -> StringArray {
        self.open(rows);
        let ends = ScalarBuffer::from(self.ends.as_slice().to_vec());
        let bytes = Buffer::from(&self.bytes[..]);
        self.ends.truncate(1);
        self.bytes.clear();
        StringArray::try_new(OffsetBuffer::new(ends), bytes, nulls).expect("texts are UTF-8")
    }
}

/// The lists of a column: the end of each list among the items of all.
#[derive(Debug)]
pub(super) struct ListEnds(Vec<i32>);

impl Default for ListEnds {
    fn default() -> Self {
        Self(vec![0])
    }
}

impl ListEnds {
    /// Ends the list of a row; rows before it without a list have empty ones. `items` is the number of all items.
    pub(super) fn close(&mut self, row: usize, items: usize) {
        self.skip_to(row);
        self.0
            .push(i32::try_from(items).expect("a batch has less than 2^31 items"));
    }

    fn skip_to(&mut self, row: usize) {
        let last = *self.0.last().expect("the first list begins at 0");
        self.0.resize(row + 1, last);
    }

    fn take(&mut self, rows: usize) -> OffsetBuffer<i32> {
        self.skip_to(rows);
        let ends = OffsetBuffer::new(ScalarBuffer::from(self.0.as_slice().to_vec()));
        self.0.truncate(1);
        ends
    }
}

/// Lists of texts.
#[derive(Debug, Default)]
pub(super) struct TextLists {
    lists: ListEnds,
    pub(super) items: Texts,
}

impl TextLists {
    /// Ends the list of a row, which has the items since the last list.
    pub(super) fn close(&mut self, row: usize) {
        self.lists.close(row, self.items.len());
    }

    pub(super) fn take(&mut self, rows: usize, nulls: Option<NullBuffer>) -> Arc<dyn Array> {
        let lists = self.lists.take(rows);
        let items = self.items.take(self.items.len(), None);
        Arc::new(ListArray::new(text_item(), lists, Arc::new(items), nulls))
    }
}

/// Lists of pairs of a name and a value.
#[derive(Debug, Default)]
pub(super) struct PairLists {
    lists: ListEnds,
    pub(super) names: Texts,
    pub(super) values: Texts,
}

impl PairLists {
    /// Ends the list of a row, which has the pairs since the last list.
    pub(super) fn close(&mut self, row: usize) {
        self.lists.close(row, self.names.len());
    }

    pub(super) fn take(&mut self, rows: usize, nulls: Option<NullBuffer>) -> Arc<dyn Array> {
        let (lists, count) = (self.lists.take(rows), self.names.len());
        let names = Arc::new(self.names.take(count, None));
        let values = Arc::new(self.values.take(count, None));
        let pairs = StructArray::new(pair_members(), vec![names, values], None);
        Arc::new(ListArray::new(pair_item(), lists, Arc::new(pairs), nulls))
    }
}
