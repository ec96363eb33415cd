//! Failed records: error objects equal their records and documents, concatenated records equal records on lines, and
//! for any bytes nothing is lost and chunks do not matter.

use std::sync::Arc;

use edgelift::config::Config;
use edgelift::error::Reason;
use edgelift::lines::{self, Counts, Failure, Stream};
use edgelift::plan::Plan;
use edgelift::record::{OutputBuffer, Scratch, transform};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_261_126),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

const LAYOUTS: &str = r#"
[[layouts]]
fields = ["timestamp", "c-ip", "sc-status", "cs-uri-stem", "asn"]
[[layouts]]
fields = ["timestamp", "c-ip", "sc-bytes", "x-edge-location", "cs-cookie", "cs-referer"]
"#;

fn plan(format: &str) -> Arc<Plan> {
    let config = format!("[input]\nformat = \"{format}\"\n{LAYOUTS}");
    Arc::new(Plan::compile(&Config::parse(&config).expect("TOML")).expect("a plan"))
}

/// Returns documents, failures and counts of a text that is fed in chunks of this many bytes.
fn read(plan: &Arc<Plan>, text: &[u8], piece: usize) -> (String, Vec<Failure>, Counts) {
    let mut stream = Stream::new(Arc::clone(plan));
    let (mut documents, mut failures) = (OutputBuffer::default(), Vec::new());
    for piece in text.chunks(piece.max(1)) {
        stream.feed(piece, &mut documents, &mut failures);
    }
    stream.finish(&mut documents, &mut failures);
    let documents = String::from_utf8(documents.as_bytes().to_vec()).expect("UTF-8");
    let counts = stream.counts();
    assert_eq!(counts.read, counts.ok + counts.dropped + counts.failed());
    assert_eq!(counts.failed(), failures.len() as u64);
    (documents, failures, counts)
}

fn row() -> impl Strategy<Value = String> {
    let text = prop::sample::select(
        &[
            "-",
            "/a%20b",
            "GA1.2.345",
            "16509",
            "1700000000.123",
            "{",
            "x",
        ][..],
    );
    let stamp = (1_700_000_000_u32..1_700_080_000, 0..1000_u32);
    (
        stamp,
        0..=255_u8,
        any::<bool>(),
        text.clone(),
        text,
        0..99_999_u32,
    )
        .prop_map(|((seconds, millis), byte, wide, one, two, number)| {
            let head = format!("{seconds}.{millis:03}\t192.0.2.{byte}");
            if wide {
                format!("{head}\t{number}\tFRA56-P1\t{one}\t{two}")
            } else {
                format!("{head}\t200\t{one}\t{number}")
            }
        })
}

