//! Layouts of standard logs, which their headers and the keys of their JSON records tell, and what only they do with
//! values.

use std::collections::HashSet;
use std::sync::Arc;

use super::clock::Encode;
use super::known::Known;
use super::layout::{self, QUERY};
use super::{Layout, Plan, by_count};
use crate::config::{Format, Input, Output, TAB, Uri};
use crate::fields::{self, Kind, Names};

const STEM: &str = "cs-uri-stem";
const USER_AGENT: &str = "cs-user-agent";

/// Version of a standard log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// Files with `#Version:`, separated by tabs; the old ones have user agents that were encoded twice.
    One,
    /// JSON records, and rows with any delimiter.
    Two,
}

/// What is wrong with the names that a log tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NamesError {
    /// There is none.
    None,
    /// None of them is one of CloudFront's, so that it is no log of it.
    Unknown,
    /// One stands there twice.
    Twice(String),
    /// Two fields would have the same key.
    EqualKeys(String),
}

impl Plan {
    /// The plan for rows with just these columns, under the names that standard logs give them.
    pub(crate) fn of_names(&self, names: &[&str], version: Version) -> Result<Self, NamesError> {
        if names.is_empty() {
            return Err(NamesError::None);
        }
        let mut seen = HashSet::with_capacity(names.len());
        if let Some(name) = names.iter().find(|&&name| !seen.insert(name)) {
            return Err(NamesError::Twice((*name).to_owned()));
        }
        let is_known =
            |name: &&str| fields::standard(name).is_some() || self.custom(name).is_some();
        if !names.iter().any(is_known) {
            return Err(NamesError::Unknown);
        }
        let columns = names.iter().map(|name| self.field_called(name)).collect();
        let columns = adjusted(columns, version, &self.input, &self.output);
        let layout = layout::build(&self.output, &columns)
            .map_err(|problem| NamesError::EqualKeys(self.with_way_out(problem)))?;
        let delimiter = match version {
            Version::One => None,
            Version::Two => delimiter(&self.input),
        };
        Ok(self.with_layouts(vec![layout], delimiter))
    }

    /// The same for rows behind a `#Fields:` line.
    pub(crate) fn of_header(&self, names: &[&str], version: Version) -> Result<Self, NamesError> {
        let plan = self.of_names(names, version)?;
        Ok(Self {
            of_header: true,
            ..plan
        })
    }

    /// The plan for rows of which nothing is known.
    pub(crate) fn of_no_names(&self) -> Self {
        self.with_layouts(Vec::new(), None)
    }

    fn with_layouts(&self, layouts: Vec<Layout>, delimiter: Option<Box<[u8]>>) -> Self {
        Self {
            by_count: by_count(&layouts),
            delivery: self.delivery.for_layouts(&layouts, self.output.names),
            bulk: self.bulk.clone(),
            index: self.index.clone(),
            layouts,
            input: self.input.clone(),
            output: self.output.clone(),
            warnings: Vec::new(),
            custom: Arc::clone(&self.custom),
            delimiter,
            of_header: false,
        }
    }

    /// Two names of a log cannot be renamed, but one profile leaves them as they are.
    fn with_way_out(&self, problem: String) -> String {
        match self.output.names {
            Names::Cloudfront => problem,
            _ => format!("{problem}; [output] names = \"cloudfront\" leaves names as they are"),
        }
    }

    fn custom(&self, name: &str) -> Option<&Known> {
        self.custom.iter().find(|field| *field.name == *name)
    }

    /// A field by its name in standard logs; one that is not known is a text.
    fn field_called(&self, name: &str) -> Known {
        let names = self.output.names;
        let custom = || self.custom(name);
        match fields::standard(name) {
            Some(field) => Known::of_standard(field, names),
            None => custom().map_or_else(|| Known::custom(name, Kind::Text, names), Known::clone),
        }
    }
}

/// The columns with what the options of standard logs do to them.
pub(super) fn adjusted(
    mut columns: Vec<Known>,
    version: Version,
    input: &Input,
    output: &Output,
) -> Vec<Known> {
    let has_query = columns.iter().any(|column| *column.name == *QUERY);
    let decode = output.decode;
    for column in &mut columns {
        if *column.written == *STEM && input.uri == Uri::Joined && has_query {
            // It has the meaning of the real-time field now, and so its key.
            if let Some(field) = fields::realtime(STEM) {
                *column = Known::of(field, output.names);
            }
            column.encode = Some(Encode::Joined { decode });
        }
        let is_user_agent = *column.name == *USER_AGENT && version == Version::One;
        if is_user_agent && input.decode_twice && decode {
            column.encode = Some(Encode::DecodedTwice);
        }
    }
    columns
}

/// Options that are set, but say something about standard logs only.
pub(super) fn without_effect(input: &Input) -> Vec<String> {
    let set = [
        ("uri", input.uri != Uri::default()),
        ("delimiter", &*input.delimiter != TAB),
        ("decode_twice", !input.decode_twice),
    ];
    let set = set
        .iter()
        .filter(|(_, is_set)| *is_set && input.format == Format::Realtime);
    set.map(|(option, _)| {
        format!("[input] {option} has no effect on real-time logs; format = \"standard\" or \"auto\" reads others")
    })
    .collect()
}

/// The delimiter of rows, unless it is the tab.
pub(super) fn delimiter(input: &Input) -> Option<Box<[u8]>> {
    let other = Some(&*input.delimiter).filter(|delimiter| *delimiter != TAB);
    other.map(|delimiter| delimiter.as_bytes().into())
}
