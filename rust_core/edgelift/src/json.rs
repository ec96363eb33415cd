//! JSON strings the plain way, for keys, messages and the reference; values have `value::text`. What is read has
//! `scanner`.

pub(crate) mod blocks;
pub(crate) mod scanner;
mod text;

use std::fmt::Write as _;

pub use scanner::Invalid;
pub(crate) use text::Text;

/// A text as a JSON string.
pub(crate) fn string(text: &str) -> String {
    let mut json = String::new();
    push_string(&mut json, text);
    json
}

/// A text as a JSON string in ASCII, as the runtime client writes it.
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

/// Adds a text as a JSON string.
pub(crate) fn push_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\u{8}' => json.push_str("\\b"),
            '\t' => json.push_str("\\t"),
            '\n' => json.push_str("\\n"),
            '\u{c}' => json.push_str("\\f"),
            '\r' => json.push_str("\\r"),
            '\0'..'\u{20}' => {
                let _ = write!(json, "\\u{:04x}", u32::from(character));
            }
            _ => json.push(character),
        }
    }
    json.push('"');
}
