//! The buffer of a response.

use crate::limits::MAX_RESPONSE_BYTES;

/// A buffer whose bytes after `len` stay initialized, so that they are not zeroed for each response.
#[derive(Debug, Default)]
pub(super) struct ResponseBuffer {
    bytes: Vec<u8>,
    len: usize,
}

impl ResponseBuffer {
    /// Returns the bytes written.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Returns the size of the buffer in bytes.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// Appends `bytes` bytes and returns them, to be written.
    pub(super) fn extend(&mut self, bytes: usize) -> &mut [u8] {
        let (start, end) = (self.len, self.len + bytes);
        if self.bytes.len() < end {
            // Seldom more than one whole response is needed: bytes beyond it are truncated.
            let doubled = (self.bytes.len() * 2).min(MAX_RESPONSE_BYTES);
            self.bytes.resize(end.max(doubled), 0);
        }
        self.len = end;
        &mut self.bytes[start..end]
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.extend(bytes.len()).copy_from_slice(bytes);
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.len = len;
    }
}
