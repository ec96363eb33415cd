//! Escapes: those of percent-encoding are decoded, those of JSON strings written. One table each.

/// Returns the byte that two hexadecimal digits make; above 255 if one of them is not a hexadecimal digit.
#[inline(always)]
pub(super) fn decode_hex(high: u8, low: u8) -> u16 {
    HIGH_HALF[usize::from(high)] | LOW[usize::from(low)]
}

/// Returns the byte that two hexadecimal digits make.
#[cfg(feature = "columns")]
#[inline(always)]
pub(crate) fn decode_hex_digits(high: u8, low: u8) -> Option<u8> {
    u8::try_from(decode_hex(high, low)).ok()
}

/// The value of each hexadecimal digit, as the lower half of a byte; above 255 for every other character.
static LOW: [u16; 256] = hexadecimal(0);
/// The value of each hexadecimal digit, as the upper half of a byte; above 255 for every other character.
static HIGH_HALF: [u16; 256] = hexadecimal(4);

const fn hexadecimal(shift: u32) -> [u16; 256] {
    let mut table = [0xff00; 256];
    let mut value = 0;
    while value < 16 {
        let digit = b"0123456789abcdef"[value as usize];
        table[digit as usize] = value << shift;
        table[digit.to_ascii_uppercase() as usize] = value << shift;
        value += 1;
    }
    table
}

/// Returns true if all of a text is percent-encoded: it has nothing that would have been escaped, and each `%` begins an
/// escape.
pub(crate) fn is_percent_encoded(text: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b'"';
    let is_escape = |at: usize| match text[at..] {
        [_, high, low, ..] => decode_hex(high, low) <= 0xff,
        _ => false,
    };
    text.iter().all(is_plain) && memchr::memchr_iter(b'%', text).all(is_escape)
}

/// Returns an ASCII character as it is written in a JSON string, and its length in bytes: 1 to 6. The bytes after it do
/// not count. The length is 0 for every other byte.
#[inline(always)]
pub(super) fn json(byte: u8) -> ([u8; 8], usize) {
    let escape = ESCAPES[usize::from(byte)];
    (escape.to_le_bytes(), (escape >> LEN_SHIFT) as usize % 8)
}

/// Position of the length within an escape.
const LEN_SHIFT: u32 = 56;

/// Each ASCII character as it is written in a JSON string: up to six bytes, little-endian, and their number in the
/// highest byte. Zero for every other byte.
static ESCAPES: [u64; 256] = {
    let mut escapes = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let short = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0c => b'f',
            b'\r' => b'r',
            _ => 0,
        };
        escapes[byte as usize] = u64::from_le_bytes(if short != 0 {
            [b'\\', short, 0, 0, 0, 0, 0, 2]
        } else if byte < b' ' {
            let low = b"0123456789abcdef"[byte as usize & 15];
            [b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), low, 0, 6]
        } else {
            [byte, 0, 0, 0, 0, 0, 0, 1]
        });
        byte += 1;
    }
    escapes
};
