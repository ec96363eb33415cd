//! Raw records for re-ingestion: each record is written unchanged, whatever it was embedded in and however the input is
//! split; a record that needs its context fails.

use std::sync::Arc;

use edgelift::config::Config;
use edgelift::error::Reason;
use edgelift::lines::{self, Counts, Failure, Stream};
use edgelift::plan::Plan;
use edgelift::record::{OutputBuffer, Scratch, transform};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};

const LAYOUTS: &str = r#"
[[layouts]]
fields = ["timestamp", "c-ip", "sc-status", "cs-uri-stem"]
[[layouts]]
fields = ["timestamp", "c-ip", "cs-host"]
"#;

fn plan(format: &str) -> Arc<Plan> {
    let config = format!("[input]\nformat = \"{format}\"\n{LAYOUTS}");
    Arc::new(Plan::compile(&Config::parse(&config).expect("TOML")).expect("a plan"))
}

/// Returns records, failures and counts of a text that is fed in chunks of this many bytes.
fn raw(plan: &Arc<Plan>, text: &[u8], piece: usize) -> (Vec<u8>, Vec<Failure>, Counts) {
    let mut stream = Stream::raw(Arc::clone(plan));
    let (mut out, mut failures) = (OutputBuffer::default(), Vec::new());
    for piece in text.chunks(piece.max(1)) {
        stream.feed(piece, &mut out, &mut failures);
    }
    stream.finish(&mut out, &mut failures);
    (out.as_bytes().to_vec(), failures, stream.counts())
}

fn error_object(record: &[u8]) -> String {
    let data = base64_simd::STANDARD.encode_to_string(record);
    format!(r#"{{"attemptsMade":4,"errorCode":"x","rawData":"{data}","lambdaArn":"arn"}}"#)
}

/// Generates records with their line end, and true if they can be transformed.
fn record() -> impl Strategy<Value = (String, bool)> {
    let stamp = 1_700_000_000_u32..1_700_080_000;
    let last = prop::sample::select(&["-", "", "/a%20b", "\u{e4}\\\"", "x{", "200\r"][..]);
    let row = (stamp, any::<bool>(), last.clone()).prop_map(|(stamp, wide, last)| {
        let status = if wide { "200\t" } else { "" };
        (format!("{stamp}.123\t192.0.2.1\t{status}{last}"), true)
    });
    let json = last.prop_map(|value| {
        let value = value.replace(['"', '\\', '\r'], "");
        (
            format!(r#"{{ "asn":"1", "cs-uri-stem":"{value}}}{{" }}"#),
            true,
        )
    });
    let bad = prop::sample::select(&["1\t2", "x\ty\tz", "{\"a\":\"b\"}", "{\"asn\":1"][..]);
    let end = prop::sample::select(&["\n", "\n", "\r\n"][..]);
    (
        prop_oneof![4 => row, 2 => json, 1 => bad.prop_map(|bad| (bad.to_owned(), false))],
        end,
    )
        .prop_map(|((record, fits), end)| (record + end, fits))
}

/// The same cases in every run: a failure is a regression, not luck.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 3_000,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_261_127),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn records_are_unchanged(
        records in prop::collection::vec((record(), any::<bool>()), 0..10),
        piece in 1..300_usize,
    ) {
        let plan = plan("auto");
        let (mut text, mut expected, mut fitting) = (String::new(), String::new(), 0);
        // The first record that is not in an error object says what the file is.
        let mut is_standard = None;
        for ((record, fits), is_failed) in &records {
            let is_json = record.starts_with('{');
            // Invalid JSON decides nothing.
            let decides = !is_json || record.trim_end().ends_with('}');
            if *is_failed {
                text += &error_object(record.as_bytes());
                text += "\n";
            } else {
                text += record;
                if decides {
                    is_standard.get_or_insert(is_json);
                }
            }
            if *fits && (*is_failed || !is_json || is_standard == Some(true)) {
                expected += record;
                fitting += 1;
            }
        }
        let (out, failures, counts) = raw(&plan, text.as_bytes(), piece);
        prop_assert_eq!(String::from_utf8(out), Ok(expected));
        prop_assert_eq!(counts.ok, fitting as u64);
        prop_assert_eq!(counts.read, records.len() as u64);
        prop_assert_eq!(failures.len(), records.len() - fitting);
    }

    #[test]
    fn raw_records_become_the_same_documents(
        text in prop::collection::vec(prop_oneof![
            4 => record().prop_map(|(record, _)| record),
            1 => record().prop_map(|(record, _)| record.trim_end().to_owned()),
            1 => record().prop_map(|(record, _)| error_object(record.as_bytes())),
            1 => prop::sample::select(&["\n", "\u{feff}", "#Version: 1.0\n", "\r\n", "}{"][..]).prop_map(str::to_owned),
        ], 0..10),
        piece in 1..300_usize,
        format in prop::sample::select(&["realtime", "auto"][..]),
    ) {
        let plan = plan(format);
        let text = text.concat().into_bytes();
        let (out, failures, counts) = raw(&plan, &text, piece);
        let (mut documents, mut others) = (OutputBuffer::default(), Vec::new());
        let all = lines::transform(&plan, &text, &mut documents, &mut others);
        prop_assert_eq!(counts, all);
        prop_assert_eq!(failures, others);
        // One by one, as the function receives them.
        let mut again = OutputBuffer::default();
        let mut alone = Vec::new();
        for record in out.split_inclusive(|&byte| byte == b'\n') {
            let made = transform(&plan, record, &mut Scratch::new(&plan), &mut again);
            prop_assert!(made.is_ok(), "{:?}", made);
            alone.extend_from_slice(again.as_bytes());
            alone.push(b'\n');
            again.clear();
        }
        prop_assert_eq!(alone, documents.as_bytes().to_vec());
    }
}

