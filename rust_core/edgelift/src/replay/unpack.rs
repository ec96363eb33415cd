//! Unpacks source records that hold other records: gzip, envelopes of CloudWatch Logs, several lines or JSON objects.

use super::parts::parts;
use crate::foreign::{Foreign, Gunzip, messages};

/// Limit for the content of gzip data, in bytes: that of an envelope in a file.
const MAX_CONTENT_BYTES: usize = 1 << 25;

/// Times that a source record may be packed, by gzip or an envelope.
const MAX_LAYERS: usize = 4;

/// The records within a source record.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Unpacked {
    pub(crate) records: Vec<Vec<u8>>,
    /// Messages with which CloudWatch Logs checks its destination.
    pub(crate) control_messages: u64,
    /// True if there was an envelope, which may be empty.
    has_envelope: bool,
}

/// Returns the records within a source record; `None` if it is a single one, has none, or cannot be unpacked.
pub(crate) fn unpack(record: &[u8], gunzip: Option<Gunzip>) -> Option<Unpacked> {
    let mut unpacked = Unpacked::default();
    unpacked.push(record, gunzip, MAX_LAYERS);
    let is_whole = match &unpacked.records[..] {
        [] => !unpacked.has_envelope,
        [only] => only == record,
        _ => false,
    };
    (!is_whole).then_some(unpacked)
}

impl Unpacked {
    /// Adds the records of a text that is packed at most `layers` times.
    fn push(&mut self, text: &[u8], gunzip: Option<Gunzip>, layers: usize) {
        if self.push_layer(text, gunzip, layers) {
            return;
        }
        if matches!(
            Foreign::detect(text),
            Some(Foreign::Gzip | Foreign::Aggregated)
        ) {
            // Its bytes are not lines.
            return self.records.push(text.to_vec());
        }
        for part in parts(text) {
            let part = &text[part.range];
            if part.len() == text.len() || !self.push_layer(part, gunzip, layers) {
                self.records.push(part.to_vec());
            }
        }
    }

    /// Adds the records of gzip or of an envelope. Returns false if the text is something else.
    fn push_layer(&mut self, text: &[u8], gunzip: Option<Gunzip>, layers: usize) -> bool {
        let Some(layers) = layers.checked_sub(1) else {
            return false;
        };
        match Foreign::detect(text) {
            Some(Foreign::Gzip) => {
                let Some(content) = gunzip.and_then(|gunzip| gunzip(text, MAX_CONTENT_BYTES))
                else {
                    return false;
                };
                self.push(&content, gunzip, layers);
            }
            Some(Foreign::Envelope) => {
                let Ok(messages) = messages(text) else {
                    return false;
                };
                self.has_envelope = true;
                for message in messages {
                    self.push(&message, gunzip, layers);
                }
            }
            Some(Foreign::Control) => {
                self.has_envelope = true;
                self.control_messages += 1;
            }
            Some(Foreign::Aggregated) | None => return false,
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
            ..
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
            Some(unpacked(&[], 0))
        );
        assert_eq!(read("a"), None);
        assert_eq!(read("a\n"), None);
        assert_eq!(read(r#"{"a":1}"#), None);
        assert_eq!(read("\u{1f}\u{8b}"), None);
    }

    #[test]
    fn envelopes_in_envelopes_are_unpacked_four_times() {
        let mut text = "a\tb\nc".to_owned();
        let mut texts = Vec::new();
        for _ in 0..5 {
            let message = crate::json::string(&text);
            text = format!(
                r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"message":{message}}}]}}"#
            );
            texts.push(text.clone());
        }
        assert_eq!(read(&texts[3]), Some(unpacked(&["a\tb\n", "c"], 0)));
        assert_eq!(read(&texts[4]), Some(unpacked(&[&texts[0]], 0)));
    }

    #[test]
    fn messages_that_are_not_strings_make_no_envelope() {
        let text = r#"{"messageType":"DATA_MESSAGE","logEvents":[{"message":1}]}"#;
        assert_eq!(read(text), None);
    }
}
