//! The buffers of columns. They are kept for the next batch; arrays get copies of exact size.
//!
//! A value is set by the index of its row, and rows that are skipped are null. So a column that a record does not have
//! costs nothing.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, BooleanArray, ListArray, StringArray, StructArray};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};

use super::schema::{pair_item, pair_members, text_item};
use crate::value;

/// Bits that are zero until they are set.
#[derive(Debug, Default)]
pub(super) struct Bits {
    /// The bits, followed by zeros.
    bytes: Vec<u8>,
}

impl Bits {
    /// Sets a bit.
    #[inline]
    pub(super) fn set(&mut self, index: usize) {
        let byte = index / 8;
        if byte >= self.bytes.len() {
            self.grow(byte);
        }
        self.bytes[byte] |= 1 << (index % 8);
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, byte: usize) {
        const MIN_BYTES: usize = 64;
        self.bytes.resize((2 * byte).max(MIN_BYTES), 0);
    }

    /// Clears a bit.
    pub(super) fn clear(&mut self, index: usize) {
        if let Some(byte) = self.bytes.get_mut(index / 8) {
            *byte &= !(1 << (index % 8));
        }
    }

    /// Returns the first `len` bits, and clears all.
    fn take(&mut self, len: usize) -> BooleanBuffer {
        let bytes = len.div_ceil(8);
        if self.bytes.len() < bytes {
            self.bytes.resize(bytes, 0);
        }
        let bits = BooleanBuffer::new(Buffer::from(&self.bytes[..bytes]), 0, len);
        self.bytes[..bytes].fill(0);
        bits
    }

    /// Returns the rows that are null, or `None` if no row is, and clears all bits.
    pub(super) fn take_nulls(&mut self, rows: usize) -> Option<NullBuffer> {
        Some(NullBuffer::new(self.take(rows))).filter(|nulls| nulls.null_count() > 0)
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
    /// The texts, followed by bytes that are overwritten: texts are copied in blocks.
    bytes: Vec<u8>,
    /// Length of all texts, the open one included.
    len: usize,
}

/// Bytes that are copied at once.
const BLOCK: usize = 32;

impl Default for Texts {
    fn default() -> Self {
        Self {
            ends: vec![0],
            bytes: Vec::new(),
            len: 0,
        }
    }
}

impl Texts {
    /// Returns the number of texts.
    fn count(&self) -> usize {
        self.ends.len() - 1
    }

    /// Returns the length of all texts in bytes, the open one included.
    pub(super) const fn len_in_bytes(&self) -> usize {
        self.len
    }

    fn end(&self) -> i32 {
        i32::try_from(self.len).expect("a batch has less than 2 GiB of text")
    }

    /// Makes all texts from the last one up to `index` empty, and opens the text at `index`, which must become UTF-8.
    /// Returns where it begins.
    #[inline]
    pub(super) fn open(&mut self, index: usize) -> usize {
        if self.ends.len() <= index {
            self.ends.resize(index + 1, self.end());
        }
        self.len
    }

    /// Ends the text that was opened, or the one after the last.
    #[inline]
    pub(super) fn close(&mut self) {
        self.ends.push(self.end());
    }

    /// Appends a text.
    pub(super) fn push(&mut self, text: &[u8]) {
        self.append(text);
        self.close();
    }

    /// Appends to the open text.
    pub(super) fn append(&mut self, text: &[u8]) {
        self.reserve(text.len());
        self.bytes[self.len..self.len + text.len()].copy_from_slice(text);
        self.len += text.len();
    }

