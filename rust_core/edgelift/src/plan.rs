//! Compiles a configuration into a plan: for each layout its columns, with rendered keys and encoders.
//!
//! All decisions are made here. The code that runs for each record sees columns, never a name or an option.

mod column;
mod encode;
mod field_names;
mod firehose;
mod index;
mod layout;
mod layouts;
mod names_error;
mod option_names;
mod raw_fields;
mod resolved_field;
mod selection;
mod shape_checks;
mod standard;
mod time_columns;

use std::sync::Arc;

use crate::config::{BadValue, Bulk, Config, Format, Input, Missing, OpenSearch, Output, Values};
use crate::error::ConfigError;
use crate::fields::{Kind, Log, Names};
use layouts::by_count;
use raw_fields::RawFields;
use resolved_field::ResolvedField;
use selection::Selection;

pub use column::Column;
pub(crate) use column::{FastPath, MAX_COPIED_LEN, MIN_PRESENT_LEN};
pub(crate) use encode::{Encode, StandardEncode};
pub(crate) use field_names::{EVENT_TIMESTAMP, HEADERS, HEADERS_COUNT, REQUEST_ID, TIMESTAMP};
pub(crate) use firehose::{ColumnIndexes, OptionalField};
pub use firehose::{FirehosePlan, Partition};
pub(crate) use index::{Index, name_problem};
pub use layout::{Layout, UNPARSED};
pub(crate) use names_error::NamesError;
pub(crate) use shape_checks::{Before, CheckGroup, OtherChecks, ShapeChecks};
pub(crate) use standard::Version;

/// A compiled configuration. Immutable.
#[derive(Debug)]
pub struct Plan {
    layouts: Arc<[Layout]>,
    /// The layouts by number of columns, in their order.
    by_count: Vec<Vec<usize>>,
    input: Input,
    output: Output,
    firehose: FirehosePlan,
    bulk: Bulk,
    opensearch: OpenSearch,
    /// `None` for weekly indices.
    index: Option<Index>,
    warnings: Vec<String>,
    /// Custom fields, for logs that name their columns.
    custom: Arc<[ResolvedField]>,
    raw: RawFields,
    selection: Selection,
    /// Separates the values of a row; `None` for the tab.
    delimiter: Option<Box<[u8]>>,
    /// Version of the log, which says less than it seems to: `#Version: 1.0` precedes headers of version 2, too.
    version: Version,
    /// True if a `#Fields:` line names the columns.
    from_header: bool,
    reads_standard: bool,
    has_standard_columns: bool,
}

impl Plan {
    /// Compiles a configuration.
    ///
    /// # Errors
    /// No layout, unknown fields (with the nearest known one), duplicates, equal layouts, equal keys.
    pub fn compile(config: &Config) -> Result<Self, ConfigError> {
        let mut warnings = Vec::new();
        let raw = RawFields::compile(config)?;
        let selection = Selection::compile(config)?;
        let layouts = layouts::compile(config, &raw, &selection, &mut warnings)?;
        selection.check(config, &layouts)?;
        if config.output.missing == Missing::Keep && config.output.values == Values::Typed {
            warnings.push(
                "missing = \"keep\" writes \"-\" into numbers, dates and addresses, which an index with types \
                 rejects unless it has the template of edgelift opensearch; use it with values = \"text\""
                    .to_owned(),
            );
        }
        standard::warn_without_effect(&config.input, &mut warnings);
        let firehose = FirehosePlan::compile(config, &layouts, &mut warnings)?;
        let mut output = config.output.clone();
        // JSON lines: without line feeds the documents of two records would run into each other.
        output.newline |= firehose.takes_records_apart();
        let delimiter = match config.input.format {
            Format::Standard => standard::delimiter(&config.input),
            Format::Realtime | Format::Auto => None,
        };
        Ok(Self {
            firehose,
            index: index::compile(config)?,
            bulk: config.bulk.clone(),
            opensearch: config.opensearch.clone(),
            by_count: by_count(&layouts),
            custom: resolved_field::custom_fields(config)?,
            raw,
            reads_standard: config.input.format != Format::Realtime,
            has_standard_columns: standard::has_columns(config),
            selection,
            layouts: layouts.into(),
            input: config.input.clone(),
            output,
            warnings,
            delimiter,
            version: Version::Two,
            from_header: false,
        })
    }

    /// Returns the plan for JSON records with these keys, which are those of standard or connection logs. With
    /// `decode`, their texts are percent-decoded as those of rows are.
    ///
    /// # Errors
    /// The keys make no layout.
    pub(crate) fn for_keys(&self, keys: &[&str], decode: bool) -> Result<Self, NamesError> {
        self.for_columns(keys, Version::Two, decode)
    }

