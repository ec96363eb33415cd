//! Serves the reference implementation over a pipe. The Python fuzzer compares it with all entry points of the engine.
//!
//! A request on standard input is a letter, the length of the payload in four bytes (little endian) and the payload:
//! `C` a configuration, `R` a record, `L` lines, `F` nothing. `F` flushes the answers to standard output, after their
//! length in four bytes: for `R` one result, for `L` the number of results and each of them. A result is a letter, the
//! length of the text and the text: `D` and a document, or `E` and the reason, for a record followed by column (from
//! 1, or empty) and offset. Of a record, the field of the first value without its shape (or nothing) and a line feed
//! come before the document.

use std::error::Error;
use std::io::{ErrorKind, Read as _, Write as _, stdin, stdout};

use edgelift::config::Config;
use edgelift::plan::Plan;
use edgelift::reference;

fn main() -> Result<(), Box<dyn Error>> {
    let (mut input, mut output) = (stdin().lock(), stdout().lock());
    let (mut plan, mut answers) = (None, Vec::new());
    let mut head = [0; 5];
    loop {
        match input.read_exact(&mut head) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        let [verb, len @ ..] = head;
        let mut data = vec![0; usize::try_from(u32::from_le_bytes(len))?];
        input.read_exact(&mut data)?;
        if verb == b'C' {
            plan = Some(Plan::compile(&Config::parse(&String::from_utf8(data)?)?)?);
            continue;
        }
        if verb == b'F' {
            output.write_all(&u32::try_from(answers.len())?.to_le_bytes())?;
            output.write_all(&answers)?;
            output.flush()?;
            answers.clear();
            continue;
        }
        let plan = plan.as_ref().ok_or("a configuration comes first")?;
        if verb == b'R' {
            let result = reference::transform_checked(plan, &data);
            let result = result.map(|(document, misfit)| {
                let field = misfit.unwrap_or_default();
                format!("{field}\n{document}")
            });
            push(
                &mut answers,
                result.map_err(|error| {
                    let column = error.place.map(|place| (place.column + 1).to_string());
                    format!(
                        "{} {} {}",
                        error.reason.code(),
                        column.unwrap_or_default(),
                        error.offset
                    )
                }),
            )?;
        } else {
            let results = reference::lines(plan, &data);
            answers.extend(u32::try_from(results.len())?.to_le_bytes());
            for result in results {
                push(
                    &mut answers,
                    result.map_err(|reason| reason.code().to_owned()),
                )?;
            }
        }
    }
}

fn push(answers: &mut Vec<u8>, result: Result<String, String>) -> Result<(), Box<dyn Error>> {
    let (letter, text) = match result {
        Ok(document) => (b'D', document),
        Err(error) => (b'E', error),
    };
    answers.push(letter);
    answers.extend(u32::try_from(text.len())?.to_le_bytes());
    answers.extend(text.into_bytes());
    Ok(())
}
