//! The first record of a log.

use super::json_text::is_objects;
use super::record::{begins_object, header, header_names, row_of};
use crate::fields::Log;
use crate::plan::Plan;

/// What a line says about the lines after it, if those before it decided nothing.
#[derive(PartialEq)]
pub(super) enum FirstRecord {
    /// It is blank, a directive that any log may have, or JSON that is invalid or too large.
    Nothing,
    Row,
    /// It is no directive, and fails as a row.
    FailedComment,
    Standard,
}

/// Returns what a line says in a file with layouts of real-time rows. What a viewer may have written is a row.
pub(super) fn first_record(plan: &Plan, line: &[u8]) -> FirstRecord {
    let text = String::from_utf8_lossy(line).into_owned();
    let is_viewer_row = row_of(plan, line).is_ok() && !line.contains(&b' ');
    match line {
        b"\n" | b"\r\n" if line.len() <= plan.max_record_bytes() => FirstRecord::Nothing,
        _ if begins_object(line) => {
            let is_json = is_objects(line);
            let has_tab = line.contains(&b'\t');
            if line.len() > plan.max_record_bytes() {
                FirstRecord::Nothing
            } else if (has_tab && !is_json) || (has_tab == is_json && is_viewer_row) {
                FirstRecord::Row
            } else if is_json {
                FirstRecord::Standard
            } else {
                FirstRecord::Nothing
            }
        }
        [b'#', ..] => match header(&text) {
            Some(_) if is_viewer_row => FirstRecord::Row,
            Some((word, value)) if is_directive(plan, line, &word, value) => {
                if word == "fields" || (word == "version" && is_version(value)) {
                    FirstRecord::Standard
                } else {
                    FirstRecord::Nothing
                }
            }
            None if row_of(plan, line).is_err() => FirstRecord::FailedComment,
            _ => FirstRecord::Row,
        },
        _ => FirstRecord::Row,
    }
}

/// Returns true if a line with a word and a colon, and this value after them, cannot be a row, even one that fails.
fn is_directive(plan: &Plan, line: &[u8], word: &str, value: &str) -> bool {
    if line.len() > plan.max_record_bytes() {
        return value.starts_with(' ');
    }
    let (has_blank, has_tab) = (line.contains(&b' '), line.contains(&b'\t'));
    if word != "fields" {
        return has_blank || !has_tab;
    }
    let names = header_names(plan, value);
    let is_field = |name: &&&str| {
        Log::ALL
            .iter()
            .any(|log| log.field_in_table(name).is_some())
    };
    let fields = names.iter().filter(is_field).count();
    value.starts_with(' ') || (fields > 0 && 2 * fields >= names.len())
}

fn is_version(value: &str) -> bool {
    match value.trim_ascii_end().as_bytes() {
        [b' ', major, b'.', minor] => major.is_ascii_digit() && minor.is_ascii_digit(),
        _ => false,
    }
}
