//! Properties of every input: the engine equals the reference, any chunking equals one chunk, and a failed record does
//! not change the next one.

use std::sync::Arc;

use edgelift::config::Config;
use edgelift::error::Reason;
use edgelift::lines::{self, Failure, Stream};
use edgelift::plan::Plan;
use edgelift::record::{OutputBuffer, Scratch, transform};
use edgelift::reference;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};

/// Layouts with every kind; the second and third have the same number of columns.
const LAYOUTS: [&str; 7] = [
    r#"["timestamp", "c-ip", "sc-status", "sc-bytes", "cs-uri-stem", "time-taken", "x-forwarded-for"]"#,
    r#"["timestamp", "cs-method", "cs-protocol-version", "cs-headers", "cs-header-names", "cs-headers-count"]"#,
    r#"["timestamp", "c-ip", "cs-method", "ssl-protocol", "cmcd-buffer-starvation", "cmcd-version"]"#,
    r#"["sc-bytes", "cs-user-agent"]"#,
    // Not in CloudFront's order: the count comes before what it counts.
    r#"["cs-headers-count", "cs-header-names", "cs-headers", "timestamp"]"#,
    r#"["x-new", "cs-cookie", "timestamp"]"#,
    // And a custom field of any kind.
    r#"["x-any", "cs-headers", "cs-headers-count", "cs-cookie"]"#,
];

fn plan() -> impl Strategy<Value = String> {
    let pick = |names: &'static [&'static str]| prop::sample::select(names);
    (
        prop::sample::subsequence(&LAYOUTS[..], 1..=5),
        pick(&["fail", "keep"]),
        pick(&["cloudfront", "snake", "ecs", "otel"]),
        pick(&["typed", "text"]),
        pick(&["omit", "null", "keep"]),
        any::<bool>(),
        pick(&["epoch_millis", "iso8601", "verbatim"]),
        pick(&["64", "1048576"]),
        pick(&["cloudfront", "as_written"]),
        (
            pick(&[
                "timestamp", "integer", "status", "decimal", "boolean", "address", "text", "keyword", "list",
                "names", "headers", "headers",
            ]),
            pick(&["c-ip", "cs-headers", "cs-headers-count", "cs-header-names"]),
        ),
    )
        .prop_map(|(layouts, bad, names, values, missing, decode, timestamp, most, order, any)| {
            let layouts: Vec<String> =
                layouts.iter().map(|fields| format!("[[layouts]]\nfields = {fields}\n")).collect();
            let layouts = layouts.concat();
            format!(
                "{layouts}[[custom_fields]]\nname = \"x-new\"\nkind = \"decimal\"\nafter = \"asn\"\n\
                 [[custom_fields]]\nname = \"x-any\"\nkind = \"{}\"\nafter = \"{}\"\n\
                 [input]\norder = \"{order}\"\nbad_value = \"{bad}\"\nmax_record_bytes = {most}\n[output]\n\
                 names = \"{names}\"\nvalues = \"{values}\"\nmissing = \"{missing}\"\ndecode = {decode}\n\
                 timestamp = \"{timestamp}\"",
                any.0, any.1
            )
        })
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::sample::select(&[
            "-", "", "1700000000.123", "0.001", "200", "000", "1.2.3.4", "::ffff:1.2.3.4", "GET", "HTTP/2.0",
            "TLSv1.3", "13", "-007", "9223372036854775808", "00.50", "true", "0", "%2D",
        ][..]).prop_map(|text| text.as_bytes().to_vec()),
        4 => "([a-zA-Z0-9/.:;,=&+ -]|%20|%0A|%0a|%25|%22|%3A|%C3%A9|%E4%BD%A0|%F0%9F%98%80|%FF|%|%2|%zz|\\\\x20){0,40}"
            .prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>().prop_filter("no tab", |byte| *byte != b'\t'), 0..80),
        1 => "[a-z]{60,140}(%20[a-z]{0,70}){0,3}".prop_map(String::into_bytes),
    ]
}

fn record() -> impl Strategy<Value = Vec<u8>> {
    let end = prop::sample::select(&["", "\n", "\r\n", "\r"][..]);
    (prop::collection::vec(value(), 1..9), end)
        .prop_map(|(values, end)| [values.join(&b'\t'), end.into()].concat())
}

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
