//! A record of an event, in any form that a caller holds it in.

use std::borrow::Cow;
use std::hash::Hash;

use crate::json::Invalid;

/// A record with an id, which can be answered.
pub trait Record {
    /// Its `recordId` in a hash table.
    type Key: Eq + Hash;

    /// Returns its `recordId` for a hash table.
    fn key(&self) -> Self::Key;

    /// Returns its `recordId`, as bytes that differ between different ids.
    fn id(&self) -> Cow<'_, [u8]>;

    /// Returns the length of its `recordId` in the response in bytes, quotes included. `id` is that of [`Record::id`].
    fn id_len(&self, id: &[u8]) -> usize;

    /// Returns its data.
    ///
    /// # Errors
    /// The message for data that are not a string.
    fn data(&self) -> Result<Cow<'_, [u8]>, String>;

    /// Returns the length of its data in the response in bytes, without quotes.
    fn data_len(&self) -> usize;

    /// Checks data that were received unchecked. Returns true if they were, so that [`Record::data`] may change.
    ///
    /// # Errors
    /// The data are not valid JSON.
    fn check_data(&mut self) -> Result<bool, Invalid> {
        Ok(false)
    }
}

/// Returns the message for a record without data.
#[must_use]
pub fn missing_data() -> String {
    "the record has no data".to_owned()
}

/// Returns the message for a record whose data have another type.
#[must_use]
pub fn not_a_string(found: &str) -> String {
    format!("the record's data is not a string but {found}")
}
