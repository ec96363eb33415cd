//! Forks for parts of an input give what one stream gives.

use std::sync::Arc;

use edgelift::config::Config;
use edgelift::lines::{Counts, Failure, Stream, count_lines};
use edgelift::plan::Plan;
use edgelift::record::OutputBuffer;
use proptest::prelude::*;

const LINES: [&str; 9] = [
    "1700000000.000\t192.0.2.1\t200\n",
    "2024-11-15\t19:00:01\t192.0.2.7\t404\n",
    "1700000000.000\t192.0.2.1\t2x0\n",
    "#Version: 1.0\n",
    "#Fields: date time c-ip sc-status\n",
    "#Fields: date time sc-status\n",
    "{\"date\":\"2024-11-15\",\"time\":\"19:00:01\",\"sc-status\":\"200\"}\n",
    "# comment\n",
    "\n",
];

/// The output of a stream, and its state at the end.
type Results = (Vec<u8>, Vec<Failure>, Counts, Vec<String>);

fn stream() -> Stream {
    let config = "[[layouts]]\nfields = [\"timestamp\", \"c-ip\", \"sc-status\"]";
    let config = Config::parse(config).expect("a valid configuration");
    Stream::new(Arc::new(Plan::compile(&config).expect("a valid plan")))
}

fn at_once(parts: &[String]) -> Results {
    let (mut stream, mut out, mut failures) = (stream(), OutputBuffer::default(), Vec::new());
    for part in parts {
        stream.feed(part.as_bytes(), &mut out, &mut failures);
    }
    let formats = stream.detected_formats();
    (out.as_bytes().to_vec(), failures, stream.counts(), formats)
}

/// Transforms parts by forks that are all begun before the first is joined. After a part that voids the forks for later
/// ones, begins again with these. Counts how often.
fn in_forks(mut parts: &[String]) -> (Results, usize) {
    let (mut stream, mut out, mut failures) = (stream(), Vec::new(), Vec::new());
    let mut voids = 0;
    while !parts.is_empty() {
        let (mut lines, mut bytes) = (0, 0);
        let forks: Vec<_> = parts
            .iter()
            .map(|part| {
                let mut fork = stream.fork(lines, bytes).expect("a log is split");
                lines += count_lines(part.as_bytes());
                bytes += part.len() as u64;
                let (mut out, mut failures) = (OutputBuffer::default(), Vec::new());
                fork.feed(part.as_bytes(), &mut out, &mut failures);
                (fork, out, failures)
            })
            .collect();
        for (fork, its_out, its_failures) in forks {
            parts = &parts[1..];
            out.extend(its_out.as_bytes());
            failures.extend(its_failures);
            if !stream.join(&fork) {
                voids += 1;
                break;
            }
        }
    }
    let formats = stream.detected_formats();
    let results = (out, failures, stream.counts(), formats);
    (results, voids)
}

fn part() -> impl Strategy<Value = String> {
    let line = prop::sample::select(&LINES[..]);
    prop::collection::vec((line, 1..5_usize), 1..6).prop_map(|runs| {
        runs.into_iter()
            .map(|(line, times)| line.repeat(times))
            .collect()
    })
}

proptest! {
    #[test]
    fn forks_give_what_one_stream_gives(parts in prop::collection::vec(part(), 0..8)) {
        prop_assert_eq!(in_forks(&parts).0, at_once(&parts));
    }
}

#[test]
fn parts_that_repeat_the_header_change_nothing() {
    let header = [LINES[3], LINES[4]].concat();
    let part = [&*header, LINES[1], LINES[1]].concat();
    let parts = vec![part; 5];
    let (results, voids) = in_forks(&parts);
    assert_eq!(results, at_once(&parts));
    // The first one begins the log.
    assert_eq!(voids, 1);
}

#[test]
fn a_header_in_the_middle_voids_later_forks() {
    let [first, second] = [LINES[4], LINES[5]].map(|header| [LINES[3], header].concat());
    let row = LINES[1].repeat(3);
    let parts = [first + &row, row.clone(), second + &row, row.clone(), row];
    let (results, voids) = in_forks(&parts);
    assert_eq!(results, at_once(&parts));
    assert_eq!(voids, 2);
    assert_eq!(results.2.failed(), 9);
}
