//! Renders the message of an error, on demand.

use std::borrow::Cow;

use crate::config::Format;
use crate::error::{Place, Reason, RecordError};
use crate::fields::Shape;
use crate::foreign::Foreign;
use crate::header::{self, Directive};
use crate::json;
use crate::json::scanner::Type;
use crate::plan::{NamesError, Plan, Version};
use crate::record::{BadJson, ParseFailure, ParsedRecord, Problem, RecordLayout};
use crate::sniff;

mod standard_row;

/// Describes a record that fails as a row of a real-time log, in the words after "is". `None` if it is unknown.
#[must_use]
pub fn describe_record(record: &[u8]) -> Option<Cow<'static, str>> {
    sniff::record_type(record).or_else(|| standard_row::describe(record))
}

impl RecordError {
    /// Returns the real-time name of the field in question. `record` is the record that the error came from.
    #[must_use]
    pub fn field(&self, plan: &Plan, record: &[u8]) -> Option<String> {
        let place = self.place?;
        let parsed = ParsedRecord::parse(plan, record).ok()?;
        let layout = &parsed.plan(plan).layouts()[place.layout.index()];
        Some(layout.columns[place.column].field.to_string())
    }

    /// Returns a message for users. `record` is the record that the error came from.
    #[must_use]
    pub fn message(&self, plan: &Plan, record: &[u8]) -> String {
        // Of what is too large nothing is parsed: it may have millions of columns.
        if self.reason == Reason::TooLarge {
            return format!(
                "the record has {} bytes, more than max_record_bytes = {}",
                self.count,
                plan.max_record_bytes()
            );
        }
        if let Some(foreign) = Foreign::detect(record) {
            return foreign.message().to_owned();
        }
        if let Some(message) = self.other_format_message(plan, record) {
            return message.to_owned();
        }
        if let Some(what) = self.record_type(plan, record) {
            return format!("the record is {what}");
        }
        let parsed = match (ParsedRecord::parse(plan, record), self.reason) {
            (Ok(parsed), _) => parsed,
            (Err(failure), Reason::BadJson) => return parse_failure_message(failure),
            _ => ParsedRecord::default(),
        };
        let values = parsed.values(record);
        let plan = parsed.plan(plan);
        match self.reason {
            Reason::BadBase64 => {
                "the record's data is not valid base64 (standard alphabet, padded)".to_owned()
            }
            Reason::EmptyRecord => "the record is empty".to_owned(),
            Reason::MultipleLines => {
                format!(
                    "the record holds more than one line: line feed at byte {}",
                    self.offset
                )
            }
            Reason::ColumnCount => self.column_count_message(plan),
            // `replay` has the messages of the first two; those of the others are above.
            Reason::BadErrorObject
            | Reason::AlreadyTransformed
            | Reason::BadJson
            | Reason::TooLarge => String::new(),
            Reason::BadHeader => header_message(plan, record),
            Reason::NoHeader => NO_HEADER.to_owned(),
            Reason::BadValue => {
                let message = |place| misfit_message(plan, &values, place);
                self.place.map_or_else(String::new, message)
            }
            Reason::NoLayout => self.no_layout_message(plan, &values),
            Reason::ShapeMismatch => {
                let message = |place| shape_message(plan, &values, place);
                self.place.map_or_else(String::new, message)
            }
            Reason::MissingTimestamp => missing_timestamp_message(plan, &values, self.place),
        }
    }

    /// Returns the message for a record of a standard log that was read as a real-time row.
    fn other_format_message(&self, plan: &Plan, record: &[u8]) -> Option<&'static str> {
        if self.reason == Reason::BadJson && !plan.reads_standard() {
            return Some(BRACE_IN_STREAM);
        }
        let is_misfit = matches!(
            self.reason,
            Reason::BadJson | Reason::ColumnCount | Reason::BadValue | Reason::NoLayout
        );
        let is_json =
            json::begins_object(record) && !plan.reads_standard() && json::is_objects(record);
        let is_header = !is_json && header::is_directive(record);
        if !is_misfit || plan.has_standard_columns() || !(is_json || is_header) {
            return None;
        }
        Some(match (plan.input().format, is_json) {
            (Format::Realtime, true) => JSON_AS_ROW,
            (Format::Realtime, false) => HEADER_AS_ROW,
            (_, true) => JSON_AFTER_ROWS,
            (_, false) => HEADER_AFTER_ROWS,
        })
    }

    /// Returns what the record is that is not a row of these layouts, as the words after "is".
    fn record_type(&self, plan: &Plan, record: &[u8]) -> Option<Cow<'static, str>> {
        match self.reason {
            Reason::MultipleLines | Reason::BadJson => sniff::record_type(record),
            Reason::ColumnCount | Reason::BadValue | Reason::NoLayout
                if plan.has_standard_columns() =>
            {
                sniff::record_type(record)
            }
            Reason::ColumnCount | Reason::BadValue | Reason::NoLayout | Reason::NoHeader => {
                describe_record(record)
            }
            _ => None,
        }
    }

    fn column_count_message(&self, plan: &Plan) -> String {
        let mut known: Vec<String> = Vec::new();
        for layout in plan.layouts() {
            let count = layout.columns.len().to_string();
            if !known.contains(&count) {
                known.push(count);
            }
        }
        let plural = if self.count == 1 { "" } else { "s" };
        let have = if plan.layouts().len() == 1 {
            "layout has"
        } else {
            "layouts have"
        };
        format!(
            "the record has {} column{plural}, but the {have} {}",
            self.count,
            known.join(", ")
        )
    }

    fn no_layout_message(&self, plan: &Plan, values: &[&[u8]]) -> String {
        let misfits = misfits(plan, values, self.count).map(|place| {
            format!(
                "layout {}, {}",
                place.layout.index() + 1,
                misfit_message(plan, values, place)
            )
        });
        let misfits: Vec<String> = misfits.collect();
        format!(
            "no layout of {} columns fits: {}",
            self.count,
            misfits.join("; ")
        )
    }
}

