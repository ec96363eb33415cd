//! Properties of columns: the rows are the documents with the same configuration, in any chunks.

#![cfg(feature = "columns")]

mod column_rows;
mod realtime_cases;
mod standard_cases;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow_array::Array as _;
use column_rows::{Row, expected, rounded, rows};
use edgelift::columns::{ColumnBatch, ColumnPlan, ColumnStream};
use edgelift::config::Config;
use edgelift::error::ConfigError;
use edgelift::lines::{self, Failure};
use edgelift::plan::UNPARSED;
use edgelift::record::OutputBuffer;
use edgelift::reference;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, RngSeed};
use serde_json::{Value, json};

/// Transforms a text in chunks.
fn transform(
    plan: &Arc<ColumnPlan>,
    text: &[u8],
    mut cuts: Vec<usize>,
    max_rows: usize,
) -> (Vec<ColumnBatch>, lines::Counts) {
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    let (mut stream, mut batches) = (ColumnStream::new(plan, max_rows), Vec::new());
    for pair in cuts.windows(2) {
        stream.feed(&text[pair[0]..pair[1]], &mut batches);
    }
    stream.finish(&mut batches);
    (batches, stream.counts())
}

/// Checks that the rows of a text are its documents, and the failures those of the lines.
fn check(plan: &Arc<ColumnPlan>, text: &[u8], cuts: Vec<usize>, max_rows: usize) {
    check_as_it_is(plan, text, cuts, max_rows);
    // Only rows with bytes after them are read without a document.
    let padded = [text, &b"\n".repeat(130)].concat();
    check_as_it_is(plan, &padded, vec![], max_rows);
}

fn check_as_it_is(plan: &Arc<ColumnPlan>, text: &[u8], cuts: Vec<usize>, max_rows: usize) {
    let (mut documents, mut failures) = (OutputBuffer::default(), Vec::new());
    let counts = lines::transform(plan.plan(), text, &mut documents, &mut failures);
    let documents = std::str::from_utf8(documents.as_bytes()).expect("UTF-8");
    let expected = documents.lines().map(|line| rounded(expected(plan, line)));

    let (batches, actual_counts) = transform(plan, text, cuts, max_rows);
    let mut actual = Vec::new();
    let mut actual_failures: Vec<Failure> = Vec::new();
    for batch in batches {
        assert!(batch.rows.len() <= max_rows);
        assert_eq!(batch.rows.fields(), plan.schema().fields());
        actual.extend(rows(&batch.rows).into_iter().map(rounded));
        actual_failures.extend(batch.failures);
    }
    assert_eq!(
        actual,
        expected.collect::<Vec<_>>(),
        "{}",
        text.escape_ascii()
    );
    assert_eq!(actual_failures, failures);
    assert_eq!(actual_counts, counts);
}

fn compile(config: &str, columns: Option<&[&str]>) -> Result<Arc<ColumnPlan>, ConfigError> {
    let columns = columns.map(|names| names.iter().map(|&name| name.to_owned()).collect());
    ColumnPlan::compile(Config::parse(config)?, columns)
}

