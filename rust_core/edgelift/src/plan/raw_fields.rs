//! `[output] raw`: the fields whose values keep their escapes.

use std::sync::Arc;

use super::option_names;
use super::resolved_field::ResolvedField;
use crate::config::Config;
use crate::error::ConfigError;

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
        let fields = names.map(|(index, name)| option_names::resolve(config, "raw", index, name));
        fields.collect::<Result<_, _>>().map(Self)
    }

    /// Decides for each field whether its values are percent-decoded. Without `decode`, none is.
    pub(super) fn apply(&self, fields: &mut [ResolvedField], decode: bool) {
        for field in fields {
            field.decode = decode && !self.0.contains(&field.name);
        }
    }
}
