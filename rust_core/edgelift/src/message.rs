//! What an error says to people. Made only when somebody looks.

use crate::error::{Place, Reason, RecordError};
use crate::json;
use crate::plan::Plan;
use crate::record;

impl RecordError {
    /// Real-time name of the field in question.
    #[must_use]
    pub fn field<'plan>(&self, plan: &'plan Plan) -> Option<&'plan str> {
        self.place
            .map(|place| &*plan.layouts()[place.layout].columns[place.column].field)
    }

    /// What is wrong, for people. `record` is the record that the error came from.
    #[must_use]
    pub fn message(&self, plan: &Plan, record: &[u8]) -> String {
        match self.reason {
            Reason::BadBase64 => {
                "the record's data is not valid base64 (standard alphabet, padded)".to_owned()
            }
            Reason::TooLarge => format!(
                "the record has {} bytes, more than max_record_bytes = {}",
                self.count,
                plan.max_record_bytes()
            ),
            Reason::EmptyRecord => "the record is empty".to_owned(),
            Reason::SeveralLines => {
                format!(
                    "the record holds more than one line: line feed at byte {}",
                    self.offset
                )
            }
            Reason::ColumnCount => self.column_count_message(plan),
            Reason::BadValue => self
                .place
                .map_or_else(String::new, |place| misfit_message(plan, record, place)),
            Reason::NoLayout => self.no_layout_message(plan, record),
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

    fn no_layout_message(&self, plan: &Plan, record: &[u8]) -> String {
        let misfits = misfits(plan, record, self.count).map(|place| {
            format!(
                "layout {}, {}",
                place.layout + 1,
                misfit_message(plan, record, place)
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

fn misfit_message(plan: &Plan, record: &[u8], place: Place) -> String {
    let column = &plan.layouts()[place.layout].columns[place.column];
    let raw = record::columns(record)
        .nth(place.column)
        .unwrap_or_default();
    let requirement = column.kind.requirement().unwrap_or("a value of its kind");
    format!(
        "column {} ({}): {} is not {requirement}",
        place.column + 1,
        column.field,
        quoted(raw)
    )
}

/// The beginning of a value as a JSON string, followed by an ellipsis if there is more.
fn quoted(raw: &[u8]) -> String {
    const SHOWN: usize = 40;
    let shown = &raw[..raw.len().min(SHOWN)];
    let mut text = String::new();
    json::push_string(&mut text, &String::from_utf8_lossy(shown));
    if raw.len() > SHOWN {
        text.push('…');
    }
    text
}

/// The first misfit that rejects the record, for each layout of its number of columns.
fn misfits(plan: &Plan, record: &[u8], count: usize) -> impl Iterator<Item = Place> {
    plan.candidates(count).iter().filter_map(move |&layout| {
        let columns = plan.layouts()[layout].columns.iter();
        columns
            .zip(record::columns(record))
            .position(|(column, raw)| !column.unproven && !column.accepts(raw))
            .map(|column| Place { layout, column })
    })
}
