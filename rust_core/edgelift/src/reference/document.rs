//! Writes the document for the values of a record.

use super::joint_columns::{JointColumns, is_checked};
use super::kind::fits;
use super::value::{entries_of_list, is_missing, is_truncated, json, text};
use crate::config::{BadValue, Missing, Timestamp, Values};
use crate::fields::{Kind, Names};
use crate::json::string;
use crate::plan::{Column, Layout, Plan, UNPARSED};

/// Returns the document for a row, or the column of the first misfit if it rejects the record.
pub(super) fn document(plan: &Plan, layout: &Layout, values: &[&[u8]]) -> Result<String, usize> {
    let output = plan.output();
    let mut members: Vec<(String, String)> = Vec::new();
    let mut unparsed: Vec<String> = Vec::new();
    let joint = JointColumns::new(plan, layout, values);
    for (index, (column, value)) in layout.columns.iter().zip(values).enumerate() {
        if !column.is_selected {
            let is_misfit = !is_missing(value) && is_misfit(plan, layout, column, value);
            if is_misfit && !column.unproven && plan.input().bad_value == BadValue::Fail {
                return Err(index);
            }
            continue;
        }
        let typed_list = column.kind == Kind::List && output.values == Values::Typed;
        if joint.is_redundant(plan, column, value) {
            continue;
        }
        if is_missing(value) || (typed_list && entries_of_list(value).is_empty()) {
            match output.missing {
                Missing::Omit => {}
                Missing::Null => members.push((column.key.to_string(), "null".to_owned())),
                Missing::Keep => {
                    members.push((
                        column.key.to_string(),
                        string(&String::from_utf8_lossy(value)),
                    ));
                }
            }
        } else if is_misfit(plan, layout, column, value) {
            if !column.unproven && plan.input().bad_value == BadValue::Fail {
                return Err(index);
            }
            // Milliseconds and seconds have one name.
            let is_twice = column.kind == Kind::Seconds && joint.has_misfit_milliseconds();
            if !is_twice {
                let (name, value) = (string(&column.field), string(&text(column.decode, value)));
                unparsed.push(format!("{name}:{value}"));
            }
        } else {
            let own = || (column.key.to_string(), json(plan, column, value));
            members.push(joint.member(plan, column, value).unwrap_or_else(own));
            let is_count = &*column.field == "cs-headers-count" && column.kind == Kind::Integer;
            if is_count && is_truncated(plan, layout, values, value) {
                let key = match output.names {
                    Names::Cloudfront => "cs-headers-truncated",
                    Names::Snake => "cs_headers_truncated",
                    Names::Ecs | Names::Otel => "aws.cloudfront.headers_truncated",
                };
                members.push((key.to_owned(), "true".to_owned()));
            }
        }
    }
    if !unparsed.is_empty() {
        members.push((UNPARSED.to_owned(), format!("{{{}}}", unparsed.join(","))));
    }
    let members: Vec<String> = members
        .iter()
        .map(|(key, value)| format!("{}:{value}", string(key)))
        .collect();
    Ok(format!("{{{}}}", members.join(",")))
}

pub(super) fn is_misfit(plan: &Plan, layout: &Layout, column: &Column, value: &[u8]) -> bool {
    let checked = match plan.output().values {
        _ if matches!(column.kind, Kind::Date | Kind::Time) => is_checked(plan, layout),
        Values::Typed => true,
        Values::Text => {
            matches!(
                column.kind,
                Kind::Timestamp | Kind::Milliseconds | Kind::Seconds | Kind::EventTime
            ) && plan.output().timestamp != Timestamp::Verbatim
        }
    };
    checked && !fits(column.kind, value)
}
