//! Finds records whose `recordId` is repeated.

use std::collections::HashSet;

use super::Record;

/// The ids of the records so far, once one is not greater than the one before it. Firehose counts its ids up, and
/// increasing ids do not repeat: no need to remember them.
#[derive(Debug, Default)]
pub(super) struct SeenIds(Option<HashSet<Box<[u8]>>>);

impl SeenIds {
    /// Adds the id of a record. Returns false if one of the earlier records has it.
    #[inline]
    pub(super) fn insert<R: Record>(&mut self, id: &[u8], earlier: &[R]) -> bool {
        if self.0.is_none() {
            let grows = earlier.last().is_none_or(|last| {
                let last = last.id();
                (last.len(), &*last) < (id.len(), id)
            });
            if grows {
                return true;
            }
        }
        self.remember(id, earlier)
    }

    #[cold]
    fn remember<R: Record>(&mut self, id: &[u8], earlier: &[R]) -> bool {
        let ids = || earlier.iter().map(|record| record.id().into()).collect();
        self.0.get_or_insert_with(ids).insert(id.into())
    }
}
