//! Runs the engine over a file of rows, without the binding, for counting instructions and for ratios in one process.
//!
//! `throughput rows PASSES FILE FIELDS` transforms the file PASSES times and prints documents, failures, bytes and a
//! checksum of one pass. `throughput columns` does the same for batches of columns, and prints rows, failures and batches.
//! `throughput ratio ROUNDS FILE FIELDS` interleaves the engine, an iteration over the tabs of
//! the same bytes and the reference, and prints the CPU seconds of each round. FIELDS `auto` reads the header of a
//! standard log instead.

use std::error::Error;
use std::hint::black_box;
use std::io::{Write as _, stdout};
use std::sync::Arc;

#[cfg(feature = "columns")]
use arrow_array::Array as _;
#[cfg(feature = "columns")]
use edgelift::columns::{ColumnPlan, ColumnStream};
use edgelift::config::Config;
use edgelift::lines;
use edgelift::plan::Plan;
use edgelift::record::{self, OutputBuffer, Scratch};
use edgelift::reference;
use rustix::time::{ClockId, clock_gettime};

const USAGE: &str = "usage: throughput rows|columns|ratio TIMES FILE FIELDS";
/// Rows of a batch, as in Python.
#[cfg(feature = "columns")]
const BATCH_ROWS: usize = 8192;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [verb, times, file, fields] = &arguments[..] else {
        return Err(USAGE.into());
    };
    let times: u32 = times.parse()?;
    let text = std::fs::read(file)?;
    let config = config(fields)?;
    #[cfg(feature = "columns")]
    if verb == "columns" {
        return columns(&ColumnPlan::compile(config, None)?, &text, times);
    }
    let plan = Arc::new(Plan::compile(&config)?);
    match &**verb {
        "rows" => rows(&plan, &text, times),
        "ratio" => ratio(&plan, &text, times),
        _ => Err(USAGE.into()),
    }
}

fn config(fields: &str) -> Result<Config, Box<dyn Error>> {
    if fields == "auto" {
        return Ok(Config::parse("[input]\nformat = \"auto\"")?);
    }
    let names: Vec<&str> = fields.split(',').collect();
    Ok(Config::parse(&format!("[[layouts]]\nfields = {names:?}"))?)
}

#[cfg(feature = "columns")]
fn columns(plan: &Arc<ColumnPlan>, text: &[u8], passes: u32) -> Result<(), Box<dyn Error>> {
    let (mut batches, mut counts) = (Vec::new(), lines::Counts::default());
    for _ in 0..passes {
        batches.clear();
        let mut stream = ColumnStream::new(plan, BATCH_ROWS);
        stream.feed(text, &mut batches);
        stream.finish(&mut batches);
        counts = stream.counts();
    }
    let rows: usize = batches.iter().map(|batch| batch.rows.len()).sum();
    writeln!(stdout(), "{rows} {} {}", counts.failed(), batches.len())?;
    Ok(())
}

fn rows(plan: &Arc<Plan>, text: &[u8], passes: u32) -> Result<(), Box<dyn Error>> {
    let (mut documents, mut failures) = (OutputBuffer::default(), Vec::new());
    let mut counts = lines::Counts::default();
    for _ in 0..passes {
        documents.clear();
        failures.clear();
        counts = lines::transform(plan, text, &mut documents, &mut failures);
    }
    let bytes = documents.as_bytes();
    let checksum = bytes
        .iter()
        .fold(0_u64, |sum, &byte| sum.rotate_left(5) ^ u64::from(byte));
    writeln!(
        stdout(),
        "{} {} {} {checksum:016x}",
        counts.ok,
        counts.failed(),
        bytes.len()
    )?;
    Ok(())
}

/// Checks that engine and reference give the same documents and errors: a wrong result is not worth timing.
fn check(plan: &Plan, records: &[&[u8]]) -> Result<(), Box<dyn Error>> {
    let (mut scratch, mut documents) = (Scratch::new(plan), OutputBuffer::default());
    for (line, record) in records.iter().enumerate() {
        documents.clear();
        let engine = record::transform(plan, record, &mut scratch, &mut documents).err();
        let same = match reference::transform(plan, record) {
            Ok(document) => engine.is_none() && document.as_bytes() == documents.as_bytes(),
            Err(error) => engine == Some(error),
        };
        if !same {
            return Err(format!("line {}: engine and reference differ", line + 1).into());
        }
    }
    Ok(())
}

fn ratio(plan: &Arc<Plan>, text: &[u8], rounds: u32) -> Result<(), Box<dyn Error>> {
    let (mut documents, mut failures) = (OutputBuffer::default(), Vec::new());
    let records: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
    check(plan, &records)?;
    for round in 0..=rounds {
        let engine = cpu_seconds(|| {
            documents.clear();
            failures.clear();
            lines::transform(plan, text, &mut documents, &mut failures);
        });
        let memchr = cpu_seconds(|| {
            black_box(memchr::memchr_iter(b'\t', text).fold(0, |sum, place| sum ^ place));
        });
        let reference = cpu_seconds(|| {
            for record in &records {
                black_box(reference::transform(plan, record).ok());
            }
        });
        // The first round warms up.
        if round > 0 {
            writeln!(
                stdout(),
                "{{\"engine\": {engine}, \"memchr\": {memchr}, \"reference\": {reference}}}"
            )?;
        }
    }
    Ok(())
}

fn cpu_seconds(work: impl FnOnce()) -> f64 {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        #[expect(clippy::cast_precision_loss)]
        let seconds = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
        seconds
    };
    let before = now();
    work();
    now() - before
}
