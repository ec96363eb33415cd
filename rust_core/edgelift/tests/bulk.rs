//! Bulk bodies: the documents equal JSON lines, any chunking equals one chunk, and each id belongs to one line.

use std::collections::HashSet;
use std::sync::Arc;

use edgelift::bulk::Bulk;
use edgelift::config::Config;
use edgelift::error::Reason;
use edgelift::lines::{self, Failure, Stream};
use edgelift::plan::Plan;
use edgelift::record::OutputBuffer;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};
use serde_json::Value;

const CONFIG: &str = "[[layouts]]\nfields = [\"timestamp\", \"x-edge-request-id\", \"cs-cookie\"]\n\
                      [[layouts]]\nfields = [\"timestamp\", \"cs-host\"]\n[input]\nformat = \"auto\"";

fn plan() -> Arc<Plan> {
    Arc::new(Plan::compile(&Config::parse(CONFIG).expect("TOML")).expect("a plan"))
}

fn stream(plan: &Arc<Plan>) -> Stream {
    Stream::bulk(
        Arc::clone(plan),
        Bulk::new(plan, Some("a-{yyyy}-{MM}-{dd}-{HH}")).expect("an index"),
    )
}

fn row() -> impl Strategy<Value = String> {
    let pick = |values: &'static [&'static str]| prop::sample::select(values);
    (
        pick(&[
            "0",
            "1700000000.123",
            "1700003600.1",
            "x",
            "-",
            "{\"asn\":\"1\",\"cs(Host)\":\"",
        ]),
        pick(&[
            "\t",
            "\t",
            "\",\"timestamp(ms)\":\"0\",\"x-edge-request-id\":\"",
        ]),
        pick(&["-", "", "id==", "q\"", "\\", "\u{2028}\u{1}"]),
        pick(&["", "\ta", "\tb", "\"}"]),
    )
        .prop_map(|(time, between, id, rest)| [time, between, id, rest].concat())
}

/// The same cases in every run: a failure is a regression, not luck.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 5_000,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_261_126),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn documents_equal_json_lines(
        rows in prop::collection::vec(row(), 0..8),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let plan = plan();
        let text = rows.join("\n").into_bytes();
        let (mut body, mut failures) = (OutputBuffer::default(), Vec::new());
        let counts = stream(&plan).all(&text, &mut body, &mut failures);
        prop_assert_eq!(counts.read, counts.ok + counts.dropped + counts.failed());

        let (mut documents, mut others) = (OutputBuffer::default(), Vec::new());
        let all = lines::transform(&plan, &text, &mut documents, &mut others);
        failures.retain(|failure| failure.error.reason != Reason::MissingTimestamp);
        prop_assert_eq!(&failures, &others);
        prop_assert_eq!(all.read, counts.read);
        let body_lines: Vec<&str> = std::str::from_utf8(body.as_bytes()).expect("UTF-8").lines().collect();
        let mut documents = std::str::from_utf8(documents.as_bytes()).expect("UTF-8").lines();
        let mut hashes = HashSet::new();
        for pair in body_lines.chunks(2) {
            let action: Value = serde_json::from_str(pair[0]).expect("JSON");
            let id = action["create"]["_id"].as_str().expect("an id");
            prop_assert!(action["create"]["_index"].as_str().expect("an index").starts_with("a-"));
            // In the same order, without those that have no time.
            prop_assert!(documents.any(|document| document == pair[1]));
            prop_assert!(id.len() < 32 || hashes.insert(id.to_owned()));
        }
        prop_assert_eq!(body_lines.len() as u64, 2 * counts.ok);

        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        places.extend([0, text.len()]);
        places.sort_unstable();
        let mut stream = stream(&plan);
        let (mut chunked, mut chunked_failures) = (OutputBuffer::default(), Vec::<Failure>::new());
        for pair in places.windows(2) {
            stream.feed(&text[pair[0]..pair[1]], &mut chunked, &mut chunked_failures);
        }
        stream.finish(&mut chunked, &mut chunked_failures);
        prop_assert_eq!(stream.counts(), counts);
        prop_assert_eq!(chunked.as_bytes(), body.as_bytes());
    }
}

#[test]
fn a_rejected_document_keeps_index_and_id() {
    let mut out = OutputBuffer::default();
    let mut bulk = Bulk::new(&plan(), None).expect("an index");
    bulk.push(&mut out, "cdn-2026-w48", Some("a\"b"), b"{\"asn\":1}")
        .expect("an index");
    let expected = "{\"create\":{\"_index\":\"cdn-2026-w48\",\"_id\":\"a\\\"b\"}}\n{\"asn\":1}\n";
    assert_eq!(std::str::from_utf8(out.as_bytes()), Ok(expected));
}