    /// Returns the plan for rows with these columns, under the names that standard or connection logs give them.
    fn for_columns(
        &self,
        names: &[&str],
        version: Version,
        decode: bool,
    ) -> Result<Self, NamesError> {
        let log = Log::from_names(names);
        self.check_names(log, names)?;
        let mut fields: Vec<ResolvedField> =
            names.iter().map(|name| self.field(log, name)).collect();
        self.raw.apply(&mut fields, decode && self.output.decode);
        self.selection.apply(&mut fields);
        if log == Log::Standard {
            standard::apply_options(&mut fields, version, &self.input, &self.output);
        }
        let layout = Layout::new(&self.output, log, &fields)
            .map_err(|problem| NamesError::EqualKeys(self.with_advice(problem)))?;
        Ok(Self {
            delimiter: standard::delimiter(&self.input),
            version,
            ..self.with_layouts(vec![layout])
        })
    }

    /// Returns the plan for rows after a `#Fields:` line with these names.
    ///
    /// # Errors
    /// The names make no layout.
    pub(crate) fn for_header(&self, names: &[&str], version: Version) -> Result<Self, NamesError> {
        let plan = self.for_columns(names, version, true)?;
        Ok(Self {
            from_header: true,
            ..plan
        })
    }

    /// Returns the plan for rows whose columns are unknown.
    pub(crate) fn without_layouts(&self) -> Self {
        self.with_layouts(Vec::new())
    }

    fn with_layouts(&self, layouts: Vec<Layout>) -> Self {
        Self {
            by_count: by_count(&layouts),
            firehose: self.firehose.with_layouts(&layouts, self.output.names),
            bulk: self.bulk.clone(),
            opensearch: self.opensearch.clone(),
            index: self.index.clone(),
            layouts: layouts.into(),
            input: self.input.clone(),
            output: self.output.clone(),
            warnings: Vec::new(),
            custom: Arc::clone(&self.custom),
            raw: self.raw.clone(),
            selection: self.selection.clone(),
            delimiter: None,
            version: Version::Two,
            from_header: false,
            reads_standard: self.reads_standard,
            has_standard_columns: true,
        }
    }

    /// Returns the plan for a file that begins with a real-time row: all of its lines are rows.
    pub(crate) fn rows_only(&self) -> Self {
        Self {
            firehose: self.firehose.clone(),
            by_count: self.by_count.clone(),
            layouts: Arc::clone(&self.layouts),
            reads_standard: false,
            has_standard_columns: false,
            ..self.with_layouts(Vec::new())
        }
    }

    fn check_names(&self, log: Log, names: &[&str]) -> Result<(), NamesError> {
        names_error::check(names, |name| {
            log.has_name_in_table(name) || self.custom_field(name).is_some()
        })
    }

    /// Appends advice: the names of a log cannot be changed, but one naming profile keeps them.
    fn with_advice(&self, problem: String) -> String {
        match self.output.names {
            Names::Cloudfront => problem,
            _ => format!("{problem}; [output] names = \"cloudfront\" leaves names as they are"),
        }
    }

    fn custom_field(&self, name: &str) -> Option<&ResolvedField> {
        self.custom.iter().find(|field| *field.name == *name)
    }

    /// Returns the field with this name in a kind of log. An unknown one is a text.
    fn field(&self, log: Log, name: &str) -> ResolvedField {
        let names = self.output.names;
        match (log.field(name), self.custom_field(name)) {
            (Some(field), _) => ResolvedField::from_named(field, log, names),
            (None, Some(field)) => field.clone(),
            (None, None) => log.field_in_table(name).map_or_else(
                || ResolvedField::custom(name, Kind::Text, names),
                |field| ResolvedField::from_named(field, log, names),
            ),
        }
    }

    /// Returns the index pattern of the configuration, or `other` instead.
    ///
    /// # Errors
    /// `other` is not a pattern, or the pattern needs a time that a layout does not have.
    pub(crate) fn index(&self, other: Option<&str>) -> Result<Index, ConfigError> {
        let key = if other.is_some() {
            "index"
        } else {
            "bulk.index"
        };
        let index = match other {
            None => self.index.clone().ok_or_else(index::weekly)?,
            Some(pattern) => Index::parse(pattern, key, None)?,
        };
        let lacks_time = |columns: &ColumnIndexes| {
            index.period().is_some() && !columns.has_time(index.needs_hour())
        };
        match self.firehose.layouts.iter().position(lacks_time) {
            Some(_) if self.layouts.len() == 1 => Err(index.needs_time("the layout", key)),
            Some(timeless) => Err(index.needs_time(&format!("layouts[{timeless}]"), key)),
            None => Ok(index),
        }
    }

