//! What can go wrong: with a record (a reason and a place, cheap to make) and with a configuration.
//!
//! A record's error holds numbers only. The text is made by [`RecordError::message`] when somebody looks.

use std::fmt;

use crate::plan::Plan;

/// Why a record failed. The codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it, the messages say more")]
pub enum Reason {
    BadBase64,
    TooLarge,
    EmptyRecord,
    SeveralLines,
    ColumnCount,
    BadValue,
    NoLayout,
}

impl Reason {
    /// Every reason, in the order in which a record is checked.
    pub const ALL: [Self; 7] = [
        Self::BadBase64,
        Self::TooLarge,
        Self::EmptyRecord,
        Self::SeveralLines,
        Self::ColumnCount,
        Self::BadValue,
        Self::NoLayout,
    ];

    /// The code that users see.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadBase64 => "bad_base64",
            Self::TooLarge => "too_large",
            Self::EmptyRecord => "empty_record",
            Self::SeveralLines => "several_lines",
            Self::ColumnCount => "column_count",
            Self::BadValue => "bad_value",
            Self::NoLayout => "no_layout",
        }
    }
}

/// A misfit: which layout and which of its columns, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Layout in the order of the configuration.
    pub layout: usize,
    /// Column of the record.
    pub column: usize,
}

/// One record could not be transformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordError {
    /// Why.
    pub reason: Reason,
    /// The misfit, for `bad_value`.
    pub place: Option<Place>,
    /// Byte of the record at which the trouble starts.
    pub offset: usize,
    /// What was counted: bytes for `too_large`, columns for `column_count` and `no_layout`, else 0.
    pub count: usize,
}

impl RecordError {
    /// An error that is about the record as a whole.
    #[cold]
    pub(crate) const fn whole(reason: Reason) -> Self {
        Self {
            reason,
            place: None,
            offset: 0,
            count: 0,
        }
    }

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
        let misfits = plan.misfits(record, self.count).map(|place| {
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
    let raw = crate::record::columns(record)
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
    crate::json::push_string(&mut text, &String::from_utf8_lossy(shown));
    if raw.len() > SHOWN {
        text.push('…');
    }
    text
}

/// A configuration that cannot be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigError {
    /// What is wrong and what to do about it.
    pub message: String,
    /// Line of the TOML text, from 1.
    pub line: Option<usize>,
    /// The key in question, with its path.
    pub key: Option<String>,
    /// The nearest name that would be valid.
    pub suggestion: Option<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; did you mean \"{suggestion}\"?")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
