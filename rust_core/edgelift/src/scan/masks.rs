//! Bit masks of a block of bytes. They know no line.

use wide::i8x16;

/// Bytes in a block, and bits in a mask.
pub(crate) const BLOCK: usize = 64;

/// Bit masks of a block: bit `i` describes byte `i`.
pub(crate) struct Masks {
    pub(crate) feeds: u64,
    pub(crate) tabs: u64,
    pub(crate) special: u64,
}

/// Computes the masks of one block, 16 bytes at a time.
#[inline(always)]
pub(super) fn masks(block: &[u8; BLOCK]) -> Masks {
    let bits = |found: i8x16| u64::from(found.to_bitmask());
    let mut result = Masks {
        feeds: 0,
        tabs: 0,
        special: 0,
    };
    for (index, part) in block.as_chunks::<16>().0.iter().enumerate() {
        let bytes = i8x16::from(part.map(u8::cast_signed));
        let equal = |byte: u8| bytes.simd_eq(i8x16::splat(byte.cast_signed()));
        // The comparison is signed, so bytes that are not ASCII are negative and below "&", like control characters,
        // the quote and "%". The blank, "!", "#" and "$" are below it, too. They need no escaping but are rare in
        // logs: a single comparison saves more than an encoder loses by stopping at them.
        let below = bytes.simd_lt(i8x16::splat(b'&'.cast_signed()));
        result.feeds |= bits(equal(b'\n')) << (index * 16);
        result.tabs |= bits(equal(b'\t')) << (index * 16);
        result.special |= bits(below | equal(b'\\')) << (index * 16);
    }
    // Tabs are control characters, so each of their bits is set here and removed.
    result.special ^= result.tabs;
    result
}

/// Returns the last bytes of a buffer as a whole block, padded with zeros.
#[cold]
pub(super) fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computes the same masks byte by byte.
    fn masks_by_byte(block: &[u8; BLOCK]) -> Masks {
        let mut result = Masks {
            feeds: 0,
            tabs: 0,
            special: 0,
        };
        for (index, &byte) in block.iter().enumerate() {
            let special = !(b'&'..0x80).contains(&byte) || byte == b'\\';
            result.feeds |= u64::from(byte == b'\n') << index;
            result.tabs |= u64::from(byte == b'\t') << index;
            result.special |= u64::from(special && byte != b'\t') << index;
        }
        result
    }

    #[test]
    fn masks_equal_those_computed_byte_by_byte() {
        for byte in 0..=u8::MAX {
            for place in 0..BLOCK {
                for around in [b'a', b'\t', b'%', 0xff] {
                    let mut block = [around; BLOCK];
                    block[place] = byte;
                    let (fast, slow) = (masks(&block), masks_by_byte(&block));
                    assert_eq!(
                        (fast.feeds, fast.tabs, fast.special),
                        (slow.feeds, slow.tabs, slow.special),
                        "{byte} at {place}"
                    );
                }
            }
        }
    }
}
