//! Builds bodies for OpenSearch's `_bulk`: a create action and a document, each followed by a line feed.
//!
//! The id of a document is its request id, so that a record that is read twice is indexed once. A line without a
//! request id gets the hash of the line and the number of equal lines so far, because two equal lines are two requests.
//! A document from an error object without an id gets one in the same way.
//!
//! The hash is BLAKE2b because viewers control parts of a line: with a hash that is not cryptographic they could craft
//! two requests with one id, of which OpenSearch would keep one.

mod document;

use std::collections::HashMap;
use std::fmt::Write as _;

use blake2b_simd::Params;

use crate::error::{ConfigError, Place, Reason, RecordError};
use crate::json;
use crate::plan::{ColumnIndexes, Index, Plan, name_problem};
use crate::record::{OutputBuffer, RecordLayout, Scratch};
use crate::value;
use document::Identity;

/// Longest `_id`, in bytes: OpenSearch refuses the whole body for a longer one.
const MAX_ID_BYTES: usize = 512;
/// Length of the hash of a line, in bytes.
const HASH_BYTES: usize = 16;

/// Builds the actions for the documents of one object, in the order of its lines.
#[derive(Debug)]
pub struct Bulk {
    index: Index,
    /// The period of the last action, counted from 1970.
    period: Option<u64>,
    /// The action up to its id.
    head: String,
    action: String,
    /// The last valid index of a document from an error object: nearly always that of the next one, too.
    valid: String,
    /// The number of occurrences of each line or document without an id.
    seen: HashMap<[u8; HASH_BYTES], u64>,
}

impl Bulk {
    /// Returns a builder for the configured index, or for `index` if given.
    ///
    /// # Errors
    /// The index is not a valid pattern, or it needs a time that a layout does not have.
    pub fn new(plan: &Plan, index: Option<&str>) -> Result<Self, ConfigError> {
        Ok(Self {
            index: plan.index(index)?,
            period: None,
            head: String::new(),
            action: String::new(),
            valid: String::new(),
            seen: HashMap::new(),
        })
    }

    /// Inserts the action before the document that begins at `start` and ends the output, and appends a line feed.
    ///
    /// # Errors
    /// The record has no time and the index needs one; the document is removed from the output.
    pub(crate) fn wrap(
        &mut self,
        plan: &Plan,
        layout: RecordLayout,
        line: &[u8],
        scratch: &Scratch,
        out: &mut OutputBuffer,
        start: usize,
    ) -> Result<(), RecordError> {
        let value = scratch.values(plan, layout, line);
        let columns = scratch.column_indexes(plan, layout);
        if let Err(column) = self.begin_action(columns, value) {
            out.truncate(start);
            return Err(RecordError {
                place: column.map(|column| Place { layout, column }),
                ..RecordError::whole(Reason::MissingTimestamp)
            });
        }
        match columns.request_id.and_then(value).and_then(request_id) {
            Some(id) => push_string(&mut self.action, id),
            None => self.push_hash(line),
        }
        self.action.push_str("}}\n");
        out.insert(start, self.action.as_bytes());
        out.newline();
        Ok(())
    }

    /// Appends a document from an error object, one line of JSON, with its index. Without an `id`, because the delivery
    /// stream leaves ids to OpenSearch, it gets the hash of its bytes, so that a document that is sent twice is indexed
    /// once.
    ///
    /// # Errors
    /// OpenSearch could not create the index, or it is a system index; nothing is appended.
    pub fn push(
        &mut self,
        out: &mut OutputBuffer,
        index: &str,
        id: Option<&str>,
        document: &[u8],
    ) -> Result<(), RecordError> {
        // Empty names are not valid, so that the first one is always checked.
        if index.is_empty() || self.valid != index {
            if name_problem(index).is_some() {
                return Err(RecordError::whole(Reason::BadErrorObject));
            }
            index.clone_into(&mut self.valid);
        }
        self.action.clear();
        self.action.push_str("{\"create\":{\"_index\":");
        push_string(&mut self.action, index);
        self.action.push_str(",\"_id\":");
        match id {
            Some(id) => push_string(&mut self.action, id),
            None => self.push_hash(document),
        }
        self.action.push_str("}}\n");
        out.push(self.action.as_bytes());
        out.push(document);
        out.newline();
        Ok(())
    }

    /// Appends a document from an error object that names no index, one line of JSON, as [`Bulk::wrap`] does for its
    /// record. Without a request id it gets the hash of its bytes.
    ///
    /// # Errors
    /// The document has no time and the index needs one; nothing is appended.
    pub(crate) fn push_by_time(
        &mut self,
        plan: &Plan,
        document: &[u8],
        out: &mut OutputBuffer,
    ) -> Result<(), RecordError> {
        let Identity { millis, id } = Identity::read(plan, document);
        let seconds = match (self.index.period(), millis) {
            (None, _) => 0,
            (Some(_), Some(millis)) => millis / 1000,
            (Some(_), None) => return Err(RecordError::whole(Reason::MissingTimestamp)),
        };
        self.begin_action_at(seconds);
        match id.as_deref().and_then(request_id) {
            Some(id) => push_string(&mut self.action, id),
            None => self.push_hash(document),
        }
        self.action.push_str("}}\n");
        out.push(self.action.as_bytes());
        out.push(document);
        out.newline();
        Ok(())
    }

    /// Begins an action. Returns the column of the time as an error if the record has none.
    fn begin_action<'a>(
        &mut self,
        columns: &ColumnIndexes,
        value: impl Fn(usize) -> Option<&'a [u8]>,
    ) -> Result<(), Option<usize>> {
        let seconds = if self.index.period().is_some() {
            let time = columns.millis(&value).map(|millis| millis / 1000);
            let day = || columns.day(&value).filter(|_| !self.index.needs_hour());
            time.or_else(day).ok_or_else(|| columns.time_column())?
        } else {
            0
        };
        self.begin_action_at(seconds);
        Ok(())
    }

    /// Begins an action for a time in seconds since 1970.
    fn begin_action_at(&mut self, seconds: u64) {
        let period = self.index.period().map_or(0, |period| seconds / period);
        if self.period != Some(period) {
            self.head.clear();
            self.head.push_str("{\"create\":{\"_index\":\"");
            self.index.write(seconds, &mut self.head);
            self.head.push_str("\",\"_id\":");
            self.period = Some(period);
        }
        self.action.clear();
        self.action.push_str(&self.head);
    }

    /// Appends the hash id of a line or document.
    fn push_hash(&mut self, line: &[u8]) {
        let mut key = [0; HASH_BYTES];
        let hash = Params::new().hash_length(HASH_BYTES).hash(line);
        key.copy_from_slice(hash.as_bytes());
        let seen = self.seen.entry(key).or_default();
        *seen += 1;
        let _ = write!(self.action, "\"{}-{seen}\"", hash.to_hex());
    }
}

/// Returns the value as an id unless it is missing, too long, or not UTF-8.
fn request_id(value: &[u8]) -> Option<&str> {
    let fits = !value::is_missing(value) && value.len() <= MAX_ID_BYTES;
    fits.then(|| str::from_utf8(value).ok())?
}

fn push_string(action: &mut String, text: &str) {
    if json::blocks::is_plain(text.as_bytes()) {
        action.push('"');
        action.push_str(text);
        action.push('"');
    } else {
        json::push_string(action, text);
    }
}
