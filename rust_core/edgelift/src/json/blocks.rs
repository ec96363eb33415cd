//! Finds the end of JSON strings and numbers in blocks of bytes.

use wide::i8x16;

/// Bytes that are checked together.
const BLOCK: usize = 32;

/// Returns the offset of the first byte that is not plain: a quote, `\`, a control or a byte outside ASCII. Plain bytes
/// are equal in a string and its JSON.
#[inline]
pub(crate) fn plain_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        let found = block
            .as_chunks::<16>()
            .0
            .iter()
            .rev()
            .fold(0, |found, part| {
                let part = i8x16::from(part.map(u8::cast_signed));
                // Signed: bytes outside ASCII are negative, so that they are below the space like controls.
                let below = part.simd_lt(i8x16::splat(b' '.cast_signed()));
                let quote = part.simd_eq(i8x16::splat(b'"'.cast_signed()));
                let backslash = part.simd_eq(i8x16::splat(b'\\'.cast_signed()));
                found << 16 | (below | quote | backslash).to_bitmask()
            });
        if found != 0 {
            return at + found.trailing_zeros() as usize;
        }
        at += BLOCK;
    }
    let rest = bytes.get(at..).unwrap_or_default().iter();
    at + rest
        .take_while(|&&byte| (b' '..0x80).contains(&byte) && !matches!(byte, b'"' | b'\\'))
        .count()
}

/// Returns true if a string is printable ASCII without `"` and `\`: it needs no escape in any style of JSON.
#[inline]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let Some(last) = bytes.last_chunk::<16>() else {
        let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        return bytes.iter().all(plain);
    };
    // The last block overlaps the one before it.
    let blocks = bytes.as_chunks::<16>().0.iter().chain([last]);
    let special = blocks.fold(i8x16::splat(0), |special, block| {
        let block = i8x16::from(block.map(u8::cast_signed));
        // Signed: bytes outside ASCII are negative, so that they are below the space like controls.
        let below = block.simd_lt(i8x16::splat(b' '.cast_signed()));
        let quote = block.simd_eq(i8x16::splat(b'"'.cast_signed()));
        let backslash = block.simd_eq(i8x16::splat(b'\\'.cast_signed()));
        let delete = block.simd_eq(i8x16::splat(0x7f));
        special | below | quote | backslash | delete
    });
    special.none()
}

/// Returns the offset of the closing quote of the string that starts at `start`, if all of its bytes are plain.
#[inline]
pub(crate) fn plain_string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let end = plain_end(bytes, start);
    (bytes.get(end) == Some(&b'"')).then_some(end)
}

/// Returns the offset of the closing quote of the string that starts at `start`, or `None` if the first quote may be
/// escaped. The string itself is not checked.
#[inline]
pub(crate) fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let end = start + memchr::memchr(b'"', bytes.get(start..)?)?;
    // The byte before an empty string is its opening quote.
    (bytes[end - 1] != b'\\').then_some(end)
}

/// Returns the end of the integer of up to 15 digits that starts at `start`.
#[inline]
pub(crate) fn number_end(bytes: &[u8], start: usize) -> Option<usize> {
    let block = bytes.get(start..)?.first_chunk::<16>()?;
    let digits = i8x16::from(block.map(u8::cast_signed));
    let below = digits.simd_lt(i8x16::splat(b'0'.cast_signed()));
    let above = digits.simd_gt(i8x16::splat(b'9'.cast_signed()));
    let not_digits = (below | above).to_bitmask();
    let len = not_digits.trailing_zeros() as usize;
    let fits = (1..16).contains(&len) && (len == 1 || block[0] != b'0');
    fits.then_some(start + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_at_their_quote() {
        for len in 0..70 {
            let bytes = [vec![b'"'; 1], vec![b'x'; len], b"\", \"more\"".to_vec()].concat();
            assert_eq!(plain_string_end(&bytes, 1), Some(len + 1));
            assert_eq!(string_end(&bytes, 1), Some(len + 1));
            for end in 1..=len {
                assert_eq!(plain_string_end(&bytes[..end], 1), None);
                assert_eq!(string_end(&bytes[..end], 1), None);
            }
        }
    }

    #[test]
    fn special_bytes_end_a_plain_string_at_each_position() {
        for byte in 0..=u8::MAX {
            for place in 1..70 {
                let mut bytes = [vec![b'"'; 1], vec![b'x'; 70], vec![b'"'; 1]].concat();
                bytes[place] = byte;
                let expected = match byte {
                    b'"' => Some(place),
                    b'\\' | 0..b' ' | 0x80.. => None,
                    _ => Some(71),
                };
                assert_eq!(plain_string_end(&bytes, 1), expected, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn an_escaped_quote_does_not_close_a_string() {
        assert_eq!(string_end(br#""a\"b""#, 1), None);
        assert_eq!(string_end(br#""a\\""#, 1), None);
        assert_eq!(string_end(br#""a\\b""#, 1), Some(5));
    }

    #[test]
    fn integers_end_after_their_last_digit() {
        let end = |text: &str| number_end(format!("{text:<16}").as_bytes(), 0);
        for (text, expected) in [
            ("0", Some(1)),
            ("7,", Some(1)),
            ("1711929600000}", Some(13)),
            ("123456789012345", Some(15)),
            ("1234567890123456", None),
            ("00", None),
            ("07", None),
            ("-1", None),
            ("1.5", Some(1)),
            ("/1", None),
            (":1", None),
            ("", None),
        ] {
            assert_eq!(end(text), expected, "{text}");
        }
        assert_eq!(number_end(b"123}", 0), None);
    }
}
