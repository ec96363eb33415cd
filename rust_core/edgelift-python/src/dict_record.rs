//! Reads the records of an event that are dicts.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use edgelift::event::{self, EventError, Record, Style};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::convert::type_name;
use crate::error::event_error;

/// The keys of a record, as the same objects as in the event: `json` creates one object for all equal keys of a text.
/// A dict finds an identical key by its address, other keys by a comparison.
pub(crate) struct Keys<'py> {
    id: Bound<'py, PyString>,
    data: Bound<'py, PyString>,
}

/// A record and its place in the event.
pub(crate) struct DictRecord<'py> {
    pub(crate) index: usize,
    pub(crate) id: Bound<'py, PyString>,
    data: Option<Bound<'py, PyAny>>,
    style: Style,
}

impl<'py> Keys<'py> {
    /// Returns the keys of the first record, which most others share.
    pub(crate) fn from_records(records: &Bound<'py, PyTuple>) -> Self {
        let py = records.py();
        let mut keys = Self {
            id: intern!(py, "recordId").clone(),
            data: intern!(py, "data").clone(),
        };
        let first = records.iter_borrowed().next();
        let Some(Ok(first)) = first.map(Borrowed::cast::<PyDict>) else {
            return keys;
        };
        for (key, _) in first.iter() {
            // Only exact strings: a subclass may define equality as it likes.
            let Ok(key) = key.cast_into_exact::<PyString>() else {
                continue;
            };
            if key == "recordId" {
                keys.id = key;
            } else if key == "data" {
                keys.data = key;
            }
        }
        keys
    }

    /// Reads the record at `index`, whose answer is serialized in `style`.
    ///
    /// # Errors
    /// It is not a dict with a string `recordId`.
    #[inline]
    pub(crate) fn read(
        &self,
        index: usize,
        record: &Bound<'py, PyAny>,
        style: Style,
    ) -> PyResult<DictRecord<'py>> {
        let missing_id = || event_error(&EventError::MissingRecordId(index));
        let record = record.cast::<PyDict>().map_err(|_| missing_id())?;
        let id = record.get_item(&self.id)?.ok_or_else(missing_id)?;
        Ok(DictRecord {
            index,
            id: id.cast_into().map_err(|_| missing_id())?,
            data: record.get_item(&self.data)?,
            style,
        })
    }
}

impl<'py> DictRecord<'py> {
    /// Returns the data for the answer of a failed record, if they are a string that the runtime client can encode.
    pub(crate) fn encodable_data(&self) -> Option<&Bound<'py, PyString>> {
        let data = self.data.as_ref()?.cast().ok()?;
        let can_encode = self.style != (Style::Spaced { ascii: false }) || data.to_str().is_ok();
        can_encode.then_some(data)
    }
}

/// A `recordId` in a hash table. Python caches the hash of a string, and compares strings with equal hashes only.
pub(crate) struct IdKey<'py>(Bound<'py, PyString>);

impl Hash for IdKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Only a subclass can fail, which `json` never creates.
        state.write_isize(self.0.as_any().hash().unwrap_or_default());
    }
}

impl PartialEq for IdKey<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_any().eq(&other.0).unwrap_or_default()
    }
}

impl Eq for IdKey<'_> {}

impl<'py> Record for DictRecord<'py> {
    type Key = IdKey<'py>;

    fn key(&self) -> IdKey<'py> {
        IdKey(self.id.clone())
    }

    #[inline]
    fn id(&self) -> Cow<'_, [u8]> {
        match self.id.to_str() {
            Ok(id) => Cow::Borrowed(id.as_bytes()),
            Err(_) => Cow::Owned(with_surrogates(&self.id)),
        }
    }

    #[inline]
    fn id_len(&self, id: &[u8]) -> usize {
        event::serialized_len(id, self.style)
    }

    #[inline]
    fn data(&self) -> Result<Cow<'_, [u8]>, String> {
        let Some(data) = &self.data else {
            return Err(event::missing_data());
        };
        let Ok(data) = data.cast::<PyString>() else {
            return Err(event::not_a_string(&type_name(data)));
        };
        // A string with lone surrogates has no UTF-8, and is not base64 either.
        let data = data.to_str().unwrap_or("\u{fffd}");
        Ok(Cow::Borrowed(data.as_bytes()))
    }

    fn data_len(&self) -> usize {
        let quoted = |data: &Bound<'_, PyString>| {
            event::serialized_len(data.to_string_lossy().as_bytes(), self.style) - 2
        };
        self.encodable_data().map_or(0, quoted)
    }
}

/// Encodes a string with lone surrogates, each as if it were a character, so that different strings stay different.
#[cold]
fn with_surrogates(text: &Bound<'_, PyString>) -> Vec<u8> {
    let encoded = text.call_method1(intern!(text.py(), "encode"), ("utf-8", "surrogatepass"));
    let bytes = encoded.and_then(|encoded| encoded.extract());
    // Only memory can be missing.
    bytes.unwrap_or_default()
}
