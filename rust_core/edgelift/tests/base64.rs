//! Compares the base64 of events with another crate: the input accepted and the output.

use base64_simd::STANDARD;
use edgelift::config::Config;
use edgelift::error::Reason;
use edgelift::event::RecordTransformer;
use edgelift::plan::Plan;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};

/// Returns a plan with one text column, written verbatim, so that every record has a document.
fn plan() -> Plan {
    let config = "[[layouts]]\nfields = [\"cs-cookie\"]\n[output]\ndecode = false";
    Plan::compile(&Config::parse(config).expect("TOML")).expect("a plan")
}

fn data() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..700).prop_map(|raw| STANDARD.encode_to_string(raw)),
        2 => "[A-Za-z0-9+/]{0,300}={0,3}",
        // One invalid character anywhere.
        2 => (prop::collection::vec(any::<u8>(), 1..400), any::<prop::sample::Index>(), any::<char>())
            .prop_map(|(raw, place, wrong)| {
                let text = STANDARD.encode_to_string(raw);
                let place = place.index(text.len());
                format!("{}{wrong}{}", &text[..place], &text[place + 1..])
            }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 20_000,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_261_123),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn decoding_and_encoding_equal_the_other_crate(data in prop::collection::vec(data(), 1..4)) {
        let plan = plan();
        let mut transformer = RecordTransformer::new(&plan);
        for data in &data {
            let decoded = STANDARD.decode_to_vec(data.as_bytes());
            match (transformer.transform(&plan, data.as_bytes()), decoded) {
                (Ok(made), Ok(raw)) => {
                    prop_assert_eq!(made.bytes_in, raw.len());
                    let document = transformer.document().to_vec();
                    let other = STANDARD.encode_to_string(&document);
                    prop_assert_eq!(other.as_bytes(), transformer.encoded());
                    serde_json::from_slice::<serde_json::Value>(&document).expect("JSON");
                }
                (Err(rejected), Ok(raw)) => {
                    prop_assert_ne!(rejected.error.reason, Reason::BadBase64);
                    prop_assert_eq!(rejected.record, &raw[..]);
                }
                (made, Err(_)) => {
                    let rejected = made.expect_err("no base64");
                    prop_assert_eq!(rejected.error.reason, Reason::BadBase64);
                    prop_assert_eq!(rejected.record, b"");
                }
            }
        }
    }
}
