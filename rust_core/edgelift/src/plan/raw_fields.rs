//! `[output] raw`: the fields whose values keep their escapes.

use std::sync::Arc;

use toml::Spanned;

use super::resolved_field::ResolvedField;
use crate::config::{Config, Format, nearest};
use crate::error::ConfigError;
use crate::fields::Log;

/// The fields of `[output] raw`, by their real-time names.
#[derive(Clone, Debug)]
pub(super) struct RawFields(Arc<[Box<str>]>);

impl RawFields {
    /// Resolves the names, which are those of any kind of log or of custom fields.
    ///
    /// # Errors
    /// A name is unknown.
    pub(super) fn compile(config: &Config) -> Result<Self, ConfigError> {
        let names = config.output.raw.iter().enumerate();
        let fields = names.map(|(index, name)| resolve(config, "raw", index, name));
        fields.collect::<Result<_, _>>().map(Self)
    }

    /// Decides for each field whether its values are percent-decoded. Without `decode`, none is.
    pub(super) fn apply(&self, fields: &mut [ResolvedField], decode: bool) {
        for field in fields {
            field.decode = decode && !self.0.contains(&field.name);
        }
    }
}

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
    found.map(Into::into).ok_or_else(|| ConfigError {
        message: format!(
            "unknown field \"{name}\"; if CloudFront has added it, describe it under [[custom_fields]]"
        ),
        line: Some(config.line(&spanned.span())),
        key: Some(format!("output.{option}[{index}]")),
        suggestion: nearest(name, known),
    })
}