    /// Makes room for `more` bytes and two blocks.
    #[inline(always)]
    pub(super) fn reserve(&mut self, more: usize) {
        let needed = self.len + more + 2 * BLOCK;
        if self.bytes.len() < needed {
            self.grow(needed);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, needed: usize) {
        self.bytes.resize(needed.max(self.bytes.len() * 2), 0);
    }

    /// Appends `source[start..end]` to the open text. At least [`SLACK`](crate::value::SLACK) bytes follow it.
    #[inline(always)]
    pub(super) fn copy(&mut self, source: &[u8], start: usize, end: usize) {
        self.reserve(end - start);
        self.copy_reserved(source, start, end);
    }

    /// Does the same if there is room for it.
    #[inline(always)]
    pub(super) fn copy_reserved(&mut self, source: &[u8], start: usize, end: usize) {
        let len = end - start;
        if len <= BLOCK {
            // Most texts: a block of fixed size needs no call of `memcpy`.
            let block: &[u8; BLOCK] = value::window(&source[start..]);
            *value::window_mut(&mut self.bytes[self.len..]) = *block;
        } else {
            self.bytes[self.len..self.len + len].copy_from_slice(&source[start..end]);
        }
        self.len += len;
    }

    /// Appends a byte if there is room for it.
    #[inline(always)]
    pub(super) fn push_reserved(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    /// Returns the bytes from `mark` on.
    #[inline]
    pub(super) fn bytes_after(&self, mark: usize) -> &[u8] {
        &self.bytes[mark..self.len]
    }

    /// Removes the bytes from `mark` on, but for a range of them.
    #[inline]
    pub(super) fn keep(&mut self, mark: usize, kept: Range<usize>) {
        self.bytes
            .copy_within(mark + kept.start..mark + kept.end, mark);
        self.len = mark + kept.len();
    }

    /// Replaces what is not UTF-8 in the text that begins at `mark`.
    #[inline(never)]
    pub(super) fn replace_invalid(&mut self, mark: usize) {
        let text = self.bytes_after(mark);
        if std::str::from_utf8(text).is_err() {
            let replaced = String::from_utf8_lossy(text).into_owned();
            self.len = mark;
            self.append(replaced.as_bytes());
        }
    }

    /// Removes the texts from `count` on, and the open one.
    pub(super) fn truncate(&mut self, count: usize) {
        self.ends.truncate(count + 1);
        self.len = self
            .ends
            .last()
            .map_or(0, |&end| usize::try_from(end).unwrap_or(0));
    }

    /// Returns the first `count` texts, and clears all.
    pub(super) fn take(&mut self, count: usize, nulls: Option<NullBuffer>) -> StringArray {
        self.open(count);
        let ends = ScalarBuffer::from(self.ends.as_slice().to_vec());
        let bytes = Buffer::from(&self.bytes[..self.len]);
        self.truncate(0);
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

    /// Removes the list of a row. Returns the number of items before it.
    fn clear(&mut self, row: usize) -> usize {
        self.0.truncate(row + 1);
        self.0
            .last()
            .map_or(0, |&items| usize::try_from(items).unwrap_or(0))
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
        self.lists.close(row, self.items.count());
    }

    /// Removes the list of a row, and items of an open one.
    pub(super) fn clear(&mut self, row: usize) {
        let items = self.lists.clear(row);
        self.items.truncate(items);
    }

    pub(super) fn take(&mut self, rows: usize, nulls: Option<NullBuffer>) -> Arc<dyn Array> {
        let lists = self.lists.take(rows);
        let items = self.items.take(self.items.count(), None);
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
        self.lists.close(row, self.names.count());
    }

    /// Removes the list of a row, and pairs of an open one.
    pub(super) fn clear(&mut self, row: usize) {
        let pairs = self.lists.clear(row);
        self.names.truncate(pairs);
        self.values.truncate(pairs);
    }

    pub(super) fn take(&mut self, rows: usize, nulls: Option<NullBuffer>) -> Arc<dyn Array> {
        let (lists, count) = (self.lists.take(rows), self.names.count());
        let names = Arc::new(self.names.take(count, None));
        let values = Arc::new(self.values.take(count, None));
        let pairs = StructArray::new(pair_members(), vec![names, values], None);
        Arc::new(ListArray::new(pair_item(), lists, Arc::new(pairs), nulls))
    }
}
