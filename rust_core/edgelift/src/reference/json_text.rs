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
    quoted(text).map(|(_, after)| after)
}

/// Parses a string. Returns its text and the rest of the input.
pub(super) fn quoted(json: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut units: Vec<u16> = Vec::new();
    let mut rest = json.strip_prefix('"')?;
    loop {
        let escape = rest.strip_prefix("\\u");
        if let Some(digits) = escape.and_then(|digits| digits.get(..4))
            && digits.chars().all(|digit| digit.is_ascii_hexdigit())
        {
            units.push(u16::from_str_radix(digits, 16).ok()?);
            rest = &rest[6..];
            continue;
        }
        // A lone surrogate becomes three bytes, none of them valid UTF-8.
        for unit in char::decode_utf16(units.drain(..)) {
            match unit {
                Ok(character) => text.push(character),
                Err(_) => text.push_str("\u{fffd}\u{fffd}\u{fffd}"),
            }
        }
        let mut characters = rest.chars();
        match characters.next()? {
            '"' => return Some((text, characters.as_str())),
            '\\' => text.push(match characters.next()? {
                plain @ ('"' | '\\' | '/') => plain,
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                _ => return None,
            }),
            '\0'..' ' => return None,
            plain => text.push(plain),
        }
        rest = characters.as_str();
    }
}

/// Returns what follows the number at the beginning of a text.
pub(super) fn after_number(text: &str) -> Option<&str> {
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
