//! Generated configurations and records of real-time logs.

use proptest::prelude::*;

/// Layouts with every kind; the second and third have the same number of columns.
const LAYOUTS: [&str; 7] = [
    r#"["timestamp", "c-ip", "sc-status", "sc-bytes", "cs-uri-stem", "time-taken", "x-forwarded-for"]"#,
    r#"["timestamp", "cs-method", "cs-protocol-version", "cs-headers", "cs-header-names", "cs-headers-count"]"#,
    r#"["timestamp", "c-ip", "cs-method", "ssl-protocol", "cmcd-buffer-starvation", "cmcd-version"]"#,
    r#"["sc-bytes", "cs-user-agent"]"#,
    // Not in CloudFront's order: the count comes before what it counts.
    r#"["cs-headers-count", "cs-header-names", "cs-headers", "timestamp"]"#,
    r#"["x-new", "cs-cookie", "timestamp"]"#,
    // And a custom field of any kind.
    r#"["x-any", "cs-headers", "cs-headers-count", "cs-cookie"]"#,
];

/// Generates configurations.
pub(crate) fn plan() -> impl Strategy<Value = String> {
    let pick = |names: &'static [&'static str]| prop::sample::select(names);
    (
        prop::sample::subsequence(&LAYOUTS[..], 1..=5),
        pick(&["fail", "keep"]),
        pick(&["cloudfront", "snake", "ecs", "otel"]),
        pick(&["typed", "text"]),
        pick(&["omit", "null", "keep"]),
        any::<bool>(),
        pick(&["epoch_millis", "iso8601", "verbatim"]),
        pick(&["64", "1048576"]),
        pick(&["cloudfront", "as_written"]),
        (
            pick(&[
                "timestamp", "integer", "status", "decimal", "boolean", "address", "text", "keyword", "list",
                "names", "headers", "headers",
            ]),
            pick(&["c-ip", "cs-headers", "cs-headers-count", "cs-header-names"]),
        ),
    )
        .prop_map(|(layouts, bad, names, values, missing, decode, timestamp, most, order, any)| {
            let layouts: Vec<String> =
                layouts.iter().map(|fields| format!("[[layouts]]\nfields = {fields}\n")).collect();
            let layouts = layouts.concat();
            format!(
                "{layouts}[[custom_fields]]\nname = \"x-new\"\nkind = \"decimal\"\nafter = \"asn\"\n\
                 [[custom_fields]]\nname = \"x-any\"\nkind = \"{}\"\nafter = \"{}\"\n\
                 [input]\norder = \"{order}\"\nbad_value = \"{bad}\"\nmax_record_bytes = {most}\n[output]\n\
                 names = \"{names}\"\nvalues = \"{values}\"\nmissing = \"{missing}\"\ndecode = {decode}\n\
                 timestamp = \"{timestamp}\"",
                any.0, any.1
            )
        })
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::sample::select(&[
            "-", "", "1700000000.123", "0.001", "200", "000", "1.2.3.4", "::ffff:1.2.3.4", "GET", "HTTP/2.0",
            "TLSv1.3", "13", "-007", "9223372036854775808", "00.50", "true", "0", "%2D",
        ][..]).prop_map(|text| text.as_bytes().to_vec()),
        4 => "([a-zA-Z0-9/.:;,=&+ -]|%20|%0A|%0a|%25|%22|%3A|%C3%A9|%E4%BD%A0|%F0%9F%98%80|%FF|%|%2|%zz|\\\\x20){0,40}"
            .prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>().prop_filter("no tab", |byte| *byte != b'\t'), 0..80),
        1 => "[a-z]{60,140}(%20[a-z]{0,70}){0,3}".prop_map(String::into_bytes),
    ]
}

/// Generates records that may fit or not.
pub(crate) fn record() -> impl Strategy<Value = Vec<u8>> {
    let end = prop::sample::select(&["", "\n", "\r\n", "\r"][..]);
    (prop::collection::vec(value(), 1..9), end)
        .prop_map(|(values, end)| [values.join(&b'\t'), end.into()].concat())
}
