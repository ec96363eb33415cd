//! Copying into the output, in blocks of 32 bytes where both sides have the room.

const BLOCK: usize = 32;

/// Copies `source[from..to]` to `out[at..]` and returns the place after it.
///
/// Up to a block, a whole one is copied, with bytes that do not belong to it: what comes next overwrites
/// them. Most values are shorter than that, and a call of `memcpy` costs as much as five of them.
#[inline(always)]
pub(crate) fn run(out: &mut [u8], at: usize, source: &[u8], from: usize, to: usize) -> usize {
    let len = to - from;
    if len <= BLOCK
        && let Some(block) = source[from..].first_chunk::<BLOCK>()
        && let Some(place) = out[at..].first_chunk_mut::<BLOCK>()
    {
        *place = *block;
        return at + len;
    }
    long_run(out, at, &source[from..to])
}

#[inline(never)]
fn long_run(out: &mut [u8], at: usize, source: &[u8]) -> usize {
    bytes(out, at, source)
}

/// The first bytes of an input. Lines are followed by enough bytes for every window that begins in them.
#[inline(always)]
pub(crate) fn window<const SIZE: usize>(bytes: &[u8]) -> &[u8; SIZE] {
    bytes.first_chunk().expect("bytes follow every line")
}

/// The same, of those from a place on.
#[inline(always)]
pub(crate) fn window_at<const SIZE: usize>(bytes: &[u8], place: usize) -> &[u8; SIZE] {
    // Lines are shorter than 2^32 bytes, and the sum needs no check for overflow.
    let place = place & 0xffff_ffff;
    let window = bytes.get(place..place + SIZE);
    window
        .and_then(|window| window.first_chunk())
        .expect("bytes follow every line")
}

/// The first bytes of the room for output, of which there is always more than the widest window.
#[inline(always)]
pub(crate) fn window_mut<const SIZE: usize>(room: &mut [u8]) -> &mut [u8; SIZE] {
    room.first_chunk_mut()
        .expect("room is reserved for every record")
}

/// Copies exactly these bytes.
#[inline]
pub(crate) fn bytes(out: &mut [u8], at: usize, source: &[u8]) -> usize {
    let end = at + source.len();
    out[at..end].copy_from_slice(source);
    end
}

/// Writes one byte.
#[inline]
pub(crate) fn byte(out: &mut [u8], at: usize, byte: u8) -> usize {
    out[at] = byte;
    at + 1
}

/// Writes eight bytes, of which the first `len` belong to the output.
#[inline(always)]
pub(crate) fn eight(out: &mut [u8], at: usize, source: [u8; 8], len: usize) -> usize {
    // The caller has reserved more room than this behind the last byte.
    if let Some(place) = out[at..].first_chunk_mut::<8>() {
        *place = source;
    }
    at + len
}
