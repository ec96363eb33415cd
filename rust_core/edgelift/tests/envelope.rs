//! Compares the envelope of an event with another JSON parser: valid JSON and its content.

use std::fmt::Write as _;

use edgelift::config::Config;
use edgelift::event::{EventError, Memory, transform};
use edgelift::plan::Plan;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};
use serde::de::IgnoredAny;
use serde_json::{Value, json};

fn plan() -> Plan {
    let config = "[[layouts]]\nfields = [\"cs-uri-stem\"]\n[output]\ndecode = false";
    Plan::compile(&Config::parse(config).expect("TOML")).expect("a plan")
}

/// Returns the response to an event.
fn respond(plan: &Plan, event: &[u8]) -> Result<Value, EventError> {
    let mut memory = Memory::new(plan);
    let response = transform(plan, event, &mut memory, false)?;
    let bytes = response.bytes.expect("nothing is re-ingested");
    Ok(serde_json::from_slice(bytes).expect("JSON"))
}

/// Returns true if the other parser accepts a text. It skips strings without decoding them, so that lone surrogates
/// pass, as they do in Python.
fn is_json(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// Compares a text by itself, and at each place of an event that can hold a value.
fn assert_same_verdict(plan: &Plan, text: &[u8]) {
    let around: [[&[u8]; 2]; 6] = [
        [b"", b""],
        [b"{\"x\":", b",\"records\":[]}"],
        [b"{\"records\":", b"}"],
        [b"{\"records\":[", b"]}"],
        [b"{\"records\":[{\"recordId\":\"1\",\"data\":", b"}]}"],
        [
            b" { \"records\" : [ { \"recordId\" : ",
            b" , \"a\" : [ ] } ] } ",
        ],
    ];
    let alone = around.map(|[before, after]| [before, text, after].concat());
    // And wherever a record can differ from the one before it, which is its template.
    let like = |id: &[u8], at: &[u8], data: &[u8], key: &[u8]| {
        let pieces: [&[u8]; 9] = [
            b"{\"recordId\":",
            id,
            b", \"at\":",
            at,
            b",\"data\": ",
            data,
            b",\"in\":[{\"key\":",
            key,
            b"}]}",
        ];
        pieces.concat()
    };
    let first = like(b"\"1\"", b"17", b"\"YQ==\"", b"\"a key\"");
    let second = [
        like(text, b"17", b"\"YQ==\"", b"\"a key\""),
        like(b"\"2\"", text, b"\"YQ==\"", b"\"a key\""),
        like(b"\"2\"", b"17", text, b"\"a key\""),
        like(b"\"1\"", b"17", text, b"\"a key\""),
        like(b"\"2\"", b"17", b"\"YQ==\"", text),
    ];
    let templated = second.iter().flat_map(|second| {
        let ends: [&[u8]; 2] = [b"]}", b"],\"records\":[]}"];
        ends.map(|end| [b"{\"records\":[", &first[..], b", ", second, end].concat())
    });
    for event in alone.into_iter().chain(templated) {
        let mut memory = Memory::new(plan);
        let answered = transform(plan, &event, &mut memory, false);
        let taken = !matches!(answered, Err(EventError::Invalid(_)));
        let shown = String::from_utf8_lossy(&event);
        assert_eq!(taken, is_json(&event), "{shown}: {answered:?}");
    }
}

/// Texts on which parsers differ, in the manner of nst/JSONTestSuite.
const TEXTS: &[&[u8]] = &[
    b"",
    b" ",
    b"\t\n\r ",
    b"\x0c",
    b"\xef\xbb\xbf{}",
    b"\xc2\xa0",
    b"null",
    b"nul",
    b"nulll",
    b"NULL",
    b"true",
    b"tru",
    b"false",
    b"fals",
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"undefined",
    b"0",
    b"-0",
    b"-",
    b"+1",
    b"01",
    b"-01",
    b"1.",
    b".5",
    b"-.5",
    b"1.5",
    b"1e",
    b"1e+",
    b"1E-7",
    b"1.5e+300",
    b"1e999",
    b"0x10",
    b"1_000",
    b"1 2",
    b"0e1",
    b"0.e1",
    b"2.e3",
    b"9.e+",
    b"1.0e",
    b"--1",
    b"1-",
    b"123456789012345678901234567890",
    b"\"",
    b"\"\"",
    b"\"a",
    b"a\"",
    b"'a'",
    b"\"\\\"",
    b"\"\\\\\"",
    b"\"\\a\"",
    b"\"\\u\"",
    b"\"\\u00\"",
    b"\"\\u00g0\"",
    b"\"\\u0000\"",
    b"\"\\ud800\"",
    b"\"\\udc00\\ud800\"",
    b"\"\\ud83d\\ude00\"",
    b"\"\\U0041\"",
    b"\"\\x41\"",
    b"\"\\/\"",
    b"\"\\",
    b"\"\\u12",
    b"\"\n\"",
    b"\"\t\"",
    b"\"\x00\"",
    b"\"\x1f\"",
    b"\"\x7f\"",
    b"\"\xc3\xa9\"",
    b"\"\xff\"",
    b"\"\xc3\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xf4\x90\x80\x80\"",
    b"\"\xc0\x80\"",
    b"\"\xe2\x82\"",
    b"[]",
    b"[",
    b"]",
    b"[,]",
    b"[1,]",
    b"[1 2]",
    b"[,1]",
    b"[1,,2]",
    b"[1}",
    b"[[]",
    b"[]]",
    b"[1]x",
    b"[\"a\" : 1]",
    b"{}",
    b"{",
    b"}",
    b"{,}",
    b"{1:2}",
    b"{a:1}",
    b"{\"a\"}",
    b"{\"a\":}",
    b"{\"a\":1,}",
    b"{\"a\":1 \"b\":2}",
    b"{\"a\":1,\"a\":2}",
    b"{\"a\" 1}",
    b"{\"a\"::1}",
    b"{\"a\":1]",
    b"{\"a\":1}}",
    b"{\"\":0}",
    b"{\"\\u0061\":1}",
    b"{\"\\ud800\":1}",
    b"{\"a\":[{}]}",
    b"[[[[[[[[[[]]]]]]]]]]",
    b"{\"a\":{\"b\":{\"c\":[1,{}]}}}",
    b"/* c */ 1",
    b"1 // c",
    b"# c",
    b"\x00",
    b"[\x00]",
    b"{\"a\":1}\x00",
    b"<null>",
    b"*",
    b"\\u0041",
    b"[1\x0c]",
    b" [ 1 , 2 ] ",
    b"\n{\r\"a\"\t:\n1 }\n",
];

#[test]
fn listed_texts_are_json_if_another_parser_accepts_them() {
    let plan = plan();
    for text in TEXTS {
        assert_same_verdict(&plan, text);
    }
}

#[test]
fn deep_nesting_is_read() {
    let plan = plan();
    for [open, close] in [["[", "]"], ["{\"a\":", "}"], ["[{\"a\":[", "]}]"]] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        let event =
            format!("{{\"x\":{deep},\"records\":[{{\"recordId\":\"1\",\"data\":{deep}}}]}}");
        let response = respond(&plan, event.as_bytes()).expect("an event");
        assert_eq!(response["records"][0]["result"], "ProcessingFailed");
        let cut = &event.as_bytes()[..event.len() / 4];
        assert!(matches!(respond(&plan, cut), Err(EventError::Invalid(_))));
    }
}