/// Returns the plan of a generated configuration, which may be one without types or with equal keys.
fn plan_of_case(config: &str) -> Option<Arc<ColumnPlan>> {
    let config = config.replace("values = \"text\"", "values = \"typed\"");
    compile(&config, None).ok()
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_algorithm: RngAlgorithm::ChaCha,
        rng_seed: RngSeed::Fixed(20_261_129),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn places(cuts: &[prop::sample::Index], text: &[u8]) -> Vec<usize> {
    cuts.iter().map(|cut| cut.index(text.len() + 1)).collect()
}

proptest! {
    #![proptest_config(cases(4_000))]

    #[test]
    fn columns_of_realtime_rows_are_their_documents(
        config in realtime_cases::plan(),
        records in prop::collection::vec(realtime_cases::record(), 0..8),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        max_rows in 1_usize..5,
    ) {
        let Some(plan) = plan_of_case(&config) else { return Ok(()) };
        let text = records.join(&b'\n');
        check(&plan, &text, places(&cuts, &text), max_rows);
    }
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn columns_of_standard_logs_are_their_documents(
        config in standard_cases::config("auto"),
        text in standard_cases::text(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        max_rows in 1_usize..5,
    ) {
        let Some(plan) = plan_of_case(&config) else { return Ok(()) };
        check(&plan, &text, places(&cuts, &text), max_rows);
        let slow = reference::lines(plan.plan(), &text);
        let (batches, _) = transform(&plan, &text, vec![], 100);
        let expected: Vec<Row> = slow.iter().flatten().map(|document| rounded(expected(&plan, document))).collect();
        let actual: Vec<Row> = batches.iter().flat_map(|batch| rows(&batch.rows)).map(rounded).collect();
        prop_assert_eq!(actual, expected);
    }
}

#[test]
fn a_text_may_be_split_at_any_byte() {
    let config = "layouts = [{ fields = [\"timestamp\", \"c-ip\", \"sc-status\", \"cs-uri-stem\", \"x-forwarded-for\"] }]";
    let plan = compile(config, None).expect("a plan");
    let row = "1700000000.123\t192.0.2.1\t200\t/a%20b%C3%A9\t192.0.2.7,%20192.0.2.8\n";
    let text = [row, "x\ty\n", "\n", row, "1700000000\t::1\t-\t-\t,\n"].concat();
    for cut in 0..=text.len() {
        check(&plan, text.as_bytes(), vec![cut], 2);
    }
}

#[test]
fn golden_records_have_the_columns_of_their_documents() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let mut count = 0;
    let folders = ["golden", "golden-standard"].map(|name| fixtures.join(name));
    for entry in folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).expect("a folder"))
    {
        let text = fs::read_to_string(entry.expect("a file").path()).expect("text");
        let golden: Value = serde_json::from_str(&text).expect("JSON");
        for group in golden["groups"].as_array().expect("groups") {
            let Some(plan) = group["config"].as_str().and_then(plan_of_case) else {
                continue;
            };
            for case in group["cases"].as_array().expect("cases") {
                let record = case["record"].as_str().expect("a record").chars();
                let record: Vec<u8> = record
                    .map(|c| u8::try_from(u32::from(c)).expect("a byte"))
                    .collect();
                check(&plan, &record, vec![], 10);
                count += 1;
            }
        }
    }
    assert!(count > 300, "{count} records");
}

#[test]
fn the_schema_has_the_types_of_the_kinds_and_the_names_of_the_profile() {
    let layouts = "layouts = [{ fields = [\"timestamp\", \"c-ip\", \"sc-status\", \"sc-bytes\", \"time-taken\", \
                   \"x-forwarded-for\", \"cs-headers\", \"cs-headers-count\", \"cmcd-startup\"] }]";
    let plan = compile(layouts, None).expect("a plan");
    let fields = plan.schema().fields();
    assert!(fields.iter().all(|field| field.is_nullable()));
    let described: Vec<String> = fields
        .iter()
        .map(|field| format!("{} {}", field.name(), field.data_type()))
        .collect();
    let pairs = "List(Struct(\"name\": Utf8, \"value\": Utf8))";
    assert_eq!(
        described,
        [
            "timestamp Timestamp(µs, \"UTC\")",
            "c_ip Utf8",
            "sc_status Int32",
            "sc_bytes Int64",
            "time_taken Float64",
            "x_forwarded_for List(Utf8)",
            &format!("cs_headers {pairs}"),
            "cs_headers_count Int64",
            "cs_headers_truncated Boolean",
            "cmcd_startup Boolean",
            &format!("_unparsed {pairs}"),
            &format!("_other {pairs}"),
        ]
    );
    let names = |config: &str| -> Vec<String> {
        let plan = compile(config, None).expect("a plan");
        plan.schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect()
    };
    let fields = "layouts = [{ fields = [\"c-ip\"] }]\ninput.format = \"realtime\"";
    assert_eq!(names(fields), ["c_ip", UNPARSED]);
    assert_eq!(
        names(&format!("{fields}\noutput.names = \"cloudfront\"")),
        ["c-ip", UNPARSED]
    );
    assert_eq!(
        names(&format!("{fields}\noutput.names = \"ecs\"")),
        ["source.ip", UNPARSED]
    );
}

