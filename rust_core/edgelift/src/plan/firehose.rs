//! The part of a plan that answers Firehose: partition keys, optional fields, and where layouts have what they need.

use toml::Spanned;

use super::encode::{Encode, StandardEncode};
use super::field_names::{EVENT_TIMESTAMP, REQUEST_ID, TIMESTAMP};
use super::layout::Layout;
use super::time_columns::{TimeColumns, timestamp_key};
use crate::config::{Config, Firehose, Format, Metrics, MultipleLines, Overflow, Policy, nearest};
use crate::error::ConfigError;
use crate::fields::{Field, Kind, Log, Names};
use crate::value::{self, TimePattern};

/// How the records of an event are answered.
#[derive(Clone, Debug)]
pub struct FirehosePlan {
    /// `[firehose]` in effect.
    pub firehose: Firehose,
    /// `[overflow]` in effect.
    pub overflow: Overflow,
    /// `[metrics]` in effect.
    pub metrics: Metrics,
    /// The partition keys, in the order of their names.
    pub partitions: Vec<Partition>,
    /// The columns of each layout.
    pub(crate) layouts: Vec<ColumnIndexes>,
}

/// A partition key of an S3 destination.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Name of the key.
    pub key: String,
    field: String,
    pub(crate) pattern: Option<TimePattern>,
}

/// The columns of a layout that the answer needs.
#[derive(Clone, Debug)]
pub(crate) struct ColumnIndexes {
    /// The time in a real-time log.
    timestamp: Option<usize>,
    /// The time in a standard log.
    time_columns: TimeColumns,
    /// The time in a connection log.
    event_time: Option<usize>,
    /// The id of the request.
    pub(crate) request_id: Option<usize>,
    /// The field of each partition key.
    pub(crate) partitions: Vec<Option<PartitionColumn>>,
    /// The optional fields.
    pub(crate) optional: Vec<OptionalField>,
}

/// The column of a partition key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PartitionColumn {
    pub(crate) index: usize,
    /// True if its values are percent-decoded.
    decode: bool,
    /// True if only those of which all is encoded are.
    decode_whole: bool,
}

/// A field that the policy `slim` leaves out.
#[derive(Clone, Debug)]
pub(crate) struct OptionalField {
    /// Key in the document.
    pub(crate) key: Box<str>,
    /// Real-time name, the key in `_unparsed`.
    pub(crate) field: Box<str>,
}

impl ColumnIndexes {
    fn new(firehose: &FirehosePlan, layout: &Layout, names: Names) -> Self {
        let partitions = firehose.partitions.iter();
        let event_time = layout.column_of_kind(EVENT_TIMESTAMP, Kind::EventTime);
        Self {
            event_time,
            timestamp: layout.column_of_kind(TIMESTAMP, Kind::Timestamp),
            time_columns: layout.time_columns,
            request_id: layout.column(REQUEST_ID),
            partitions: partitions
                .map(|partition| {
                    let event_time = event_time.filter(|_| partition.is_time());
                    let index = layout.column(&partition.field).or(event_time)?;
                    Some(PartitionColumn::new(layout, index))
                })
                .collect(),
            optional: firehose.optional_fields(layout, names),
        }
    }

    /// Returns the milliseconds from 1970 to a record. `value` returns the value of a column.
    pub(crate) fn millis<'a>(&self, value: impl Fn(usize) -> Option<&'a [u8]>) -> Option<u64> {
        let columns = &self.time_columns;
        let seconds = || value::parse_timestamp_millis(value(self.timestamp?)?);
        let milliseconds = || value::parse_milliseconds(value(columns.milliseconds?)?);
        let whole_seconds = || value::parse_timestamp_millis(value(columns.seconds?)?);
        let pair = || value::parse_date_time(value(columns.date?)?, value(columns.time?)?);
        let standard = || milliseconds().or_else(whole_seconds).or_else(pair);
        let event_time = || value::parse_event_time(value(self.event_time?)?);
        seconds().or_else(standard).or_else(event_time)
    }

    /// Returns the seconds from 1970 to the day of a record that has a date without a time.
    pub(crate) fn day<'a>(&self, value: impl Fn(usize) -> Option<&'a [u8]>) -> Option<u64> {
        value::parse_date(value(self.time_columns.date?)?)
    }

    /// Returns the column of the time, or of a part of it.
    pub(crate) fn time_column(&self) -> Option<usize> {
        let TimeColumns { date, time, .. } = self.time_columns;
        self.instant().or(date).or(time)
    }

    /// Returns true if records have a date and, with `of_day`, a time of day.
    pub(super) fn has_time(&self, of_day: bool) -> bool {
        let TimeColumns { date, time, .. } = self.time_columns;
        let date = date.filter(|_| !of_day || time.is_some());
        self.instant().or(date).is_some()
    }

    /// Returns the column that has date and time of day in one value.
    fn instant(&self) -> Option<usize> {
        let TimeColumns {
            milliseconds,
            seconds,
            ..
        } = self.time_columns;
        self.timestamp
            .or(milliseconds)
            .or(seconds)
            .or(self.event_time)
    }
}

