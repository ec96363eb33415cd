//! Reads the members of an error object.

use super::content::RawData;
use super::origin::Origin;
use super::problem::Problem;
use crate::config::Format;
use crate::json::scanner::{Invalid, Scanner, Type};
use crate::json::{Template, Text};

/// The role of a key of an error object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Data,
    /// The header lines of the log of the source record; written only by edgelift.
    Header,
    /// The format of the log of the source record; written only by edgelift.
    Format,
    Lambda,
    Id,
    Index,
    Type,
    /// The reason of the failure, which names the step that failed.
    Code,
    /// A key that only error objects of this step have.
    Step(Origin),
    /// The time and number of attempts, and the message.
    Ignored,
}

/// `es` is OpenSearch Service, by its former name; `os` is OpenSearch Serverless.
const KEYS: [(&[u8], Key); 22] = [
    (b"attemptsMade", Key::Ignored),
    (b"arrivalTimestamp", Key::Ignored),
    (b"errorCode", Key::Code),
    (b"errorMessage", Key::Ignored),
    (b"lastErrorCode", Key::Code),
    (b"lastErrorMessage", Key::Ignored),
    (b"attemptEndingTimestamp", Key::Ignored),
    (b"rawData", Key::Data),
    (b"logHeader", Key::Header),
    (b"logFormat", Key::Format),
    (b"lambdaArn", Key::Lambda),
    (b"esDocumentId", Key::Id),
    (b"esIndexName", Key::Index),
    (b"esTypeName", Key::Type),
    (b"osDocumentId", Key::Id),
    (b"osIndexName", Key::Index),
    (b"osTypeName", Key::Type),
    (b"EventId", Key::Step(Origin::Splunk)),
    (b"dataId", Key::Step(Origin::HttpEndpoint)),
    (b"dataCatalogTable", Key::Step(Origin::FormatConversion)),
    (b"destinationDatabaseName", Key::Step(Origin::Iceberg)),
    (b"destinationTableName", Key::Step(Origin::Iceberg)),
];

impl Key {
    fn from_name(key: Text<'_>) -> Option<Self> {
        let key = &*key.decoded();
        // Most keys differ in length, which is compared first.
        let mut candidates = KEYS.iter().filter(|(name, _)| name.len() == key.len());
        candidates
            .find(|(name, _)| *name == key || name.eq_ignore_ascii_case(key))
            .map(|&(_, role)| role)
    }
}

/// Caches the keys of the last error object as they were written: Firehose writes them the same way every time.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyCache {
    /// The keys with their quotes and colons.
    keys: Template<Option<Key>>,
    /// Buffer for the nesting of values that are skipped.
    pub(super) nesting: Vec<u8>,
}

impl KeyCache {
    /// Limit of cached keys, and of the bytes of a key.
    const MAX_KEPT: usize = 32;

    /// Reads the next key, the `index`th of its object.
    fn read_key(
        &mut self,
        index: usize,
        scanner: &mut Scanner<'_>,
    ) -> Result<Option<Key>, Invalid> {
        if let Some(cached) = self.keys.pieces().get(index)
            && scanner.take_tokens(cached.fixed())
        {
            return Ok(cached.role);
        }
        scanner.peek_token();
        let from = *scanner;
        let role = Key::from_name(scanner.read_key()?);
        let tokens = from.bytes_until(scanner);
        let next = self.keys.pieces().len();
        if tokens.len() <= Self::MAX_KEPT && index < Self::MAX_KEPT && index <= next {
            self.keys.set(index, tokens, role);
        }
        Ok(role)
    }

    /// Returns true if the first key of a JSON object is one of an error object: no CloudFront field has such a name.
    pub(super) fn is_error_object(&mut self, line: &[u8]) -> bool {
        let mut scanner = Scanner::new(line);
        let key = scanner.take(b'{').then(|| self.read_key(0, &mut scanner));
        // The names of steps are not specific enough.
        matches!(key, Some(Ok(Some(key))) if !matches!(key, Key::Step(_)))
    }
}

