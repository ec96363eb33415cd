//! One encoder per kind of value, each in its own file.
//!
//! An encoder gets a [`RawValue`] (or, where bytes need work, the [`Line`] and a range), the output and an offset
//! into it. It returns the offset after the last byte it wrote, or `None` if the value does not fit its kind. The
//! caller reserves the output, so encoders never allocate.

#![expect(
    clippy::inline_always,
    reason = "windows of fixed size lose their checks only where they are inlined"
)]

mod address;
mod boolean;
mod civil;
mod date_time;
mod decimal;
mod decode_twice;
mod digits;
mod encoder;
mod entries;
mod escapes;
mod fits;
mod headers;
mod integer;
mod line;
mod list;
mod millis;
mod minute_cache;
mod names;
mod non_ascii;
mod prefix;
mod raw_value;
pub(crate) mod shape;
mod shape_pattern;
mod status;
mod text;
mod time_pattern;
mod timestamp;
pub(crate) mod version;
mod write;

pub(crate) use address::write_address;
pub(crate) use boolean::write_boolean;
pub(crate) use civil::date_of_day;
pub(crate) use date_time::{
    parse_date, parse_date_time, parse_event_time, parse_milliseconds, parse_time,
    write_event_time, write_milliseconds, write_seconds,
};
pub(crate) use decimal::write_decimal;
pub(crate) use decode_twice::{decode_twice, looks_encoded_twice};
pub(crate) use entries::count as count_headers;
#[cfg(feature = "columns")]
pub(crate) use entries::next_separator;
#[cfg(feature = "columns")]
pub(crate) use escapes::decode_hex_digits;
pub(crate) use escapes::is_percent_encoded;
pub(crate) use fits::fits;
pub(crate) use headers::write_headers;
pub(crate) use integer::{parse as parse_integer, write_integer};
pub(crate) use line::{GROWTH, Line, SLACK};
#[cfg(feature = "columns")]
pub(crate) use list::trim as trim_entry;
pub(crate) use list::write_list;
pub(crate) use millis::parse_timestamp_millis;
pub(crate) use minute_cache::MinuteCache;
pub(crate) use names::write_names;
pub(crate) use prefix::Prefix;
pub(crate) use raw_value::{RawValue, is_missing};
pub(crate) use shape_pattern::ShapePatterns;
pub(crate) use status::write_status;
pub(crate) use text::write_string;
pub(crate) use time_pattern::TimePattern;
pub(crate) use timestamp::{
    TimestampFormat, write_epoch_millis, write_iso8601, write_timestamp_verbatim,
};
pub(crate) use write::{
    byte as write_byte, bytes as write_bytes, range as write_range, window, window_mut,
    window_up_to_last,
};

/// Checks of values of at most 32 bytes that are copied as they are, in windows of fixed size.
pub(crate) mod fast_path {
    pub(crate) use super::address::fits_fast_path as is_address;
    pub(crate) use super::decimal::fits_fast_path as is_decimal;
    pub(crate) use super::integer::fits_fast_path as is_integer;
    pub(crate) use super::status::fits_fast_path as is_status;
    pub(crate) use super::timestamp::fits_fast_path as is_timestamp;
}
