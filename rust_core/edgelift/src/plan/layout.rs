//! From lists of field names to layouts: names resolved, sorted, checked, and keys rendered.

use std::collections::HashSet;

use toml::Spanned;

use super::{Column, Encode, Layout, PLAIN, SHORT, Short, sorts};
use crate::config::{Config, FieldList, Values, nearest};
use crate::error::ConfigError;
use crate::fields::{self, Kind, Names, Shape};
use crate::value::Prefix;

/// Key of the values that did not fit, in every naming profile.
pub const UNPARSED: &str = "_unparsed";
pub(super) const HEADERS_COUNT: &str = "cs-headers-count";
const HEADERS: &str = "cs-headers";

/// A field of this configuration: one of CloudFront's or a custom one.
struct Known {
    name: Box<str>,
    key: Box<str>,
    kind: Kind,
    unproven: bool,
    shape: Option<Shape>,
    is_custom: bool,
}

/// Compiles the layouts of a configuration.
pub(super) fn compile(
    config: &Config,
    warnings: &mut Vec<String>,
) -> Result<Vec<Layout>, ConfigError> {
    if config.layouts.is_empty() {
        let message = "no layout: real-time records carry no header, so list the fields of the real-time log \
                       configuration under [[layouts]], as fields = [\"timestamp\", \"c-ip\"] or fields = \"all\"";
        return Err(ConfigError {
            message: message.to_owned(),
            key: Some("layouts".to_owned()),
            ..ConfigError::default()
        });
    }
    let known = known_fields(config)?;
    let (mut chosen, mut layouts) = (Vec::<Vec<usize>>::new(), Vec::new());
    for (index, layout) in config.layouts.iter().enumerate() {
        let error = |message: String| ConfigError {
            message,
            line: Some(config.line(&layout.fields.span())),
            key: Some(format!("layouts[{index}].fields")),
            suggestion: None,
        };
        let fields = match layout.fields.get_ref() {
            FieldList::All => (0..known.len())
                .filter(|&field| !known[field].is_custom)
                .collect(),
            FieldList::Names(names) if names.is_empty() => {
                return Err(error(
                    "an empty list; name the fields of the records".to_owned(),
                ));
            }
            FieldList::Names(names) => resolve(config, &known, index, names, warnings)?,
        };
        if let Some(earlier) = chosen.iter().position(|other| *other == fields) {
            return Err(error(format!(
                "equal to layouts[{earlier}]; a layout is listed once"
            )));
        }
        layouts.push(build(config, &known, &fields).map_err(error)?);
        chosen.push(fields);
    }
    Ok(layouts)
}

/// Every field that a layout may name, in CloudFront's order, with the custom ones in their places.
fn known_fields(config: &Config) -> Result<Vec<Known>, ConfigError> {
    let mut known: Vec<Known> = fields::realtime_fields()
        .map(|field| Known {
            name: field.name.into(),
            key: field.key(config.output.names).into(),
            kind: field.kind,
            unproven: field.unproven,
            shape: field.shape(),
            is_custom: false,
        })
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
        if known.iter().any(|field| *field.name == *name) {
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
            Known {
                name: name.into(),
                key: custom_key(name, config.output.names),
                kind: custom.kind,
                unproven: false,
                shape: None,
                is_custom: true,
            },
        );
    }
    Ok(known)
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

/// The known field that an unknown name was probably meant to be: the one that standard logs call so, since
/// their `cs(Host)` is no `cs-host`, else the one with the nearest name.
fn suggest(wrong: &str, known: &[Known]) -> Option<String> {
    let same = fields::realtime_fields().find(|field| {
        field
            .standard
            .is_some_and(|(_, standard)| standard == wrong)
    });
    same.map(|field| field.name.to_owned())
        .or_else(|| nearest(wrong, known.iter().map(|field| &*field.name)))
}

