//! The layouts that a configuration lists: names resolved, sorted, checked.

use toml::Spanned;

use super::known::{self, Known, suggest};
use super::{Layout, layout, sorts, standard};
use crate::config::{Config, FieldList, Format};
use crate::error::ConfigError;

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
        Format::Standard => known::standard_fields(config)?,
        Format::Realtime | Format::Auto => known::realtime_fields(config)?,
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
        let built = layout::build(&config.output, &columns);
        layouts
            .push(built.map_err(|problem| error(format!("{problem}; leave it out or rename it")))?);
        chosen.push(fields);
    }
    Ok(layouts)
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
