//! Options that concern standard logs only.

use super::encode::StandardEncode;
use super::field_names::{QUERY, STEM, USER_AGENT};
use super::resolved_field::ResolvedField;
use crate::config::{Config, DecodeJson, Format, Input, Output, TAB, Uri};
use crate::fields::Log;

/// Version of a standard log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Files with `#Version:`, separated by tabs.
    One,
    /// JSON records, and rows with any delimiter.
    Two,
}

/// Returns true if all rows are those of standard logs: no layout is a list of real-time fields.
pub(super) fn has_columns(config: &Config) -> bool {
    match config.input.format {
        Format::Realtime => false,
        Format::Standard => true,
        Format::Auto => config.layouts.is_empty(),
    }
}

/// Applies the options of standard logs to the fields of a layout.
pub(super) fn apply_options(
    fields: &mut [ResolvedField],
    version: Version,
    input: &Input,
    output: &Output,
) {
    let has_query = fields.iter().any(|field| *field.name == *QUERY);
    for field in fields {
        let (decode, is_selected) = (field.decode, field.is_selected);
        if *field.written == *STEM && input.uri == Uri::Joined && has_query {
            // Path and query string together are the real-time field, which has another key.
            if let Some(realtime) = Log::Realtime.field(STEM) {
                *field = ResolvedField {
                    decode,
                    is_selected,
                    ..ResolvedField::from_realtime(realtime, output.names)
                };
            }
            field.encode = Some(StandardEncode::Joined { decode });
        }
        if *field.name == *USER_AGENT && input.decode_twice && decode {
            let without_date = version == Version::One;
            field.encode = Some(StandardEncode::DecodedTwice { without_date });
        }
    }
}

/// Warns of each option that is set but has no effect on real-time logs.
pub(super) fn warn_without_effect(input: &Input, warnings: &mut Vec<String>) {
    if input.format != Format::Realtime {
        return;
    }
    let options = [
        ("uri", input.uri != Uri::default()),
        ("delimiter", &*input.delimiter != TAB),
        ("decode_twice", !input.decode_twice),
        ("decode_json", input.decode_json != DecodeJson::default()),
    ];
    let set = options.iter().filter(|(_, is_set)| *is_set);
    warnings.extend(set.map(|(option, _)| {
        format!("[input] {option} has no effect on real-time logs; format = \"standard\" or \"auto\" reads others")
    }));
}

/// Returns the delimiter of rows, unless it is the tab.
pub(super) fn delimiter(input: &Input) -> Option<Box<[u8]>> {
    let other = Some(&*input.delimiter).filter(|delimiter| *delimiter != TAB);
    other.map(|delimiter| delimiter.as_bytes().into())
}
