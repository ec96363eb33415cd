//! Properties of every input: the engine equals the reference, any chunking equals one chunk, and a failed record does
//! not change the next one.

mod realtime_cases;

use std::sync::Arc;

use edgelift::config::Config;
use edgelift::error::Reason;
use edgelift::lines::{self, Failure, Stream};
use edgelift::plan::Plan;
use edgelift::record::{OutputBuffer, Scratch, transform};
use edgelift::reference;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};
use realtime_cases::{plan, record};

fn compile(config: &str) -> Arc<Plan> {
    Arc::new(Plan::compile(&Config::parse(config).expect("TOML")).expect("a plan"))
}

/// The same cases in every run: a failure is a regression, not luck.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_261_123),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(20_000))]

    #[test]
    fn engine_equals_the_reference(config in plan(), records in prop::collection::vec(record(), 1..6)) {
        let plan = compile(&config);
        let (mut scratch, mut documents) = (Scratch::new(&plan), OutputBuffer::default());
        for record in &records {
            let before = documents.as_bytes().to_vec();
            let engine = transform(&plan, record, &mut scratch, &mut documents);
            let added = std::str::from_utf8(&documents.as_bytes()[before.len()..]).expect("UTF-8");
            match reference::transform(&plan, record) {
                Ok(document) => {
                    prop_assert!(engine.is_ok(), "{:?}", engine);
                    prop_assert_eq!(&document, added);
                    serde_json::from_str::<serde_json::Value>(&document).expect("JSON");
                }
                Err(mut error) => {
                    if error.reason == Reason::BadJson {
                        // The reference does not say where.
                        error.offset = engine.map_or_else(|engine| engine.offset, |_| 0);
                    }
                    prop_assert_eq!(engine, Err(error));
                    prop_assert_eq!(added, "");
                    prop_assert!(!error.message(&plan, record).is_empty());
                }
            }
            prop_assert_eq!(&documents.as_bytes()[..before.len()], &before[..]);
        }
    }
}

proptest! {
    #![proptest_config(config(5_000))]

    #[test]
    fn chunks_give_what_one_call_gives(
        config in plan(),
        records in prop::collection::vec(record(), 0..8),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let plan = compile(&config);
        let text = records.join(&b'\n');
        let (mut documents, mut failures) = (OutputBuffer::default(), Vec::new());
        let counts = lines::transform(&plan, &text, &mut documents, &mut failures);
        prop_assert_eq!(counts.read, counts.ok + counts.dropped + counts.failed());

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