#[test]
fn a_standard_log_has_its_columns_and_the_rest_in_other() {
    let plan = compile("", Some(&["timestamp", "cs_host", "_other"])).expect("a plan");
    let text = b"#Fields: date time x-host-header x-new sc-status\n2024-11-15\t19:45:51\ta.example\tb%20c\t200\n\
                 #Fields: date x-new\n2024-11-15\t-\n";
    let (batches, _) = transform(&plan, text, vec![], 10);
    let rows = rows(&batches[0].rows);
    assert_eq!(
        rows.into_iter().map(Value::from).collect::<Vec<_>>(),
        [
            json!({"timestamp": 1_731_699_951_000_000_i64, "cs_host": "a.example", "_other": [["x_new", "b c"]]}),
            json!({"_other": [["date", "2024-11-15"]]}),
        ]
    );
}

#[test]
fn columns_are_selected_in_the_order_of_their_names() {
    let config = "layouts = [{ fields = [\"c-ip\", \"sc-status\", \"cs-method\"] }]";
    let plan = compile(config, Some(&["cs_method", "c_ip"])).expect("a plan");
    let (batches, _) = transform(&plan, b"::1\t200\tGET\n", vec![], 10);
    assert_eq!(batches[0].rows.column_names(), ["cs_method", "c_ip"]);
    let plan = compile(config, Some(&[])).expect("a plan");
    let (batches, _) = transform(
        &plan,
        b"::1\t200\tGET\n::1\tx\tGET\n::1\t404\tGET\n",
        vec![],
        10,
    );
    assert_eq!((batches[0].rows.len(), batches[0].failures.len()), (2, 1));
}

#[test]
fn wrong_selections_and_texts_are_refused() {
    let config = "layouts = [{ fields = [\"c-ip\", \"sc-status\"] }]";
    let message =
        |config: &str, columns| compile(config, columns).expect_err("refused").to_string();
    assert_eq!(
        message(config, Some(&["c_ip", "sc-status"])),
        "columns[1]: unknown column \"sc-status\"; did you mean \"sc_status\"?"
    );
    assert_eq!(
        message(config, Some(&["c_ip", "c_ip"])),
        "columns[1]: column \"c_ip\" is selected twice"
    );
    assert_eq!(
        message(&format!("{config}\noutput.values = \"text\""), None),
        "output.values: columns have types, and \"text\" has none; leave it out, or transform into documents"
    );
}

#[test]
fn many_failures_complete_a_batch() {
    let config = "layouts = [{ fields = [\"c-ip\", \"sc-status\"] }]";
    let plan = compile(config, None).expect("a plan");
    let (batches, counts) = transform(&plan, &b"x\n".repeat(25), vec![], 10);
    let failures: Vec<usize> = batches.iter().map(|batch| batch.failures.len()).collect();
    assert_eq!(failures, [10, 10, 5]);
    assert_eq!(counts.failed(), 25);
}

#[test]
fn large_failures_complete_a_batch() {
    let config = "layouts = [{ fields = [\"c-ip\", \"sc-status\"] }]";
    let plan = compile(config, None).expect("a plan");
    let line = format!("{}\n", "x".repeat(1 << 20));
    let (batches, counts) = transform(&plan, line.repeat(70).as_bytes(), vec![], 1000);
    let failures: Vec<usize> = batches.iter().map(|batch| batch.failures.len()).collect();
    assert_eq!(failures, [64, 6]);
    assert_eq!(counts.failed(), 70);
}
