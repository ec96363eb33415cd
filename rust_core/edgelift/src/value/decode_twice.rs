//! Texts that were percent-encoded twice, such as the user agents in CloudFront's old standard logs.

use wide::i8x16;

use super::escapes::{self, decode_hex};
use super::write;

/// Returns true if decoding left `%20` and no blank. `out[at..end]` is the text decoded once.
#[inline]
pub(crate) fn looks_encoded_twice(out: &[u8], at: usize, end: usize) -> bool {
    // Nearly every user agent has a blank within its first bytes.
    if at + FIRST <= end && has_blank(write::window(&out[at..])) {
        return false;
    }
    has_only_encoded_blanks(&out[at..end])
}

const FIRST: usize = 16;

#[inline]
fn has_blank(bytes: &[u8; FIRST]) -> bool {
    let bytes = i8x16::from(bytes.map(u8::cast_signed));
    bytes.simd_eq(i8x16::splat(b' '.cast_signed())).any()
}

#[inline(never)]
fn has_only_encoded_blanks(text: &[u8]) -> bool {
    memchr::memchr(b' ', text).is_none() && text.windows(3).any(|part| part == b"%20")
}

/// Writes a text decoded twice. Returns its end.
#[inline(never)]
pub(crate) fn decode_twice(raw: &[u8], out: &mut [u8], at: usize) -> usize {
    /// Maximum number of output bytes per byte: `\u00xx`. The output after them is free for decoding.
    const MAX_ESCAPE: usize = 6;
    let (target, rest) = out[at..].split_at_mut(raw.len() * MAX_ESCAPE);
    let text = &mut rest[..raw.len()];
    text.copy_from_slice(raw);
    let once = unescape(text);
    let twice = unescape(&mut text[..once]);
    let mut to = 0;
    for chunk in text[..twice].utf8_chunks() {
        for &byte in chunk.valid().as_bytes() {
            to = write_escaped(byte, target, to);
        }
        if !chunk.invalid().is_empty() {
            to = write::bytes(target, to, "\u{fffd}".as_bytes());
        }
    }
    at + to
}

/// Percent-decodes in place. Returns the new length.
fn unescape(text: &mut [u8]) -> usize {
    let (mut from, mut to) = (0, 0);
    while from < text.len() {
        let escaped = match text[from..] {
            [b'%', high, low, ..] => u8::try_from(decode_hex(high, low)).ok(),
            _ => None,
        };
        text[to] = escaped.unwrap_or(text[from]);
        from += if escaped.is_some() { 3 } else { 1 };
        to += 1;
    }
    to
}

/// Writes a byte of a JSON string, escaped if necessary.
fn write_escaped(byte: u8, out: &mut [u8], at: usize) -> usize {
    match escapes::json(byte) {
        (_, 0) => write::byte(out, at, byte),
        (escape, len) => write::bytes(out, at, &escape[..len]),
    }
}
