//! A line and the positions of its special bytes, and how far encoders read and write past it.

use crate::scan::Specials;

/// Maximum number of output bytes per input byte. A control character and `%0A` in headers come close: 29 for 4.
pub(crate) const GROWTH: usize = 8;
/// Bytes after the output that encoders may overwrite, and bytes after a line that they may read: they copy in
/// blocks.
pub(crate) const SLACK: usize = 128;

/// A line with a cursor over its special bytes; encoders advance the cursor.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    /// From the first byte of the line to the end of the buffer. The line is followed by at least [`SLACK`] bytes,
    /// which are read but never used.
    pub(crate) bytes: &'a [u8],
    /// The special bytes that have not been handled yet.
    pub(crate) specials: Specials<'a>,
}
