//! The first record of a log.

use super::json_text::is_objects;
use super::log::row_of;
use super::record::{begins_object, header};
use crate::fields::Log;
use crate::plan::Plan;

/// What a line says about the lines after it, if those before it decided nothing.
#[derive(PartialEq)]
pub(super) enum FirstRecord {
    /// It is blank, or a directive that any log may have.
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
        b"\n" | b"\r\n" => FirstRecord::Nothing,
        _ if begins_object(line) => {
            let has_tab = line.contains(&b'\t');
            if is_objects(line) && !(has_tab && is_viewer_row) {
                FirstRecord::Standard
            } else {
                FirstRecord::Row
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
    let mut names: Vec<&str> = value.split_whitespace().collect();
    let delimiter = plan.input().delimiter.trim();
    if names.len() == 1 && !delimiter.is_empty() {
        names = names[0].split(delimiter).collect();
    }
    let logs = [Log::Realtime, Log::Standard, Log::Connection];
    let is_field = |name: &&str| logs.iter().any(|log| log.field_in_table(name).is_some());
    let columns = line.split(|&byte| byte == b'\t').count();
    let mut layouts = plan.layouts().iter();
    let has_columns_of_row = !has_blank && layouts.any(|layout| layout.columns.len() == columns);
    (!names.is_empty() && names.iter().all(is_field))
        || (value.starts_with([' ', '\t']) && !has_columns_of_row)
}

fn is_version(value: &str) -> bool {
    match value.trim_ascii_end().as_bytes() {
        [b' ', major, b'.', minor] => major.is_ascii_digit() && minor.is_ascii_digit(),
        _ => false,
    }
}
