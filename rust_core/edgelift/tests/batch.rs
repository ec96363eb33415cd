//! Compares a batch of records that a caller has decoded with the raw event of the same records.

use std::borrow::Cow;

use base64_simd::STANDARD;
use edgelift::config::Config;
use edgelift::event::{
    Batch, Memory, Outcome, Record, RecordTransformer, Report, Style, missing_data, serialized_len,
    transform,
};
use edgelift::limits::MAX_RESPONSE_BYTES;
use edgelift::plan::Plan;
use serde_json::{Value, json};

/// A record as text.
#[derive(Clone)]
struct TextRecord {
    id: String,
    data: Option<String>,
}

impl Record for TextRecord {
    type Key = String;

    fn key(&self) -> String {
        self.id.clone()
    }

    fn id(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.id.as_bytes())
    }

    fn id_len(&self, id: &[u8]) -> usize {
        serialized_len(id, Style::Compact)
    }

    fn data(&self) -> Result<Cow<'_, [u8]>, String> {
        let data = self.data.as_ref().ok_or_else(missing_data)?;
        Ok(Cow::Borrowed(data.as_bytes()))
    }

    fn data_len(&self) -> usize {
        let quoted = |data: &String| serialized_len(data.as_bytes(), Style::Compact) - 2;
        self.data.as_ref().map_or(0, quoted)
    }
}

/// Returns a plan with an overflow policy in TOML, options of the policy included.
fn plan(policy: &str) -> Plan {
    let config = format!(
        "[[layouts]]\nfields = [\"timestamp\", \"c-ip\", \"cs-uri-stem\", \"cs-cookie\"]\n\
         [overflow]\npolicy = {policy}\n\
         [firehose.partition_keys]\nip = \"c-ip\""
    );
    Plan::compile(&Config::parse(&config).expect("TOML")).expect("a plan")
}

fn row(id: &str, path_bytes: usize, cookie_bytes: usize) -> TextRecord {
    let (path, cookie) = ("/".repeat(path_bytes), "c".repeat(cookie_bytes));
    let row = format!("1700000000\t192.0.2.1\t{path}\t{cookie}\n");
    TextRecord {
        id: id.to_owned(),
        data: Some(STANDARD.encode_to_string(row)),
    }
}

/// Returns records with repeated ids and with errors, followed by `count` large ones.
fn records(count: usize) -> Vec<TextRecord> {
    let failed = |id: &str, data: Option<&str>| TextRecord {
        id: id.to_owned(),
        data: data.map(str::to_owned),
    };
    let mut records = vec![
        row("2", 10, 10),
        row("1", 10, 10),
        row("2", 10, 10),
        failed("\"é\"", Some("no \"base64\"")),
        failed("4", None),
        failed("5", Some("YQ==")),
        row("1", 10, 10),
    ];
    records.extend((0..count).map(|index| row(&format!("large {index}"), 400_000, 100_000)));
    records
}

/// Returns answers and report of a batch, whose size is checked.
fn answer_batch(plan: &Plan, records: &[TextRecord]) -> (Value, Report) {
    let mut transformer = RecordTransformer::new(plan);
    let mut batch = Batch::new(plan, &mut transformer, Style::Compact, 0);
    let mut answers = Vec::new();
    for record in records {
        if let Some(outcome) = batch.push(record.clone()).expect("valid data") {
            answers.push(answer(&mut batch, answers.len(), outcome));
        }
    }
    for index in batch.fit(plan.firehose().policy()).expect("few records") {
        let outcome = batch.transform_again(index);
        answers[index] = answer(&mut batch, index, outcome);
    }
    let response = json!({ "records": answers });
    // A re-ingested record counts as failed with no data, which it becomes if the stream rejects it.
    let longest = response.to_string().replace("Dropped", "ProcessingFailed");
    let size = longest.len();
    assert!(
        size == batch.size() && size <= MAX_RESPONSE_BYTES,
        "{size} bytes"
    );
    (response, batch.into_report())
}

fn answer(batch: &mut Batch<'_, TextRecord>, index: usize, outcome: Outcome) -> Value {
    let record = batch.record(index);
    let mut answer = json!({"recordId": record.id, "result": outcome.result(), "data": ""});
    if let Outcome::Failed(_) = outcome {
        answer["data"] = json!(record.data.as_deref().unwrap_or(""));
    }
    if outcome.has_document() {
        answer["data"] = json!(String::from_utf8_lossy(batch.encoded()));
        let keys = batch
            .partitions()
            .map(|(key, value)| (key.to_owned(), json!(value)));
        answer["metadata"] = json!({"partitionKeys": Value::Object(keys.collect())});
    }
    answer
}

/// Returns answers and report of an event.
fn answer_event(plan: &Plan, records: &[TextRecord]) -> (Value, Report) {
    let records: Vec<Value> = records
        .iter()
        .map(|record| match &record.data {
            Some(data) => json!({"recordId": record.id, "data": data}),
            None => json!({"recordId": record.id}),
        })
        .collect();
    let event = json!({ "records": records }).to_string();
    let mut memory = Memory::new(plan);
    let response = transform(plan, event.as_bytes(), &mut memory, false).expect("an event");
    let bytes = response.bytes.expect("nothing is re-ingested");
    let answers = serde_json::from_slice(bytes).expect("JSON");
    (answers, response.report)
}

#[test]
fn batch_and_raw_event_give_the_same_answers_and_report() {
    for policy in ["\"fail\"", "\"slim\"\noptional = [\"cs-cookie\"]"] {
        let plan = plan(policy);
        for large in [0, 9, 11, 14] {
            let records = records(large);
            let (answers, report) = answer_batch(&plan, &records);
            let (expected, expected_report) = answer_event(&plan, &records);
            assert!(answers == expected, "{policy}, {large} large records");
            assert_eq!(report, expected_report);
            assert_eq!(report.duplicates, ["2", "1"]);
            assert_eq!(report.counts.read, 5 + large as u64);
        }
    }
}

#[test]
fn documents_that_do_not_fit_are_reingested_and_the_others_stay() {
    let plan = plan("\"reingest\"");
    let (answers, report) = answer_batch(&plan, &records(14));
    let results: Vec<&str> = answers["records"]
        .as_array()
        .expect("answers")
        .iter()
        .map(|answer| answer["result"].as_str().expect("a result"))
        .collect();
    let first_dropped = results.iter().position(|result| *result == "Dropped");
    let first_dropped = first_dropped.expect("a dropped record");
    assert!(
        results[first_dropped..]
            .iter()
            .all(|result| *result == "Dropped")
    );
    assert_eq!(report.reingested, (results.len() - first_dropped) as u64);
    assert_eq!(report.counts.failed(), 3);
}
