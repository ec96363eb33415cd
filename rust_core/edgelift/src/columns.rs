//! Transforms lines into Arrow arrays: batches of rows with typed columns.
//!
//! The values are those of the documents with the same configuration. The schema is fixed before the first line, so
//! that any number of files make one table.
//!
//! ```
//! use arrow_array::Array as _;
//! use edgelift::columns::{ColumnPlan, ColumnStream};
//! use edgelift::config::Config;
//!
//! let config = Config::parse(r#"layouts = [{ fields = ["sc-status", "cs-method"] }]"#)?;
//! let plan = ColumnPlan::compile(config, Some(vec!["sc_status".to_owned()]))?;
//! let mut batches = Vec::new();
//!
//! let mut stream = ColumnStream::new(&plan, 8192);
//! stream.feed(b"200\tGET\n2x0\tGET\n", &mut batches);
//! stream.finish(&mut batches);
//!
//! let [batch] = &batches[..] else { unreachable!("one batch") };
//! assert_eq!(batch.rows.len(), 1);
//! assert_eq!(batch.rows.column_names(), ["sc_status"]);
//! assert_eq!(&*batch.failures[0].raw, b"2x0\tGET");
//! # Ok::<(), edgelift::error::ConfigError>(())
//! ```

mod buffers;
mod builder;
mod document;
mod number;
mod plan;
mod row;
mod schema;
mod stream;
mod text;

pub use plan::ColumnPlan;
pub use schema::OTHER;
pub use stream::{ColumnBatch, ColumnStream};
