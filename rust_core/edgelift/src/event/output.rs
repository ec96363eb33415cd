//! The bytes of a response while they are written.

use super::LIMIT;

/// Bytes one behind the other. What lies behind them is initialised room, used again.
#[derive(Debug, Default)]
pub(super) struct Output {
    bytes: Vec<u8>,
    len: usize,
}

impl Output {
    /// What has been written.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Bytes of the memory that is held for it.
    pub(super) fn held(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn extend(&mut self, bytes: usize) -> &mut [u8] {
        let (start, end) = (self.len, self.len + bytes);
        if self.bytes.len() < end {
            // More than a whole response is seldom needed: what is written beyond it is taken back.
            let twice = (self.bytes.len() * 2).min(LIMIT);
            self.bytes.resize(end.max(twice), 0);
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
