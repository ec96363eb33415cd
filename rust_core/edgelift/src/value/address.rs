//! `address`: IPv4 or IPv6 as the standard library's `IpAddr` parses it, without zone, port or leading zeros.

use wide::i8x16;

use super::raw_value::RawValue;
use super::{digits, write};

/// Returns true if the value is an address.
pub(super) fn fits(raw: RawValue<'_>) -> bool {
    is_ipv4(raw) || is_ipv6(raw)
}

/// Bytes of one vector; the longest IPv4 address has 15.
const VECTOR: usize = 16;

/// Returns true if the value is an IPv4 address. IPv6 addresses take the slow path.
#[inline(always)]
pub(crate) fn fits_fast_path(bytes: &[u8; 32], len: usize) -> bool {
    let (vectors, _) = bytes.as_chunks();
    is_ipv4_vector(&vectors[0], len)
}

fn is_ipv4(raw: RawValue<'_>) -> bool {
    let vector = raw
        .bytes
        .first_chunk()
        .copied()
        .unwrap_or_else(|| padded(raw.value()));
    is_ipv4_vector(&vector, raw.len)
}

/// Returns true if the first `len` bytes are four numbers up to 255 without leading zeros, separated by dots.
///
/// The masks have one bit per byte and check all numbers at once. Branches on the lengths of the numbers were
/// mispredicted a few times for every other address.
#[inline(always)]
fn is_ipv4_vector(vector: &[u8; VECTOR], len: usize) -> bool {
    const SHORTEST: usize = "0.0.0.0".len();
    if !(SHORTEST..VECTOR).contains(&len) {
        return false;
    }
    let bytes = i8x16::from(vector.map(u8::cast_signed));
    let splat = |byte: u8| i8x16::splat(byte.cast_signed());
    let equal = |byte: u8| bytes.simd_eq(splat(byte)).to_bitmask();
    let above = |byte: u8| bytes.simd_gt(splat(byte)).to_bitmask();
    let inside = (1_u32 << len) - 1;
    let digits = digits::mask(vector) & inside;
    let dots = equal(b'.') & inside;
    // The first, second, third and fourth digits of the numbers. Each dot is followed by a first digit.
    let first = dots << 1 | 1;
    let second = first << 1 & digits;
    let third = second << 1 & digits;
    let fourth = third << 1 & digits;
    let leading_zeros = first & equal(b'0') & second >> 1;
    // The first digit of each number of three digits that is above 255.
    let ending_above_55 = above(b'5') >> 1 | (equal(b'5') >> 1 & above(b'5') >> 2);
    let too_large = third >> 2 & (above(b'2') | (equal(b'2') & ending_above_55));
    // All dots but the first two.
    let third_dot = without_lowest(without_lowest(dots));
    digits | dots == inside
        && first & !digits | fourth | leading_zeros | too_large == 0
        && third_dot.is_power_of_two()
}

#[inline(always)]
fn without_lowest(bits: u32) -> u32 {
    bits & bits.wrapping_sub(1)
}

#[cold]
fn padded<const SIZE: usize>(value: &[u8]) -> [u8; SIZE] {
    let mut bytes = [0; SIZE];
    let len = value.len().min(SIZE);
    bytes[..len].copy_from_slice(&value[..len]);
    bytes
}

/// Returns true if the value is eight groups of one to four hexadecimal digits, separated by colons. `::` may replace
/// one or more groups of zeros, once; an IPv4 address may replace the last two groups.
///
/// The parser of the standard library takes a `str` and ten times the instructions.
fn is_ipv6(raw: RawValue<'_>) -> bool {
    const LONGEST: usize = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".len();
    let mut len = raw.len;
    if len == 0 || len > LONGEST {
        return false;
    }
    let block = raw
        .bytes
        .first_chunk()
        .copied()
        .unwrap_or_else(|| padded(raw.value()));
    let Masks {
        mut digits,
        colons,
        dots,
    } = masks(&block).first(len);
    let mut groups = 0;
    if dots != 0 {
        // The IPv4 address counts as two groups: below, one digit in its place counts as the first.
        let tail = (u64::BITS - colons.leading_zeros()) as usize;
        if !is_ipv4(RawValue::new(&raw.bytes[tail..], len - tail)) {
            return false;
        }
        len = tail + 1;
        digits = digits & ((1 << tail) - 1) | 1 << tail;
        groups = 1;
    }
    let five_in_a_row = digits & digits >> 1 & digits >> 2 & digits >> 3 & digits >> 4;
    if digits | colons != (1 << len) - 1 || five_in_a_row != 0 {
        return false;
    }
    groups += (digits & !(digits << 1)).count_ones();
    let pairs = colons & colons >> 1;
    // A colon at either end is half of a pair.
    let (first, last) = (colons & 1, colons >> (len - 1));
    let ends_fit = first & !pairs == 0 && last & !(pairs >> len.saturating_sub(2)) == 0;
    match pairs.count_ones() {
        0 => groups == 8 && first == 0 && last == 0,
        1 => groups < 8 && ends_fit,
        _ => false,
    }
}

/// Positions of hexadecimal digits, colons and dots, one bit per byte.
struct Masks {
    digits: u64,
    colons: u64,
    dots: u64,
}

impl Masks {
    /// Returns the masks of the first `len` bytes.
    fn first(self, len: usize) -> Self {
        let inside = (1 << len) - 1;
        Self {
            digits: self.digits & inside,
            colons: self.colons & inside,
            dots: self.dots & inside,
        }
    }
}

fn masks(block: &[u8; 3 * VECTOR]) -> Masks {
    let mut masks = Masks {
        digits: 0,
        colons: 0,
        dots: 0,
    };
    for (index, vector) in block.as_chunks::<VECTOR>().0.iter().enumerate() {
        let bytes = i8x16::from(vector.map(u8::cast_signed));
        let splat = |byte: u8| i8x16::splat(byte.cast_signed());
        let within = |bytes: i8x16, from: u8, to: u8| {
            bytes.simd_gt(splat(from - 1)) & bytes.simd_lt(splat(to + 1))
        };
        let digits = within(bytes, b'0', b'9') | within(bytes | splat(0x20), b'a', b'f');
        let bits = |found: i8x16| u64::from(found.to_bitmask()) << (index * VECTOR);
        masks.digits |= bits(digits);
        masks.colons |= bits(bytes.simd_eq(splat(b':')));
        masks.dots |= bits(bytes.simd_eq(splat(b'.')));
    }
    masks
}

/// Writes an address unchanged, and the closing quote.
#[inline]
pub(crate) fn write_address(raw: RawValue<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    if !fits(raw) {
        return None;
    }
    let at = write::range(out, at, raw.bytes, 0, raw.len);
    Some(write::byte(out, at, b'"'))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn agrees_with_the_standard_library(text in "[0-9a-f:.%]{0,20}|([0-9]{1,3}\\.){2,4}[0-9]{0,3}|([0-9a-f]{0,5}:){1,9}[0-9.]{0,15}|([0-9a-f]{1,4}:){5,7}(:|[0-9a-f]{1,4})|(::)?([0-9A-F]{1,4}:){0,6}([0-9]{1,3}\\.){3}[0-9]{1,3}") {
            let raw = RawValue::new(text.as_bytes(), text.len());
            prop_assert_eq!(fits(raw), text.parse::<IpAddr>().is_ok());
            // The same value, followed by more bytes.
            let longer = format!("{text}0000000000000000");
            let raw = RawValue::new(longer.as_bytes(), text.len());
            prop_assert_eq!(fits(raw), text.parse::<IpAddr>().is_ok());
        }
    }
}