fn json_record() -> impl Strategy<Value = String> {
    let text = prop::sample::select(&["-", "/a%20b", "}{", "}{\\\"", "\\u007d{", "\\\\", "ä"][..]);
    (text.clone(), text, any::<bool>()).prop_map(|(one, two, swapped)| {
        if swapped {
            format!(r#"{{"cs-uri-stem":"{one}","asn":"7","cs(Cookie)":"{two}"}}"#)
        } else {
            format!(r#"{{"cs(Cookie)":"{one}","cs-uri-stem":"{two}"}}"#)
        }
    })
}

/// Generates error objects with this data, their members in any order, with different spellings and types.
fn error_object(data: &[u8], is_document: bool) -> impl Strategy<Value = String> + use<> {
    let data = base64_simd::STANDARD.encode_to_string(data);
    let own = if is_document {
        r#""esDocumentId":"4","esIndexName":"cdn-logs-2024-11-15","esTypeName":"""#
    } else {
        r#""lambdaARN":"arn:aws:lambda:eu-west-1:1:function:f:$LATEST""#
    };
    let members = vec![
        prop::sample::select(vec![
            format!(r#""rawData":"{data}""#),
            format!(r#""RAWDATA" : "{}""#, data.replace('/', "\\/")),
        ])
        .boxed(),
        prop::sample::select(&[r#""attemptsMade":4"#, r#""AttemptsMade":"4""#][..])
            .prop_map(str::to_owned)
            .boxed(),
        Just(r#""errorMessage":"}{\"rawData\":\"\"""#.to_owned()).boxed(),
        prop::sample::select(&[r#""EventId":"1""#, r#""table":{"a":[1,{"b":null}]}"#][..])
            .prop_map(str::to_owned)
            .boxed(),
        Just(own.to_owned()).boxed(),
    ];
    members
        .prop_shuffle()
        .prop_map(|members| format!("{{{}}}", members.join(",")))
}

/// A line, and the document or the reason of the failure of each of its records.
type Case = (String, Vec<Result<String, Reason>>);

fn alone(plan: &Plan, record: &[u8]) -> Result<String, Reason> {
    let mut documents = OutputBuffer::default();
    match transform(plan, record, &mut Scratch::new(plan), &mut documents) {
        Ok(_) => Ok(String::from_utf8(documents.as_bytes().to_vec()).expect("UTF-8")),
        Err(error) => Err(error.reason),
    }
}

/// Transforms the lines of a record; one of blank lines is empty.
fn by_lines(plan: &Plan, record: &str) -> Vec<Result<String, Reason>> {
    let lines = record.split_inclusive('\n');
    let lines: Vec<&str> = lines.filter(|line| !line.trim_end().is_empty()).collect();
    if lines.is_empty() {
        vec![Err(Reason::EmptyRecord)]
    } else {
        lines
            .iter()
            .map(|line| alone(plan, line.as_bytes()))
            .collect()
    }
}

fn replayed() -> impl Strategy<Value = Case> {
    let ends = prop::sample::select(&["", "\n", "\r\n", "\nx", "\n\n"][..]);
    let record = prop_oneof![
        row(),
        json_record(),
        prop::sample::select(&["", "#Fields: asn", "a\tb"][..]).prop_map(str::to_owned),
    ];
    let source = (record, ends).prop_flat_map(|(record, end)| {
        let record = format!("{record}{end}");
        let expected = by_lines(&plan("auto"), &record);
        (error_object(record.as_bytes(), false), Just(expected))
    });
    let documents = prop_oneof![
        3 => prop::sample::select(&["{}", r#"{"a":[1,{"b":"\"}{"}]}"#, r#"{"a" : 1.5e3}"#][..])
            .prop_map(|text| (text, Ok(text.to_owned()))),
        1 => prop::sample::select(&["", "[]", "{\"a\":1\n}", "{\"a\":1}{\"a\":2}", "1\t2", "{\"a\":\u{1}}"][..])
            .prop_map(|text| (text, Err(Reason::BadJson))),
    ];
    let document = (documents, any::<bool>()).prop_flat_map(|((text, expected), ends)| {
        let text = format!("{text}{}", if ends { "\n" } else { "" });
        (error_object(text.as_bytes(), true), Just(vec![expected]))
    });
    prop_oneof![source, document]
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn error_objects_equal_their_content(
        lines in prop::collection::vec((replayed(), any::<bool>()), 1..6),
        piece in 1..400_usize,
    ) {
        let plan = plan("auto");
        let mut text = String::new();
        for ((line, _), concatenated) in &lines {
            text += line;
            text += if *concatenated { "" } else { "\n" };
        }
        let (documents, failures, counts) = read(&plan, text.as_bytes(), piece);
        let expected = || lines.iter().flat_map(|((_, expected), _)| expected);
        let made: Vec<&str> = documents.lines().collect();
        let wanted: Vec<&str> = expected().filter_map(|it| it.as_deref().ok()).collect();
        prop_assert_eq!(made, wanted);
        let reasons: Vec<Reason> = failures.iter().map(|failure| failure.error.reason).collect();
        let wanted: Vec<Reason> = expected().filter_map(|it| it.clone().err()).collect();
        prop_assert_eq!(reasons, wanted);
        prop_assert_eq!(counts.read, expected().count() as u64);
        for failure in &failures {
            prop_assert!(!failure.message(&plan).is_empty());
        }
    }

    #[test]
    fn concatenated_rows_are_rows(
        rows in prop::collection::vec((row(), any::<bool>()), 1..12),
        piece in 1..400_usize,
        end in any::<bool>(),
    ) {
        let plan = plan("realtime");
        let separate: String = rows.iter().flat_map(|(row, _)| [row, "
"]).collect();
        let mut concatenated = String::new();
        for (row, is_concatenated) in &rows {
            concatenated += row;
            concatenated += if *is_concatenated { "" } else { "\n" };
        }
        concatenated += if end { "\n" } else { "" };
        let (wanted, failures, _) = read(&plan, separate.as_bytes(), separate.len());
        prop_assert_eq!(failures.len(), 0);
        let (made, failures, counts) = read(&plan, concatenated.as_bytes(), piece);
        // Here rows of five and six columns never use the same cells in two ways.
        prop_assert_eq!(failures, vec![]);
        prop_assert_eq!(made, wanted);
        prop_assert_eq!(counts.ok, rows.len() as u64);
    }

    #[test]
    fn concatenated_json_records_are_records(
        records in prop::collection::vec((json_record(), any::<bool>()), 1..12),
        piece in 1..400_usize,
    ) {
        let plan = plan("auto");
        let separate: String = records.iter().flat_map(|(record, _)| [record, "
"]).collect();
        let concatenated: String = records
            .iter()
            .flat_map(|(record, is_concatenated)| [&record[..], if *is_concatenated { "" } else { "
" }])
            .collect();
        let (wanted, failures, _) = read(&plan, separate.as_bytes(), separate.len());
        prop_assert_eq!(failures.len(), 0);
        let (made, failures, _) = read(&plan, concatenated.as_bytes(), piece);
        prop_assert_eq!(failures, vec![]);
        prop_assert_eq!(made, wanted);
    }

    #[test]
    fn any_record_is_counted_once(
        lines in prop::collection::vec(prop_oneof![
            replayed().prop_map(|(line, _)| line),
            json_record(),
            row(),
            "[{}\":,\\\\a\n\t1]{0,40}",
        ], 1..6),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
        piece in 1..300_usize,
        format in prop::sample::select(&["realtime", "auto"][..]),
    ) {
        let plan = plan(format);
        let mut text = lines.concat().into_bytes();
        for (place, byte) in damage {
            if !text.is_empty() {
                let place = place.index(text.len());
                text[place] = byte;
            }
        }
        text.truncate(cut.index(text.len() + 1).max(text.len() / 2));
        let whole = read(&plan, &text, text.len());
        prop_assert_eq!(&read(&plan, &text, piece), &whole);
        for line in whole.0.lines() {
            prop_assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{}", line);
        }
    }
}

#[test]
fn a_line_without_end_is_split_into_its_records() {
    let plan = plan("auto");
    let record = r#"{"asn":"7","cs(Cookie)":"}{"}"#;
    let count = 600_000;
    let text = record.repeat(count) + "{\"asn\":\n";
    assert!(text.len() > 16 << 20);
    let (documents, failures, counts) = read(&plan, text.as_bytes(), 1 << 18);
    assert_eq!(
        (counts.ok, documents.lines().count()),
        (count as u64, count)
    );
    let [failure] = &failures[..] else {
        panic!("{} failures", failures.len());
    };
    let place = (failure.line, failure.offset, &failure.raw[..]);
    let offset = (count * record.len()) as u64;
    assert_eq!(place, (1, offset, &b"{\"asn\":"[..]));
}

#[test]
fn reading_resumes_after_an_invalid_object() {
    let plan = plan("auto");
    let text = r#"{"asn":"1"}{"asn":"2{"asn":"3"}{"asn":"4"}x{"asn":"5"}{"asn":"6"}"#;
    let mut documents = OutputBuffer::default();
    let mut failures = Vec::new();
    let counts = lines::transform(&plan, text.as_bytes(), &mut documents, &mut failures);
    assert_eq!(documents.as_bytes(), b"{\"asn\":1}\n{\"asn\":6}\n");
    let raw: Vec<&str> = failures
        .iter()
        .map(|failure| std::str::from_utf8(&failure.raw).expect("UTF-8"))
        .collect();
    assert_eq!(
        raw,
        [r#"{"asn":"2{"asn":"3"}"#, r#"{"asn":"4"}x{"asn":"5"}"#]
    );
    assert_eq!(counts.read, 4);
    assert_eq!(failures[1].offset, 31);
}
