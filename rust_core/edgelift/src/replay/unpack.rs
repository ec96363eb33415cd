//! Unpacks source records that hold other records: gzip, envelopes of CloudWatch Logs, several lines or JSON objects.

use std::borrow::Cow;

use super::parts::parts;
use crate::foreign::{Foreign, Gunzip, messages};

/// Limit for the content of gzip data, in bytes: that of an envelope in a file.
const MAX_CONTENT_BYTES: usize = 1 << 25;

/// The records within a source record.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Unpacked {
    pub(crate) records: Vec<Vec<u8>>,
    /// Messages with which CloudWatch Logs checks its destination.
    pub(crate) control_messages: u64,
}

/// Returns the records within a source record; `None` if it is a single one, has none, or cannot be unpacked.
pub(crate) fn unpack(record: &[u8], gunzip: Option<Gunzip>) -> Option<Unpacked> {
    let content = match Foreign::detect(record) {
        Some(Foreign::Gzip) => Cow::Owned(gunzip?(record, MAX_CONTENT_BYTES)?),
        Some(Foreign::Aggregated) => return None,
        _ => Cow::Borrowed(record),
    };
    let mut unpacked = Unpacked::default();
    if !unpacked.push_envelope(&content) {
        for part in parts(&content) {
            let part = &content[part.range];
            if !unpacked.push_envelope(part) {
                unpacked.records.push(part.to_vec());
            }
        }
    }
    let is_whole = match &unpacked.records[..] {
        [] => unpacked.control_messages == 0,
        [only] => only == record,
        _ => false,
    };
    (!is_whole).then_some(unpacked)
}

impl Unpacked {
    /// Adds the messages of an envelope. Returns false if it is not one.
    fn push_envelope(&mut self, text: &[u8]) -> bool {
        match Foreign::detect(text) {
            Some(Foreign::Control) => self.control_messages += 1,
            Some(Foreign::Envelope) => {
                let Ok(messages) = messages(text) else {
                    return false;
                };
                for message in messages {
                    let records = parts(&message).map(|part| message[part.range].to_vec());
                    self.records.extend(records);
                }
            }
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(record: &str) -> Option<(Vec<String>, u64)> {
        let Unpacked {
            records,
            control_messages,
        } = unpack(record.as_bytes(), None)?;
        let records = records
            .into_iter()
            .map(|record| String::from_utf8(record).expect("UTF-8"));
        Some((records.collect(), control_messages))
    }

    fn unpacked(records: &[&str], control_messages: u64) -> (Vec<String>, u64) {
        let records = records.iter().map(|&record| record.to_owned());
        (records.collect(), control_messages)
    }

    #[test]
    fn envelopes_and_lines_are_unpacked() {
        let data = r#"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":"a\tb"},{"message":"{\"c\":1}"}]}"#;
        let control = data.replace("DATA_", "CONTROL_");
        assert_eq!(read(data), Some(unpacked(&["a\tb", r#"{"c":1}"#], 0)));
        assert_eq!(read(&control), Some(unpacked(&[], 1)));
        assert_eq!(
            read(&format!("{data}{control}\n{data}")),
            Some(unpacked(&["a\tb", r#"{"c":1}"#, "a\tb", r#"{"c":1}"#], 1))
        );
        assert_eq!(read("a\n\nb"), Some(unpacked(&["a\n", "b"], 0)));
        assert_eq!(read(""), None);
        assert_eq!(read("\r\n"), None);
        assert_eq!(
            read(r#"{"messageType":"DATA_MESSAGE","logEvents":[]}"#),
            None
        );
        assert_eq!(read("a"), None);
        assert_eq!(read("a\n"), None);
        assert_eq!(read(r#"{"a":1}"#), None);
        assert_eq!(read("\u{1f}\u{8b}"), None);
    }

    #[test]
    fn messages_that_are_not_strings_make_no_envelope() {
        let text = r#"{"messageType":"DATA_MESSAGE","logEvents":[{"message":1}]}"#;
        assert_eq!(read(text), None);
    }
}
