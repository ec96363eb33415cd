//! Parses a record again, for error messages and `explain`.

use super::field_buffer::{BadJson, FieldBuffer};
use super::line_end::without_line_end;
use super::plan_cache::{is_json, plan_for_record};
use crate::plan::{NamesError, Plan};

/// The values of a record and its plan.
#[derive(Debug, Default)]
pub(crate) struct ParsedRecord {
    /// The plan for the keys of a JSON record.
    json_plan: Option<Plan>,
    /// `None` for a tab-separated record.
    fields: Option<FieldBuffer>,
}

/// The reason why a JSON record cannot be parsed.
#[derive(Debug)]
pub(crate) enum ParseFailure {
    Json(BadJson),
    Keys(NamesError),
}

impl ParsedRecord {
    pub(crate) fn parse(plan: &Plan, record: &[u8]) -> Result<Self, ParseFailure> {
        let line = without_line_end(record);
        let mut fields = FieldBuffer::default();
        if is_json(plan, record) {
            fields.read_json(line).map_err(ParseFailure::Json)?;
            let json_plan = Some(plan_for_record(plan, &fields).map_err(ParseFailure::Keys)?);
            let fields = Some(fields);
            return Ok(Self { json_plan, fields });
        }
        let fields = plan.delimiter().map(|_| {
            fields.read_delimited(line, plan.delimiter_of(line));
            fields
        });
        Ok(Self {
            json_plan: None,
            fields,
        })
    }

    /// Returns the plan of the record.
    pub(crate) fn plan<'a>(&'a self, plan: &'a Plan) -> &'a Plan {
        self.json_plan.as_ref().unwrap_or(plan)
    }

    /// Returns the values of the record.
    pub(crate) fn values<'a>(&'a self, record: &'a [u8]) -> Vec<&'a [u8]> {
        match &self.fields {
            Some(fields) => (0..).map_while(|column| fields.value(column)).collect(),
            None => without_line_end(record)
                .split(|&byte| byte == b'\t')
                .collect(),
        }
    }
}
