//! Characters outside ASCII. Each of their bytes may be raw or percent-encoded, so that they are read one by one.

use super::escapes::decode_hex;
use super::write;

/// U+FFFD in UTF-8.
const REPLACEMENT: [u8; 8] = [0xef, 0xbf, 0xbd, 0, 0, 0, 0, 0];

/// Returns the byte at an offset, raw or decoded, and the offset after it. Incomplete escapes are raw bytes.
#[inline(always)]
fn next_byte<const DECODE: bool>(bytes: &[u8], at: usize) -> (u8, usize) {
    let byte = bytes[at];
    if DECODE
        && byte == b'%'
        && let Some(&[_, high, low]) = bytes[at..].first_chunk()
        && let Ok(escaped) = u8::try_from(decode_hex(high, low))
    {
        return (escaped, at + 3);
    }
    (byte, at + 1)
}

/// Writes the character outside ASCII that a value begins with, or U+FFFD for the longest invalid prefix. Returns the
/// number of bytes read and written.
#[inline(never)]
pub(super) fn write_non_ascii<const DECODE: bool>(bytes: &[u8], out: &mut [u8]) -> (usize, usize) {
    let (first, mut read) = next_byte::<DECODE>(bytes, 0);
    // Length, and range of the second byte: Unicode Standard, table 3-7.
    let (len, mut range) = match first {
        0xc2..=0xdf => (2, 0x80..=0xbf),
        0xe0 => (3, 0xa0..=0xbf),
        0xed => (3, 0x80..=0x9f),
        0xe1..=0xef => (3, 0x80..=0xbf),
        0xf0 => (4, 0x90..=0xbf),
        0xf1..=0xf3 => (4, 0x80..=0xbf),
        0xf4 => (4, 0x80..=0x8f),
        _ => return (read, write::eight(out, 0, REPLACEMENT, 3)),
    };
    let mut character = [0; 8];
    character[0] = first;
    for next in &mut character[1..len] {
        if read >= bytes.len() {
            return (read, write::eight(out, 0, REPLACEMENT, 3));
        }
        let (byte, after) = next_byte::<DECODE>(bytes, read);
        if !range.contains(&byte) {
            return (read, write::eight(out, 0, REPLACEMENT, 3));
        }
        *next = byte;
        read = after;
        range = 0x80..=0xbf;
    }
    (read, write::eight(out, 0, character, len))
}
