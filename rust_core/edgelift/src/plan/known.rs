//! The fields that layouts are made of: CloudFront's and custom ones, under the names of both kinds of logs.

use std::collections::HashSet;
use std::sync::Arc;

use toml::Spanned;

use super::clock;
use crate::config::{Config, Format, nearest};
use crate::error::ConfigError;
use crate::fields::{self, FIELDS, Kind, Names, Shape};

/// A field of this configuration: one of CloudFront's or a custom one.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: Box<str>,
    /// Its name where it is listed.
    pub(super) written: Box<str>,
    pub(super) key: Box<str>,
    pub(super) kind: Kind,
    pub(super) unproven: bool,
    pub(super) shape: Option<Shape>,
    pub(super) is_custom: bool,
    /// What only standard logs do with a text.
    pub(super) encode: Option<clock::Encode>,
}

/// Every field that a layout of real-time logs may name, in CloudFront's order, with the custom ones in their places.
pub(super) fn realtime_fields(config: &Config) -> Result<Vec<Known>, ConfigError> {
    let mut known: Vec<Known> = fields::realtime_fields()
        .map(|field| Known::of(field, config.output.names))
        .collect();
    let mut anchors = HashSet::new();
    for (index, custom) in config.custom_fields.iter().enumerate() {
        let error = |message: String, part: &str, at: &Spanned<String>| ConfigError {
            message,
            line: Some(config.line(&at.span())),
            key: Some(format!("custom_fields[{index}].{part}")),
            suggestion: None,
        };
        let name = custom.name.get_ref().as_str();
        if name.is_empty() || name.chars().any(|c| c.is_control() || c == ',' || c == ' ') {
            let message = "a name has at least one character and no blank, comma or control";
            return Err(error(message.to_owned(), "name", &custom.name));
        }
        let is_standard =
            config.input.format != Format::Realtime && fields::standard(name).is_some();
        if is_standard || known.iter().any(|field| *field.name == *name) {
            let message = format!("\"{name}\" is known already; leave the custom field out");
            return Err(error(message, "name", &custom.name));
        }
        let after = custom.after.get_ref().as_str();
        let Some(place) = known.iter().position(|field| *field.name == *after) else {
            let suggestion = suggest(after, &known);
            let message = format!("unknown field \"{after}\"");
            return Err(ConfigError {
                suggestion,
                ..error(message, "after", &custom.after)
            });
        };
        if !anchors.insert(after) {
            let message = format!(
                "two custom fields after \"{after}\" leave their order open; put one after the other"
            );
            return Err(error(message, "after", &custom.after));
        }
        known.insert(
            place + 1,
            Known::custom(name, custom.kind, config.output.names),
        );
    }
    Ok(known)
}

/// Every field that a layout of standard logs may name.
pub(super) fn standard_fields(config: &Config) -> Result<Vec<Known>, ConfigError> {
    let names = config.output.names;
    let standard = FIELDS.iter().filter(|field| field.standard.is_some());
    let known = standard.map(|field| Known::of_standard(field, names));
    Ok(known
        .chain(custom_fields(config)?.iter().cloned())
        .collect())
}

pub(super) fn custom_fields(config: &Config) -> Result<Arc<[Known]>, ConfigError> {
    let known = realtime_fields(config)?.into_iter();
    Ok(known.filter(|field| field.is_custom).collect())
}

impl Known {
    pub(super) fn of(field: &fields::Field, names: Names) -> Self {
        Self {
            name: field.name.into(),
            written: field.name.into(),
            key: field.key(names).into(),
            kind: field.kind,
            unproven: field.unproven,
            shape: field.shape(),
            is_custom: false,
            encode: None,
        }
    }

    /// The same as standard logs have it.
    pub(super) fn of_standard(field: &fields::Field, names: Names) -> Self {
        let mut known = Self::of(field, names);
        if let Some((_, written)) = field.standard {
            known.written = written.into();
        }
        if field.kind == Kind::Timestamp {
            known.kind = Kind::Milliseconds;
        }
        known
    }

    pub(super) fn custom(name: &str, kind: Kind, names: Names) -> Self {
        Self {
            name: name.into(),
            written: name.into(),
            key: custom_key(name, names),
            kind,
            unproven: false,
            shape: None,
            is_custom: true,
            encode: None,
        }
    }
}

fn custom_key(name: &str, names: Names) -> Box<str> {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let snake: String = name.chars().map(plain).collect();
    match names {
        Names::Cloudfront => name.into(),
        Names::Snake => snake.into(),
        Names::Ecs | Names::Otel => format!("aws.cloudfront.{snake}").into(),
    }
}

/// The known field that an unknown name was probably meant to be: the one that the other kind of log calls so,
/// since `cs(Host)` is no `cs-host`, else the one with the nearest name.
pub(super) fn suggest(wrong: &str, known: &[Known]) -> Option<String> {
    let other = known.iter().find(|field| *field.name == *wrong);
    let same = fields::standard(wrong).map(|field| field.name);
    other
        .map(|field| &*field.written)
        .or(same)
        .map(str::to_owned)
        .or_else(|| nearest(wrong, known.iter().map(|field| &*field.written)))
}
