//! The members of an error object that matter.

use super::problem::Problem;
use crate::json::Text;
use crate::json::scanner::{Invalid, Scanner, Type};

/// What a key of an error object stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Data,
    /// The lines of the header that the source record stood behind; a key of our own.
    Header,
    Lambda,
    Id,
    Index,
    Type,
    /// When, how often and why it failed.
    Ignored,
}

/// `es` is OpenSearch Service, as it was called first; `os` is OpenSearch Serverless.
const KEYS: [(&[u8], Key); 14] = [
    (b"attemptsMade", Key::Ignored),
    (b"arrivalTimestamp", Key::Ignored),
    (b"errorCode", Key::Ignored),
    (b"errorMessage", Key::Ignored),
    (b"attemptEndingTimestamp", Key::Ignored),
    (b"rawData", Key::Data),
    (b"logHeader", Key::Header),
    (b"lambdaArn", Key::Lambda),
    (b"esDocumentId", Key::Id),
    (b"esIndexName", Key::Index),
    (b"esTypeName", Key::Type),
    (b"osDocumentId", Key::Id),
    (b"osIndexName", Key::Index),
    (b"osTypeName", Key::Type),
];

impl Key {
    fn from_name(key: Text<'_>) -> Option<Self> {
        let key = &*key.decoded();
        // Their lengths tell most of them apart, which is looked at first.
        let mut known = KEYS.iter().filter(|(name, _)| name.len() == key.len());
        known
            .find(|(name, _)| *name == key || name.eq_ignore_ascii_case(key))
            .map(|&(_, of)| of)
    }
}

/// The keys of the last error object as they stand in it: Firehose writes them the same way every time.
#[derive(Debug, Default)]
pub(super) struct KeyCache {
    keys: Vec<CachedKey>,
    /// For what is nested in members that do not matter.
    pub(super) open: Vec<u8>,
}

#[derive(Debug)]
struct CachedKey {
    /// The key with its quotes and its colon.
    tokens: Vec<u8>,
    of: Option<Key>,
}

impl KeyCache {
    /// Most keys and bytes of a key that are kept.
    const KEPT: usize = 32;

    /// Takes the key that comes next, the `index`th of its object.
    fn key(&mut self, index: usize, scanner: &mut Scanner<'_>) -> Result<Option<Key>, Invalid> {
        if let Some(known) = self.keys.get(index)
            && scanner.take_tokens(&known.tokens)
        {
            return Ok(known.of);
        }
        scanner.peek_token();
        let from = *scanner;
        let of = Key::from_name(scanner.read_key()?);
        let tokens = from.bytes_until(scanner);
        if tokens.len() <= Self::KEPT && index < Self::KEPT {
            if index == self.keys.len() {
                let tokens = Vec::with_capacity(Self::KEPT);
                self.keys.push(CachedKey { tokens, of });
            }
            if let Some(known) = self.keys.get_mut(index) {
                known.of = of;
                known.tokens.clear();
                known.tokens.extend_from_slice(tokens);
            }
        }
        Ok(of)
    }

    /// Whether a JSON object is an error object, by its first key: no field of CloudFront's has such a name.
    pub(super) fn is_error_object(&mut self, line: &[u8]) -> bool {
        let mut scanner = Scanner::new(line);
        scanner.take(b'{') && matches!(self.key(0, &mut scanner), Ok(Some(_)))
    }
}

#[derive(Default)]
pub(super) struct Members<'a> {
    /// `rawData` and where it begins; as the others.
    pub(super) data: Option<(usize, Text<'a>)>,
    pub(super) header: Option<(usize, Text<'a>)>,
    pub(super) id: Option<(usize, Text<'a>)>,
    pub(super) index: Option<(usize, Text<'a>)>,
    /// Whether a function could not transform it.
    pub(super) is_source: bool,
    /// Whether OpenSearch refused it.
    pub(super) is_document: bool,
}

impl<'a> Members<'a> {
    /// Reads all but the characters of the data, which their decoder checks. What is wrong is what [`Members::read`]
    /// says.
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
        let mut goes_on = scanner.take(b'{') && !scanner.take(b'}');
        let mut index = 0;
        while goes_on {
            let key = scanner;
            match key_cache.key(index, &mut scanner)? {
                None | Some(Key::Ignored) => {
                    scanner.skip_value_with(&mut key_cache.open)?;
                }
                Some(of) => {
                    members.read_value(of, key, &mut scanner, &mut key_cache.open, &data)?
                }
            }
            goes_on = scanner.has_more(b'}')?;
            index += 1;
        }
        scanner.expect_end()?;
        Ok(members)
    }

    /// Takes the value of a member; `key` is where it begins.
    fn read_value(
        &mut self,
        of: Key,
        mut key: Scanner<'a>,
        scanner: &mut Scanner<'a>,
        open: &mut Vec<u8>,
        data: impl Fn(&mut Scanner<'a>) -> Result<Text<'a>, Invalid>,
    ) -> Result<(), Problem> {
        let first = scanner.peek_token();
        let place = scanner.offset();
        let value = if first == Some(b'"') {
            Some(if of == Key::Data {
                data(scanner)?
            } else {
                scanner.read_string()?
            })
        } else {
            let found = scanner.skip_value_with(open)?;
            if !matches!((of, found), (Key::Lambda | Key::Type, _) | (_, Type::None)) {
                return Err(Problem::NotAString(
                    place,
                    key.read_key()?.to_display(),
                    found,
                ));
            }
            None
        };
        self.is_source |= of == Key::Lambda;
        self.is_document |= matches!(of, Key::Id | Key::Index | Key::Type);
        let Some(value) = value else {
            return Ok(());
        };
        let before = match of {
            Key::Data => self.data.replace((place, value)),
            Key::Header => self.header.replace((place, value)),
            // An empty name is none.
            Key::Id if !value.raw.is_empty() => self.id.replace((place, value)),
            Key::Index if !value.raw.is_empty() => self.index.replace((place, value)),
            _ => None,
        };
        match before {
            None => Ok(()),
            Some(_) => Err(Problem::DuplicateKey(place, key.read_key()?.to_display())),
        }
    }
}