fn reasons(failures: &[Failure]) -> Vec<Reason> {
    let reasons = failures.iter().map(|failure| failure.error.reason);
    reasons.collect()
}

#[test]
fn concatenated_rows_are_records() {
    let plan = plan("realtime");
    let rows = "1700000000.123\t192.0.2.1\t200\t/a1700000000.124\t192.0.2.2\th1700000000.125\t192.0.2.3\t200\t/b";
    let expected = "1700000000.123\t192.0.2.1\t200\t/a\n1700000000.124\t192.0.2.2\th\n1700000000.125\t192.0.2.3\t200\t/b";
    for end in ["", "\n", "\r\n"] {
        let (out, failures, counts) = raw(&plan, format!("{rows}{end}").as_bytes(), 7);
        assert_eq!((failures, counts.ok), (vec![], 3));
        let end = if end.is_empty() { "\n" } else { end };
        assert_eq!(String::from_utf8(out), Ok(format!("{expected}{end}")));
    }
}

#[test]
fn carriage_return_at_the_end_gets_its_line_feed() {
    // edgelift keeps failed lines without their line feed.
    let plan = plan("realtime");
    let row = "1700000000.123\t192.0.2.1\th\r";
    let (out, _, _) = raw(&plan, error_object(row.as_bytes()).as_bytes(), 1000);
    assert_eq!(String::from_utf8(out), Ok(format!("{row}\n")));
}

#[test]
fn rows_that_need_their_header_fail() {
    let log = "#Version: 1.0\n#Fields: asn sc-status\n7\t200\n{\"asn\":\"8\"}\nx\n#Fields: nothing\n7\t200\n";
    let plan = plan("auto");
    let (out, failures, counts) = raw(&plan, log.as_bytes(), 1000);
    assert_eq!(String::from_utf8_lossy(&out), "{\"asn\":\"8\"}\n");
    assert_eq!((counts.read, counts.ok), (5, 1));
    let expected = [
        Reason::NoHeader,
        Reason::ColumnCount,
        Reason::BadHeader,
        Reason::NoHeader,
    ];
    assert_eq!(reasons(&failures), expected);
    let message = failures[0].message(&plan);
    assert!(
        message.starts_with("only the #Fields: line of its log names"),
        "{message}"
    );
    let message = failures[3].message(&plan);
    assert!(
        message.starts_with("the columns of the row are unknown"),
        "{message}"
    );
    // The record of an error object comes from another input.
    let row = "1700000000.123\t192.0.2.1\th\n";
    let text = format!("#Fields: asn sc-status\n{}", error_object(row.as_bytes()));
    assert_eq!(raw(&plan, text.as_bytes(), 9).0, row.as_bytes());
}

#[test]
fn rejected_documents_fail() {
    let data = base64_simd::STANDARD.encode_to_string(b"{\"asn\":1}");
    let object = format!(r#"{{"rawData":"{data}","esDocumentId":"4","esIndexName":"cdn"}}"#);
    let text = format!("{object}{object}\n{object}");
    for format in ["realtime", "auto"] {
        let plan = plan(format);
        let (out, failures, counts) = raw(&plan, text.as_bytes(), 11);
        assert_eq!((out, counts.read, counts.failed()), (vec![], 3, 3));
        assert_eq!(reasons(&failures), [Reason::AlreadyTransformed; 3]);
        // Complete, so that it can still be sent to OpenSearch.
        assert!(
            failures
                .iter()
                .all(|failure| failure.raw == object.as_bytes())
        );
        let message = failures[0].message(&plan);
        assert!(
            message.contains("a document that OpenSearch refused"),
            "{message}"
        );
    }
}