    /// Returns the layouts, which other plans may share.
    #[cfg(feature = "columns")]
    pub(crate) const fn shared_layouts(&self) -> &Arc<[Layout]> {
        &self.layouts
    }

    /// Returns the names of the custom fields.
    #[cfg(feature = "columns")]
    pub(crate) fn custom_names(&self) -> impl Iterator<Item = &str> {
        self.custom.iter().map(|field| &*field.name)
    }

    /// Returns the key of the timestamp that a date and a time of day make.
    #[cfg(feature = "columns")]
    pub(crate) fn timestamp_key(&self) -> &'static str {
        time_columns::timestamp_key(self.output.names)
    }

    /// Returns the key that says that headers are missing.
    #[cfg(feature = "columns")]
    pub(crate) const fn truncated_key(&self) -> &'static str {
        layout::truncated_key(self.output.names)
    }

    /// Returns the layouts, in the order of the configuration.
    #[must_use]
    pub fn layouts(&self) -> &[Layout] {
        &self.layouts
    }

    /// Returns the kind of log of the first layout.
    pub(crate) fn log(&self) -> Log {
        self.layouts
            .first()
            .map_or_else(Log::default, |layout| layout.log)
    }

    /// Returns `[input]` in effect.
    #[must_use]
    pub const fn input(&self) -> &Input {
        &self.input
    }

    /// Returns `[output]` in effect.
    #[must_use]
    pub const fn output(&self) -> &Output {
        &self.output
    }

    /// Returns how the records of an event are answered.
    #[must_use]
    pub const fn firehose(&self) -> &FirehosePlan {
        &self.firehose
    }

    /// Returns `[bulk]` in effect.
    #[must_use]
    pub const fn bulk(&self) -> &Bulk {
        &self.bulk
    }

    /// Returns `[opensearch]` in effect.
    #[must_use]
    pub const fn opensearch(&self) -> &OpenSearch {
        &self.opensearch
    }

    /// Returns warnings about options that can be used but are probably a mistake.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Returns the maximum length of a record, in bytes.
    #[must_use]
    pub const fn max_record_bytes(&self) -> usize {
        self.input.max_record_bytes as usize
    }

    /// Returns the number of columns of the widest layout.
    pub(crate) const fn max_columns(&self) -> usize {
        self.by_count.len() - 1
    }

    /// Returns the indexes of the layouts with this number of columns, in their order.
    pub(crate) fn candidates(&self, count: usize) -> &[usize] {
        self.by_count.get(count).map_or(&[], Vec::as_slice)
    }

    /// Returns true if lines may be headers or JSON records.
    #[inline]
    pub(crate) const fn reads_standard(&self) -> bool {
        self.reads_standard
    }

    /// Returns true if rows are those of standard logs, or have no layout.
    #[inline]
    pub(crate) const fn has_standard_columns(&self) -> bool {
        self.has_standard_columns
    }

    /// Returns true if rows need code that real-time rows with all columns do not pay for: they are those of standard
    /// logs, or have columns that are not written.
    #[inline]
    pub(crate) const fn needs_general_code(&self) -> bool {
        self.has_standard_columns || self.selection.leaves_out()
    }

    /// Returns true if the first record of a file decides whether it is a standard log or real-time rows.
    pub(crate) const fn detects_format(&self) -> bool {
        self.reads_standard && !self.has_standard_columns
    }

    /// Returns true if a `#Fields:` line names the columns.
    pub(crate) const fn is_from_header(&self) -> bool {
        self.from_header
    }

    /// Returns the bytes that separate the values of a row, or `None` for a tab.
    #[inline]
    pub(crate) fn delimiter(&self) -> Option<&[u8]> {
        self.delimiter.as_deref()
    }

    /// Returns the bytes that separate the values of this row. After `#Version:` a row with tabs is one of version 1,
    /// which has no other delimiter; version 2 escapes tabs.
    pub(crate) fn delimiter_of(&self, row: &[u8]) -> &[u8] {
        const TAB: &[u8] = b"\t";
        match &self.delimiter {
            Some(_) if self.version == Version::One && row.contains(&b'\t') => TAB,
            Some(delimiter) => delimiter,
            None => TAB,
        }
    }

    /// Returns true if values that do not fit go into `_unparsed`.
    pub(crate) fn keeps_bad_values(&self) -> bool {
        self.input.bad_value == BadValue::Keep
    }
}
