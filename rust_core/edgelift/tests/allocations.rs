//! Counts allocations: the work per record allocates nothing.

#![expect(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use edgelift::bulk::Bulk;
use edgelift::config::Config;
use edgelift::event::RecordTransformer;
use edgelift::lines::Stream;
use edgelift::plan::Plan;
use edgelift::record::{OutputBuffer, Scratch, transform};

struct Counting;

thread_local! {
    // Per thread, because that of the test harness allocates at any time.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    /// Bytes allocated now and at most; other threads may free bytes that this one allocated.
    static HELD: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

fn count_one(freed: usize, bytes: usize) {
    ALLOCATIONS.set(ALLOCATIONS.get() + 1);
    HELD.set(HELD.get().wrapping_sub(freed).wrapping_add(bytes));
    PEAK.set(PEAK.get().max(HELD.get()));
}

// SAFETY: every call goes to the system's allocator with the arguments of the caller.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count_one(0, layout.size());
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.set(HELD.get().wrapping_sub(layout.size()));
        // SAFETY: the pointer came from `alloc` above, and so from the system's allocator.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count_one(layout.size(), size);
        // SAFETY: as for `dealloc`; the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const RECORDED: &[u8] = include_bytes!("../../../tests/fixtures/realtime/kds-2022-45col.tsv");

fn recorded_plan(options: &str) -> Plan {
    let later = [
        "primary-distribution-id",
        "primary-distribution-dns-name",
        "origin-fbl",
        "origin-lbl",
        "asn",
    ];
    let launch = edgelift::fields::realtime_fields()
        .filter(|field| field.position <= 41 && field.name != "s-ip")
        .map(|field| field.name);
    let fields: Vec<&str> = launch.chain(later).collect();
    let config = format!("[[layouts]]\nfields = {fields:?}\n{options}");
    Plan::compile(&Config::parse(&config).expect("TOML")).expect("a plan")
}

/// Counts the allocations of work that has been done twice before.
fn allocations(mut work: impl FnMut()) -> usize {
    work();
    work();
    let before = ALLOCATIONS.get();
    for _ in 0..100 {
        work();
    }
    ALLOCATIONS.get() - before
}

#[test]
fn a_row_of_a_standard_log_allocates_nothing() {
    let log = include_bytes!("../../../tests/fixtures/standard/v1-2014-24col-double-encoded.log");
    let rows = log.iter().rposition(|&byte| byte == b'\n').expect("rows");
    let config = Config::parse("[input]\nformat = \"standard\"").expect("TOML");
    let plan = Arc::new(Plan::compile(&config).expect("a plan"));
    let (mut stream, mut documents, mut failures) =
        (Stream::new(plan), OutputBuffer::default(), Vec::new());
    stream.feed(&log[..=rows], &mut documents, &mut failures);
    let last = [&log[rows + 1..], b"\n"].concat();
    let made = allocations(|| {
        documents.clear();
        stream.feed(&last, &mut documents, &mut failures);
    });
    assert_eq!((made, failures.len()), (0, 0));
    assert!(
        documents
            .as_bytes()
            .starts_with(b"{\"timestamp\":1400807592000,")
    );
}

#[test]
fn a_json_record_allocates_nothing() {
    let records = include_str!("../../../tests/fixtures/standard/v2-json-firehose.jsonl");
    let config = Config::parse("[input]\nformat = \"standard\"").expect("TOML");
    let plan = Plan::compile(&config).expect("a plan");
    let mut transformer = RecordTransformer::new(&plan);
    let mut data: Vec<String> = records
        .lines()
        .map(|record| base64_simd::STANDARD.encode_to_string(record))
        .collect();
    // A second key list, and a tab.
    data.push(base64_simd::STANDARD.encode_to_string(br#"{"asn":"1","cs(Cookie)":"a\tb"}"#));
    let made = allocations(|| {
        for data in &data {
            assert!(transformer.transform(&plan, data.as_bytes()).is_ok());
            assert!(!transformer.encoded().is_empty());
        }
    });
    assert_eq!(made, 0);
}

/// Returns a record with unique keys.
fn record_with_unique_keys(own: usize, count: usize) -> String {
    let keys: Vec<String> = (0..count)
        .map(|key| format!("\"{own}-{key}\":\"\""))
        .collect();
    format!("{{\"asn\":\"1\",{}}}", keys.join(","))
}

#[test]
fn alternating_key_lists_are_compiled_once() {
    let config = Config::parse("[input]\nformat = \"standard\"").expect("TOML");
    let plan = Plan::compile(&config).expect("a plan");
    let (mut scratch, mut documents) = (Scratch::new(&plan), OutputBuffer::default());
    let records: Vec<String> = (0..60).map(|own| record_with_unique_keys(own, 5)).collect();
    let made = allocations(|| {
        for record in &records {
            documents.clear();
            assert!(transform(&plan, record.as_bytes(), &mut scratch, &mut documents).is_ok());
        }
    });
    assert_eq!(made, 0);
}

#[test]
fn the_plan_cache_is_limited_for_long_key_lists() {
    let config = Config::parse("[input]\nformat = \"standard\"").expect("TOML");
    let plan = Plan::compile(&config).expect("a plan");
    let (mut scratch, mut documents) = (Scratch::new(&plan), OutputBuffer::default());
    let mut after = |own| {
        documents.clear();
        let record = record_with_unique_keys(own, 10_000);
        assert!(transform(&plan, record.as_bytes(), &mut scratch, &mut documents).is_ok());
        drop(record);
        HELD.get()
    };
    let first = after(0);
    let last = (1..20).map(&mut after).last().expect("some");
    assert!(last < 2 * first, "{first} bytes, then {last}");
}

fn bulk_stream(fields: &str) -> Stream {
    let config = Config::parse(&format!("[[layouts]]\nfields = {fields}")).expect("TOML");
    let plan = Arc::new(Plan::compile(&config).expect("a plan"));
    let bulk = Bulk::new(&plan, None).expect("a layout with time");
    Stream::bulk(plan, bulk)
}

#[test]
fn an_action_allocates_nothing() {
    let mut stream = bulk_stream("[\"timestamp\", \"x-edge-request-id\"]");
    let (mut documents, mut failures) = (OutputBuffer::default(), Vec::new());
    // Two ids, and a repeated line without one; on alternating days.
    let rows = b"1700000000.1\ta==\n1700100000.1\t\"\n1700000000.1\t-\n";
    let made = allocations(|| {
        documents.clear();
        stream.feed(rows, &mut documents, &mut failures);
    });
    assert_eq!((made, failures.len()), (0, 0));
    assert!(documents.as_bytes().starts_with(b"{\"create\":{"));
}

/// Holds the figure in docs/bulk.md for the memory of lines without an id.
#[test]
fn a_line_without_an_id_uses_the_documented_memory() {
    const HELD_A_LINE: usize = 58;
    const MOST_A_LINE: usize = 86;
    // One more makes the hash table grow, so that it is as empty as possible.
    const LINES: usize = (1 << 16) / 8 * 7;
    let mut stream = bulk_stream("[\"timestamp\"]");
    let (mut documents, mut failures) = (OutputBuffer::default(), Vec::new());
    stream.feed(b"0\n", &mut documents, &mut failures);
    let before = HELD.get();
    PEAK.set(before);
    for line in 1..=LINES {
        documents.clear();
        stream.feed(
            format!("{line}\n").as_bytes(),
            &mut documents,
            &mut failures,
        );
    }
    assert!(documents.as_bytes().windows(5).any(|end| end == b"-1\"}}"));
    let (held, most) = (HELD.get() - before, PEAK.get() - before);
    assert!(
        (HELD_A_LINE - 5) * LINES < held && held <= HELD_A_LINE * LINES,
        "{held}"
    );
    assert!(most <= MOST_A_LINE * LINES, "{most}");
    // Equal lines use no more memory.
    let made = allocations(|| {
        documents.clear();
        stream.feed(b"1\n", &mut documents, &mut failures);
    });
    assert_eq!((made, failures.len()), (0, 0));
}

#[test]
fn a_record_allocates_nothing() {
    let bad: Vec<u8> = RECORDED
        .iter()
        .copied()
        .filter(|byte| *byte != b'.')
        .collect();
    for options in [
        "",
        "[output]\nnames = \"otel\"\nmissing = \"null\"",
        "[input]\nbad_value = \"keep\"",
    ] {
        let plan = recorded_plan(options);
        let (mut scratch, mut documents) = (Scratch::new(&plan), OutputBuffer::default());
        let mut transformer = RecordTransformer::new(&plan);
        let data = base64_simd::STANDARD.encode_to_string(RECORDED);
        let mut work = |times| {
            for _ in 0..times {
                for record in [RECORDED, &bad, b"", b"1\t2"] {
                    documents.clear();
                    let _ = transform(&plan, record, &mut scratch, &mut documents);
                }
                assert!(transformer.transform(&plan, data.as_bytes()).is_ok());
                assert!(!transformer.encoded().is_empty());
            }
        };
        work(2);
        let before = ALLOCATIONS.get();
        assert_ne!(before, 0, "making a plan allocates");
        work(100);
        assert_eq!(ALLOCATIONS.get() - before, 0, "with {options:?}");
    }
}
