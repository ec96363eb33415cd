//! Where documents are written.

/// Documents, one behind the other.
///
/// The bytes behind them are initialised room for the next one, so that encoders can copy in blocks.
#[derive(Debug, Default)]
pub struct Documents {
    pub(super) bytes: Vec<u8>,
    pub(super) len: usize,
}

impl Documents {
    /// What has been written.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Forgets what has been written and keeps the room.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Puts others in their place.
    pub(crate) fn replace(&mut self, bytes: &[u8]) {
        self.clear();
        self.reserve(bytes.len());
        self.bytes[..bytes.len()].copy_from_slice(bytes);
        self.len = bytes.len();
    }

    /// Gives memory back if there is more than this.
    pub fn shrink(&mut self, most: usize) {
        if self.bytes.len() > most {
            *self = Self::default();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Takes back what was written last.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Adds finished bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.insert(self.len, bytes);
    }

    /// Puts finished bytes before those that begin at `place`.
    pub(crate) fn insert(&mut self, place: usize, bytes: &[u8]) {
        self.reserve(bytes.len());
        let after = place + bytes.len();
        self.bytes.copy_within(place..self.len, after);
        self.bytes[place..after].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Adds a line feed.
    pub fn newline(&mut self) {
        self.reserve(1);
        self.bytes[self.len] = b'\n';
        self.len += 1;
    }

    pub(super) fn reserve(&mut self, more: usize) {
        let needed = self.len + more;
        if self.bytes.len() < needed {
            self.bytes.resize(needed.max(self.bytes.len() * 2), 0);
        }
    }
}
