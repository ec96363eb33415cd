//! What each kind of value becomes: one encoder a file.
//!
//! An encoder gets a [`Cell`] (or, where bytes need work, the [`Line`] and a range), the output and the place
//! in it, and returns the place after what it wrote, or `None` if the value does not fit its kind. Room for
//! the output is reserved by the caller, so that an encoder never allocates.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

mod address;
mod boolean;
mod decimal;
mod digits;
mod headers;
mod integer;
mod list;
mod millis;
mod minute;
mod moment;
mod names;
mod pattern;
mod pieces;
mod prefix;
pub(crate) mod shape;
mod status;
mod text;
mod timestamp;
mod twice;
pub(crate) mod version;
mod write;

pub(crate) use address::address;
pub(crate) use boolean::boolean;
pub(crate) use decimal::decimal;
pub(crate) use headers::headers;
pub(crate) use integer::{integer, parse as parse_integer};
pub(crate) use list::list;
pub(crate) use millis::millis;
pub(crate) use minute::Minute;
pub(crate) use moment::{day, milliseconds, moment, parse_date_time, parse_milliseconds, second};
pub(crate) use names::names;
pub(crate) use pattern::Pattern;
pub(crate) use pieces::count as count_headers;
pub(crate) use prefix::Prefix;
pub(crate) use status::status;
pub(crate) use text::string;
pub(crate) use timestamp::{date, epoch_millis, iso8601, parse_millis, verbatim};
pub(crate) use twice::again;
pub(crate) use write::{
    byte as write_byte, bytes as write_bytes, run as write_run, window, window_at, window_mut,
};

use crate::fields::Kind;
use crate::scan::Specials;

/// Most bytes of output that one byte of input can become; a control and `%0A` in headers come near, with 29 for 4.
pub(crate) const GROWTH: usize = 8;
/// Bytes behind the output that encoders may scribble on, and bytes behind a line that they may read, since
/// they copy in blocks.
pub(crate) const SLACK: usize = 128;

/// A line with a cursor over its special bytes, which encoders move forward.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    /// From the line's first byte to the end of the buffer, at least [`SLACK`] bytes behind the line; they are
    /// read, but never used.
    pub(crate) bytes: &'a [u8],
    /// The special bytes that are still to come.
    pub(crate) specials: Specials<'a>,
}

/// The value of one column.
#[derive(Clone, Copy)]
pub(crate) struct Cell<'a> {
    /// From the value's first byte to the end of the buffer.
    bytes: &'a [u8],
    len: usize,
}

impl<'a> Cell<'a> {
    #[inline(always)]
    pub(crate) fn new(bytes: &'a [u8], len: usize) -> Self {
        debug_assert!(len <= bytes.len());
        Self { bytes, len }
    }

    /// The value, and nothing of what follows it.
    #[inline(always)]
    pub(crate) fn value(self) -> &'a [u8] {
        &self.bytes[..self.len]
    }
}

/// Short values that are written as they stand, in windows of fixed size.
pub(crate) mod short {
    pub(crate) use super::address::is_short as is_address;
    pub(crate) use super::decimal::is_short as is_decimal;
    pub(crate) use super::integer::is_short as is_integer;
    pub(crate) use super::status::is_short as is_status;
    pub(crate) use super::timestamp::is_short as is_timestamp;
}

/// Whether a value is missing: `-` or nothing.
#[inline]
pub(crate) fn is_missing(value: &[u8]) -> bool {
    matches!(value, [] | [b'-'])
}

/// Whether a value fits its kind. A missing one fits every kind.
pub(crate) fn fits(kind: Kind, value: &[u8]) -> bool {
    let cell = Cell::new(value, value.len());
    is_missing(value)
        || match kind {
            Kind::Timestamp => timestamp::parse(cell).is_some(),
            Kind::Integer => parse_integer(cell).is_some(),
            Kind::Status => status::fits(cell),
            Kind::Decimal => decimal::parse(cell).is_some(),
            Kind::Boolean => boolean::parse(cell).is_some(),
            Kind::Address => address::fits(cell),
            Kind::Date => day(value).is_some(),
            Kind::Time => second(value).is_some(),
            Kind::Milliseconds => parse_milliseconds(value).is_some(),
            _ => true,
        }
}
