//! Benchmarks of single kernels: `cargo bench -p edgelift`.

use std::sync::Arc;

use divan::Bencher;
use divan::counter::BytesCount;
use edgelift::config::Config;
use edgelift::event::RecordTransformer;
use edgelift::lines;
use edgelift::plan::Plan;
use edgelift::record::{OutputBuffer, Scratch, transform};
use edgelift::reference;

const RECORDED: &[u8] = include_bytes!("../../../tests/fixtures/realtime/redacted-2020-40col.tsv");

fn main() {
    divan::main();
}

/// Compiles the layout of the recorded row: the fields at launch, without s-ip.
fn plan() -> Arc<Plan> {
    let fields = edgelift::fields::realtime_fields().filter(|field| field.name != "s-ip");
    let fields: Vec<&str> = fields.take(40).map(|field| field.name).collect();
    let config = Config::parse(&format!("[[layouts]]\nfields = {fields:?}")).expect("TOML");
    let plan = Arc::new(Plan::compile(&config).expect("a plan"));
    let mut documents = OutputBuffer::default();
    transform(&plan, RECORDED, &mut Scratch::new(&plan), &mut documents).expect("a document");
    let slow = reference::transform(&plan, RECORDED).expect("a document");
    assert_eq!(
        documents.as_bytes(),
        slow.as_bytes(),
        "a wrong answer is not worth timing"
    );
    plan
}

#[divan::bench]
fn record(bencher: Bencher<'_, '_>) {
    let plan = plan();
    let (mut scratch, mut documents) = (Scratch::new(&plan), OutputBuffer::default());
    bencher
        .counter(BytesCount::new(RECORDED.len()))
        .bench_local(|| {
            documents.clear();
            transform(&plan, RECORDED, &mut scratch, &mut documents)
        });
}

#[divan::bench]
fn record_by_reference(bencher: Bencher<'_, '_>) {
    let plan = plan();
    bencher
        .counter(BytesCount::new(RECORDED.len()))
        .bench_local(|| reference::transform(&plan, RECORDED));
}

#[divan::bench]
fn thousand_lines(bencher: Bencher<'_, '_>) {
    let plan = plan();
    let text = RECORDED.repeat(1000);
    let (mut documents, mut failures) = (OutputBuffer::default(), Vec::new());
    bencher
        .counter(BytesCount::new(text.len()))
        .bench_local(|| {
            documents.clear();
            lines::transform(&plan, &text, &mut documents, &mut failures)
        });
}

#[divan::bench]
fn answer_in_base64(bencher: Bencher<'_, '_>) {
    let plan = plan();
    let mut transformer = RecordTransformer::new(&plan);
    let data = base64_simd::STANDARD.encode_to_string(RECORDED);
    bencher
        .counter(BytesCount::new(RECORDED.len()))
        .bench_local(|| {
            transformer
                .transform(&plan, data.as_bytes())
                .expect("a document");
            transformer.encoded().len()
        });
}

#[divan::bench]
fn compile_a_plan(bencher: Bencher<'_, '_>) {
    let text = "[[layouts]]\nfields = \"all\"\n[output]\nnames = \"ecs\"";
    bencher.bench_local(|| Plan::compile(&Config::parse(text).expect("TOML")).expect("a plan"));
}
