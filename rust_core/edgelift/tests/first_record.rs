//! The first record of a file: for each pair of lines that a viewer or another program may have written at its
//! beginning, the engine equals the reference, in one chunk and byte by byte.

use std::sync::Arc;

use edgelift::config::Config;
use edgelift::error::Reason;
use edgelift::lines::{Failure, Stream};
use edgelift::plan::Plan;
use edgelift::record::OutputBuffer;
use edgelift::reference;

const CONFIGS: [&str; 4] = [
    "[[layouts]]\nfields = [\"cs-uri-query\"]",
    "[[layouts]]\nfields = [\"timestamp\", \"c-ip\", \"sc-status\"]",
    "[input]\ndelimiter = \"|\"\norder = \"as_written\"\n[[layouts]]\nfields = [\"cs-uri-query\", \"cs-uri-stem\"]",
    "[input]\nmax_record_bytes = 40\norder = \"as_written\"\n\
     [[custom_fields]]\nname = \"x-a\"\nkind = \"text\"\nafter = \"asn\"\n\
     [[layouts]]\nfields = [\"x-a\", \"c-ip\", \"sc-status\"]\n[[layouts]]\nfields = [\"x-a\", \"c-ip\"]",
];

const FIRST: [&str; 48] = [
    "\n",
    "#Fields: asn c-ip\n",
    "#Fields:\tasn\tc-ip\n",
    "#Fields:asn\tc_ip\n",
    "#Fields:asn c-ip\n",
    "#Fields:x c-ip\n",
    "#Fields:x\t::1\t200\n",
    "#Fields:x\t::1\t2x0\n",
    "#Fields:\t::1\t2x0\n",
    "#Fields:\tx\n",
    "#Fields:\n",
    "#Fields: \n",
    "#Fields:asn|c-ip\n",
    "#Fields: asn|c-ip\n",
    "# Fields:\tx\ty\n",
    "#Fields: asn c-ip sc-status cs-uri-stem cs-method\n",
    "#Fields:asn c-ip sc-status cs-uri-stem cs-method\n",
    "#Version: 1.0\n",
    "#version: 1.0 \r\n",
    "#Version:1.0\n",
    "#Version: x\n",
    "#Version:\t::1\t2x0\n",
    "#Version: 1.0\t::1\n",
    "#note:x\n",
    "#note:x\t::1\t2x0\n",
    "#note:x\t::1\t200\n",
    "#note: x\ty\n",
    "#note:asn-c-ip-sc-status-cs-uri-stem-cs-method\n",
    "#note: asn-c-ip-sc-status-cs-uri-stem-cs-method\n",
    "#abcdefghijabcdefghijabcdefghijab: 12345678\n",
    "# a b\n",
    "#a\tb\n",
    "#a\t::1\t200\n",
    "{x\t::1\t200\n",
    "{x\t::1\t2x0\n",
    "{x\n",
    "{}\n",
    "{\t}\n",
    " {x\n",
    "{}\t::1\t200\n",
    "{\"asn\":\"7\"}\n",
    " {\"asn\":7}\t\n",
    "{\"asn\":{\"a\":[1,-2.5e3,\"\\u00e9\",true,null]}}\n",
    "{\"asn\":\"7\"\n",
    "{\"asn\":\"7\"} x\n",
    "{\"asn\":01}\n",
    "{\"asn\":\"7\",\"c-ip\":\"::1\",\"sc-status\":\"200\"}\n",
    "x\t::1\t200\n",
];

const LAST: [&str; 5] = [
    "7\t::1\n",
    "{\"asn\":\"7\"}\n",
    "1700000000.123\t::1\t200\n",
    "x\t::1\t200\n",
    "#Fields: asn\n",
];

/// Returns the documents and the reasons of the failures of files in chunks of this many bytes.
fn read(plan: &Arc<Plan>, files: &[&str], piece: usize) -> (String, Vec<Reason>) {
    let mut stream = Stream::new(Arc::clone(plan));
    let (mut documents, mut failures) = (OutputBuffer::default(), Vec::<Failure>::new());
    for file in files {
        stream.begin_file(&mut documents, &mut failures);
        for piece in file.as_bytes().chunks(piece) {
            stream.feed(piece, &mut documents, &mut failures);
        }
    }
    stream.finish(&mut documents, &mut failures);
    let documents = String::from_utf8(documents.as_bytes().to_vec()).expect("UTF-8");
    let reasons = failures.iter().map(|failure| failure.error.reason);
    (documents, reasons.collect())
}

/// Returns the same by the reference.
fn expected(plan: &Plan, files: &[&str]) -> (String, Vec<Reason>) {
    let (mut documents, mut reasons) = (String::new(), Vec::new());
    for file in files {
        for result in reference::lines(plan, file.as_bytes()) {
            match result {
                Ok(document) => documents.extend([&document, "\n"]),
                Err(reason) => reasons.push(reason),
            }
        }
    }
    (documents, reasons)
}

fn plans() -> impl Iterator<Item = Arc<Plan>> {
    CONFIGS.iter().map(|config| {
        let plan = Plan::compile(&Config::parse(config).expect("TOML")).expect("a plan");
        Arc::new(plan)
    })
}

#[test]
fn the_engine_equals_the_reference() {
    for plan in plans() {
        for first in FIRST {
            for second in FIRST {
                for last in LAST {
                    let text = format!("{first}{second}{last}");
                    let expected = expected(&plan, &[&text]);
                    assert_eq!(read(&plan, &[&text], text.len()), expected, "{text:?}");
                    assert_eq!(read(&plan, &[&text], 1), expected, "{text:?}");
                }
            }
        }
    }
}

#[test]
fn each_file_of_an_archive_is_read_by_its_own_first_record() {
    for plan in plans() {
        for first in FIRST {
            for second in FIRST {
                for last in LAST {
                    let file = format!("{first}{last}");
                    let files = [file.trim_end_matches('\n'), &format!("{second}{last}")];
                    let expected = expected(&plan, &files);
                    assert_eq!(read(&plan, &files, 100), expected, "{files:?}");
                    assert_eq!(read(&plan, &files, 1), expected, "{files:?}");
                }
            }
        }
    }
}