/// Generates small JSON texts.
fn text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<Option<bool>>().prop_map(|value| json!(value).to_string()),
        any::<i64>().prop_map(|value| json!(value).to_string()),
        any::<f64>().prop_map(|value| json!(value).to_string()),
        ".{0,12}".prop_map(|value| json!(value).to_string()),
        "[ -~]{0,40}".prop_map(|value| json!(value).to_string()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = "[a-c]{0,2}".prop_map(|key| json!(key).to_string());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec((key, inner), 0..4).prop_map(|members| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, value)| format!("{key} :{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// Generates texts, some with a few bytes changed.
fn mangled() -> impl Strategy<Value = Vec<u8>> {
    changed(text())
}

/// Inserts, removes and replaces some bytes of texts.
fn changed(text: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<u8>> {
    let syntax = prop_oneof![
        prop::sample::select(b"{}[]\",:\\ \n0-1.eE+tfn\x00\x1f\x80u/".to_vec()),
        any::<u8>()
    ];
    let change = (any::<prop::sample::Index>(), 0..3, syntax);
    (text, prop::collection::vec(change, 0..3)).prop_map(|(text, changes)| {
        let mut bytes = text.into_bytes();
        for (place, what, byte) in changes {
            let place = place.index(bytes.len() + 1);
            match what {
                0 => bytes.insert(place, byte),
                1 if place < bytes.len() => bytes[place] = byte,
                _ => drop(bytes.drain(place..bytes.len().min(place + 1))),
            }
        }
        bytes
    })
}

/// Three records with the same keys and whitespace, as Firehose writes them.
const ALIKE: &str = concat!(
    r#"{"records": [{"recordId": "490001", "at": 1711929600000, "data": "YWJj", "meta": {"key": "a b", "n": 0}}, "#,
    r#"{"recordId": "490002", "at": 1711929600001, "data": "ZGVmZw==", "meta": {"key": "c", "n": 10}}, "#,
    r#"{"recordId": "490003", "at": 1711929600002, "data": "aGlqa2w=", "meta": {"key": "", "n": 2}}]}"#,
);

/// Answers the first record of each `recordId` in its own event.
fn answer_individually(plan: &Plan, event: &Value) -> Option<Value> {
    let (mut answers, mut seen) = (Vec::new(), Vec::new());
    for record in event["records"].as_array()? {
        let id = record["recordId"].as_str()?;
        if !seen.contains(&id) {
            seen.push(id);
            let alone = respond(plan, json!({"records": [record]}).to_string().as_bytes());
            answers.push(alone.ok()?["records"][0].take());
        }
    }
    Some(json!({"records": answers}))
}

/// Returns a JSON string with some characters escaped.
fn escaped(text: &str, seed: u64) -> String {
    let mut json = String::from("\"");
    for (index, character) in text.chars().enumerate() {
        if seed >> (index % 64) & 1 == 1 {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(json, "\\u{unit:04x}").expect("room in memory");
            }
        } else {
            let quoted = json!(character).to_string();
            json += &quoted[1..quoted.len() - 1];
        }
    }
    json + "\""
}

/// Returns an object with its members in any order, and other members between them.
fn object(mut members: Vec<String>, order: u64) -> String {
    members.push(format!("\"other\":[{{\"recordId\":\"{order}\"}},null]"));
    let first = usize::try_from(order).unwrap_or(0) % members.len();
    members.rotate_left(first);
    format!("{{{}}}", members.join(" ,\n"))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 10_000,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_261_124),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_text_is_json_if_another_parser_accepts_it(text in mangled()) {
        assert_same_verdict(&plan(), &text);
    }

    /// Records read by a template are answered as each in its own event, wherever they differ.
    #[test]
    fn templated_records_equal_individual_ones(event in changed(Just(ALIKE.to_owned()))) {
        let plan = plan();
        let response = respond(&plan, &event);
        let taken = !matches!(response, Err(EventError::Invalid(_)));
        prop_assert_eq!(taken, is_json(&event));
        if let Ok(value) = serde_json::from_slice(&event) {
            prop_assert_eq!(response.ok(), answer_individually(&plan, &value));
        }
    }

    /// The answer does not depend on the order of members, whitespace or escapes.
    #[test]
    fn the_answer_does_not_depend_on_the_serialization(
        records in prop::collection::vec(("[0-9]{1,3}|.{0,9}", prop::option::of("[!-~]{1,30}"), any::<u64>()), 0..9),
        order in any::<u64>(),
    ) {
        let plan = plan();
        let (mut written, mut expected, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        for (id, row, seed) in &records {
            let data = row.as_ref().map(|row| base64_simd::STANDARD.encode_to_string(row));
            let mut members = vec![format!("\"recordId\":{}", escaped(id, *seed))];
            members.extend(data.iter().map(|data| format!("\"data\": {}", escaped(data, seed.rotate_left(9)))));
            written.push(object(members, *seed));
            if seen.contains(id) {
                continue;
            }
            seen.push(id.clone());
            let plain = json!({"records": [{"recordId": id, "data": data.as_deref().unwrap_or("")}]});
            let alone = respond(&plan, plain.to_string().as_bytes()).expect("an event");
            expected.push(alone["records"][0].clone());
        }
        let event = object(vec![format!("\"records\" : [{}]", written.join(" , "))], order);
        let response = respond(&plan, event.as_bytes());
        prop_assert_eq!(response, Ok(json!({"records": expected})));
    }
}
