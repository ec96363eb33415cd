//! JSON: strings are written for keys, messages and the reference, texts are read by `scanner`.
//!
//! `value::write_string` writes the values of records.

pub(crate) mod blocks;
pub(crate) mod scanner;
mod template;
mod text;

use std::fmt::Write as _;

pub use scanner::Invalid;
pub(crate) use template::{Piece, Template};
pub(crate) use text::Text;

/// White space before an object that is recognized. A stream always keeps so many bytes of a line.
pub(crate) const MAX_BLANKS: usize = 64;

/// Returns true if a text begins with an object, after at most [`MAX_BLANKS`] of white space.
#[inline]
pub(crate) fn begins_object(text: &[u8]) -> bool {
    match text.first() {
        Some(b'{') => true,
        Some(b' ' | b'\t' | b'\r') => {
            let start = &text[..text.len().min(MAX_BLANKS + 1)];
            scanner::Scanner::new(start).peek_token() == Some(b'{')
        }
        _ => false,
    }
}

/// Returns true if a text consists of JSON objects.
pub(crate) fn is_objects(text: &[u8]) -> bool {
    let mut scanner = scanner::Scanner::new(text);
    while scanner.peek_token() == Some(b'{') {
        if scanner.skip_value().is_err() {
            return false;
        }
    }
    scanner.expect_end().is_ok()
}

/// Returns a text as a JSON string.
pub(crate) fn string(text: &str) -> String {
    let mut json = String::new();
    push_string(&mut json, text);
    json
}

/// Returns a text as a JSON string in ASCII, as Lambda's runtime client writes it.
pub(crate) fn ascii_string(text: &str) -> String {
    let mut json = String::new();
    for character in string(text).chars() {
        if matches!(character, '\0'..'\u{7f}') {
            json.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(json, "\\u{unit:04x}");
        }
    }
    json
}

/// Appends a text as a JSON string.
pub(crate) fn push_string(json: &mut String, text: &str) {
    json.push('"');
    let mut rest = text;
    while let Some(end) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
        let (plain, special) = rest.split_at(end);
        json.push_str(plain);
        match special.as_bytes()[0] {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            8 => json.push_str("\\b"),
            b'\t' => json.push_str("\\t"),
            b'\n' => json.push_str("\\n"),
            12 => json.push_str("\\f"),
            b'\r' => json.push_str("\\r"),
            control => {
                let _ = write!(json, "\\u{control:04x}");
            }
        }
        rest = &special[1..];
    }
    json.push_str(rest);
    json.push('"');
}
