//! Finds records whose `recordId` is repeated.

use std::collections::HashSet;

use super::Record;

/// The ids of the records so far, once one is not greater than the one before it. Firehose counts its ids up, and
/// increasing ids do not repeat: no need to remember them.
#[derive(Debug)]
pub(super) struct SeenIds<R: Record>(Option<HashSet<R::Key>>);

impl<R: Record> Default for SeenIds<R> {
    fn default() -> Self {
        Self(None)
    }
}

impl<R: Record> SeenIds<R> {
    /// Adds a record with this id. Returns false if one of the earlier records has the same id.
    #[inline]
    pub(super) fn insert(&mut self, record: &R, id: &[u8], earlier: &[R]) -> bool {
        if self.0.is_none() {
            let grows = earlier.last().is_none_or(|last| {
                let last = last.id();
                (last.len(), &*last) < (id.len(), id)
            });
            if grows {
                return true;
            }
        }
        self.remember(record, earlier)
    }

    #[cold]
    fn remember(&mut self, record: &R, earlier: &[R]) -> bool {
        let keys = || earlier.iter().map(R::key).collect();
        self.0.get_or_insert_with(keys).insert(record.key())
    }
}