const JSON_AS_ROW: &str = "the record is a JSON object, and [input] format = \"realtime\" reads real-time rows only; \
                           format = \"auto\" reads standard logs, too";
const HEADER_AS_ROW: &str = "the record is a line of a standard log's header, and [input] format = \"realtime\" reads \
                             real-time rows only; format = \"auto\" reads standard logs, too";
const BRACE_IN_STREAM: &str = "the row begins with a brace, and a stream would read it as JSON; transform the log, and \
                               send the documents";
const JSON_AFTER_ROWS: &str = "the record is a JSON object in a file of real-time rows; a file is read by its first \
                               record, so split it";
const HEADER_AFTER_ROWS: &str = "the record is a line of a standard log's header, which counts only at the beginning \
                                 of a file, not among real-time rows";
const NO_HEADER: &str = "the columns of the row are unknown: no valid #Fields: line precedes it; list the fields of \
                         real-time rows, and of standard rows without a header, under [[layouts]]";

fn missing_timestamp_message(plan: &Plan, values: &[&[u8]], place: Option<Place>) -> String {
    let found = place.map_or_else(
        || "it has no column of the time".to_owned(),
        |Place { layout, column }| {
            let field = &plan.layouts()[layout.index()].columns[column].field;
            let raw = values.get(column).copied().unwrap_or_default();
            format!("column {} ({field}) is {}", column + 1, quoted(raw))
        },
    );
    format!(
        "the index is named by the time of the record, but {found}; an index without a time in its name accepts it"
    )
}

fn header_message(plan: &Plan, line: &[u8]) -> String {
    if header::directive(line) != Some(Directive::Fields) {
        return "the record is a line of a header, not a row".to_owned();
    }
    match header::plan_for_fields(plan, line, Version::Two) {
        Ok(_) => "the record is a #Fields: line, which names the columns of the rows after it; \
                  a record is one row"
            .to_owned(),
        Err(NamesError::Empty) => "the #Fields: line names no field".to_owned(),
        Err(NamesError::Unknown) => {
            "the #Fields: line names no field of CloudFront's standard or connection logs"
                .to_owned()
        }
        Err(NamesError::Duplicate(name)) => {
            format!("the #Fields: line names {} twice", json::string(&name))
        }
        Err(NamesError::EqualKeys(problem)) => {
            format!("the #Fields: line cannot be used: {problem}")
        }
    }
}

fn parse_failure_message(failure: ParseFailure) -> String {
    match failure {
        ParseFailure::Json(BadJson { at, problem }) => match problem {
            Problem::Expected(expected) => {
                format!("the record is not a JSON object: expected {expected} at byte {at}")
            }
            Problem::Nested(key, of) => {
                let of = if of == Type::Dict {
                    "an object"
                } else {
                    "an array"
                };
                let key = json::string(&key);
                format!("the value of {key} is {of}: a record of a standard log is flat")
            }
        },
        ParseFailure::Keys(NamesError::Empty) => {
            "the record is a JSON object without keys".to_owned()
        }
        ParseFailure::Keys(NamesError::Unknown) => {
            "no key of the record is a field of CloudFront's standard or connection logs".to_owned()
        }
        ParseFailure::Keys(NamesError::Duplicate(key)) => {
            format!("the record has the key {} twice", json::string(&key))
        }
        ParseFailure::Keys(NamesError::EqualKeys(problem)) => {
            format!("the keys of the record cannot be used: {problem}")
        }
    }
}

fn misfit_message(plan: &Plan, values: &[&[u8]], place: Place) -> String {
    let column = &plan.layouts()[place.layout.index()].columns[place.column];
    let raw = values.get(place.column).copied().unwrap_or_default();
    let requirement = column.kind.requirement().unwrap_or("a value of its kind");
    format!(
        "column {} ({}): {} is not {requirement}",
        place.column + 1,
        column.field,
        quoted(raw)
    )
}

fn shape_message(plan: &Plan, values: &[&[u8]], place: Place) -> String {
    let column = &plan.layouts()[place.layout.index()].columns[place.column];
    let raw = values.get(place.column).copied().unwrap_or_default();
    let requirement = column
        .shape
        .map_or("a value of its shape", Shape::requirement);
    format!(
        "column {} ({}): {} is not {requirement}; the record fits the layout in number and kinds only, so the fields of \
         the log configuration may have changed",
        place.column + 1,
        column.field,
        quoted(raw)
    )
}

/// Returns the first bytes of a value as a JSON string, followed by an ellipsis if there are more.
fn quoted(raw: &[u8]) -> String {
    const MAX_BYTES: usize = 40;
    let shown = &raw[..raw.len().min(MAX_BYTES)];
    let mut text = String::new();
    json::push_string(&mut text, &String::from_utf8_lossy(shown));
    if raw.len() > MAX_BYTES {
        text.push('…');
    }
    text
}

/// Returns, for each layout with this number of columns, the first column that rejects the record.
fn misfits<'a>(
    plan: &'a Plan,
    values: &'a [&[u8]],
    count: usize,
) -> impl Iterator<Item = Place> + 'a {
    plan.candidates(count).iter().filter_map(move |&index| {
        let layout = RecordLayout::Row(index);
        let mut columns = plan.layouts()[index].columns.iter().zip(values);
        columns
            .position(|(column, raw)| !column.unproven && !column.accepts(raw))
            .map(|column| Place { layout, column })
    })
}
