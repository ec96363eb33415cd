//! Recognizes frequent values of shapes by their first eight bytes.

use crate::fields::Shape;

/// Comparisons of the first eight bytes of four values, and the byte after each, at once. A value that is not accepted
/// may still have the shape.
///
/// One array per limit, as vectors have it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ShapePatterns {
    /// A word is accepted if it is that of `words` where `masks` has bits,
    masks: [u64; Self::LEN],
    words: [u64; Self::LEN],
    /// or if each byte is between those of `lowest` and `highest`, where `high_bits` has a bit.
    lowest: [u64; Self::LEN],
    highest: [u64; Self::LEN],
    high_bits: [u64; Self::LEN],
}

impl ShapePatterns {
    pub(crate) const LEN: usize = 4;

    /// Sets the pattern of one value to that of its shape. `end` follows the value.
    pub(crate) fn set(&mut self, lane: usize, shape: Shape, end: u8) {
        match shape {
            Shape::Scheme => {
                self.set_word(lane, b"https", 0, end);
                self.set_range(lane, &[b"http", &[end][..]].concat(), None);
            }
            // 4 and 6 differ in one bit.
            Shape::IpVersion => self.set_word(lane, b"IPv4", b'4' ^ b'6', end),
            // 0 to 3 differ in two bits.
            Shape::TlsVersion => {
                self.set_word(lane, b"TLSv1.0", b'0' ^ b'3', end);
                self.set_range(lane, &[b'-', end], None);
            }
            Shape::ResultType => {
                self.set_word(lane, b"Hit", 0, end);
                self.set_range(lane, &[b"Miss", &[end][..]].concat(), None);
            }
            Shape::Country => {
                self.set_word(lane, b"-", 0, end);
                self.set_range(lane, &[b'A', b'A', end], Some(&[b'Z', b'Z', end]));
            }
            Shape::EdgeLocation => {
                self.set_word(lane, b"-", 0, end);
                self.set_range(lane, b"AAA0", Some(b"ZZZ9"));
            }
            // Eight bytes do not show them.
            Shape::Method | Shape::HttpVersion | Shape::RequestId => self.set_none(lane),
        }
    }

    /// Accepts one value, of whose last byte the given bits are ignored, and no other.
    fn set_word(&mut self, lane: usize, value: &[u8], ignored: u8, end: u8) {
        self.set_none(lane);
        let last = value.len() - 1;
        let mask = word(&vec![0xff; value.len() + 1]) & !(u64::from(ignored) << (8 * last));
        self.masks[lane] = mask;
        self.words[lane] = word(&[value, &[end]].concat()) & mask;
    }

    /// Accepts no value.
    fn set_none(&mut self, lane: usize) {
        (self.masks[lane], self.words[lane]) = (0, 1);
        (self.lowest[lane], self.highest[lane], self.high_bits[lane]) = (u64::MAX, 0, u64::MAX);
    }

    /// Accepts the values that begin with bytes between these, too.
    fn set_range(&mut self, lane: usize, lowest: &[u8], highest: Option<&[u8]>) {
        self.lowest[lane] = word(lowest);
        self.highest[lane] = word(highest.unwrap_or(lowest));
        self.high_bits[lane] = word(&vec![0x80; lowest.len()]);
    }

    /// Returns true if the first eight bytes of each value show its shape.
    #[inline(always)]
    pub(crate) fn accept(&self, first: [u64; Self::LEN]) -> bool {
        // Without a branch between the values, so that the compiler uses vectors.
        let mut misfits = 0;
        for (lane, first) in first.into_iter().enumerate() {
            misfits |= self.misfit(lane, first);
        }
        misfits == 0
    }

    /// Returns true if the first eight bytes of one value show its shape.
    pub(crate) fn accepts(&self, lane: usize, first: u64) -> bool {
        self.misfit(lane, first) == 0
    }

    /// Returns zero for a word that is accepted.
    #[inline(always)]
    fn misfit(&self, lane: usize, first: u64) -> u64 {
        let differs = (first & self.masks[lane]) ^ self.words[lane];
        // The lowest byte that is outside its range sets its high bit in one of the differences: no byte before it
        // borrows from it, and the limits are below 0x80.
        let below = first.wrapping_sub(self.lowest[lane]);
        let above = self.highest[lane].wrapping_sub(first);
        let outside = (below | above) & self.high_bits[lane];
        if differs == 0 { 0 } else { outside }
    }
}

/// Returns up to eight bytes as a word, filled up with zeros.
fn word(bytes: &[u8]) -> u64 {
    let shifted = |(index, &byte): (usize, &u8)| u64::from(byte) << (8 * index);
    bytes.iter().enumerate().map(shifted).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::shape::matches;

    #[test]
    fn a_pattern_accepts_only_values_of_its_shape() {
        let patterns = [
            (Shape::Scheme, "https http"),
            (Shape::IpVersion, "IPv4 IPv6"),
            (Shape::TlsVersion, "TLSv1.0 TLSv1.3 -"),
            (Shape::ResultType, "Hit Miss"),
            (Shape::Country, "US ZA -"),
            (Shape::EdgeLocation, "IAD89-C1 ZZZ9 -"),
        ];
        for (shape, values) in patterns {
            for end in [b'\t', b'\n'] {
                let mut patterns = ShapePatterns::default();
                patterns.set(1, shape, end);
                let accepts = |value: &[u8]| {
                    let bytes = [value, &[end], b"HTTP/2.0"].concat();
                    let word = word(&bytes[..8]);
                    assert_eq!(patterns.accept([0, word, 0, 0]), patterns.accepts(1, word));
                    patterns.accepts(1, word)
                };
                for value in values.split(' ').map(str::as_bytes) {
                    assert!(accepts(value), "{shape:?}: {}", value.escape_ascii());
                    for (place, byte) in (0..value.len())
                        .flat_map(|place| (0..=u8::MAX).map(move |byte| (place, byte)))
                    {
                        // The end of a value is not in it.
                        if byte == end {
                            continue;
                        }
                        let mut other = value.to_vec();
                        other[place] = byte;
                        for other in [&other[..], &other[..=place], &[&other[..], b"x"].concat()] {
                            assert!(
                                !accepts(other) || matches(shape, other),
                                "{shape:?}: {}",
                                other.escape_ascii()
                            );
                        }
                    }
                }
            }
        }
    }
}
