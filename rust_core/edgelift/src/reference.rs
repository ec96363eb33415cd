//! The reference implementation of `record`: slow and obvious, for tests and benchmarks only.
//!
//! Gives the same documents and errors from the same plan, step by step as docs/values.md describes them. It shares
//! nothing with the encoders but the plan's columns. It may allocate and must not be optimized.

mod document;
mod first_record;
mod joint_columns;
mod json_record;
mod json_text;
mod kind;
mod log;
mod record;
mod value;

pub use log::lines;
pub use record::{transform, transform_checked};
