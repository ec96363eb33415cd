//! Recognizes what failed records are that are not rows: what CloudWatch Logs and the Kinesis Producer Library send.
//!
//! Only failed records are looked at, so that the others cost nothing. Sources: Amazon CloudWatch Logs User Guide,
//! "Log group-level subscription filters"; "KPL Aggregated Record Format" of the Kinesis Producer Library.

use crate::json::scanner::{Invalid, Scanner};

/// Returns the content of gzip data; `None` if it cannot be decompressed, or is longer than the given bytes.
pub type Gunzip = fn(&[u8], usize) -> Option<Vec<u8>>;

/// A record that is not a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// Several records that the Kinesis Producer Library has aggregated into one.
    Aggregated,
    /// Compressed with gzip, as a log file is, or a subscription of CloudWatch Logs.
    Gzip,
    /// Log events from a subscription of CloudWatch Logs.
    Envelope,
    /// A message with which CloudWatch Logs checks the destination of a subscription.
    Control,
}

const AGGREGATED: &[u8] = b"\xf3\x89\x9a\xc2";
const GZIP: &[u8] = b"\x1f\x8b";

impl Foreign {
    /// Returns what a failed record is; `None` if it is not one of these.
    #[cold]
    pub(crate) fn detect(record: &[u8]) -> Option<Self> {
        if record.starts_with(AGGREGATED) {
            return Some(Self::Aggregated);
        }
        if is_gzip(record) {
            return Some(Self::Gzip);
        }
        read_envelope(record).ok().flatten()
    }

    /// Returns the message for users.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Aggregated => {
                "the record was aggregated by the Kinesis Producer Library: set its AggregationEnabled to false, or \
                 deaggregate its records first"
            }
            Self::Gzip => {
                "the record is compressed with gzip: decompress it first; for subscriptions of CloudWatch Logs turn on \
                 decompression and message extraction in the delivery stream (processors Decompression and \
                 CloudWatchLogProcessing)"
            }
            Self::Envelope | Self::Control => {
                "the record is an envelope of a CloudWatch Logs subscription, not a row: turn on message extraction \
                 after decompression in the delivery stream (processor CloudWatchLogProcessing)"
            }
        }
    }
}

/// Returns true if a record is compressed with gzip.
pub(crate) fn is_gzip(record: &[u8]) -> bool {
    record.starts_with(GZIP)
}

/// Reads the envelope of a subscription. Returns `None` for any other object.
fn read_envelope(record: &[u8]) -> Result<Option<Foreign>, Invalid> {
    let mut scanner = Scanner::new(record);
    let (mut kind, mut has_events) = (None, false);
    scanner.read_members(|key, scanner| {
        let key = key.decoded();
        if *key == *b"messageType" && scanner.peek_token() == Some(b'"') {
            kind = match &*scanner.read_string()?.decoded() {
                b"DATA_MESSAGE" => Some(Foreign::Envelope),
                b"CONTROL_MESSAGE" => Some(Foreign::Control),
                _ => None,
            };
        } else {
            has_events |= *key == *b"logEvents";
            scanner.skip_value()?;
        }
        Ok(())
    })?;
    scanner.expect_end()?;
    Ok(kind.filter(|_| has_events))
}

/// Returns the messages of the envelope of a subscription.
///
/// # Errors
/// A log event has no message, or one that is not a string.
pub(crate) fn messages(envelope: &[u8]) -> Result<Vec<Vec<u8>>, Invalid> {
    let mut scanner = Scanner::new(envelope);
    let mut messages = Vec::new();
    scanner.read_members(|key, scanner| {
        if *key.decoded() != *b"logEvents" {
            return scanner.skip_value().map(|_| ());
        }
        messages.clear();
        if !scanner.take(b'[') {
            return Err(scanner.invalid("a list"));
        }
        let mut has_more = !scanner.take(b']');
        while has_more {
            messages.push(message(scanner)?);
            has_more = scanner.has_more(b']')?;
        }
        Ok(())
    })?;
    Ok(messages)
}

/// Reads the message of a log event.
fn message(scanner: &mut Scanner<'_>) -> Result<Vec<u8>, Invalid> {
    let mut message = None;
    scanner.read_members(|key, scanner| {
        if *key.decoded() == *b"message" && scanner.peek_token() == Some(b'"') {
            message = Some(scanner.read_string()?.decoded().into_owned());
            return Ok(());
        }
        scanner.skip_value().map(|_| ())
    })?;
    message.ok_or_else(|| scanner.invalid("a message"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_have_a_type_and_events() {
        let detect = |text: &str| Foreign::detect(text.as_bytes());
        let data = r#"{"owner":"1","messageType":"DATA_MESSAGE","logEvents":[{"a":[]}]}"#;
        assert_eq!(detect(data), Some(Foreign::Envelope));
        let control = data.replace("DATA", "CONTROL");
        assert_eq!(detect(&format!(" {control}\r\n")), Some(Foreign::Control));
        for other in [
            "",
            "{}",
            "[]",
            r#"{"messageType":"DATA_MESSAGE"}"#,
            r#"{"messageType":1,"logEvents":[]}"#,
            r#"{"messageType":"OTHER","logEvents":[]}"#,
            &format!("{control}{data}"),
            &control[..control.len() - 1],
        ] {
            assert_eq!(detect(other), None, "{other}");
        }
        assert_eq!(Foreign::detect(b"\x1f\x8b\x08"), Some(Foreign::Gzip));
        assert_eq!(
            Foreign::detect(b"\xf3\x89\x9a\xc2\n"),
            Some(Foreign::Aggregated)
        );
        assert_eq!(Foreign::detect(b"\xf3\x89\x9a"), None);
    }
}
