//! Detects whether the data of an error object are a source record or a document.

use super::parts::parts;
use crate::config::{Timestamp, Values};
use crate::fields::Log;
use crate::foreign::Foreign;
use crate::json::scanner::{Invalid, Scanner, Type};
use crate::plan::{EVENT_TIMESTAMP, Plan};

/// What `rawData` holds if the keys of its error object do not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RawData {
    /// The content decides; if it could be both, the error object fails.
    #[default]
    Detect,
    /// A source record, which is transformed.
    Source,
    /// A document, which is passed on.
    Document,
}

/// Returns what the data are; `Detect` if they could be both. The first line or object decides.
///
/// A source record is a row, or a JSON record of a standard or connection log under CloudFront's own names. A document is a JSON
/// object whose keys and types depend on the configuration.
pub(crate) fn detect(plan: &Plan, data: &[u8]) -> RawData {
    let first = parts(data).next();
    let first = first
        .map_or(data, |part| &data[part.range])
        .trim_ascii_start();
    if first.first() != Some(&b'{') || Foreign::detect(first).is_some() {
        return RawData::Source;
    }
    // Invalid JSON is neither; as a record it fails with a message that says where it ends.
    Signs::read(first).map_or(RawData::Source, |signs| signs.decide(plan))
}

/// The members of a JSON object that differ between records and documents, counted.
#[derive(Default)]
struct Signs {
    members: usize,
    /// Those whose value is a string.
    strings: usize,
    /// Fields of standard and connection logs.
    fields: usize,
    /// Keys written with parentheses, such as `cs(Host)`, which no key of a document has. `cs_host` may be one.
    parentheses: usize,
    /// `date` and `time`.
    dates: usize,
    /// `timestamp` in whole seconds, and `timestamp(ms)`.
    seconds: usize,
    /// `timestamp` in another form, which standard logs do not have.
    other_timestamps: usize,
    /// `eventTimestamp` as a string.
    event_texts: usize,
}

/// Longest timestamp in whole seconds, in digits: the next digit comes in the year 5138.
const MAX_SECONDS_DIGITS: usize = 11;

impl Signs {
    fn read(object: &[u8]) -> Result<Self, Invalid> {
        let (mut scanner, mut signs) = (Scanner::new(object), Self::default());
        scanner.read_members(|key, scanner| {
            let key = key.to_display();
            scanner.peek_token();
            let start = scanner.offset();
            let kind = scanner.skip_value()?;
            let value = &object[start..scanner.offset()];
            signs.members += 1;
            signs.strings += usize::from(kind == Type::Str);
            let name = |log: Log| log.field_in_table(&key)?.name_in(log);
            if let Some(name) = name(Log::Standard).or_else(|| name(Log::Connection)) {
                signs.parentheses += usize::from(key.contains('('));
                signs.add_field(name, value, kind);
            }
            Ok(())
        })?;
        scanner.expect_end()?;
        Ok(signs)
    }

    /// Adds a field by its name in its log. `value` is JSON.
    fn add_field(&mut self, name: &str, value: &[u8], kind: Type) {
        self.fields += 1;
        self.seconds += usize::from(name == "timestamp(ms)");
        self.dates += usize::from(matches!(name, "date" | "time"));
        self.event_texts += usize::from(name == EVENT_TIMESTAMP && kind == Type::Str);
        if name == "timestamp" {
            let digits = value.strip_prefix(b"\"").unwrap_or(value);
            let digits = digits.strip_suffix(b"\"").unwrap_or(digits);
            let is_seconds =
                digits.len() <= MAX_SECONDS_DIGITS && digits.iter().all(u8::is_ascii_digit);
            self.seconds += usize::from(is_seconds);
            self.other_timestamps += usize::from(!is_seconds);
        }
    }

    fn decide(&self, plan: &Plan) -> RawData {
        if self.members == 0 {
            return RawData::Detect;
        }
        // Real-time logs have no JSON records.
        if !plan.reads_standard() || self.fields == 0 {
            return RawData::Document;
        }
        let output = plan.output();
        // Otherwise a document has the times as they are in the record.
        let joins_time = output.values == Values::Typed && output.timestamp != Timestamp::Verbatim;
        let has_event_text = self.event_texts > 0 && output.timestamp == Timestamp::EpochMillis;
        let has_source_time = self.seconds > 0 || self.dates == 2 || has_event_text;
        if self.parentheses > 0 || (joins_time && has_source_time) {
            RawData::Source
        } else if self.other_timestamps > 0 || self.strings < self.members {
            RawData::Document
        } else {
            RawData::Detect
        }
    }
}
