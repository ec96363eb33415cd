//! The fields that layouts consist of: CloudFront's and custom ones, under the names of both kinds of logs.

use std::collections::HashSet;
use std::sync::Arc;

use toml::Spanned;

use super::encode::StandardEncode;
use crate::config::{Config, Format, nearest};
use crate::error::ConfigError;
use crate::fields::{self, Field, Kind, Log, Names, Shape};

/// A field of CloudFront or a custom one, with its key in the naming profile.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "properties that do not depend on each other"
)]
pub(super) struct ResolvedField {
    /// Real-time name.
    pub(super) name: Box<str>,
    /// Name in configurations and logs.
    pub(super) written: Box<str>,
    pub(super) key: Box<str>,
    pub(super) kind: Kind,
    pub(super) unproven: bool,
    pub(super) shape: Option<Shape>,
    /// The shape, if each value is checked for it.
    pub(super) checked_shape: Option<Shape>,
    pub(super) is_custom: bool,
    /// False if the values keep their escapes.
    pub(super) decode: bool,
    /// False if the values are not written.
    pub(super) is_selected: bool,
    /// Overrides how the values are written.
    pub(super) encode: Option<StandardEncode>,
}

impl ResolvedField {
    /// Resolves a field of real-time logs.
    pub(super) fn from_realtime(field: &Field, names: Names) -> Self {
        Self {
            name: field.name.into(),
            written: field.name.into(),
            key: field.key(names).into(),
            kind: field.kind,
            unproven: field.unproven,
            shape: field.shape(),
            checked_shape: None,
            is_custom: false,
            decode: true,
            is_selected: true,
            encode: None,
        }
    }

    /// Resolves a field of logs that name their columns. Standard logs use other names, and timestamps in milliseconds.
    pub(super) fn from_named(field: &Field, log: Log, names: Names) -> Self {
        let mut resolved = Self::from_realtime(field, names);
        if let Some(written) = field.name_in(log) {
            resolved.written = written.into();
        }
        if field.kind == Kind::Timestamp {
            resolved.kind = Kind::Milliseconds;
        }
        resolved
    }

    /// Resolves a custom field.
    pub(super) fn custom(name: &str, kind: Kind, names: Names) -> Self {
        Self {
            name: name.into(),
            written: name.into(),
            key: custom_key(name, names),
            kind,
            unproven: false,
            shape: None,
            checked_shape: None,
            is_custom: true,
            decode: true,
            is_selected: true,
            encode: None,
        }
    }
}

/// Returns the fields of real-time logs in CloudFront's order, with the custom fields in their places.
pub(super) fn realtime_fields(config: &Config) -> Result<Vec<ResolvedField>, ConfigError> {
    let names = config.output.names;
    let mut fields: Vec<ResolvedField> = fields::realtime_fields()
        .map(|field| ResolvedField::from_realtime(field, names))
        .collect();
    let mut anchors = HashSet::new();
    for (index, custom) in config.custom_fields.iter().enumerate() {
        check_custom_name(config, index, &custom.name, &fields)?;
        let anchor = find_anchor(config, index, &custom.after, &fields)?;
        let after = custom.after.get_ref().as_str();
        if !anchors.insert(after) {
            let message = format!(
                "two custom fields after \"{after}\" leave their order open; put one after the other"
            );
            return Err(custom_error(config, index, "after", &custom.after, message));
        }
        let field = ResolvedField::custom(custom.name.get_ref(), custom.kind, names);
        fields.insert(anchor + 1, field);
    }
    Ok(fields)
}

/// Returns the fields of logs that name their columns, followed by the custom ones.
pub(super) fn named_fields(config: &Config, log: Log) -> Result<Vec<ResolvedField>, ConfigError> {
    let names = config.output.names;
    let fields = log
        .table()
        .map(|field| ResolvedField::from_named(field, log, names));
    Ok(fields
        .chain(custom_fields(config)?.iter().cloned())
        .collect())
}

/// Returns the custom fields, in their order among the real-time ones.
pub(super) fn custom_fields(config: &Config) -> Result<Arc<[ResolvedField]>, ConfigError> {
    let fields = realtime_fields(config)?.into_iter();
    Ok(fields.filter(|field| field.is_custom).collect())
}

fn check_custom_name(
    config: &Config,
    index: usize,
    name: &Spanned<String>,
    fields: &[ResolvedField],
) -> Result<(), ConfigError> {
    let text = name.get_ref().as_str();
    if text.is_empty() || text.chars().any(|c| c.is_control() || c == ',' || c == ' ') {
        let message = "a name has at least one character and no blank, comma or control";
        return Err(custom_error(
            config,
            index,
            "name",
            name,
            message.to_owned(),
        ));
    }
    let is_of_log = |log: Log| log.field(text).is_some();
    let may_be_named = config.input.format != Format::Realtime
        && (is_of_log(Log::Standard) || is_of_log(Log::Connection));
    if may_be_named || fields.iter().any(|field| *field.name == *text) {
        let message = format!("\"{text}\" is known already; leave the custom field out");
        return Err(custom_error(config, index, "name", name, message));
    }
    Ok(())
}

/// Returns the index of the field that a custom field follows.
fn find_anchor(
    config: &Config,
    index: usize,
    after: &Spanned<String>,
    fields: &[ResolvedField],
) -> Result<usize, ConfigError> {
    let name = after.get_ref().as_str();
    let anchor = fields.iter().position(|field| *field.name == *name);
    anchor.ok_or_else(|| ConfigError {
        suggestion: suggest(name, fields),
        ..custom_error(
            config,
            index,
            "after",
            after,
            format!("unknown field \"{name}\""),
        )
    })
}

fn custom_error(
    config: &Config,
    index: usize,
    key: &str,
    value: &Spanned<String>,
    message: String,
) -> ConfigError {
    ConfigError {
        message,
        line: Some(config.line(&value.span())),
        key: Some(format!("custom_fields[{index}].{key}")),
        suggestion: None,
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

/// Returns the field that an unknown name probably means: the field that has this name in the other kind of log
/// (`cs(Host)` is `x-host-header`, not `cs-host`), or else the one with the nearest name.
pub(super) fn suggest(wrong: &str, fields: &[ResolvedField]) -> Option<String> {
    let other = fields.iter().find(|field| *field.name == *wrong);
    let is_known = |name: &str| fields.iter().any(|field| *field.name == *name);
    let same = Log::Standard
        .field(wrong)
        .map(|field| field.name)
        .filter(|name| is_known(name));
    other
        .map(|field| &*field.written)
        .or(same)
        .map(str::to_owned)
        .or_else(|| nearest(wrong, fields.iter().map(|field| &*field.written)))
}