impl PartitionColumn {
    fn new(layout: &Layout, index: usize) -> Self {
        let column = &layout.columns[index];
        Self {
            index,
            decode: column.decode,
            decode_whole: matches!(
                column.encode,
                Encode::Standard(StandardEncode::DecodedWhole)
            ),
        }
    }

    /// Returns true if a value is percent-decoded.
    pub(crate) fn decodes(self, raw: &[u8]) -> bool {
        self.decode && (!self.decode_whole || value::is_percent_encoded(raw))
    }
}

impl FirehosePlan {
    /// Compiles the sections `[firehose]`, `[overflow]` and `[metrics]`.
    pub(super) fn compile(
        config: &Config,
        layouts: &[Layout],
        warnings: &mut Vec<String>,
    ) -> Result<Self, ConfigError> {
        check_optional(config, layouts)?;
        check_multiple_lines(config)?;
        let mut partitions = Vec::new();
        for (key, source) in &config.firehose.partition_keys {
            let partition = Partition::compile(config, layouts, key, source)?;
            let lacks_field = |layout: &Layout| layout.column(&partition.field).is_none();
            // Without layouts there are no rows; in standard logs, several fields are the time.
            let has_realtime_rows = config.input.format == Format::Auto && !layouts.is_empty();
            if has_realtime_rows && layouts.iter().all(lacks_field) {
                warnings.push(format!(
                    "[firehose] partition_keys.{key}: no layout has the field \"{}\", so real-time rows get \
                     partition_default",
                    partition.field
                ));
            }
            partitions.push(partition);
        }
        let default = &config.firehose.partition_default;
        if default.get_ref().is_empty() {
            return Err(ConfigError {
                message: "empty; Firehose takes no empty partition key".to_owned(),
                line: Some(config.line(&default.span())),
                key: Some("firehose.partition_default".to_owned()),
                suggestion: None,
            });
        }
        let plan = Self {
            layouts: Vec::new(),
            partitions,
            firehose: config.firehose.clone(),
            overflow: config.overflow.clone(),
            metrics: config.metrics.clone(),
        };
        Ok(plan.with_layouts(layouts, config.output.names))
    }

    /// Returns the plan for other layouts.
    pub(super) fn with_layouts(&self, layouts: &[Layout], names: Names) -> Self {
        let layouts = layouts.iter();
        Self {
            layouts: layouts
                .map(|layout| ColumnIndexes::new(self, layout, names))
                .collect(),
            ..self.clone()
        }
    }

    /// Returns the optional fields of a layout. A timestamp of date and time includes both columns.
    fn optional_fields(&self, layout: &Layout, names: Names) -> Vec<OptionalField> {
        let is_optional = |field: &str| {
            let mut optional = self.overflow.optional.iter();
            optional.any(|name| *field == **name.get_ref())
        };
        let pair = layout.time_columns.pair();
        let pair = pair.filter(|_| is_optional(TIMESTAMP));
        let in_pair = |index| pair.is_some_and(|(date, time)| [date, time].contains(&index));
        let columns = layout.columns.iter().enumerate();
        let columns = columns
            .filter(|(index, column)| is_optional(&column.field) || in_pair(*index))
            .map(|(_, column)| OptionalField {
                key: column.key.clone(),
                field: column.field.clone(),
            });
        let timestamp = pair.map(|_| OptionalField {
            key: timestamp_key(names).into(),
            field: TIMESTAMP.into(),
        });
        columns.chain(timestamp).collect()
    }

    /// Returns true if a record of several lines becomes several documents.
    #[must_use]
    pub fn takes_records_apart(&self) -> bool {
        *self.firehose.multiple_lines.get_ref() == MultipleLines::Ndjson
    }

    /// Returns the policy for an answer that is too large.
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.overflow.policy
    }
}

impl Partition {
    /// Returns true if the key is made from the time of the record.
    pub(crate) fn is_time(&self) -> bool {
        [TIMESTAMP, EVENT_TIMESTAMP].contains(&&*self.field)
    }

