//! JSON records of standard and connection logs.

use super::document::document;
use super::json_text::{after_number, quoted};
use crate::config::DecodeJson;
use crate::error::{Place, Reason, RecordError};
use crate::fields::{Kind, Log};
use crate::plan::Plan;
use crate::record_layout::RecordLayout;

/// Returns the document for a JSON record. Errors in the JSON itself have no offset.
pub(super) fn json_record(plan: &Plan, record: &[u8]) -> Result<String, RecordError> {
    let bad = RecordError {
        reason: Reason::BadJson,
        place: None,
        offset: 0,
        count: 0,
    };
    let members = std::str::from_utf8(record)
        .ok()
        .and_then(members)
        .ok_or(bad)?;
    let names: Vec<&str> = members.iter().map(|member| &*member.key).collect();
    let json_plan = plan.for_keys(&names, true).map_err(|_| bad)?;
    let is_decoded = match plan.input().decode_json {
        DecodeJson::Always => false,
        DecodeJson::Never => true,
        DecodeJson::Auto => has_decoded_text(&json_plan, &members),
    };
    let json_plan = if is_decoded {
        plan.for_keys(&names, false).map_err(|_| bad)?
    } else {
        json_plan
    };
    let values: Vec<&[u8]> = members
        .iter()
        .map(|member| member.value.as_bytes())
        .collect();
    document(&json_plan, &json_plan.layouts()[0], &values).map_err(|column| RecordError {
        reason: Reason::BadValue,
        place: Some(Place {
            layout: RecordLayout::Json,
            column,
        }),
        offset: members[column].place,
        count: 0,
    })
}

/// Returns true if a text in a field of CloudFront has a character that CloudFront always escapes.
fn has_decoded_text(plan: &Plan, members: &[Member]) -> bool {
    let columns = plan.layouts()[0].columns.iter();
    // The texts of connection logs decide each for itself.
    plan.log() != Log::Connection
        && columns.zip(members).any(|(column, member)| {
            let is_known = Log::Standard.field_in_table(&member.key).is_some();
            let is_text = matches!(column.kind, Kind::Text | Kind::Keyword);
            let is_escaped = |c: char| c == ' ' || c == '"' || c.is_control() || !c.is_ascii();
            is_known && is_text && member.value.contains(is_escaped)
        })
}

struct Member {
    key: String,
    value: String,
    place: usize,
}

/// Parses a flat object into its members.
fn members(json: &str) -> Option<Vec<Member>> {
    let blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    let mut rest = json
        .trim_start_matches(blank)
        .strip_prefix('{')?
        .trim_start_matches(blank);
    let mut members = Vec::new();
    if let Some(end) = rest.strip_prefix('}') {
        return end.trim_matches(blank).is_empty().then_some(members);
    }
    loop {
        let (key, after) = quoted(rest.trim_start_matches(blank))?;
        let after = after
            .trim_start_matches(blank)
            .strip_prefix(':')?
            .trim_start_matches(blank);
        let place = json.len() - after.len();
        let (value, after) = if after.starts_with('"') {
            quoted(after)?
        } else {
            let end = after.find(|c| blank(c) || c == ',' || c == '}')?;
            let word = &after[..end];
            let is_plain = matches!(word, "true" | "false") || after_number(word) == Some("");
            let value = if word == "null" { "" } else { word };
            (is_plain || word == "null").then(|| (value.to_owned(), &after[end..]))?
        };
        members.push(Member { key, value, place });
        let after = after.trim_start_matches(blank);
        if let Some(end) = after.strip_prefix('}') {
            return end.trim_matches(blank).is_empty().then_some(members);
        }
        rest = after.strip_prefix(',')?;
    }
}
