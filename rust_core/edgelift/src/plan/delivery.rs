//! What a plan knows of the answer to Firehose: partition keys, optional fields, where the time stands.

use crate::config::{Config, Firehose, Format, Metrics, Overflow, Policy, nearest};
use crate::error::ConfigError;
use crate::fields::{FIELDS, Field, Kind, Names};
use crate::plan::clock::timestamp_key;
use crate::plan::{Clock, Layout};
use crate::value::{self, TimePattern};

use toml::Spanned;

/// Field whose oldest value tells how late a batch is.
const TIMESTAMP: &str = "timestamp";
const REQUEST_ID: &str = "x-edge-request-id";

/// How the records of an event are answered.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// `[firehose]` as it is in force.
    pub firehose: Firehose,
    /// `[overflow]` as it is in force.
    pub overflow: Overflow,
    /// `[metrics]` as it is in force.
    pub metrics: Metrics,
    /// The partition keys, in the order of their names.
    pub partitions: Vec<Partition>,
    pub(crate) layouts: Vec<Places>,
}

/// A partition key of an S3 destination.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Its name.
    pub key: String,
    field: String,
    pub(crate) pattern: Option<TimePattern>,
}

/// Where a layout has what the answer needs.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// Column of the time.
    timestamp: Option<usize>,
    /// The same in a standard log.
    clock: Clock,
    /// Column of what identifies the request.
    pub(crate) request_id: Option<usize>,
    /// Column of each partition key.
    pub(crate) partitions: Vec<Option<usize>>,
    /// The optional fields.
    pub(crate) optional: Vec<Optional>,
}

/// A field that `slim` leaves out.
#[derive(Clone, Debug)]
pub(crate) struct Optional {
    /// Its key in the document.
    pub(crate) key: Box<str>,
    /// Its own name, under which a misfit stands.
    pub(crate) field: Box<str>,
}

impl Places {
    /// Milliseconds since 1970 of a record, whose values are given by column.
    pub(crate) fn millis<'a>(&self, value: impl Fn(usize) -> Option<&'a [u8]>) -> Option<u64> {
        let seconds = || value::parse_timestamp_millis(value(self.timestamp?)?);
        let milliseconds = || value::parse_milliseconds(value(self.clock.milliseconds?)?);
        let pair = || value::parse_date_time(value(self.clock.date?)?, value(self.clock.time?)?);
        seconds().or_else(milliseconds).or_else(pair)
    }

    /// Seconds from 1970 to the day of a record, where that is all it tells.
    pub(crate) fn day<'a>(&self, value: impl Fn(usize) -> Option<&'a [u8]>) -> Option<u64> {
        value::parse_date(value(self.clock.date?)?)
    }

    /// The column that tells the time, or a part of it.
    pub(crate) fn time(&self) -> Option<usize> {
        let whole = self.timestamp.or(self.clock.milliseconds);
        whole.or(self.clock.date).or(self.clock.time)
    }

    /// Whether records tell their day at least, or their time of day as well.
    pub(super) fn tell_time(&self, of_day: bool) -> bool {
        let whole = self.timestamp.or(self.clock.milliseconds);
        let by_day = self
            .clock
            .date
            .filter(|_| !of_day || self.clock.time.is_some());
        whole.or(by_day).is_some()
    }
}

