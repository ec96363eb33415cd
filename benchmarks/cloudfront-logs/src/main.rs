//! Lines of a standard log, version 1, through edgelift and through the typed parse of cloudfront-logs.
//!
//! `beside-cloudfront-logs ROUNDS FILE` prints what each of them found, then the CPU seconds of each round.
//! edgelift does all that it does: headers, lines, types, decoding, JSON. The other one gets the rows as text that is
//! known to be UTF-8, and only parses them, borrowing what it can.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;

use cloudfront_logs::ValidatedTimeLogline;
use edgelift::config::Config;
use edgelift::lines;
use edgelift::plan::Plan;
use edgelift::record::OutputBuffer;
use rustix::time::{ClockId, clock_gettime};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [rounds, file] = &arguments[..] else {
        return Err("usage: beside-cloudfront-logs ROUNDS FILE".into());
    };
    let (rounds, text) = (rounds.parse()?, std::fs::read_to_string(file)?);
    let plan = Arc::new(Plan::compile(&Config::parse(
        "[input]\nformat = \"standard\"",
    )?)?);
    let rows: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let mut documents = OutputBuffer::default();
    let mut failures = Vec::new();
    let counts = lines::transform(&plan, text.as_bytes(), &mut documents, &mut failures);
    let found = Found::of(&rows)?;
    println!(
        "{{\"documents\": {}, \"bytes\": {}, \"rows\": {}, \"sc_bytes\": {}, \"addresses\": {}}}",
        counts.ok,
        documents.as_bytes().len(),
        found.rows,
        found.sc_bytes,
        found.addresses
    );
    for round in 0..=rounds {
        let edgelift = cpu_seconds(|| {
            documents.clear();
            failures.clear();
            lines::transform(&plan, text.as_bytes(), &mut documents, &mut failures);
        });
        let typed = cpu_seconds(|| {
            for row in &rows {
                black_box(ValidatedTimeLogline::try_from(*row).ok());
            }
        });
        // The first round warms up.
        if round > 0 {
            println!("{{\"edgelift\": {edgelift}, \"typed\": {typed}}}");
        }
    }
    Ok(())
}

/// Totals over the rows as cloudfront-logs read them, which show that it read all of them.
struct Found {
    rows: usize,
    sc_bytes: u64,
    addresses: usize,
}

impl Found {
    fn of(rows: &[&str]) -> Result<Self, Box<dyn Error>> {
        let (mut sc_bytes, mut addresses) = (0, 0);
        for row in rows {
            let line = ValidatedTimeLogline::try_from(*row)?;
            sc_bytes += line.sc_bytes;
            addresses += line.x_forwarded_for.map_or(0, |list| list.0.len());
        }
        let rows = rows.len();
        Ok(Self {
            rows,
            sc_bytes,
            addresses,
        })
    }
}

fn cpu_seconds(work: impl FnOnce()) -> f64 {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
    };
    let before = now();
    work();
    now() - before
}
