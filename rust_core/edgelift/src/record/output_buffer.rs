//! The buffer that documents are written to.

/// A buffer of documents, one after the other.
///
/// The bytes after the last document are initialized capacity for the next one, so that encoders can copy in blocks.
#[derive(Debug, Default)]
pub struct OutputBuffer {
    pub(super) bytes: Vec<u8>,
    pub(super) len: usize,
}

impl OutputBuffer {
    /// Returns the written bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Removes the written bytes and keeps the capacity.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Replaces the written bytes.
    pub(crate) fn replace(&mut self, bytes: &[u8]) {
        self.clear();
        self.reserve(bytes.len());
        self.bytes[..bytes.len()].copy_from_slice(bytes);
        self.len = bytes.len();
    }

    /// Drops content and memory if the capacity is more than `most` bytes.
    pub fn shrink(&mut self, most: usize) {
        if self.bytes.len() > most {
            *self = Self::default();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Removes the bytes from `len` on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Appends finished bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.insert(self.len, bytes);
    }

    /// Inserts finished bytes before those that begin at `place`.
    pub(crate) fn insert(&mut self, place: usize, bytes: &[u8]) {
        self.reserve(bytes.len());
        let after = place + bytes.len();
        self.bytes.copy_within(place..self.len, after);
        self.bytes[place..after].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Appends a line feed.
    pub fn newline(&mut self) {
        self.reserve(1);
        self.bytes[self.len] = b'\n';
        self.len += 1;
    }

    /// Makes room for `more` bytes.
    pub(super) fn reserve(&mut self, more: usize) {
        let needed = self.len + more;
        if self.bytes.len() < needed {
            self.bytes.resize(needed.max(self.bytes.len() * 2), 0);
        }
    }
}
