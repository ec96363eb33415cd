//! Checks of ASCII digits, eight or sixteen at a time.

use wide::i8x16;

const ZEROS: u64 = u64::from_ne_bytes([b'0'; 8]);
const HIGH: u64 = u64::from_ne_bytes([0xf0; 8]);

/// Returns true if `bytes[..len]` are ASCII digits only, and if `len` is 0.
#[inline]
pub(super) fn all(bytes: &[u8], len: usize) -> bool {
    let mut done = 0;
    while done < len {
        let word = word(&bytes[done..]);
        if !up_to_eight(word, (len - done).min(8)) {
            return false;
        }
        done += 8;
    }
    true
}

/// Returns the first eight bytes, little-endian, padded with zeros if there are fewer.
#[inline(always)]
pub(super) fn word(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk()
        .map_or_else(|| short_word(bytes), |word| u64::from_le_bytes(*word))
}

#[cold]
fn short_word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

/// Returns true if the lowest `len` (1 to 8) bytes of the word are digits.
#[inline(always)]
pub(super) fn up_to_eight(word: u64, len: usize) -> bool {
    let unused = 64 - 8 * len;
    // Zeros, which are digits, replace the bytes that do not count.
    let digits = (word << unused) | (ZEROS & !(u64::MAX << unused));
    // A digit is 0x30 to 0x39: its high half is 3, also after adding 6. A carry into the next byte can only come
    // from a byte that fails the first check.
    digits & HIGH == ZEROS && digits.wrapping_add(ZEROS >> 3) & HIGH == ZEROS
}

/// Returns a mask of the bytes that are digits; the lowest bit is the first byte.
#[inline(always)]
pub(super) fn mask(bytes: &[u8; 16]) -> u32 {
    let part = i8x16::from(bytes.map(u8::cast_signed));
    let splat = |byte: u8| i8x16::splat(byte.cast_signed());
    (part.simd_gt(splat(b'0' - 1)) & part.simd_lt(splat(b'9' + 1))).to_bitmask()
}

/// Counts the leading zeros of a number. The last digit never counts.
#[inline]
pub(super) fn leading_zeros(digits: &[u8]) -> usize {
    let last = digits.len().saturating_sub(1);
    digits[..last]
        .iter()
        .position(|&digit| digit != b'0')
        .unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_at_each_place_is_a_digit_or_not() {
        for len in 0..=20 {
            for place in 0..len {
                for byte in 0..=u8::MAX {
                    let mut bytes = [b'7'; 24];
                    bytes[len..].fill(b'x');
                    bytes[place] = byte;
                    assert_eq!(
                        all(&bytes, len),
                        byte.is_ascii_digit(),
                        "{byte} at {place} of {len}"
                    );
                    assert_eq!(all(&bytes[..len], len), byte.is_ascii_digit());
                }
            }
        }
    }
}
