//! Errors of an error object: their reasons, offsets and texts.

use crate::error::{Reason, RecordError};
use crate::json::scanner::{Invalid, Type};
use crate::json::string;

#[derive(Debug)]
pub(super) enum Problem {
    /// The error object is not a JSON object.
    Json(Invalid),
    NoData,
    /// The value of a key has another type.
    NotAString(usize, String, Type),
    /// A key is repeated.
    DuplicateKey(usize, String),
    /// Neither its keys nor its data show whether it holds a source record or a document.
    Ambiguous,
    /// It holds only the beginning of a record.
    Truncated,
    NoIndex,
    /// `rawData`, at this offset, is not base64.
    Base64(usize),
    /// The document is not JSON.
    Document(Invalid),
    DocumentType(Type),
    DocumentLines(usize),
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Self::Json(invalid)
    }
}

impl Problem {
    pub(super) fn error(&self) -> RecordError {
        let (reason, offset) = match *self {
            Self::Json(Invalid { at, .. })
            | Self::NotAString(at, ..)
            | Self::DuplicateKey(at, _) => (Reason::BadErrorObject, at),
            Self::NoData | Self::Ambiguous | Self::Truncated | Self::NoIndex => {
                (Reason::BadErrorObject, 0)
            }
            Self::Base64(at) => (Reason::BadBase64, at),
            Self::Document(Invalid { at, .. }) | Self::DocumentLines(at) => (Reason::BadJson, at),
            Self::DocumentType(_) => (Reason::BadJson, 0),
        };
        RecordError {
            offset,
            ..RecordError::whole(reason)
        }
    }

    pub(super) fn message(self) -> String {
        match self {
            Self::Json(Invalid { at, expected }) => {
                format!("the error object is not JSON: expected {expected} at byte {at}")
            }
            Self::NoData => "the error object has no rawData".to_owned(),
            Self::NotAString(_, key, kind) => {
                format!(
                    "the error object's {} is not a string but {}",
                    string(&key),
                    kind.name()
                )
            }
            Self::DuplicateKey(_, key) => format!("the error object has {} twice", string(&key)),
            Self::Ambiguous => "rawData could be a source record or a document: --raw-data source or document (raw_data \
                                in Python) says which"
                .to_owned(),
            Self::Truncated => {
                "the error object holds only the beginning of a record that was too large".to_owned()
            }
            Self::NoIndex => {
                "the error object holds a document, but has no esIndexName or osIndexName".to_owned()
            }
            Self::Base64(_) => {
                "the error object's rawData is not valid base64 (standard alphabet, padded)".to_owned()
            }
            Self::Document(Invalid { at, expected }) => {
                format!("the document in rawData is not JSON: expected {expected} at byte {at}")
            }
            Self::DocumentType(kind) => {
                format!("the document in rawData is not a JSON object but {}", kind.name())
            }
            Self::DocumentLines(at) => {
                format!("the document in rawData is more than one line: line feed at byte {at}")
            }
        }
    }
}
