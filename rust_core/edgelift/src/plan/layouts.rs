//! The layouts of `[[layouts]]`: names are resolved, sorted and checked.

use toml::Spanned;

use super::layout::Layout;
use super::raw_fields::RawFields;
use super::resolved_field::{ResolvedField, named_fields, realtime_fields, suggest};
use super::selection::Selection;
use super::standard::{self, Version};
use crate::config::{self, Config, FieldList, Format, Order, Shapes, TAB};
use crate::error::ConfigError;
use crate::fields::Log;

/// Compiles the layouts of a configuration.
pub(super) fn compile(
    config: &Config,
    raw: &RawFields,
    selection: &Selection,
    warnings: &mut Vec<String>,
) -> Result<Vec<Layout>, ConfigError> {
    if config.layouts.is_empty() {
        return match config.input.format {
            Format::Realtime => Err(no_layout()),
            Format::Standard | Format::Auto => Ok(Vec::new()),
        };
    }
    let mut compiled: Vec<(Vec<usize>, Layout)> = Vec::new();
    for (index, layout) in config.layouts.iter().enumerate() {
        let log = log_of_list(config, layout);
        let mut known = known_fields(config, log)?;
        raw.apply(&mut known, config.output.decode);
        selection.apply(&mut known);
        let entry = LayoutEntry {
            config,
            log,
            known: &known,
            index,
            list: &layout.fields,
        };
        let fields = entry.resolve(warnings)?;
        let is_equal = |(others, layout): &(_, Layout)| *others == fields && layout.log == log;
        if let Some(earlier) = compiled.iter().position(is_equal) {
            let message = format!("equal to layouts[{earlier}]; a layout is listed once");
            return Err(entry.error(message));
        }
        let layout = entry.build(&fields)?;
        compiled.push((fields, layout));
    }
    Ok(compiled.into_iter().map(|(_, layout)| layout).collect())
}

/// Returns the kind of log as which a list is read.
fn log_of_list(config: &Config, layout: &config::Layout) -> Log {
    match (config.input.format, layout.log()) {
        (Format::Realtime | Format::Auto, _) => Log::Realtime,
        (Format::Standard, Log::Connection) => Log::Connection,
        (Format::Standard, _) => Log::Standard,
    }
}

/// Returns the fields that a layout may name.
fn known_fields(config: &Config, log: Log) -> Result<Vec<ResolvedField>, ConfigError> {
    match log {
        Log::Realtime => realtime_fields(config),
        Log::Standard | Log::Connection => named_fields(config, log),
    }
}

fn no_layout() -> ConfigError {
    let message = "no layout: real-time records carry no header, so list the fields of the real-time log \
                   configuration under [[layouts]], as fields = [\"timestamp\", \"c-ip\"] or fields = \"all\"";
    ConfigError {
        message: message.to_owned(),
        key: Some("layouts".to_owned()),
        ..ConfigError::default()
    }
}

/// One of `[[layouts]]`, and the fields that it may name.
struct LayoutEntry<'a> {
    config: &'a Config,
    log: Log,
    known: &'a [ResolvedField],
    index: usize,
    list: &'a Spanned<FieldList>,
}

impl LayoutEntry<'_> {
    /// Returns the indexes of the layout's fields among the known ones.
    fn resolve(&self, warnings: &mut Vec<String>) -> Result<Vec<usize>, ConfigError> {
        let names = match self.list.get_ref() {
            FieldList::All => return self.all(),
            FieldList::Names(names) => names,
        };
        if names.is_empty() {
            return Err(self.error("an empty list; name the fields of the records"));
        }
        let mut fields = Vec::with_capacity(names.len());
        for (place, name) in names.iter().enumerate() {
            let field = self.find(place, name, &fields)?;
            fields.push(field);
        }
        let sorts = self.config.input.order == Order::Cloudfront && self.log == Log::Realtime;
        if sorts && !fields.is_sorted() {
            fields.sort_unstable();
            warnings.push(format!(
                "layouts[{}].fields were sorted into CloudFront's order, in which records always come; \
                 [input] order = \"as_written\" would leave them as they are",
                self.index
            ));
        }
        Ok(fields)
    }

    /// Returns the indexes of all fields but the custom ones.
    fn all(&self) -> Result<Vec<usize>, ConfigError> {
        if self.log != Log::Realtime {
            return Err(self
                .error("standard logs come in the order of their delivery; list the names in it"));
        }
        let fields = 0..self.known.len();
        Ok(fields
            .filter(|&field| !self.known[field].is_custom)
            .collect())
    }

    /// Returns the index of the field with this name, unless it is among the earlier ones.
    fn find(
        &self,
        place: usize,
        spanned: &Spanned<String>,
        earlier: &[usize],
    ) -> Result<usize, ConfigError> {
        let name = spanned.get_ref().as_str();
        let error = |message: String, suggestion| ConfigError {
            message,
            line: Some(self.config.line(&spanned.span())),
            key: Some(format!("layouts[{}].fields[{place}]", self.index)),
            suggestion,
        };
        match self.known.iter().position(|field| *field.written == *name) {
            Some(field) if earlier.contains(&field) => {
                Err(error(format!("field \"{name}\" is listed twice"), None))
            }
            Some(field) => Ok(field),
            None if name.is_empty() => {
                let suggestion = suggest(name, self.known);
                Err(error("an empty name".to_owned(), suggestion))
            }
            None => {
                let has_name = |log: &Log| log.field(name).is_some();
                let message = match Log::ALL.into_iter().find(has_name) {
                    Some(other) => format!(
                        "\"{name}\" is a field of {} logs, and the list is read as one of {} logs; \
                         a list has fields of one kind of log",
                        other.name(),
                        self.log.name()
                    ),
                    None => format!(
                        "unknown field \"{name}\"; if CloudFront has added it, describe it under [[custom_fields]]"
                    ),
                };
                Err(error(message, suggest(name, self.known)))
            }
        }
    }

    fn build(&self, fields: &[usize]) -> Result<Layout, ConfigError> {
        let Config { input, output, .. } = self.config;
        let mut columns: Vec<ResolvedField> = fields
            .iter()
            .map(|&field| self.known[field].clone())
            .collect();
        if input.shapes != Shapes::Ignore {
            for field in &mut columns {
                field.checked_shape = field.shape.filter(|shape| shape.is_counted());
            }
        }
        if self.log == Log::Standard {
            standard::apply_options(&mut columns, Version::Two, input, output);
        }
        let mut layout = Layout::new(output, self.log, &columns)
            .map_err(|problem| self.error(format!("{problem}; leave it out or rename it")))?;
        if *input.delimiter != *TAB {
            layout.shape_checks.check_whole_values();
        }
        Ok(layout)
    }

    fn error(&self, message: impl Into<String>) -> ConfigError {
        ConfigError {
            message: message.into(),
            line: Some(self.config.line(&self.list.span())),
            key: Some(format!("layouts[{}].fields", self.index)),
            suggestion: None,
        }
    }
}

/// Groups the indexes of layouts by number of columns.
pub(super) fn by_count(layouts: &[Layout]) -> Vec<Vec<usize>> {
    let counts = layouts.iter().map(|layout| layout.columns.len());
    let mut by_count = vec![Vec::new(); counts.max().unwrap_or(0) + 1];
    for (index, layout) in layouts.iter().enumerate() {
        by_count[layout.columns.len()].push(index);
    }
    by_count
}