    fn compile(
        config: &Config,
        layouts: &[Layout],
        key: &str,
        source: &Spanned<String>,
    ) -> Result<Self, ConfigError> {
        let error = |message: String, suggestion| ConfigError {
            message,
            line: Some(config.line(&source.span())),
            key: Some(format!("firehose.partition_keys.{key}")),
            suggestion,
        };
        if key.is_empty() {
            return Err(error("a partition key needs a name".to_owned(), None));
        }
        let (field, pattern) = split_pattern(source.get_ref());
        let kind = kind(config, layouts, field).ok_or_else(|| {
            error(
                not_configured(config, field),
                suggest(config, layouts, field),
            )
        })?;
        let pattern = match pattern {
            None => None,
            Some(_)
                if !matches!(
                    kind,
                    Kind::Timestamp | Kind::Milliseconds | Kind::Seconds | Kind::EventTime
                ) =>
            {
                let message =
                    format!("\"{field}\" is not a timestamp, so \"{field}\" alone is its value");
                return Err(error(message, None));
            }
            Some(pattern) => {
                Some(TimePattern::parse(pattern).map_err(|message| error(message, None))?)
            }
        };
        Ok(Self {
            key: key.to_owned(),
            field: field.to_owned(),
            pattern,
        })
    }
}

/// Splits `field` or `field:pattern`.
fn split_pattern(source: &str) -> (&str, Option<&str>) {
    match source.split_once(':') {
        Some((field, pattern)) => (field, Some(pattern)),
        None => (source, None),
    }
}

fn check_multiple_lines(config: &Config) -> Result<(), ConfigError> {
    let multiple_lines = &config.firehose.multiple_lines;
    if config.overflow.policy != Policy::Slim || *multiple_lines.get_ref() == MultipleLines::Fail {
        return Ok(());
    }
    Err(ConfigError {
        message: "\"ndjson\" cannot be combined with [overflow] policy = \"slim\", which shortens answers of one \
                  document; use policy = \"fail\" or \"reingest\""
            .to_owned(),
        line: Some(config.line(&multiple_lines.span())),
        key: Some("firehose.multiple_lines".to_owned()),
        suggestion: None,
    })
}

fn check_optional(config: &Config, layouts: &[Layout]) -> Result<(), ConfigError> {
    let Overflow { policy, optional } = &config.overflow;
    for (index, name) in optional.iter().enumerate() {
        let field = name.get_ref();
        if kind(config, layouts, field).is_none() {
            return Err(ConfigError {
                message: not_configured(config, field),
                line: Some(config.line(&name.span())),
                key: Some(format!("overflow.optional[{index}]")),
                suggestion: suggest(config, layouts, field),
            });
        }
    }
    let message = match (policy, optional.is_empty()) {
        (Policy::Slim, true) => {
            "policy = \"slim\" leaves out the fields that [overflow] optional lists; list some"
        }
        (Policy::Fail | Policy::Reingest, false) => {
            "only policy = \"slim\" leaves optional fields out; set it, or delete the list"
        }
        _ => return Ok(()),
    };
    Err(ConfigError {
        message: message.to_owned(),
        line: optional.first().map(|name| config.line(&name.span())),
        key: Some("overflow.optional".to_owned()),
        suggestion: None,
    })
}

/// Returns the kind of a field that records may have.
fn kind(config: &Config, layouts: &[Layout], field: &str) -> Option<Kind> {
    let configured = layouts
        .iter()
        .find_map(|layout| Some(layout.columns[layout.column(field)?].kind));
    let custom = || {
        let mut custom = config.custom_fields.iter();
        custom
            .find(|custom| custom.name.get_ref() == field)
            .map(|custom| custom.kind)
    };
    let named = || {
        named_fields()
            .find(|other| other.name == field)
            .map(|field| field.kind)
    };
    match config.input.format {
        Format::Realtime => configured,
        Format::Standard | Format::Auto => configured.or_else(named).or_else(custom),
    }
}

/// Returns the fields that headers and keys may name.
fn named_fields() -> impl Iterator<Item = &'static Field> {
    Log::Standard.table().chain(Log::Connection.table())
}

fn not_configured(config: &Config, field: &str) -> String {
    match config.input.format {
        Format::Realtime => format!("no layout has the field \"{field}\""),
        Format::Standard | Format::Auto => {
            format!("no layout and no standard log has the field \"{field}\"")
        }
    }
}

fn suggest(config: &Config, layouts: &[Layout], field: &str) -> Option<String> {
    let columns = layouts.iter().flat_map(|layout| &layout.columns);
    let configured = columns.map(|column| &*column.field);
    match config.input.format {
        Format::Realtime => nearest(field, configured),
        Format::Standard | Format::Auto => nearest(
            field,
            configured.chain(named_fields().map(|field| field.name)),
        ),
    }
}
