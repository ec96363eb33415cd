//! Runs the engine over a transformation event, without the binding, for counting instructions.
//!
//! `event PASSES FILE FIELDS` transforms the event in the file PASSES times. It prints documents, failures, and the
//! bytes and checksum of one response.

use std::error::Error;
use std::io::{Write as _, stdout};

use edgelift::config::Config;
use edgelift::event::{Memory, transform};
use edgelift::plan::Plan;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [passes, file, fields] = &arguments[..] else {
        return Err("usage: event PASSES FILE FIELDS".into());
    };
    let event = std::fs::read(file)?;
    let names: Vec<&str> = fields.split(',').collect();
    let plan = Plan::compile(&Config::parse(&format!("[[layouts]]\nfields = {names:?}"))?)?;
    let mut memory = Memory::new(&plan);
    for _ in 1..passes.parse()? {
        transform(&plan, &event, &mut memory, false)?;
    }
    let response = transform(&plan, &event, &mut memory, false)?;
    let bytes = response.bytes.ok_or("no response")?;
    let checksum = bytes
        .iter()
        .fold(0_u64, |sum, &byte| sum.rotate_left(5) ^ u64::from(byte));
    let counts = response.report.counts;
    writeln!(
        stdout(),
        "{} {} {} {checksum:016x}",
        counts.ok,
        counts.failed(),
        bytes.len()
    )?;
    Ok(())
}
