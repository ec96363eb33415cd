//! Reads the options of streams: the arguments `format`, `index` and `raw_data`.

use std::sync::Arc;

use edgelift::bulk::Bulk;
use edgelift::lines::{RawData, Stream};
use edgelift::plan::Plan;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::config_error;
use crate::gunzip::gunzip_members;

/// Begins a stream with an output format.
///
/// # Errors
/// `ValueError` for an unknown format or kind of raw data, or an index without use; `ConfigError` for an index that
/// cannot be built.
pub(crate) fn new_stream(
    plan: &Arc<Plan>,
    format: &str,
    index: Option<&str>,
    raw_data: Option<&str>,
) -> PyResult<Stream> {
    let raw_data = match raw_data {
        None => RawData::Detect,
        Some("source") => RawData::Source,
        Some("document") => RawData::Document,
        Some(other) => {
            return Err(PyValueError::new_err(format!(
                "raw_data is \"source\" or \"document\", not \"{other}\""
            )));
        }
    };
    let stream = by_format(plan, format, index)?;
    Ok(stream.with_raw_data(raw_data).with_gunzip(gunzip_members))
}

fn by_format(plan: &Arc<Plan>, format: &str, index: Option<&str>) -> PyResult<Stream> {
    let plan = Arc::clone(plan);
    match (format, index) {
        ("ndjson", None) => Ok(Stream::new(plan)),
        ("bulk", index) => {
            let bulk = Bulk::new(&plan, index).map_err(config_error)?;
            Ok(Stream::bulk(plan, bulk))
        }
        ("raw", None) => Ok(Stream::raw(plan)),
        ("ndjson" | "raw", Some(_)) => Err(PyValueError::new_err(
            "only format = \"bulk\" has an index; JSON lines and records go to none",
        )),
        _ => Err(PyValueError::new_err(format!(
            "the format is \"ndjson\", \"bulk\" or \"raw\", not \"{format}\""
        ))),
    }
}