#[derive(Default)]
pub(super) struct Members<'a> {
    /// `rawData` and the offset of its value, as in the fields below.
    pub(super) data: Option<(usize, Text<'a>)>,
    pub(super) header: Option<(usize, Text<'a>)>,
    format: Option<(usize, Text<'a>)>,
    pub(super) id: Option<(usize, Text<'a>)>,
    pub(super) index: Option<(usize, Text<'a>)>,
    /// True if the object holds a source record that a function could not transform.
    pub(super) is_source: bool,
    /// True if the object holds a document that OpenSearch rejected.
    pub(super) is_document: bool,
    code: Option<Text<'a>>,
    step: Option<Origin>,
}

/// The reason of an error object of edgelift that holds only the beginning of a record.
const TRUNCATED: &[u8] = b"edgelift.too_large";

impl<'a> Members<'a> {
    /// Returns the step that failed. Its own keys are more certain than codes.
    pub(super) fn origin(&self) -> Origin {
        let by_keys = if self.is_document {
            Some(Origin::OpenSearch)
        } else if self.is_source {
            Some(Origin::Transformation)
        } else {
            self.step
        };
        let by_code = || Origin::from_code(&self.code?.decoded());
        by_keys.or_else(by_code).unwrap_or_default()
    }

    /// Returns true if the keys say that the data are a source record.
    pub(super) const fn names_source(&self) -> bool {
        self.is_source && !self.is_document
    }

    /// Returns the format that the source record was read in.
    pub(super) fn format(&self) -> Option<Format> {
        match &*self.format?.1.decoded() {
            b"realtime" => Some(Format::Realtime),
            b"standard" => Some(Format::Standard),
            _ => None,
        }
    }

    /// Returns what the data are, as far as the keys say it or `otherwise` does.
    pub(super) fn raw_data(&self, otherwise: RawData) -> RawData {
        match otherwise {
            _ if self.names_source() => RawData::Source,
            RawData::Detect if self.is_document => RawData::Document,
            _ => otherwise,
        }
    }

    /// Returns true if the data are only the beginning of a record.
    pub(super) fn is_truncated(&self) -> bool {
        self.code.is_some_and(|code| *code.decoded() == *TRUNCATED)
    }

    /// Reads all members, leaving the characters of the data to their decoder. Reports the same errors as
    /// [`Members::read`].
    pub(super) fn read_undecoded(
        line: &'a [u8],
        key_cache: &mut KeyCache,
    ) -> Result<Self, Problem> {
        let members = Self::read_by(line, key_cache, Scanner::read_encoded_string);
        members.or_else(|_| Self::read(line, key_cache))
    }

    #[cold]
    pub(super) fn read(line: &'a [u8], key_cache: &mut KeyCache) -> Result<Self, Problem> {
        Self::read_by(line, key_cache, Scanner::read_string)
    }

    fn read_by(
        line: &'a [u8],
        key_cache: &mut KeyCache,
        data: impl Fn(&mut Scanner<'a>) -> Result<Text<'a>, Invalid>,
    ) -> Result<Self, Problem> {
        let mut members = Self::default();
        let mut scanner = Scanner::new(line);
        let mut has_more = scanner.take(b'{') && !scanner.take(b'}');
        let mut index = 0;
        while has_more {
            let key = scanner;
            match key_cache.read_key(index, &mut scanner)? {
                None | Some(Key::Ignored) => {
                    scanner.skip_value_with(&mut key_cache.nesting)?;
                }
                Some(Key::Step(origin)) => {
                    members.step = Some(origin);
                    scanner.skip_value_with(&mut key_cache.nesting)?;
                }
                Some(Key::Code) => {
                    if scanner.peek_token() == Some(b'"') {
                        members.code = Some(scanner.read_string()?);
                    } else {
                        scanner.skip_value_with(&mut key_cache.nesting)?;
                    }
                }
                Some(role) => {
                    members.read_value(role, key, &mut scanner, &mut key_cache.nesting, &data)?;
                }
            }
            has_more = scanner.has_more(b'}')?;
            index += 1;
        }
        scanner.expect_end()?;
        Ok(members)
    }

    /// Reads the value of a member whose key begins at `key`.
    fn read_value(
        &mut self,
        role: Key,
        mut key: Scanner<'a>,
        scanner: &mut Scanner<'a>,
        nesting: &mut Vec<u8>,
        data: impl Fn(&mut Scanner<'a>) -> Result<Text<'a>, Invalid>,
    ) -> Result<(), Problem> {
        let first = scanner.peek_token();
        let offset = scanner.offset();
        let value = if first == Some(b'"') {
            Some(if role == Key::Data {
                data(scanner)?
            } else {
                scanner.read_string()?
            })
        } else {
            let kind = scanner.skip_value_with(nesting)?;
            if !matches!((role, kind), (Key::Lambda | Key::Type, _) | (_, Type::None)) {
                return Err(Problem::NotAString(
                    offset,
                    key.read_key()?.to_display(),
                    kind,
                ));
            }
            None
        };
        self.is_source |= role == Key::Lambda;
        self.is_document |= matches!(role, Key::Id | Key::Index | Key::Type);
        let Some(value) = value else {
            return Ok(());
        };
        let before = match role {
            Key::Data => self.data.replace((offset, value)),
            Key::Header => self.header.replace((offset, value)),
            Key::Format => self.format.replace((offset, value)),
            // An empty name is the same as a missing one.
            Key::Id if !value.raw.is_empty() => self.id.replace((offset, value)),
            Key::Index if !value.raw.is_empty() => self.index.replace((offset, value)),
            _ => None,
        };
        match before {
            None => Ok(()),
            Some(_) => Err(Problem::DuplicateKey(offset, key.read_key()?.to_display())),
        }
    }
}
