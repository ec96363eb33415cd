//! Strings within JSON texts.

use std::borrow::Cow;

/// A string, as the bytes between its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) raw: &'a [u8],
    pub(super) escaped: bool,
}

impl<'a> Text<'a> {
    /// Wraps a string without escapes.
    pub(crate) const fn plain(raw: &'a [u8]) -> Self {
        Self {
            raw,
            escaped: false,
        }
    }

    /// Returns true if the string has no escapes.
    pub(crate) const fn is_plain(self) -> bool {
        !self.escaped
    }

    /// Returns the string in UTF-8. Lone surrogates become three bytes each, as UTF-8 would encode them.
    pub(crate) fn decoded(self) -> Cow<'a, [u8]> {
        if self.escaped {
            Cow::Owned(unescape(self.raw))
        } else {
            Cow::Borrowed(self.raw)
        }
    }

    /// Appends the decoded string to a buffer.
    pub(crate) fn push_to(self, buffer: &mut Vec<u8>) {
        if self.escaped {
            unescape_to(self.raw, buffer);
        } else {
            buffer.extend_from_slice(self.raw);
        }
    }

    /// Returns the string for a message; lone surrogates are replaced.
    pub(crate) fn to_display(self) -> String {
        String::from_utf8_lossy(&self.decoded()).into_owned()
    }
}

#[cold]
fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    unescape_to(raw, &mut text);
    text
}

fn unescape_to(raw: &[u8], text: &mut Vec<u8>) {
    let mut rest = raw;
    while let Some(backslash) = memchr::memchr(b'\\', rest) {
        text.extend_from_slice(&rest[..backslash]);
        let letter = rest[backslash + 1];
        rest = &rest[backslash + 2..];
        let byte = match letter {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let mut unit = four_digits(rest).unwrap_or(0);
                rest = &rest[4..];
                if let Some(low) = low_surrogate(unit, rest) {
                    unit = 0x1_0000 + ((unit - 0xd800) << 10 | (low - 0xdc00));
                    rest = &rest[6..];
                }
                push_unit(text, unit);
                continue;
            }
            other => other,
        };
        text.push(byte);
    }
    text.extend_from_slice(rest);
}

/// Returns the low surrogate if `unit` is a high one and the escape of a low one follows.
fn low_surrogate(unit: u32, rest: &[u8]) -> Option<u32> {
    let escape = rest.strip_prefix(b"\\u")?;
    let low = four_digits(escape)?;
    ((0xd800..0xdc00).contains(&unit) && (0xdc00..0xe000).contains(&low)).then_some(low)
}

fn push_unit(text: &mut Vec<u8>, unit: u32) {
    let Some(character) = char::from_u32(unit) else {
        // A lone surrogate, encoded as if it were a character, so that different strings stay different.
        let [.., high, low] = unit.to_be_bytes();
        text.extend([
            0xe0 | high >> 4,
            0x80 | (high & 0xf) << 2 | low >> 6,
            0x80 | low & 0x3f,
        ]);
        return;
    };
    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Parses the four digits of a `\u` escape.
pub(super) fn four_digits(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..4)?;
    digits.iter().try_fold(0, |number, &digit| {
        Some(number * 16 + char::from(digit).to_digit(16)?)
    })
}