/// The places of a list's names among the known fields, sorted unless they stay as written.
fn resolve(
    config: &Config,
    known: &[Known],
    layout: usize,
    names: &[Spanned<String>],
    warnings: &mut Vec<String>,
) -> Result<Vec<usize>, ConfigError> {
    let mut places = Vec::with_capacity(names.len());
    for (index, spanned) in names.iter().enumerate() {
        let name = spanned.get_ref().as_str();
        let error = |message: String, suggestion| ConfigError {
            message,
            line: Some(config.line(&spanned.span())),
            key: Some(format!("layouts[{layout}].fields[{index}]")),
            suggestion,
        };
        let Some(place) = known.iter().position(|field| *field.name == *name) else {
            let message = if name.is_empty() {
                "an empty name".to_owned()
            } else {
                format!(
                    "unknown field \"{name}\"; if CloudFront has added it, describe it under [[custom_fields]]"
                )
            };
            return Err(error(message, suggest(name, known)));
        };
        if places.contains(&place) {
            return Err(error(format!("field \"{name}\" is listed twice"), None));
        }
        places.push(place);
    }
    if sorts(config) && !places.is_sorted() {
        places.sort_unstable();
        warnings.push(format!(
            "layouts[{layout}].fields were brought into CloudFront's order, in which records always come; \
             [input] order = \"as_written\" would leave them as they are"
        ));
    }
    Ok(places)
}

/// Builds a layout; what is wrong with it, if two of its keys are equal.
fn build(config: &Config, known: &[Known], fields: &[usize]) -> Result<Layout, String> {
    let columns: Vec<Column> = fields
        .iter()
        .map(|&field| {
            let field = &known[field];
            let encode = Encode::of(&field.name, &field.key, field.kind, &config.output);
            let prefix = Prefix::new(&field.key, Column::opening(encode));
            let short = Short::of(encode, &prefix);
            Column {
                field: field.name.clone(),
                key: field.key.clone(),
                kind: field.kind,
                unproven: field.unproven,
                shape: field.shape,
                short,
                plain: if short == Short::String {
                    SHORT + 1 - PLAIN
                } else {
                    0
                },
                prefix,
                unparsed: Prefix::new(&field.name, "\""),
                encode,
            }
        })
        .collect();
    let place = |name: &str| columns.iter().position(|column| *column.field == *name);
    let typed = config.output.values == Values::Typed;
    let headers = place(HEADERS_COUNT)
        .filter(|_| typed)
        .and_then(|_| place(HEADERS));
    let truncated_key = truncated_key(config.output.names);
    refuse_equal_keys(&columns, headers.map(|_| truncated_key))?;
    let truncated = format!("{}true", Prefix::render(truncated_key, ""));
    let fixed_bytes = columns.iter().map(Column::fixed_bytes).sum::<usize>() + truncated.len();
    Ok(Layout {
        columns,
        fixed_bytes,
        headers,
        truncated: truncated.into_bytes().into(),
    })
}

const fn truncated_key(names: Names) -> &'static str {
    match names {
        Names::Cloudfront => "cs-headers-truncated",
        Names::Snake => "cs_headers_truncated",
        Names::Ecs | Names::Otel => "aws.cloudfront.headers_truncated",
    }
}

fn refuse_equal_keys(columns: &[Column], truncated: Option<&str>) -> Result<(), String> {
    let mut keys: HashSet<&str> = [UNPARSED].into_iter().chain(truncated).collect();
    match columns.iter().find(|column| !keys.insert(&column.key)) {
        None => Ok(()),
        Some(Column { field, key, .. }) => Err(format!(
            "the field \"{field}\" would write the key \"{key}\" a second time; leave it out or rename it"
        )),
    }
}

impl Column {
    /// Room for the key, the key in `_unparsed`, punctuation and a number at its longest.
    fn fixed_bytes(&self) -> usize {
        const LONGEST_NUMBER: usize = 64;
        self.prefix.len() + self.unparsed.len() + LONGEST_NUMBER
    }
}
