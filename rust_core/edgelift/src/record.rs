//! Transforms one record into one JSON object, as a plan says. This is the core of the engine.
//!
//! A record allocates nothing: the scan, the list of misfits and the output buffer are reused. A record that fails
//! leaves the output unchanged.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

mod avx2;
#[cfg(feature = "columns")]
mod column_row;
mod cpu;
mod dispatch;
mod field_buffer;
mod layout_match;
mod line;
mod line_end;
mod output_buffer;
mod parsed;
mod plan_cache;
mod row;
mod scratch;
mod standard;
mod transform;

pub use crate::record_layout::RecordLayout;
#[cfg(feature = "columns")]
pub(crate) use column_row::ColumnRow;
pub(crate) use field_buffer::{BadJson, Problem};
pub(crate) use line_end::without_line_end;
pub use output_buffer::OutputBuffer;
pub(crate) use parsed::{ParseFailure, ParsedRecord};
pub(crate) use row::encode_single_value;
pub use scratch::Scratch;
pub use transform::transform;
pub(crate) use transform::{
    check_size, checked_line, scan_first_line, transform_line, transform_prefix,
};