#[test]
fn a_rejected_document_for_an_invalid_index_adds_nothing() {
    let mut out = OutputBuffer::default();
    let mut bulk = Bulk::new(&plan(), None).expect("an index");
    for index in ["", "../cdn", "cdn/_doc", ".cdn", "cdn\0", "CDN"] {
        bulk.push(&mut out, "cdn", None, b"{}").expect("an index");
        let len = out.as_bytes().len();
        let error = bulk.push(&mut out, index, None, b"{}").expect_err(index);
        assert_eq!(
            (error.reason, out.as_bytes().len()),
            (Reason::BadErrorObject, len)
        );
    }
}

#[test]
fn a_rejected_document_without_id_gets_the_hash_of_its_bytes() {
    let mut out = OutputBuffer::default();
    let mut bulk = Bulk::new(&plan(), None).expect("an index");
    for index in ["cdn", "other"] {
        bulk.push(&mut out, index, None, b"{}").expect("an index");
    }
    // printf {} | b2sum -l 128
    let hash = "2afb9b83f9314e5d029766197f539792";
    let expected = format!(
        "{{\"create\":{{\"_index\":\"cdn\",\"_id\":\"{hash}-1\"}}}}\n{{}}\n\
         {{\"create\":{{\"_index\":\"other\",\"_id\":\"{hash}-2\"}}}}\n{{}}\n"
    );
    assert_eq!(std::str::from_utf8(out.as_bytes()), Ok(&*expected));
}

/// Returns the lines of the bulk body of a text, with the given index.
fn body_lines(plan: &Arc<Plan>, index: &str, text: &str) -> (Vec<String>, Vec<Failure>) {
    let (mut body, mut failures) = (OutputBuffer::default(), Vec::new());
    let bulk = Bulk::new(plan, Some(index)).expect("an index");
    Stream::bulk(Arc::clone(plan), bulk).all(text.as_bytes(), &mut body, &mut failures);
    let lines = std::str::from_utf8(body.as_bytes()).expect("UTF-8").lines();
    (lines.map(str::to_owned).collect(), failures)
}

/// Returns the value of a member of the actions, which are every other line.
fn of_actions(lines: &[String], member: &str) -> Vec<Option<String>> {
    let value = |action: &String| -> Option<String> {
        let action: Value = serde_json::from_str(action).expect("JSON");
        Some(action["create"][member].as_str()?.to_owned())
    };
    lines.iter().step_by(2).map(value).collect()
}

#[test]
fn the_index_of_each_row_has_the_hour_of_its_time() {
    // date -u -d @1700002799: 2023-11-14 22:59:59, and the second after it.
    let text = "1700002799.999\ta\n1700002800.000\tb\n1700002799.000\tc\n1700089199.000\td\n";
    let (lines, failures) = body_lines(&plan(), "a-{yyyy}-{MM}-{dd}-{HH}", text);
    assert!(failures.is_empty(), "{failures:?}");
    let expected = ["14-22", "14-23", "14-22", "15-22"].map(|end| Some(format!("a-2023-11-{end}")));
    assert_eq!(of_actions(&lines, "_index"), expected);
}

#[test]
fn a_day_without_a_time_is_not_enough_for_an_index_with_an_hour() {
    let config = "[input]\nformat = \"standard\"";
    let plan = Arc::new(Plan::compile(&Config::parse(config).expect("TOML")).expect("a plan"));
    let text = "#Version: 1.0\n#Fields: date c-ip\n2023-11-14\t192.0.2.1\n";
    let (lines, failures) = body_lines(&plan, "a-{yyyy}-{MM}-{dd}", text);
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(
        of_actions(&lines, "_index"),
        [Some("a-2023-11-14".to_owned())]
    );

    let (lines, failures) = body_lines(&plan, "a-{yyyy}-{MM}-{dd}-{HH}", text);
    let reasons: Vec<Reason> = failures
        .iter()
        .map(|failure| failure.error.reason)
        .collect();
    assert_eq!(
        (lines, reasons),
        (Vec::new(), vec![Reason::MissingTimestamp])
    );
}

#[test]
fn an_id_has_at_most_512_bytes() {
    let (longest, longer) = ("i".repeat(512), "i".repeat(513));
    let text = format!("1700000000.1\t{longest}\t-\n1700000000.1\t{longer}\t-\n");
    let (lines, failures) = body_lines(&plan(), "a", &text);
    assert!(failures.is_empty(), "{failures:?}");
    let ids = of_actions(&lines, "_id");
    assert_eq!(ids[0].as_deref(), Some(&*longest));
    // The hash of the line, 32 digits, and its number.
    assert_eq!(ids[1].as_ref().map(String::len), Some(34));
}
