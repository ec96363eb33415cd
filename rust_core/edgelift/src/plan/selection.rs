//! `[output] columns`: the fields that are written.

use std::sync::Arc;

use super::layout::Layout;
use super::option_names;
use super::resolved_field::ResolvedField;
use crate::config::{Config, nearest};
use crate::error::ConfigError;
use crate::fields::{Kind, Log};

/// The fields of `[output] columns`, by their real-time names; `None` selects all fields.
#[derive(Clone, Debug)]
pub(super) struct Selection(Option<Arc<Selected>>);

#[derive(Debug)]
struct Selected {
    names: Box<[Box<str>]>,
    /// True if one of them is the time. Date, time of day and timestamps are selected together, since each of them
    /// may be the one that a document has.
    has_time: bool,
}

impl Selection {
    /// Resolves the names, which are those of any kind of log or of custom fields.
    ///
    /// # Errors
    /// A name is unknown.
    pub(super) fn compile(config: &Config) -> Result<Self, ConfigError> {
        let written = &config.output.columns;
        if written.is_empty() {
            return Ok(Self(None));
        }
        let names = written.iter().enumerate();
        let names =
            names.map(|(index, name)| option_names::resolve(config, "columns", index, name));
        let names: Box<[Box<str>]> = names.collect::<Result<_, _>>()?;
        let is_custom = |name: &str| {
            let mut custom = config.custom_fields.iter();
            custom.any(|custom| custom.name.get_ref() == name)
        };
        let mut fields = names.iter().filter(|name| !is_custom(name));
        let has_time = fields.any(|name| is_name_of_time(name));
        Ok(Self(Some(Arc::new(Selected { names, has_time }))))
    }

    /// Returns true if there are fields that are not written.
    pub(super) const fn leaves_out(&self) -> bool {
        self.0.is_some()
    }

    /// Decides for each field whether it is written.
    pub(super) fn apply(&self, fields: &mut [ResolvedField]) {
        let Some(selected) = self.0.as_deref() else {
            return;
        };
        for field in fields {
            let is_time = !field.is_custom && is_time(field.kind);
            field.is_selected =
                selected.names.contains(&field.name) || (selected.has_time && is_time);
        }
    }

    /// Refuses names that select nothing in any layout. Without layouts, the logs name their columns.
    ///
    /// # Errors
    /// No layout has a field of `[output] columns`.
    pub(super) fn check(&self, config: &Config, layouts: &[Layout]) -> Result<(), ConfigError> {
        let Some(selected) = self.0.as_deref().filter(|_| !layouts.is_empty()) else {
            return Ok(());
        };
        let columns = || layouts.iter().flat_map(|layout| &layout.columns);
        let written = config.output.columns.iter().enumerate();
        for ((index, spanned), name) in written.zip(&selected.names) {
            let is_selected =
                |field: &str| *field == **name || (is_name_of_time(name) && is_name_of_time(field));
            if columns().any(|column| is_selected(&column.field)) {
                continue;
            }
            let text = spanned.get_ref().as_str();
            return Err(option_names::error(
                config,
                "columns",
                (index, spanned),
                format!("no layout has the field \"{text}\""),
                nearest(text, columns().map(|column| &*column.field)),
            ));
        }
        Ok(())
    }
}

/// Returns true if a real-time name is that of a time in any kind of log.
fn is_name_of_time(name: &str) -> bool {
    let mut fields = Log::ALL.iter().flat_map(|log| log.table());
    fields.any(|field| field.name == name && is_time(field.kind))
}

const fn is_time(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Timestamp
            | Kind::Milliseconds
            | Kind::Seconds
            | Kind::Date
            | Kind::Time
            | Kind::EventTime
    )
}
