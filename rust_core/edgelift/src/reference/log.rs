//! All lines of a log.

use super::first_record::{FirstRecord, first_record};
use super::record::{header, header_names, row_of, transform};
use crate::config::Format;
use crate::error::Reason;
use crate::plan::{Plan, Version};

/// What the first record of a file says about all of it.
#[derive(PartialEq)]
enum FileKind {
    Undecided,
    Rows,
    Standard,
}

/// Returns the document, or the reason of the failure, for each line that is neither blank nor a valid header.
#[must_use]
pub fn lines(plan: &Plan, text: &[u8]) -> Vec<Result<String, Reason>> {
    let (mut header_plan, mut version) = (None, Version::Two);
    let mut kind = match plan.input().format {
        Format::Realtime => FileKind::Rows,
        Format::Auto if !plan.layouts().is_empty() => FileKind::Undecided,
        Format::Standard | Format::Auto => FileKind::Standard,
    };
    let mut results = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let mut is_row = false;
        if kind == FileKind::Undecided {
            match first_record(plan, line) {
                FirstRecord::Nothing => {}
                FirstRecord::Row => kind = FileKind::Rows,
                FirstRecord::FailedComment => is_row = true,
                FirstRecord::Standard => kind = FileKind::Standard,
            }
        }
        if is_row || kind == FileKind::Rows {
            results.push(row_of(plan, line));
            continue;
        }
        let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
        let word = header(&text);
        if let Some(("fields", names)) = word.as_ref().map(|(word, names)| (&**word, *names)) {
            let compiled = plan.for_header(&header_names(plan, names), version);
            let compiled = compiled
                .ok()
                .filter(|_| line.len() <= plan.max_record_bytes());
            if compiled.is_none() {
                let is_too_large = line.len() > plan.max_record_bytes();
                results.push(Err(if is_too_large {
                    Reason::TooLarge
                } else {
                    Reason::BadHeader
                }));
            }
            header_plan = Some(compiled.unwrap_or_else(|| plan.without_layouts()));
            version = Version::Two;
        } else if let Some((word, _)) = word {
            if word == "version" {
                version = Version::One;
            }
        } else {
            let document = transform(header_plan.as_ref().unwrap_or(plan), line);
            results.push(document.map_err(|error| error.reason));
        }
    }
    // Drops blank lines.
    results.retain(|result| *result != Err(Reason::EmptyRecord));
    results
}
