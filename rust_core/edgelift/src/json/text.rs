//! A string of a JSON text.

use std::borrow::Cow;

/// A string: what stands between its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) raw: &'a [u8],
    pub(super) escaped: bool,
}

impl<'a> Text<'a> {
    /// A string that is what stands between its quotes.
    pub(crate) const fn plain(raw: &'a [u8]) -> Self {
        let escaped = false;
        Self { raw, escaped }
    }

    /// Whether the string is what stands between its quotes.
    pub(crate) const fn is_plain(self) -> bool {
        !self.escaped
    }

    /// The string itself in UTF-8, but for halves of a surrogate pair, which stay as three bytes each.
    pub(crate) fn decoded(self) -> Cow<'a, [u8]> {
        if self.escaped {
            Cow::Owned(unescape(self.raw))
        } else {
            Cow::Borrowed(self.raw)
        }
    }

    /// Adds the same to a buffer.
    pub(crate) fn push_to(self, buffer: &mut Vec<u8>) {
        if self.escaped {
            unescape_to(self.raw, buffer);
        } else {
            buffer.extend_from_slice(self.raw);
        }
    }

    /// The string for people.
    pub(crate) fn shown(self) -> String {
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
    while let Some(place) = memchr::memchr(b'\\', rest) {
        text.extend_from_slice(&rest[..place]);
        let letter = rest[place + 1];
        rest = &rest[place + 2..];
        let plain = match letter {
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
        text.push(plain);
    }
    text.extend_from_slice(rest);
}

/// The second half of a surrogate pair, if this is the first and an escape of the second follows.
fn low_surrogate(unit: u32, rest: &[u8]) -> Option<u32> {
    let escape = rest.strip_prefix(b"\\u")?;
    let low = four_digits(escape)?;
    ((0xd800..0xdc00).contains(&unit) && (0xdc00..0xe000).contains(&low)).then_some(low)
}

fn push_unit(text: &mut Vec<u8>, unit: u32) {
    let Some(character) = char::from_u32(unit) else {
        // Half a pair: as UTF-8 would have it if it were a character, so that equal strings stay equal.
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

/// The number of a `\u` escape.
pub(super) fn four_digits(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..4)?;
    digits.iter().try_fold(0, |number, &digit| {
        Some(number * 16 + char::from(digit).to_digit(16)?)
    })
}
