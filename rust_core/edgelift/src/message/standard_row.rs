//! Recognizes rows of standard logs that have no header, and the fields that they may have.

use std::borrow::Cow;

use crate::fields::{Field, Log};
use crate::sniff;
use crate::value;

/// Numbers of fields that standard logs of version 1 have had, in a fixed order. Version 2 has any number and order.
const VERSION_1: [usize; 5] = [18, 23, 24, 26, 33];

/// Returns what a row of a standard log is, as the words after "is", with what to do; `None` for other records.
#[cold]
pub(super) fn describe(record: &[u8]) -> Option<Cow<'static, str>> {
    let line = record.strip_suffix(b"\n").unwrap_or(record);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if memchr::memchr(b'\n', line).is_some() {
        return None;
    }
    let values = || line.split(|&byte| byte == b'\t');
    let date = sniff::date_column(values())?;
    let count = values().count();
    let version_1 = (date == 0).then(|| guess(values(), count));
    let fields = version_1.flatten().unwrap_or_else(|| {
        let (date, time) = (date + 1, date + 2);
        format!("its {count} fields, of which {date} is date and {time} is time")
    });
    Some(Cow::Owned(format!(
        "a row of a standard log: [input] format = \"auto\" reads it after its header; without a header [[layouts]] or \
         --fields must list {fields}"
    )))
}

/// Returns the fields of a row if they can be those of version 1.
fn guess<'a>(values: impl Iterator<Item = &'a [u8]>, count: usize) -> Option<String> {
    if !VERSION_1.contains(&count) {
        return None;
    }
    let known = Log::Standard.fields();
    let first = known.iter().position(|field| name(field) == "date")?;
    let version_1 = known.get(first..first + count)?;
    let is_fit = |(field, value): (&&Field, &[u8])| value::fits(field.kind, value);
    if !version_1.iter().zip(values).all(is_fit) {
        return None;
    }
    let names: Vec<_> = version_1.iter().map(|field| name(field)).collect();
    // In quotes, since a shell would not take the parentheses.
    Some(format!("\"{}\"", names.join(",")))
}

fn name(field: &Field) -> &'static str {
    field.standard.map_or(field.name, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_version_1_name_their_fields() {
        let describe = |row: &str| describe(row.as_bytes()).map(Cow::into_owned);
        let row = "2024-11-15\t19:45:51\tSEA900-P1\t392\t192.0.2.33\tGET\td1.cloudfront.net\t/js/a.js\t304\r\n";
        let whole = row.replace("\r\n", &("\t-".repeat(9) + "\r\n"));
        let fields = "date,time,x-edge-location,sc-bytes,c-ip,cs-method,cs(Host),cs-uri-stem,sc-status,cs(Referer),";
        assert!(
            describe(&whole)
                .unwrap()
                .contains(&format!("list \"{fields}"))
        );
        let other = describe(&whole.replace("192.0.2.33", "a")).unwrap();
        assert!(other.ends_with("list its 18 fields, of which 1 is date and 2 is time"));
        // Version 2 has any fields in any order.
        let other = describe(row).unwrap();
        assert!(other.ends_with("list its 9 fields, of which 1 is date and 2 is time"));
        let other = describe(&format!("1731699951\tE1\t{row}")).unwrap();
        assert!(other.ends_with("list its 11 fields, of which 3 is date and 4 is time"));
        let other = describe("192.0.2.1\t2024-11-15\t19:45:51").unwrap();
        assert!(other.ends_with("list its 3 fields, of which 2 is date and 3 is time"));
        assert_eq!(describe("1700000000\t192.0.2.1"), None);
        assert_eq!(describe(&format!("{row}{row}")), None);
    }
}
