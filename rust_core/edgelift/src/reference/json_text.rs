//! JSON texts, by RFC 8259.

/// Returns true if a text consists of JSON objects.
pub(super) fn is_objects(text: &[u8]) -> bool {
    let Ok(mut rest) = std::str::from_utf8(text) else {
        return false;
    };
    loop {
        match after_blanks(rest) {
            "" => return true,
            object if object.starts_with('{') => match after_value(object) {
                Some(after) => rest = after,
                None => return false,
            },
            _ => return false,
        }
    }
}

fn after_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}

/// Returns what follows the value at the beginning of a text, or `None` if there is none.
fn after_value(text: &str) -> Option<&str> {
    let text = after_blanks(text);
    match text.chars().next()? {
        '{' => after_items(&text[1..], '}', |text| {
            let value = after_blanks(after_string(text)?).strip_prefix(':')?;
            after_value(value)
        }),
        '[' => after_items(&text[1..], ']', after_value),
        '"' => after_string(text),
        't' => text.strip_prefix("true"),
        'f' => text.strip_prefix("false"),
        'n' => text.strip_prefix("null"),
        _ => after_number(text),
    }
}

/// Returns what follows the bracket that closes these members or items.
fn after_items(text: &str, close: char, after_item: impl Fn(&str) -> Option<&str>) -> Option<&str> {
    let mut rest = after_blanks(text);
    if let Some(after) = rest.strip_prefix(close) {
        return Some(after);
    }
    loop {
        rest = after_blanks(after_item(after_blanks(rest))?);
        if let Some(after) = rest.strip_prefix(close) {
            return Some(after);
        }
        rest = rest.strip_prefix(',')?;
    }
}

fn after_string(text: &str) -> Option<&str> {
    let mut rest = text.strip_prefix('"')?;
    loop {
        let mut chars = rest.chars();
        match chars.next()? {
            '"' => return Some(chars.as_str()),
            '\\' => match chars.next()? {
                'u' => {
                    let digits = chars.as_str().get(..4)?;
                    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                        return None;
                    }
                    rest = &chars.as_str()[4..];
                    continue;
                }
                '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => {}
                _ => return None,
            },
            c if c < ' ' => return None,
            _ => {}
        }
        rest = chars.as_str();
    }
}

fn after_number(text: &str) -> Option<&str> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let mut rest = text.strip_prefix('0').or_else(|| after_digits(text))?;
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = after_digits(fraction)?;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        rest = after_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))?;
    }
    Some(rest)
}

fn after_digits(text: &str) -> Option<&str> {
    let after = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (after.len() < text.len()).then_some(after)
}
