//! What a plan knows of the answer to Firehose: partition keys, optional fields, where the time stands.

use crate::config::{Config, Firehose, Metrics, Overflow, Policy, nearest};
use crate::error::ConfigError;
use crate::fields::Kind;
use crate::plan::{Column, Layout};
use crate::value::Pattern;

use toml::Spanned;

/// Field whose oldest value tells how late a batch is.
const TIMESTAMP: &str = "timestamp";

/// How the records of an event are answered.
#[derive(Debug)]
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
#[derive(Debug)]
pub struct Partition {
    /// Its name.
    pub key: String,
    field: String,
    pub(crate) pattern: Option<Pattern>,
}

/// Where a layout has what the answer needs.
#[derive(Debug)]
pub(crate) struct Places {
    /// Column of the time.
    pub(crate) timestamp: Option<usize>,
    /// Column of each partition key.
    pub(crate) partitions: Vec<Option<usize>>,
    /// The optional fields.
    pub(crate) optional: Vec<Optional>,
}

/// A field that `slim` leaves out.
#[derive(Debug)]
pub(crate) struct Optional {
    /// Its key in the document.
    pub(crate) key: Box<str>,
    /// Its own name, under which a misfit stands.
    pub(crate) field: Box<str>,
}

impl Delivery {
    pub(super) fn compile(config: &Config, layouts: &[Layout]) -> Result<Self, ConfigError> {
        check_optional(config, layouts)?;
        let is_optional = |column: &&Column| {
            let mut optional = config.overflow.optional.iter();
            optional.any(|name| *column.field == **name.get_ref())
        };
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
        let places = layouts.iter().map(|layout| Places {
            timestamp: layout
                .columns
                .iter()
                .position(|column| *column.field == *TIMESTAMP && column.kind == Kind::Timestamp),
            partitions: partitions
                .iter()
                .map(|partition| place(layout, &partition.field))
                .collect(),
            optional: layout
                .columns
                .iter()
                .filter(is_optional)
                .map(|column| Optional {
                    key: column.key.clone(),
                    field: column.field.clone(),
                })
                .collect(),
        });
        Ok(Self {
            layouts: places.collect(),
            partitions,
            firehose: config.firehose.clone(),
            overflow: config.overflow.clone(),
            metrics: config.metrics.clone(),
        })
    }

    /// What happens to an answer that is too large.
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.overflow.policy
    }
}

impl Partition {
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
        let column = configured(layouts, field)
            .ok_or_else(|| error(not_configured(field), suggest(layouts, field)))?;
        let pattern = match pattern {
            None => None,
            Some(_) if column.kind != Kind::Timestamp => {
                let message =
                    format!("\"{field}\" is no timestamp, so \"{field}\" alone is its value");
                return Err(error(message, None));
            }
            Some(pattern) => Some(Pattern::parse(pattern).map_err(|message| error(message, None))?),
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
        if configured(layouts, field).is_none() {
            return Err(ConfigError {
                message: not_configured(field),
                line: Some(config.line(&name.span())),
                key: Some(format!("overflow.optional[{index}]")),
                suggestion: suggest(layouts, field),
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

fn configured<'a>(layouts: &'a [Layout], field: &str) -> Option<&'a Column> {
    layouts
        .iter()
        .find_map(|layout| Some(&layout.columns[place(layout, field)?]))
}

fn not_configured(field: &str) -> String {
    format!("no layout has the field \"{field}\"")
}

fn suggest(layouts: &[Layout], field: &str) -> Option<String> {
    let columns = layouts.iter().flat_map(|layout| &layout.columns);
    nearest(field, columns.map(|column| &*column.field))
}
