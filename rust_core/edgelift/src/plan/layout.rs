//! From lists of field names to layouts: names resolved, sorted, checked, and keys rendered.

use std::collections::HashSet;

use toml::Spanned;

use super::standard::Moment;
use super::{Clock, Column, Encode, Layout, PLAIN, SHORT, Short, sorts, standard};
use crate::config::{Config, FieldList, Format, Output, Values, nearest};
use crate::error::ConfigError;
use crate::fields::{self, Kind, Names, Shape};
use crate::value::{GROWTH, Prefix};

/// Key of the values that did not fit, in every naming profile.
pub const UNPARSED: &str = "_unparsed";
pub(super) const HEADERS_COUNT: &str = "cs-headers-count";
const HEADERS: &str = "cs-headers";

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
    pub(super) encode: Option<standard::Encode>,
}

/// Compiles the layouts of a configuration.
pub(super) fn compile(
    config: &Config,
    warnings: &mut Vec<String>,
) -> Result<Vec<Layout>, ConfigError> {
    let format = config.input.format;
    if config.layouts.is_empty() && format != Format::Realtime {
        return Ok(Vec::new());
    }
    if config.layouts.is_empty() {
        let message = "no layout: real-time records carry no header, so list the fields of the real-time log \
                       configuration under [[layouts]], as fields = [\"timestamp\", \"c-ip\"] or fields = \"all\"";
        return Err(ConfigError {
            message: message.to_owned(),
            key: Some("layouts".to_owned()),
            ..ConfigError::default()
        });
    }
    let known = match format {
        Format::Standard => standard::known_fields(config)?,
        Format::Realtime | Format::Auto => known_fields(config)?,
    };
    let (mut chosen, mut layouts) = (Vec::<Vec<usize>>::new(), Vec::new());
    for (index, layout) in config.layouts.iter().enumerate() {
        let error = |message: String| ConfigError {
            message,
            line: Some(config.line(&layout.fields.span())),
            key: Some(format!("layouts[{index}].fields")),
            suggestion: None,
        };
        let fields = match layout.fields.get_ref() {
            FieldList::All if format == Format::Standard => {
                let message =
                    "standard logs come in the order of their delivery; list the names in it";
                return Err(error(message.to_owned()));
            }
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
        let mut columns: Vec<Known> = fields.iter().map(|&field| known[field].clone()).collect();
        if format == Format::Standard {
            let version = standard::Version::Two;
            columns = standard::adjusted(columns, version, &config.input, &config.output);
        }
        let built = build(&config.output, &columns);
        layouts
            .push(built.map_err(|problem| error(format!("{problem}; leave it out or rename it")))?);
        chosen.push(fields);
    }
    Ok(layouts)
}

/// Every field that a layout may name, in CloudFront's order, with the custom ones in their places.
pub(super) fn known_fields(config: &Config) -> Result<Vec<Known>, ConfigError> {
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
fn suggest(wrong: &str, known: &[Known]) -> Option<String> {
    let other = known.iter().find(|field| *field.name == *wrong);
    let same = fields::standard(wrong).map(|field| field.name);
    other
        .map(|field| &*field.written)
        .or(same)
        .map(str::to_owned)
        .or_else(|| nearest(wrong, known.iter().map(|field| &*field.written)))
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
        let Some(place) = known.iter().position(|field| *field.written == *name) else {
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
    if sorts(config) && config.input.format != Format::Standard && !places.is_sorted() {
        places.sort_unstable();
        warnings.push(format!(
            "layouts[{layout}].fields were brought into CloudFront's order, in which records always come; \
             [input] order = \"as_written\" would leave them as they are"
        ));
    }
    Ok(places)
}

/// Builds a layout; what is wrong with it, if two of its keys are equal.
pub(super) fn build(output: &Output, fields: &[Known]) -> Result<Layout, String> {
    let clock = Clock::of(fields, output);
    let columns: Vec<Column> = fields
        .iter()
        .enumerate()
        .map(|(place, field)| {
            let encode = clock.encode(place, output).or(field.encode).map_or_else(
                || Encode::of(&field.name, &field.key, field.kind, output),
                Encode::Standard,
            );
            column(field, encode)
        })
        .collect();
    let place = |name: &str| columns.iter().position(|column| *column.field == *name);
    let typed = output.values == Values::Typed;
    let headers = place(HEADERS_COUNT)
        .filter(|_| typed)
        .and_then(|_| place(HEADERS));
    let truncated_key = truncated_key(output.names);
    let timestamp_key = clock.pair().map(|_| standard::timestamp_key(output.names));
    // One column has the key already where the milliseconds are there, too.
    let second_key = timestamp_key.filter(|_| clock.milliseconds.is_none());
    let other_keys = headers.map(|_| truncated_key).into_iter().chain(second_key);
    refuse_equal_keys(&columns, other_keys)?;
    let truncated = format!("{}true", Prefix::render(truncated_key, ""));
    let moment = Moment::of(output);
    let timestamp = timestamp_key.map(|key| Prefix::new(key, moment.opening()));
    let is_joined = |field: &Known| matches!(field.encode, Some(standard::Encode::Joined { .. }));
    let query = place(standard::QUERY).filter(|_| fields.iter().any(is_joined));
    let room = columns.iter().map(Column::fixed_bytes).sum::<usize>();
    Ok(Layout {
        fixed_bytes: room + truncated.len() + timestamp.as_ref().map_or(0, Prefix::len),
        growth: if query.is_some() { 2 * GROWTH } else { GROWTH },
        query,
        columns,
        headers,
        truncated: truncated.into_bytes().into(),
        clock,
        timestamp,
        begins_with: clock.is_first().then_some(moment),
    })
}

fn column(field: &Known, encode: Encode) -> Column {
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
}

const fn truncated_key(names: Names) -> &'static str {
    match names {
        Names::Cloudfront => "cs-headers-truncated",
        Names::Snake => "cs_headers_truncated",
        Names::Ecs | Names::Otel => "aws.cloudfront.headers_truncated",
    }
}

fn refuse_equal_keys<'a>(
    columns: &'a [Column],
    others: impl Iterator<Item = &'a str>,
) -> Result<(), String> {
    let mut keys: HashSet<&str> = [UNPARSED].into_iter().chain(others).collect();
    match columns.iter().find(|column| !keys.insert(&column.key)) {
        None => Ok(()),
        Some(Column { field, key, .. }) => Err(format!(
            "the field \"{field}\" would write the key \"{key}\" a second time"
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