impl Delivery {
    pub(super) fn compile(config: &Config, layouts: &[Layout]) -> Result<Self, ConfigError> {
        check_optional(config, layouts)?;
        let mut partitions = Vec::new();
        for (key, source) in &config.firehose.partition_keys {
            partitions.push(Partition::compile(config, layouts, key, source)?);
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
        let delivery = Self {
            layouts: Vec::new(),
            partitions,
            firehose: config.firehose.clone(),
            overflow: config.overflow.clone(),
            metrics: config.metrics.clone(),
        };
        Ok(delivery.for_layouts(layouts, config.output.names))
    }

    /// The same for other layouts.
    pub(super) fn for_layouts(&self, layouts: &[Layout], names: Names) -> Self {
        let is_optional = |field: &str| {
            let mut optional = self.overflow.optional.iter();
            optional.any(|name| *field == **name.get_ref())
        };
        let places = layouts.iter().map(|layout| {
            let pair = layout.clock.pair().filter(|_| is_optional(TIMESTAMP));
            let is_of_pair = |place| pair.is_some_and(|(date, time)| [date, time].contains(&place));
            let optional = layout.columns.iter().enumerate();
            let optional = optional
                .filter(|(place, column)| is_optional(&column.field) || is_of_pair(*place))
                .map(|(_, column)| Optional {
                    key: column.key.clone(),
                    field: column.field.clone(),
                });
            let of_pair = pair.map(|_| Optional {
                key: timestamp_key(names).into(),
                field: TIMESTAMP.into(),
            });
            Places {
                timestamp: layout.columns.iter().position(|column| {
                    *column.field == *TIMESTAMP && column.kind == Kind::Timestamp
                }),
                clock: layout.clock,
                request_id: place(layout, REQUEST_ID),
                partitions: (self.partitions.iter())
                    .map(|partition| place(layout, &partition.field))
                    .collect(),
                optional: optional.chain(of_pair).collect(),
            }
        });
        Self {
            layouts: places.collect(),
            ..self.clone()
        }
    }

    /// What happens to an answer that is too large.
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.overflow.policy
    }
}

impl Partition {
    /// Whether it tells the time of the record.
    pub(crate) fn is_time(&self) -> bool {
        self.field == TIMESTAMP
    }

    fn compile(
        config: &Config,
        layouts: &[Layout],
        key: &str,
        source: &Spanned<String>,
    ) -> Result<Self, ConfigError> {
        let place = format!("firehose.partition_keys.{key}");
        let error = |message: String, suggestion| ConfigError {
            message,
            line: Some(config.line(&source.span())),
            key: Some(place.clone()),
            suggestion,
        };
        if key.is_empty() {
            return Err(error("a partition key needs a name".to_owned(), None));
        }
        let (field, pattern) = split(source.get_ref());
        let kind = kind(config, layouts, field).ok_or_else(|| {
            error(
                not_configured(config, field),
                suggest(config, layouts, field),
            )
        })?;
        let pattern = match pattern {
            None => None,
            Some(_) if !matches!(kind, Kind::Timestamp | Kind::Milliseconds) => {
                let message =
                    format!("\"{field}\" is no timestamp, so \"{field}\" alone is its value");
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

/// A field, and the pattern behind a colon.
fn split(source: &str) -> (&str, Option<&str>) {
    match source.split_once(':') {
        Some((field, pattern)) => (field, Some(pattern)),
        None => (source, None),
    }
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

fn place(layout: &Layout, field: &str) -> Option<usize> {
    layout
        .columns
        .iter()
        .position(|column| *column.field == *field)
}

/// Kind of a field that records may have.
fn kind(config: &Config, layouts: &[Layout], field: &str) -> Option<Kind> {
    let configured = layouts
        .iter()
        .find_map(|layout| Some(layout.columns[place(layout, field)?].kind));
    let custom = || {
        let custom = config.custom_fields.iter();
        custom
            .filter(|custom| custom.name.get_ref() == field)
            .map(|custom| custom.kind)
            .next()
    };
    let standard = || {
        standard_fields()
            .find(|other| other.name == field)
            .map(|field| field.kind)
    };
    match config.input.format {
        Format::Realtime => configured,
        Format::Standard | Format::Auto => configured.or_else(standard).or_else(custom),
    }
}

/// What the headers and keys of standard logs may tell.
fn standard_fields() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(|field| field.standard.is_some())
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
            configured.chain(standard_fields().map(|field| field.name)),
        ),
    }
}
