//! address: IPv4 or IPv6 as the standard library's `IpAddr` parses it; no zone, no port, no leading zeros.

use wide::i8x16;

use super::{Cell, digits, write};

/// Whether the value is an address.
pub(super) fn fits(cell: Cell<'_>) -> bool {
    is_ipv4(cell) || is_ipv6(cell)
}

/// Bytes that are looked at at once; the longest IPv4 address has 15.
const LOOK: usize = 16;

/// Whether a short value is an address, which only those of IPv4 are sure to be.
#[inline(always)]
pub(crate) fn is_short(bytes: &[u8; 32], len: usize) -> bool {
    let (looks, _) = bytes.as_chunks();
    is_look_ipv4(&looks[0], len)
}

fn is_ipv4(cell: Cell<'_>) -> bool {
    let look = cell
        .bytes
        .first_chunk()
        .copied()
        .unwrap_or_else(|| padded(cell.value()));
    is_look_ipv4(&look, cell.len)
}

/// Four numbers up to 255 without leading zeros, between dots.
///
/// A bit for each byte, and all numbers are looked at at once: where their lengths decided branches, every other
/// address was mispredicted a few times.
#[inline(always)]
fn is_look_ipv4(look: &[u8; LOOK], len: usize) -> bool {
    const SHORTEST: usize = "0.0.0.0".len();
    if !(SHORTEST..LOOK).contains(&len) {
        return false;
    }
    let bytes = i8x16::from(look.map(u8::cast_signed));
    let splat = |byte: u8| i8x16::splat(byte.cast_signed());
    let equal = |byte: u8| bytes.simd_eq(splat(byte)).to_bitmask();
    let above = |byte: u8| bytes.simd_gt(splat(byte)).to_bitmask();
    let inside = (1_u32 << len) - 1;
    let digits = digits::mask(look) & inside;
    let dots = equal(b'.') & inside;
    // The first, second, third and fourth digits of the numbers; a first one belongs behind each dot.
    let first = dots << 1 | 1;
    let second = first << 1 & digits;
    let third = second << 1 & digits;
    let fourth = third << 1 & digits;
    let leading_zeros = first & equal(b'0') & second >> 1;
    // Of numbers of three digits the first one, if the number is above 255.
    let ending_above_55 = above(b'5') >> 1 | (equal(b'5') >> 1 & above(b'5') >> 2);
    let too_large = third >> 2 & (above(b'2') | (equal(b'2') & ending_above_55));
    // All of them but the first two.
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
    let mut look = [0; SIZE];
    let len = value.len().min(SIZE);
    look[..len].copy_from_slice(&value[..len]);
    look
}

/// Eight groups of one to four hexadecimal digits between colons; `::` once for one or more groups of zeros,
/// and an IPv4 address in place of the last two.
///
/// Written out, since the standard parser takes text and ten times the instructions.
fn is_ipv6(cell: Cell<'_>) -> bool {
    const LONGEST: usize = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".len();
    let mut len = cell.len;
    if len == 0 || len > LONGEST {
        return false;
    }
    let block = cell
        .bytes
        .first_chunk()
        .copied()
        .unwrap_or_else(|| padded(cell.value()));
    let Masks {
        mut digits,
        colons,
        dots,
    } = masks(&block).first(len);
    let mut groups = 0;
    if dots != 0 {
        // The last two groups; one digit stands for them below, and counts as one.
        let tail = (u64::BITS - colons.leading_zeros()) as usize;
        if !is_ipv4(Cell::new(&cell.bytes[tail..], len - tail)) {
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

/// Which bytes are hexadecimal digits, colons and dots.
struct Masks {
    digits: u64,
    colons: u64,
    dots: u64,
}

impl Masks {
    /// Of the first bytes alone.
    fn first(self, len: usize) -> Self {
        let inside = (1 << len) - 1;
        Self {
            digits: self.digits & inside,
            colons: self.colons & inside,
            dots: self.dots & inside,
        }
    }
}

fn masks(block: &[u8; 3 * LOOK]) -> Masks {
    let mut masks = Masks {
        digits: 0,
        colons: 0,
        dots: 0,
    };
    for (index, look) in block.as_chunks::<LOOK>().0.iter().enumerate() {
        let bytes = i8x16::from(look.map(u8::cast_signed));
        let splat = |byte: u8| i8x16::splat(byte.cast_signed());
        let within = |bytes: i8x16, from: u8, to: u8| {
            bytes.simd_gt(splat(from - 1)) & bytes.simd_lt(splat(to + 1))
        };
        let digits = within(bytes, b'0', b'9') | within(bytes | splat(0x20), b'a', b'f');
        let bits = |found: i8x16| u64::from(found.to_bitmask()) << (index * LOOK);
        masks.digits |= bits(digits);
        masks.colons |= bits(bytes.simd_eq(splat(b':')));
        masks.dots |= bits(bytes.simd_eq(splat(b'.')));
    }
    masks
}

/// Writes an address as it stands, with the closing quote.
#[inline]
pub(crate) fn address(cell: Cell<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    if !fits(cell) {
        return None;
    }
    let at = write::run(out, at, cell.bytes, 0, cell.len);
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
            let cell = Cell::new(text.as_bytes(), text.len());
            prop_assert_eq!(fits(cell), text.parse::<IpAddr>().is_ok());
            // The same with more bytes behind it.
            let longer = format!("{text}0000000000000000");
            let cell = Cell::new(longer.as_bytes(), text.len());
            prop_assert_eq!(fits(cell), text.parse::<IpAddr>().is_ok());
        }
    }
}
