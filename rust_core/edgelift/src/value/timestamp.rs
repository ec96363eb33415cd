//! `timestamp`: seconds since 1970 with decimals, truncated to milliseconds.

use super::civil::date_of_day;
use super::raw_value::RawValue;
use super::{digits, write};

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimestampFormat {
    EpochMillis,
    Iso8601,
    Verbatim,
}

impl TimestampFormat {
    /// Returns the opening characters of the JSON value.
    pub(crate) const fn opening(self) -> &'static str {
        match self {
            Self::EpochMillis => "",
            Self::Iso8601 | Self::Verbatim => "\"",
        }
    }
}

/// A valid timestamp: the number of digits before and after the point.
pub(super) struct Seconds {
    whole: usize,
    decimals: usize,
}

/// Returns true if the value has CloudFront's usual form: ten digits, a point, three digits. Without the point it is
/// the number of milliseconds.
#[inline(always)]
pub(crate) fn fits_fast_path(bytes: &[u8; 32], len: usize) -> bool {
    const DIGITS: u32 = 0b11_1011_1111_1111;
    len == 14
        && bytes[10] == b'.'
        && bytes[0] != b'0'
        && digits::mask(write::window(bytes)) & 0b11_1111_1111_1111 == DIGITS
}

/// Parses a timestamp: one to eleven digits, optionally followed by a point and one to nine digits.
pub(super) fn parse(raw: RawValue<'_>) -> Option<Seconds> {
    let value = raw.value();
    let whole = value
        .iter()
        .position(|&byte| byte == b'.')
        .unwrap_or(value.len());
    let decimals = value.len().saturating_sub(whole + 1);
    let ends_with_point = whole + 1 == value.len();
    let fits = (1..=11).contains(&whole)
        && decimals <= 9
        && !ends_with_point
        && digits::all(value, whole)
        && (decimals == 0 || digits::all(&value[whole + 1..], decimals));
    fits.then_some(Seconds { whole, decimals })
}

/// Returns the milliseconds from 1970 to a timestamp.
pub(crate) fn parse_millis(value: &[u8]) -> Option<u64> {
    let raw = RawValue::new(value, value.len());
    Some(millis(raw, &parse(raw)?))
}

fn millis(raw: RawValue<'_>, seconds: &Seconds) -> u64 {
    let number = |from: usize, len: usize| {
        raw.bytes[from..from + len]
            .iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
    };
    let shown = seconds.decimals.min(3);
    let thousandths = match shown {
        0 => 0,
        1 => number(seconds.whole + 1, 1) * 100,
        2 => number(seconds.whole + 1, 2) * 10,
        _ => number(seconds.whole + 1, 3),
    };
    number(0, seconds.whole) * 1000 + thousandths
}

/// Writes a timestamp as milliseconds since 1970.
pub(crate) fn write_epoch_millis(raw: RawValue<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    let seconds = parse(raw)?;
    Some(write_millis(millis(raw, &seconds), out, at))
}

/// Writes milliseconds since 1970 as an integer.
pub(super) fn write_millis(millis: u64, out: &mut [u8], at: usize) -> usize {
    write_padded(out, at, millis, 1)
}

/// Writes a timestamp as UTC with three decimals of a second, and the closing quote.
pub(crate) fn write_iso8601(raw: RawValue<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    Some(write_iso8601_millis(millis(raw, &parse(raw)?), out, at))
}

/// Writes milliseconds since 1970 as UTC with three decimals of a second, and the closing quote.
pub(super) fn write_iso8601_millis(millis: u64, out: &mut [u8], at: usize) -> usize {
    const DAY: u64 = 86_400_000;
    let (year, month, day) = date_of_day(millis / DAY);
    let time = millis % DAY;
    let parts = [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (day, 2, b'T'),
        (time / 3_600_000, 2, b':'),
        (time / 60_000 % 60, 2, b':'),
        (time / 1000 % 60, 2, b'.'),
        (time % 1000, 3, b'Z'),
    ];
    let at = parts.into_iter().fold(at, |at, (number, width, after)| {
        let at = write_padded(out, at, number, width);
        write::byte(out, at, after)
    });
    write::byte(out, at, b'"')
}

/// Writes a timestamp unchanged, and the closing quote.
pub(crate) fn write_timestamp_verbatim(
    raw: RawValue<'_>,
    out: &mut [u8],
    at: usize,
) -> Option<usize> {
    parse(raw)?;
    let at = write::range(out, at, raw.bytes, 0, raw.len);
    Some(write::byte(out, at, b'"'))
}

/// Writes a number with at least `width` digits.
fn write_padded(out: &mut [u8], at: usize, mut number: u64, width: usize) -> usize {
    const MAX_DIGITS: usize = 20;
    let mut digits = [b'0'; MAX_DIGITS];
    let mut start = MAX_DIGITS;
    while number > 0 {
        start -= 1;
        digits[start] += u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
    write::bytes(out, at, &digits[start.min(MAX_DIGITS - width)..])
}
