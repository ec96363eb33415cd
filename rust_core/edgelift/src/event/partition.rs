//! Partition keys: values of a record that Firehose uses in the prefix of an S3 object.

use percent_encoding::percent_decode;

use crate::json;
use crate::plan::{ColumnIndexes, Partition, Plan};
use crate::value;

use super::style::Style;

/// Writes the partition keys of a record to `texts`, in the order of the plan. `value` returns the value of a column.
pub(super) fn fill<'a>(
    plan: &Plan,
    places: &ColumnIndexes,
    value: impl Fn(usize) -> Option<&'a [u8]>,
    texts: &mut [String],
) {
    let delivery = plan.firehose();
    for ((partition, column), text) in delivery
        .partitions
        .iter()
        .zip(&places.partitions)
        .zip(texts)
    {
        text.clear();
        let raw = column.and_then(|column| value(column.index));
        let raw = raw.filter(|raw| !value::is_missing(raw));
        match (raw, &partition.pattern) {
            (raw, Some(pattern)) => {
                let millis = if partition.is_time() {
                    places.millis(&value)
                } else {
                    raw.and_then(value::parse_timestamp_millis)
                };
                if let Some(millis) = millis {
                    pattern.write(millis, text);
                }
            }
            (None, None) => {}
            (Some(raw), None) if column.is_some_and(|column| column.decodes(raw)) => {
                text.push_str(&percent_decode(raw).decode_utf8_lossy());
            }
            (Some(raw), None) => text.push_str(&String::from_utf8_lossy(raw)),
        }
        if text.is_empty() {
            text.push_str(delivery.firehose.partition_default.get_ref());
        }
    }
}

/// Returns the length of a text as a JSON string, quotes included. Bytes that are not UTF-8 are replaced.
#[must_use]
pub fn serialized_len(text: &[u8], style: Style) -> usize {
    if json::blocks::is_plain(text) {
        return text.len() + 2;
    }
    string(&String::from_utf8_lossy(text), style).len()
}

fn string(text: &str, style: Style) -> String {
    if style.ascii() {
        json::ascii_string(text)
    } else {
        json::string(text)
    }
}

/// Writes the metadata of an answer to `metadata`, from the comma after its data; without partition keys it stays empty.
#[inline]
pub(super) fn write_metadata(plan: &Plan, values: &[String], style: Style, metadata: &mut String) {
    let partitions = &plan.firehose().partitions;
    if !partitions.is_empty() {
        *metadata = members(partitions, values, style);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) {
        for style in [
            Style::Compact,
            Style::Spaced { ascii: true },
            Style::Spaced { ascii: false },
        ] {
            let expected = string(text, style).len();
            assert_eq!(serialized_len(text.as_bytes(), style), expected, "{text:?}");
        }
    }

    #[test]
    fn computed_length_equals_that_of_the_string() {
        for len in 0..70 {
            check(&"x".repeat(len));
            for place in 0..len {
                for other in (0..0x100).chain([0x2028, 0xfffd, 0x1f600]) {
                    let other = char::from_u32(other).unwrap();
                    let mut text: Vec<char> = vec!['x'; len];
                    text[place] = other;
                    check(&text.into_iter().collect::<String>());
                }
            }
        }
    }
}
