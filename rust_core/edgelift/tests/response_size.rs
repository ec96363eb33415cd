//! Compares the size of a response with its limit, to the byte.

use base64_simd::STANDARD;
use edgelift::config::Config;
use edgelift::event::{Memory, transform};
use edgelift::limits::MAX_RESPONSE_BYTES;
use edgelift::plan::Plan;
use serde_json::{Value, json};

/// Returns the response to an event of eight large records, of which the first has an id of `id_bytes` bytes.
fn respond(id_bytes: usize) -> Vec<u8> {
    let config = "[[layouts]]\nfields = [\"cs-uri-stem\"]";
    let plan = Plan::compile(&Config::parse(config).expect("TOML")).expect("a plan");
    // Each document gets 786,160 bytes of base64, so that eight of them need a little less than the limit.
    let data = STANDARD.encode_to_string("/".repeat(589_600));
    let id = |index: usize| {
        if index == 0 {
            "i".repeat(id_bytes)
        } else {
            index.to_string()
        }
    };
    let records: Vec<Value> = (0..8)
        .map(|index| json!({"recordId": id(index), "data": data}))
        .collect();
    let event = json!({ "records": records }).to_string();
    let mut memory = Memory::new(&plan);
    let response = transform(&plan, event.as_bytes(), &mut memory, false).expect("an event");
    response.bytes.expect("nothing is re-ingested").to_vec()
}

/// Returns the result of each record of a response.
fn results(response: &[u8]) -> Vec<String> {
    let response: Value = serde_json::from_slice(response).expect("JSON");
    let records = response["records"].as_array().expect("records");
    let result = |record: &Value| record["result"].as_str().expect("a result").to_owned();
    records.iter().map(result).collect()
}

#[test]
fn a_response_of_exactly_the_limit_keeps_all_documents_and_one_byte_more_does_not() {
    let id_bytes = 1 + MAX_RESPONSE_BYTES - respond(1).len();
    let full = respond(id_bytes);
    assert_eq!(
        (full.len(), results(&full)),
        (MAX_RESPONSE_BYTES, vec!["Ok".to_owned(); 8])
    );

    let more = respond(id_bytes + 1);
    let failed = results(&more)
        .iter()
        .filter(|result| *result != "Ok")
        .count();
    assert!(
        failed == 1 && more.len() <= MAX_RESPONSE_BYTES,
        "{failed} failed, {} bytes",
        more.len()
    );
}
