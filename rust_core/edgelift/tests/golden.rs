//! Checks the engine and its reference against the golden files of `tests/fixtures/golden`, which the tests in Python
//! read, too.

use std::fs;
use std::path::Path;

use edgelift::config::Config;
use edgelift::error::{Reason, RecordError};
use edgelift::plan::Plan;
use edgelift::record::{OutputBuffer, Scratch, transform};
use edgelift::reference;
use serde_json::Value;

/// Returns the bytes of a record, which is written with one code point per byte.
fn bytes(record: &str) -> Vec<u8> {
    record
        .chars()
        .map(|c| u8::try_from(u32::from(c)).expect("a byte"))
        .collect()
}

fn check(plan: &Plan, name: &str, case: &Value) {
    let record = bytes(case["record"].as_str().expect("a record"));
    let mut documents = OutputBuffer::default();
    let mut scratch = Scratch::new(plan);
    let engine = transform(plan, &record, &mut scratch, &mut documents);
    let slow = reference::transform_checked(plan, &record);
    if let Some(document) = case["document"].as_str() {
        engine.unwrap_or_else(|error| panic!("{name}: {}", error.message(plan, &record)));
        assert_eq!(
            std::str::from_utf8(documents.as_bytes()).expect("UTF-8"),
            document,
            "{name}"
        );
        let (slow, misfit) = slow.expect(name);
        assert_eq!(slow, document, "{name}: reference");
        assert_eq!(
            scratch.shape_mismatch(),
            misfit.as_deref(),
            "{name}: reference"
        );
        // Cases about shapes name the field, or null.
        if let Some(expected) = case.get("shape_mismatch") {
            assert_eq!(expected.as_str(), misfit.as_deref(), "{name}");
        }
        return;
    }
    let error = engine.expect_err(name);
    // The reference does not report the offset of invalid JSON.
    let placeless = RecordError {
        offset: if error.reason == Reason::BadJson {
            0
        } else {
            error.offset
        },
        ..error
    };
    assert_eq!(slow.err(), Some(placeless), "{name}: reference");
    assert!(
        documents.as_bytes().is_empty(),
        "{name}: a failed record leaves nothing"
    );
    let expected = &case["error"];
    assert_eq!(
        expected["reason"].as_str(),
        Some(error.reason.code()),
        "{name}"
    );
    let field = error.field(plan, &record);
    assert_eq!(expected["field"].as_str(), field.as_deref(), "{name}");
    let column = error.place.map(|place| place.column as u64 + 1);
    assert_eq!(expected["column"].as_u64(), column, "{name}");
    assert_eq!(
        expected["offset"].as_u64(),
        Some(error.offset as u64),
        "{name}"
    );
    let message = error.message(plan, &record);
    assert_eq!(expected["message"].as_str(), Some(&*message), "{name}");
}

/// Checks the cases of a folder and returns their number.
fn check_folder(name: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let folder = folder.join(name);
    let mut cases = 0;
    for entry in fs::read_dir(folder).expect("the golden files") {
        let path = entry.expect("a file").path();
        let text = fs::read_to_string(&path).expect("UTF-8");
        let golden: Value = serde_json::from_str(&text).expect("JSON");
        for group in golden["groups"].as_array().expect("groups") {
            let config = Config::parse(group["config"].as_str().expect("a configuration"));
            let plan = Plan::compile(&config.expect("TOML")).expect("a plan");
            for case in group["cases"].as_array().expect("cases") {
                let name = format!("{}: {}", path.display(), case["name"]);
                check(&plan, &name, case);
                cases += 1;
            }
        }
    }
    cases
}

#[test]
fn records_give_the_golden_results() {
    let cases = check_folder("golden");
    assert!(cases >= 300, "only {cases} cases");
}

#[test]
fn standard_logs_give_the_golden_results() {
    let cases = check_folder("golden-standard");
    assert!(cases >= 80, "only {cases} cases");
}
