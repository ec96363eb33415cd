//! Properties of standard and connection logs: the engine equals the reference, any chunking equals one chunk, and three
//! formats of a request have one document.

use std::sync::Arc;

use edgelift::config::Config;
use edgelift::error::Reason;
use edgelift::lines::{self, Failure, Stream};
use edgelift::plan::Plan;
use edgelift::record::{OutputBuffer, Scratch, transform};
use edgelift::reference;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};

const NAMES: [&str; 16] = [
    "date",
    "time",
    "timestamp(ms)",
    "timestamp",
    "DistributionId",
    "c-ip",
    "cs(Host)",
    "cs-uri-stem",
    "cs-uri-query",
    "cs(User-Agent)",
    "sc-bytes",
    "x-forwarded-for",
    "cs-protocol-version",
    "x-unknown",
    "X_Edge_Location",
    "CS(Referer)",
];

const CONNECTION_NAMES: [&str; 10] = [
    "eventTimestamp",
    "connectionId",
    "connection_status",
    "clientIp",
    "clientport",
    "tlsProtocol",
    "clientLeafCertSubject",
    "x-unknown",
    "timestamp",
    "c-ip",
];

fn names() -> impl Strategy<Value = Vec<&'static str>> {
    prop_oneof![
        3 => prop::sample::subsequence(&NAMES[..], 1..=NAMES.len()),
        1 => prop::sample::subsequence(&CONNECTION_NAMES[..], 1..=CONNECTION_NAMES.len()),
    ]
    .prop_shuffle()
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(&[
            "-", "", "2024-11-15", "2014-04-28", "2024-02-30", "19:45:51", "24:00:00", "1731699951183", "1731699951", "1.5", "0", "007", "1.2.3.4",
            "/a%20b", "c=%3F", "Mozilla/5.0%2520(X;%2520Y)", "Mozilla/5.0%20%2520", "%25%32%30%2500", "HTTP/2.0",
            "a,%20b", "%", "%2", "C=US, O=100%25", "C%3DUS%2C%20O", "2024-11-15T19:45:51.183Z",
            "2024-11-15T19:45:511Z", "2024-11-15T19:45:51.Z", "2024-11-15T19:45:51Z",
        ][..]).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9%:. \u{e9}\u{1f600}\"\\\\]{0,40}",
        1 => "(%2520|%25|[\u{1}-\u{8}]|x){0,30}",
        // More tabs than columns, followed by quotes.
        1 => "(\t|x{20}|\"|%20){0,40}",
    ]
}

fn row() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(value(), NAMES.len())
}

fn config(format: &'static str) -> impl Strategy<Value = String> {
    let pick = |names: &'static [&'static str]| prop::sample::select(names);
    (
        pick(&["fail", "keep"]),
        pick(&["split", "joined"]),
        any::<bool>(),
        pick(&["cloudfront", "snake", "ecs", "otel"]),
        pick(&["typed", "text"]),
        pick(&["omit", "null", "keep"]),
        any::<bool>(),
        pick(&["epoch_millis", "iso8601", "verbatim"]),
        pick(&["200", "1048576"]),
        (pick(&["\"auto\"", "true", "false"]), pick(&["", "\"cs-uri-stem\"", "\"cs(User-Agent)\", \"x-forwarded-for\", \"sc-bytes\""])),
    )
        .prop_map(
            move |(bad, uri, twice, names, values, missing, decode, timestamp, most, (json, raw))| {
                format!(
                    "[input]\nformat = \"{format}\"\nbad_value = \"{bad}\"\nuri = \"{uri}\"\n\
                     decode_twice = {twice}\ndecode_json = {json}\nmax_record_bytes = {most}\n[output]\nnames = \"{names}\"\n\
                     values = \"{values}\"\nmissing = \"{missing}\"\ndecode = {decode}\n\
                     timestamp = \"{timestamp}\"\nraw = [{raw}]"
                )
            },
        )
}

fn compile(config: &str) -> Arc<Plan> {
    Arc::new(Plan::compile(&Config::parse(config).expect("TOML")).expect("a plan"))
}

fn json(names: &[&str], row: &[String]) -> Vec<u8> {
    let members = names.iter().zip(row);
    let members: Vec<String> = members
        .map(|(name, value)| format!("\"{name}\":{}", serde_json::Value::from(&**value)))
        .collect();
    format!("{{{}}}", members.join(",")).into_bytes()
}

/// Generates one or more concatenated logs: with and without version, with damaged headers, and JSON between them.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let header = prop::sample::select(
        &[
            "",
            "#Version: 1.0\n",
            "#version: 1.0\n",
            "# Date: now\n",
            "#Date: now\n",
            "#Fields: c-ip c-ip\n",
            "#Fields:\n",
            "#Fields: a b\n",
        ][..],
    );
    let end = prop::sample::select(&["\n", "\r\n", "\n\n"][..]);
    let log = (
        header,
        names(),
        prop::collection::vec((row(), 0..10_u8), 0..4),
        end,
    );
    prop::collection::vec(log, 1..4).prop_map(|logs| {
        let mut text = Vec::new();
        for (header, names, rows, end) in logs {
            text.extend_from_slice(header.as_bytes());
            if !header.contains("Fields") {
                let start = if names.len() % 2 == 0 {
                    "#Fields: "
                } else {
                    "# fields:\t"
                };
                text.extend_from_slice(format!("{start}{}{end}", names.join(" ")).as_bytes());
            }
            for (row, dice) in rows {
                let columns = names.len() - usize::from(dice == 0);
                match dice {
                    1 => text.extend(json(&names, &row)),
                    _ => text.extend_from_slice(row[..columns].join("\t").as_bytes()),
                }
                text.extend_from_slice(end.as_bytes());
            }
        }
        text
    })
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
