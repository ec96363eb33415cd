//! Names of fields in options of `[output]`: `raw` and `columns`.

use toml::Spanned;

use crate::config::{Config, Format, nearest};
use crate::error::ConfigError;
use crate::fields::Log;

/// Returns the real-time name of a field in an option of `[output]`. Where real-time and standard logs give a name to
/// different fields, it is one of the kind that the layouts have, and of standard logs if there is none.
pub(super) fn resolve(
    config: &Config,
    option: &str,
    index: usize,
    spanned: &Spanned<String>,
) -> Result<Box<str>, ConfigError> {
    let name = spanned.get_ref().as_str();
    // Without layouts only standard and connection logs can be read.
    let is_standard = match config.input.format {
        Format::Standard => true,
        Format::Auto => config.layouts.is_empty(),
        Format::Realtime => false,
    };
    let logs = if is_standard {
        [Log::Standard, Log::Realtime, Log::Connection]
    } else {
        Log::ALL
    };
    let field = logs.iter().find_map(|log| log.field(name));
    let custom = config.custom_fields.iter();
    let mut custom = custom.map(|custom| custom.name.get_ref().as_str());
    let names_of = |log: Log| log.table().filter_map(move |field| field.name_in(log));
    let known = logs.into_iter().flat_map(names_of).chain(custom.clone());
    let found = match field {
        Some(field) => Some(field.name),
        None => custom.find(|other| *other == name),
    };
    found.map(Into::into).ok_or_else(|| {
        let message = format!(
            "unknown field \"{name}\"; if CloudFront has added it, describe it under [[custom_fields]]"
        );
        error(config, option, (index, spanned), message, nearest(name, known))
    })
}

/// Returns the error of one of the names.
pub(super) fn error(
    config: &Config,
    option: &str,
    (index, spanned): (usize, &Spanned<String>),
    message: String,
    suggestion: Option<String>,
) -> ConfigError {
    ConfigError {
        message,
        line: Some(config.line(&spanned.span())),
        key: Some(format!("output.{option}[{index}]")),
        suggestion,
    }
}
