//! Properties of standard and connection logs: the engine equals the reference, any chunking equals one chunk, and three
//! formats of a request have one document.

mod standard_cases;

use std::sync::Arc;

use edgelift::config::Config;
use edgelift::error::Reason;
use edgelift::lines::{self, Failure, Stream};
use edgelift::plan::Plan;
use edgelift::record::{OutputBuffer, Scratch, transform};
use edgelift::reference;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};
use standard_cases::{config, json, names, row, text};

fn compile(config: &str) -> Arc<Plan> {
    Arc::new(Plan::compile(&Config::parse(config).expect("TOML")).expect("a plan"))
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_261_126),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(6_000))]

    #[test]
    fn a_json_record_equals_the_reference(
        config in config("standard"), names in names(), rows in prop::collection::vec(row(), 1..4),
    ) {
        let plan = compile(&config);
        let (mut scratch, mut documents) = (Scratch::new(&plan), OutputBuffer::default());
        for row in rows {
            let record = json(&names, &row);
            documents.clear();
            let engine = transform(&plan, &record, &mut scratch, &mut documents);
            match reference::transform(&plan, &record) {
                Ok(document) => {
                    prop_assert!(engine.is_ok(), "{:?}", engine);
                    prop_assert_eq!(&*document, std::str::from_utf8(documents.as_bytes()).expect("UTF-8"));
                    serde_json::from_str::<serde_json::Value>(&document).expect("JSON");
                }
                Err(error) => {
                    prop_assert_eq!(engine.map_err(|error| error.reason), Err(error.reason));
                    if error.reason != Reason::BadJson {
                        prop_assert_eq!(engine, Err(error));
                    }
                    prop_assert!(!error.message(&plan, &record).is_empty());
                }
            }
        }
    }

    #[test]
    fn any_json_has_the_result_of_the_reference(record in "\\{[ ]?\"(asn|time|a)\"[ :]{1,2}[-0-9eE.+\"a-z\\\\u{},\\[\\] ]{0,12}\\}?") {
        let plan = compile("[input]\nformat = \"standard\"");
        let mut documents = OutputBuffer::default();
        let engine = transform(&plan, record.as_bytes(), &mut Scratch::new(&plan), &mut documents);
        let slow = reference::transform(&plan, record.as_bytes());
        prop_assert_eq!(engine.map(|_| ()).map_err(|error| error.reason), slow.map(|_| ()).map_err(|error| error.reason));
    }
}

/// Removes, inserts or replaces one byte of a JSON record.
fn damaged(record: &[u8], place: prop::sample::Index, dice: u8, byte: u8) -> Vec<u8> {
    let mut record = record.to_vec();
    let place = place.index(record.len());
    match dice {
        0 => record[place] = byte,
        1 => record.insert(place, byte),
        2 => drop(record.remove(place)),
        3 => record.truncate(place),
        _ => {}
    }
    record
}

proptest! {
    #![proptest_config(cases(6_000))]

    #[test]
    fn json_records_do_not_depend_on_earlier_ones(
        lists in prop::collection::vec(names(), 1..4),
        records in prop::collection::vec(
            (row(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..12_u8, any::<u8>()), 1..12,
        ),
    ) {
        let plan = compile("[input]\nformat = \"standard\"");
        let mut used = Scratch::new(&plan);
        for (row, list, place, dice, byte) in records {
            let record = damaged(&json(&lists[list.index(lists.len())], &row), place, dice, byte);
            let transformed = |scratch: &mut Scratch| {
                let mut documents = OutputBuffer::default();
                let result = transform(&plan, &record, scratch, &mut documents);
                (result, documents.as_bytes().to_vec())
            };
            prop_assert_eq!(
                transformed(&mut used), transformed(&mut Scratch::new(&plan)), "{}", record.escape_ascii()
            );
        }
    }
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn lines_equal_the_reference_in_any_chunks(
        config in config("auto"), text in text(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let plan = compile(&config);
        let (mut documents, mut failures) = (OutputBuffer::default(), Vec::new());
        let counts = lines::transform(&plan, &text, &mut documents, &mut failures);
        let slow = reference::lines(&plan, &text);
        let made: Vec<&str> = slow.iter().filter_map(|result| result.as_deref().ok()).collect();
        let output = std::str::from_utf8(documents.as_bytes()).expect("UTF-8");
        prop_assert_eq!(output.lines().collect::<Vec<_>>(), made);
        let reasons: Vec<Reason> = slow.iter().filter_map(|result| result.as_ref().err().copied()).collect();
        prop_assert_eq!(failures.iter().map(|failure| failure.error.reason).collect::<Vec<_>>(), reasons);
        prop_assert_eq!(counts.read, slow.len() as u64);
        prop_assert!(failures.iter().all(|failure| !failure.message(&plan).is_empty()));

        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        places.extend([0, text.len()]);
        places.sort_unstable();
        let mut stream = Stream::new(Arc::clone(&plan));
        let (mut chunked, mut chunked_failures) = (OutputBuffer::default(), Vec::<Failure>::new());
        for pair in places.windows(2) {
            stream.feed(&text[pair[0]..pair[1]], &mut chunked, &mut chunked_failures);
        }
        stream.finish(&mut chunked, &mut chunked_failures);
        prop_assert_eq!(stream.counts(), counts);
        prop_assert_eq!(chunked.as_bytes(), documents.as_bytes());
        prop_assert_eq!(chunked_failures, failures);
    }
}
