//! Partition keys: a few values of a record as texts, for the prefix of an object in S3.

use percent_encoding::percent_decode;

use crate::json;
use crate::plan::Plan;
use crate::value;

use super::Style;

/// Fills in the values of a record, in the order of the plan; `value` gives that of a column.
pub(super) fn fill<'r>(
    plan: &Plan,
    columns: &[Option<usize>],
    value: impl Fn(usize) -> &'r [u8],
    values: &mut [String],
) {
    let delivery = plan.delivery();
    for ((partition, column), text) in delivery.partitions.iter().zip(columns).zip(values) {
        text.clear();
        let raw = column.map(&value).filter(|raw| !value::is_missing(raw));
        match (raw, &partition.pattern) {
            (None, _) => {}
            (Some(raw), Some(pattern)) => {
                if let Some(millis) = value::parse_millis(raw) {
                    pattern.write(millis, text);
                }
            }
            (Some(raw), None) if plan.output().decode => {
                text.push_str(&percent_decode(raw).decode_utf8_lossy());
            }
            (Some(raw), None) => text.push_str(&String::from_utf8_lossy(raw)),
        }
        if text.is_empty() {
            text.push_str(delivery.firehose.partition_default.get_ref());
        }
    }
}

/// Bytes of a text as a JSON string, quotes included.
#[must_use]
pub fn serialized_len(text: &str, style: Style) -> usize {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    // Each byte, without a way out before the last: a loop that the compiler does in blocks.
    if text.bytes().fold(true, |all, byte| all & plain(byte)) {
        return text.len() + 2;
    }
    string(text, style).len()
}

fn string(text: &str, style: Style) -> String {
    if style.ascii() {
        json::ascii_string(text)
    } else {
        json::string(text)
    }
}

/// What an answer has behind its data, from the comma on; nothing without partition keys.
#[must_use]
pub fn metadata(plan: &Plan, values: &[String], style: Style) -> String {
    let partitions = &plan.delivery().partitions;
    if partitions.is_empty() {
        return String::new();
    }
    let (comma, colon) = (style.comma(), style.colon());
    let members = partitions.iter().zip(values).map(|(partition, value)| {
        format!(
            "{}{colon}{}",
            string(&partition.key, style),
            string(value, style)
        )
    });
    let members: Vec<String> = members.collect();
    format!(
        "{comma}\"metadata\"{colon}{{\"partitionKeys\"{colon}{{{}}}}}",
        members.join(comma)
    )
}
