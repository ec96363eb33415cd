//! The directives of a standard log: `#Version:`, `#Fields:` and other lines of this form.

use crate::fields::Log;
use crate::plan::{NamesError, Plan, Version};

/// A directive, by its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Directive {
    Version,
    Fields,
    Other,
}

/// Longest word of a directive, with the blanks before it. A stream always keeps these first bytes, so that a directive of
/// any length is recognized.
const MAX_WORD_BYTES: usize = 32;
/// Bytes of a directive up to the byte after its colon.
pub(crate) const DIRECTIVE_BYTES: usize = MAX_WORD_BYTES + 3;

/// Returns the directive that a line is: `#`, blanks, letters and hyphens, a colon. Returns `None` for any other line.
pub(crate) fn directive(line: &[u8]) -> Option<Directive> {
    let rest = line.strip_prefix(b"#")?;
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'-';
    let start = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
    let word = &rest[start..];
    let len = word.iter().position(|byte| !is_letter(byte))?;
    if word[len] != b':' || len == 0 || start + len > MAX_WORD_BYTES {
        return None;
    }
    // Programs that write such files again change the case.
    let is_word = |known: &[u8]| word[..len].eq_ignore_ascii_case(known);
    Some(if is_word(b"fields") {
        Directive::Fields
    } else if is_word(b"version") {
        Directive::Version
    } else {
        Directive::Other
    })
}

pub(crate) fn is_directive(line: &[u8]) -> bool {
    directive(line).is_some()
}

/// Returns what follows the colon of a directive.
pub(crate) fn value(line: &[u8]) -> &[u8] {
    let colon = memchr::memchr(b':', line);
    colon.map_or(&[], |colon| &line[colon + 1..])
}

/// Returns true if a `#Version:` line is as CloudFront writes it: a blank, a digit, a point, a digit.
pub(crate) fn is_version(line: &[u8]) -> bool {
    match value(line).trim_ascii_end() {
        [b' ', major, b'.', minor] => major.is_ascii_digit() && minor.is_ascii_digit(),
        _ => false,
    }
}

/// Returns true if at least half of the names in a `#Fields:` line are those of fields. CloudFront adds fields.
pub(crate) fn names_mostly_fields(plan: &Plan, line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    let names = names(plan, &line);
    let is_field = |name: &&&str| {
        Log::ALL
            .iter()
            .any(|log| log.field_in_table(name).is_some())
    };
    !names.is_empty() && 2 * names.iter().filter(is_field).count() >= names.len()
}

/// Returns the plan for the rows after these header lines; one without layouts if they name no columns.
pub(crate) fn plan_for_lines(plan: &Plan, lines: &[u8]) -> Plan {
    let (mut version, mut fields) = (Version::Two, None);
    for line in lines.split(|&byte| byte == b'\n') {
        match directive(line) {
            Some(Directive::Version) => version = Version::One,
            Some(Directive::Fields) => fields = Some(line),
            _ => {}
        }
    }
    let header_plan = fields.and_then(|line| plan_for_fields(plan, line, version).ok());
    header_plan.unwrap_or_else(|| plan.without_layouts())
}

/// Returns the plan for the rows after a `#Fields:` line.
pub(crate) fn plan_for_fields(
    plan: &Plan,
    line: &[u8],
    version: Version,
) -> Result<Plan, NamesError> {
    let line = String::from_utf8_lossy(line);
    plan.for_header(&names(plan, &line), version)
}

/// Returns the names in a `#Fields:` line.
fn names<'a>(plan: &Plan, line: &'a str) -> Vec<&'a str> {
    let (_, names) = line.split_once(':').unwrap_or_default();
    let mut names: Vec<&str> = names.split_whitespace().collect();
    let delimiter = plan.input().delimiter.trim();
    if let [all] = names[..]
        && !delimiter.is_empty()
    {
        // The names may be delimited like the values; if they are separated by blanks, none contains one.
        names = all.split(delimiter).collect();
    }
    names
}
