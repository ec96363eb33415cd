//! Reads what names the index and id of a document whose record is not at hand.

use crate::fields::Log;
use crate::json::scanner::{Invalid, Scanner, Type};
use crate::plan::{EVENT_TIMESTAMP, Plan, REQUEST_ID, TIMESTAMP};
use crate::value;

/// The time and request id of a document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Identity {
    /// Milliseconds since 1970.
    pub(super) millis: Option<u64>,
    pub(super) id: Option<Vec<u8>>,
}

impl Identity {
    /// Reads a document with the keys of a plan.
    pub(super) fn read(plan: &Plan, document: &[u8]) -> Self {
        Self::read_members(plan, document).unwrap_or_default()
    }

    fn read_members(plan: &Plan, document: &[u8]) -> Result<Self, Invalid> {
        let key = |log: Log, name| {
            let field = log.field(name);
            field.map_or(name, |field| field.key(plan.output().names))
        };
        let timestamps = [
            key(Log::Realtime, TIMESTAMP),
            key(Log::Connection, EVENT_TIMESTAMP),
        ];
        let request_id = key(Log::Realtime, REQUEST_ID);
        let (mut identity, mut scanner) = (Self::default(), Scanner::new(document));
        scanner.read_members(|key, scanner| {
            let key = key.decoded();
            scanner.peek_token();
            let start = scanner.offset();
            let kind = scanner.skip_value()?;
            let value = &document[start..scanner.offset()];
            if timestamps.iter().any(|name| *key == *name.as_bytes()) {
                identity.millis = match kind {
                    Type::Int => value::parse_milliseconds(value),
                    Type::Str => text_millis(&value[1..value.len() - 1]),
                    _ => None,
                };
            } else if *key == *request_id.as_bytes() && kind == Type::Str {
                let text = Scanner::from_offset(document, start).read_string()?;
                identity.id = Some(text.decoded().into_owned());
            }
            Ok(())
        })?;
        Ok(identity)
    }
}

/// Parses a timestamp as `values = "text"`, `timestamp = "verbatim"` or `"iso8601"` leave or write it.
fn text_millis(text: &[u8]) -> Option<u64> {
    value::parse_timestamp_millis(text).or_else(|| value::parse_event_time(text))
}

#[cfg(test)]
mod tests {
    use super::text_millis;

    #[test]
    fn timestamps_of_all_options_are_read() {
        let expected = Some(1_700_000_000_000);
        assert_eq!(text_millis(b"1700000000"), expected);
        assert_eq!(text_millis(b"1700000000.000"), expected);
        assert_eq!(text_millis(b"2023-11-14T22:13:20.000Z"), expected);
        assert_eq!(text_millis(b"1700000000000"), expected);
        assert_eq!(text_millis(b"2023-11-14"), None);
        assert_eq!(text_millis(b""), None);
    }
}
