//! The binding: converts arguments, calls one engine function, maps the result. No `if` about log data.
//!
//! Doc comments of classes, methods and their attributes are Python's docstrings; `make docs` copies them to the stub,
//! `python/edgelift/_core.pyi`.

mod ascii;
mod batch;
mod blocks;
#[cfg(feature = "columns")]
mod columns;
mod compile;
mod convert;
mod dict_answer;
mod dict_record;
mod error;
mod event_answer;
mod fields;
mod fork;
mod gunzip;
mod output_format;
mod pool;
mod report;
mod results;
mod sniff;
mod stream;
mod transformer;

/// The compiled engine.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    use edgelift::fields::Log;
    use pyo3::exceptions::PyRuntimeWarning;
    use pyo3::prelude::*;
    use pyo3::types::PyTuple;

    #[pymodule_export]
    use crate::batch::Batch;
    #[cfg(feature = "columns")]
    #[pymodule_export]
    use crate::columns::{ColumnBatch, ColumnBatches, ColumnSchema, ColumnStream};
    #[pymodule_export]
    use crate::event_answer::EventAnswer;
    #[pymodule_export]
    use crate::fields::{Field, LayoutColumn};
    #[pymodule_export]
    use crate::report::Report;
    #[pymodule_export]
    use crate::results::{Counts, ExplainedColumn, Failure, TransformResult};
    #[pymodule_export]
    use crate::sniff::{describe_record, file_type};
    #[pymodule_export]
    use crate::stream::Stream;
    #[cfg(feature = "fork")]
    #[pymodule_export]
    use crate::stream::count_lines;
    #[pymodule_export]
    use crate::transformer::Transformer;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let py = module.py();
        crate::fork::register(py)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        for (name, log) in [
            ("FIELDS", Log::Realtime),
            ("STANDARD_FIELDS", Log::Standard),
            ("CONNECTION_FIELDS", Log::Connection),
        ] {
            module.add(name, crate::fields::table(py, log)?)?;
        }
        let reasons = edgelift::error::Reason::ALL.map(edgelift::error::Reason::code);
        module.add("REASONS", PyTuple::new(py, reasons)?)?;
        if cfg!(debug_assertions) {
            let message =
                c"edgelift._core is a debug build, many times slower; build it with --release";
            PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), message, 1)?;
        }
        Ok(())
    }
}
