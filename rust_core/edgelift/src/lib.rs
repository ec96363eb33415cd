//! The engine of edgelift: tab-separated CloudFront log lines in, JSON documents out.
//!
//! Bytes in, bytes out. Nothing here knows Python, files, the network, a clock, threads or globals.
//! The way of the data is one street: [`event`] or [`lines`] → [`record`] → `scan`, `value` → bytes,
//! along a [`plan::Plan`] that was compiled from a [`config::Config`] before the first record came.

pub mod bulk;
pub mod config;
pub mod error;
pub mod event;
pub mod explain;
pub mod fields;
mod header;
mod json;
pub mod lines;
mod message;
mod offset;
pub mod plan;
pub mod record;
pub mod reference;
pub mod replay;
mod scan;
mod slice_writer;
mod value;
