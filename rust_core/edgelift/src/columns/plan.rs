//! Compiles a configuration for columns.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{Fields, Schema, SchemaRef};

use super::schema::{self, ColumnField};
use crate::config::{Config, Missing, Timestamp, Values, nearest};
use crate::error::ConfigError;
use crate::fields::Names;
use crate::plan::Plan;

/// A configuration compiled for columns. Immutable.
#[derive(Debug)]
pub struct ColumnPlan {
    plan: Arc<Plan>,
    /// The selected columns.
    pub(super) columns: Arc<[ColumnField]>,
    /// The column of each key; `None` for a key that is not selected.
    pub(super) by_key: Arc<HashMap<Box<str>, Option<usize>>>,
    schema: SchemaRef,
}

impl ColumnPlan {
    /// Compiles a configuration. `columns` are the names of the columns in their order; `None` selects all.
    ///
    /// Names are those of `[output] names` if it is written, else `snake`. A missing value is null, and times are
    /// timestamps, in spite of `missing` and `timestamp`.
    ///
    /// # Errors
    /// As [`Plan::compile`]; `values = "text"`; a column is unknown or selected twice.
    pub fn compile(
        mut config: Config,
        columns: Option<Vec<String>>,
    ) -> Result<Arc<Self>, ConfigError> {
        if config.output.values == Values::Text {
            return Err(ConfigError {
                message: "columns have types, and \"text\" has none; leave it out, or transform into documents"
                    .to_owned(),
                key: Some("output.values".to_owned()),
                ..ConfigError::default()
            });
        }
        if !config.writes_names() {
            config.output.names = Names::Snake;
        }
        config.output.missing = Missing::Omit;
        config.output.timestamp = Timestamp::EpochMillis;
        let plan = Plan::compile(&config)?;
        let all = schema::columns(&plan)?;
        let selected = match columns {
            None => (0..all.len()).collect(),
            Some(names) => select(&all, &names)?,
        };
        let mut by_key: HashMap<Box<str>, Option<usize>> = all
            .iter()
            .map(|column| (column.name.clone(), None))
            .collect();
        for (index, &column) in selected.iter().enumerate() {
            by_key.insert(all[column].name.clone(), Some(index));
        }
        let columns: Arc<[ColumnField]> =
            selected.iter().map(|&column| all[column].clone()).collect();
        let fields: Fields = columns.iter().map(ColumnField::to_arrow).collect();
        Ok(Arc::new(Self {
            plan: Arc::new(plan),
            columns,
            by_key: Arc::new(by_key),
            schema: Arc::new(Schema::new(fields)),
        }))
    }

    /// Returns the plan for the rows.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// Returns the schema of all batches.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

/// Returns the indexes of the columns with these names.
fn select(all: &[ColumnField], names: &[String]) -> Result<Vec<usize>, ConfigError> {
    let mut selected = Vec::with_capacity(names.len());
    for (place, name) in names.iter().enumerate() {
        let error = |message, suggestion| ConfigError {
            message,
            key: Some(format!("columns[{place}]")),
            suggestion,
            ..ConfigError::default()
        };
        match all.iter().position(|column| *column.name == **name) {
            Some(column) if selected.contains(&column) => {
                return Err(error(format!("column \"{name}\" is selected twice"), None));
            }
            Some(column) => selected.push(column),
            None => {
                let suggestion = nearest(name, all.iter().map(|column| &*column.name));
                return Err(error(format!("unknown column \"{name}\""), suggestion));
            }
        }
    }
    Ok(selected)
}
