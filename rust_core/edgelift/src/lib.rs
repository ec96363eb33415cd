//! The engine of edgelift: tab-separated CloudFront log lines in, JSON documents out.
//!
//! Bytes in, bytes out: the engine uses no Python, files, network, clock, threads or globals. Data flows one way:
//! [`event`] or [`lines`] → [`record`] → `scan`, `value` → bytes. A [`plan::Plan`], compiled from a
//! [`config::Config`], makes all decisions before the first record.

pub mod bulk;
pub mod config;
pub mod counts;
pub mod error;
pub mod event;
pub mod explain;
pub mod fields;
mod foreign;
mod header;
mod json;
pub mod limits;
pub mod lines;
mod message;
mod offset;
pub mod plan;
pub mod record;
mod record_layout;
pub mod reference;
pub mod replay;
mod scan;
mod slice_writer;
mod value;
