//! Partition keys: a few values of a record as texts, for the prefix of an object in S3.

use percent_encoding::percent_decode;

use crate::json;
use crate::plan::{Partition, Places, Plan};
use crate::value;

use super::Style;

/// Fills in the values of a record, which are given by column, in the order of the plan.
pub(super) fn fill<'a>(
    plan: &Plan,
    places: &Places,
    value: impl Fn(usize) -> Option<&'a [u8]>,
    texts: &mut [String],
) {
    let delivery = plan.delivery();
    for ((partition, column), text) in delivery
        .partitions
        .iter()
        .zip(&places.partitions)
        .zip(texts)
    {
        text.clear();
        let raw = column.and_then(&value);
        let raw = raw.filter(|raw| !value::is_missing(raw));
        match (raw, &partition.pattern) {
            (raw, Some(pattern)) => {
                let millis = if partition.is_time() {
                    places.millis(&value)
                } else {
                    raw.and_then(value::millis)
                };
                if let Some(millis) = millis {
                    pattern.write(millis, text);
                }
            }
            (None, None) => {}
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
    if is_plain(text.as_bytes()) {
        return text.len() + 2;
    }
    string(text, style).len()
}

/// Whether each byte stands for itself in a JSON string of either style.
fn is_plain(bytes: &[u8]) -> bool {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    // Each byte, without a way out before the last: a loop that the compiler does in one block.
    let all = |block: &[u8; 16]| block.iter().fold(true, |all, &byte| all & plain(byte));
    match bytes.last_chunk() {
        // The last block begins within the one before it.
        Some(last) => bytes.as_chunks().0.iter().chain([last]).all(all),
        None => bytes.iter().all(|&byte| plain(byte)),
    }
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
#[inline]
pub fn metadata(plan: &Plan, values: &[String], style: Style) -> String {
    let partitions = &plan.delivery().partitions;
    if partitions.is_empty() {
        return String::new();
    }
    members(partitions, values, style)
}

fn members(partitions: &[Partition], values: &[String], style: Style) -> String {
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
