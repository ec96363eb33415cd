//! The engine of edgelift: tab-separated CloudFront log lines in, JSON documents out.
//!
//! Bytes in, bytes out: the engine uses no Python, files, network, clock, threads or globals. Data flows one way:
//! [`event`] or [`lines`] → [`record`] → `scan`, `value` → bytes. A [`plan::Plan`], compiled from a
//! [`config::Config`], makes all decisions before the first record.
//!
//! A plan is compiled once and shared by threads. One record becomes one document:
//!
//! ```
//! use edgelift::config::Config;
//! use edgelift::plan::Plan;
//! use edgelift::record::{self, OutputBuffer, Scratch};
//!
//! let config = Config::parse(r#"layouts = [{ fields = ["timestamp", "c-ip", "sc-status"] }]"#)?;
//! let plan = Plan::compile(&config)?;
//! let (mut scratch, mut documents) = (Scratch::new(&plan), OutputBuffer::default());
//!
//! record::transform(&plan, b"1700000000.123\t192.0.2.1\t200", &mut scratch, &mut documents).unwrap();
//! assert_eq!(
//!     documents.as_bytes(),
//!     br#"{"timestamp":1700000000123,"c-ip":"192.0.2.1","sc-status":200}"#,
//! );
//! # Ok::<(), edgelift::error::ConfigError>(())
//! ```
//!
//! A [`lines::Stream`] takes chunks that are split anywhere. A line that fails is reported with its own bytes:
//!
//! ```
//! # use edgelift::config::Config;
//! # use edgelift::plan::Plan;
//! # use edgelift::record::OutputBuffer;
//! use std::sync::Arc;
//!
//! use edgelift::lines::Stream;
//!
//! let config = Config::parse(r#"layouts = [{ fields = ["sc-status", "cs-method"] }]"#)?;
//! let plan = Arc::new(Plan::compile(&config)?);
//! let (mut documents, mut failures) = (OutputBuffer::default(), Vec::new());
//!
//! let mut stream = Stream::new(Arc::clone(&plan));
//! for chunk in ["200\tG", "ET\n2x0\tGET"] {
//!     stream.feed(chunk.as_bytes(), &mut documents, &mut failures);
//! }
//! stream.finish(&mut documents, &mut failures);
//!
//! assert_eq!(documents.as_bytes(), b"{\"sc-status\":200,\"cs-method\":\"GET\"}\n");
//! assert_eq!(&*failures[0].raw, b"2x0\tGET");
//! assert_eq!(
//!     failures[0].message(&plan),
//!     r#"column 1 (sc-status): "2x0" is not a status of three digits"#,
//! );
//! # Ok::<(), edgelift::error::ConfigError>(())
//! ```
//!
//! [`event::transform`] reads the bytes of a Firehose event and writes those of its response:
//!
//! ```
//! # use edgelift::config::Config;
//! # use edgelift::plan::Plan;
//! use edgelift::event::{self, Memory};
//!
//! let plan = Plan::compile(&Config::parse(r#"layouts = [{ fields = ["sc-status"] }]"#)?)?;
//! let mut memory = Memory::new(&plan);
//! // The data of a record is base64: "200\n".
//! let event = br#"{"records":[{"recordId":"1","data":"MjAwCg=="}]}"#;
//!
//! let response = event::transform(&plan, event, &mut memory, false).unwrap();
//! assert_eq!(
//!     response.bytes.unwrap(),
//!     br#"{"records":[{"recordId":"1","result":"Ok","data":"eyJzYy1zdGF0dXMiOjIwMH0="}]}"#,
//! );
//! # Ok::<(), edgelift::error::ConfigError>(())
//! ```

pub mod bulk;
#[cfg(feature = "columns")]
pub mod columns;
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
pub mod sniff;
mod value;

pub use message::describe_record;
