//! Copies into the output, in blocks of 32 bytes if input and output are that long.

const BLOCK: usize = 32;

/// Copies `source[from..to]` to `out[at..]` and returns the end of the copy.
///
/// Shorter ranges are copied as a whole block; the next write overwrites the excess bytes. Most values are shorter than
/// a block, and a call of `memcpy` costs as much as five blocks.
#[inline(always)]
pub(crate) fn range(out: &mut [u8], at: usize, source: &[u8], from: usize, to: usize) -> usize {
    let len = to - from;
    if len <= BLOCK
        && let Some(block) = source[from..].first_chunk::<BLOCK>()
        && let Some(target) = out[at..].first_chunk_mut::<BLOCK>()
    {
        *target = *block;
        return at + len;
    }
    long_range(out, at, &source[from..to])
}

#[inline(never)]
fn long_range(out: &mut [u8], at: usize, source: &[u8]) -> usize {
    bytes(out, at, source)
}

/// Returns the first `SIZE` bytes of an input. Every window that begins within a line fits into the bytes after it.
#[inline(always)]
pub(crate) fn window<const SIZE: usize>(bytes: &[u8]) -> &[u8; SIZE] {
    bytes.first_chunk().expect("bytes follow every line")
}

/// Returns the `SIZE` bytes of an input from `start` on.
#[inline(always)]
pub(crate) fn window_at<const SIZE: usize>(bytes: &[u8], start: usize) -> &[u8; SIZE] {
    // Lines are shorter than 2^32 bytes; the mask saves the overflow check of the sum.
    let start = start & 0xffff_ffff;
    let window = bytes.get(start..start + SIZE);
    window
        .and_then(|window| window.first_chunk())
        .expect("bytes follow every line")
}

/// Does the same for an input of at least `SIZE` bytes, which the caller asserts once for many windows: a comparison
/// with the last start, without a sum.
#[inline(always)]
pub(crate) fn window_up_to_last<const SIZE: usize>(bytes: &[u8], start: usize) -> &[u8; SIZE] {
    assert!(start <= bytes.len() - SIZE, "bytes follow every line");
    window(&bytes[start..])
}

/// Returns the first `SIZE` bytes of the output, which is always reserved for more than the widest window.
#[inline(always)]
pub(crate) fn window_mut<const SIZE: usize>(out: &mut [u8]) -> &mut [u8; SIZE] {
    out.first_chunk_mut()
        .expect("output is reserved for every record")
}

/// Copies `source` and returns the end of the copy.
#[inline]
pub(crate) fn bytes(out: &mut [u8], at: usize, source: &[u8]) -> usize {
    let end = at + source.len();
    out[at..end].copy_from_slice(source);
    end
}

/// Writes one byte and returns its end.
#[inline]
pub(crate) fn byte(out: &mut [u8], at: usize, byte: u8) -> usize {
    out[at] = byte;
    at + 1
}

/// Writes eight bytes, of which the first `len` belong to the output, and returns their end.
#[inline(always)]
pub(crate) fn eight(out: &mut [u8], at: usize, source: [u8; 8], len: usize) -> usize {
    // The caller has reserved more than eight bytes after the last byte.
    if let Some(target) = out[at..].first_chunk_mut::<8>() {
        *target = source;
    }
    at + len
}
