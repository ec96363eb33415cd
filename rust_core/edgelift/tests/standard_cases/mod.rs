//! Generated configurations and logs of standard and connection logs.

use proptest::prelude::*;

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

pub(crate) fn names() -> impl Strategy<Value = Vec<&'static str>> {
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

pub(crate) fn row() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(value(), NAMES.len())
}

pub(crate) fn config(format: &'static str) -> impl Strategy<Value = String> {
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

pub(crate) fn json(names: &[&str], row: &[String]) -> Vec<u8> {
    let members = names.iter().zip(row);
    let members: Vec<String> = members
        .map(|(name, value)| format!("\"{name}\":{}", serde_json::Value::from(&**value)))
        .collect();
    format!("{{{}}}", members.join(",")).into_bytes()
}

/// Generates one or more concatenated logs: with and without version, with damaged headers, and JSON between them.
pub(crate) fn text() -> impl Strategy<Value = Vec<u8>> {
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
