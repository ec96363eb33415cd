//! address: IPv4 or IPv6 as the standard library's `IpAddr` parses it; no zone, no port, no leading zeros.

use wide::i8x16;

use super::digits::is_hexadecimal;
use super::{Cell, write};

/// Whether the value is an address.
pub(super) fn fits(cell: Cell<'_>) -> bool {
    is_ipv4(cell) || is_ipv6(cell.value())
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
    let look = cell.bytes.first_chunk().copied().unwrap_or_else(|| padded(cell.value()));
    is_look_ipv4(&look, cell.len)
}

/// Four numbers up to 255 between dots.
#[inline(always)]
fn is_look_ipv4(look: &[u8; LOOK], len: usize) -> bool {
    const SHORTEST: usize = "0.0.0.0".len();
    if !(SHORTEST..LOOK).contains(&len) {
        return false;
    }
    let bytes = i8x16::from(look.map(u8::cast_signed));
    let inside = (1_u32 << len) - 1;
    let dots = bytes.simd_eq(i8x16::splat(b'.'.cast_signed())).to_bitmask() & inside;
    let below = bytes.simd_lt(i8x16::splat(b'0'.cast_signed())).to_bitmask() & inside;
    let above = bytes.simd_gt(i8x16::splat(b'9'.cast_signed())).to_bitmask() & inside;
    if above != 0 || below != dots || dots.count_ones() != 3 {
        return false;
    }
    // Where each number ends, lowest bit first, the last one behind the value.
    let mut ends = dots | (1 << len);
    let mut start = 0;
    for _ in 0..4 {
        let end = ends.trailing_zeros() as usize;
        if !is_byte(look, start, end - start) {
            return false;
        }
        start = end + 1;
        ends &= ends - 1;
    }
    true
}

#[cold]
fn padded(value: &[u8]) -> [u8; LOOK] {
    let mut look = [0; LOOK];
    let len = value.len().min(LOOK);
    look[..len].copy_from_slice(&value[..len]);
    look
}

/// Whether these digits are a number up to 255 without leading zeros. Digits compare as numbers.
#[inline]
fn is_byte(digits: &[u8; LOOK], start: usize, len: usize) -> bool {
    let digit = |index: usize| digits[(start + index) % LOOK];
    match len {
        1 => true,
        2 => digit(0) != b'0',
        3 => match digit(0) {
            b'1' => true,
            b'2' => digit(1) < b'5' || (digit(1) == b'5' && digit(2) <= b'5'),
            _ => false,
        },
        _ => false,
    }
}

/// Eight groups of one to four hexadecimal digits between colons; `::` once for one or more groups of zeros,
/// and an IPv4 address in place of the last two.
///
/// Written out, since the standard parser takes text and ten times the instructions.
fn is_ipv6(value: &[u8]) -> bool {
    let mut groups = 0;
    let mut compressed = value.starts_with(b"::");
    let mut place = if compressed { 2 } else { 0 };
    while !(compressed && place == value.len() && value.ends_with(b"::")) {
        let rest = &value[place..];
        let digits = rest.iter().take_while(|&&byte| is_hexadecimal(byte)).count();
        if rest.get(digits) == Some(&b'.') {
            groups += 2;
            if !is_ipv4(Cell::new(rest, rest.len())) {
                return false;
            }
            break;
        }
        if !(1..=4).contains(&digits) {
            return false;
        }
        groups += 1;
        match &rest[digits..] {
            [] => break,
            [b':', b':', ..] if !compressed => {
                compressed = true;
                place += digits + 2;
            }
            [b':', _, ..] => place += digits + 1,
            _ => return false,
        }
    }
    if compressed { groups < 8 } else { groups == 8 }
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
