//! The time columns of standard logs: a date and a time of day, which make one timestamp, or milliseconds.

use super::civil::day_of_date;
use super::raw_value::RawValue;
use super::timestamp::{TimestampFormat, write_iso8601_millis, write_millis};
use super::{digits, write};

const DAY_SECONDS: u64 = 86_400;

/// Returns the seconds from 1970 to the beginning of a day, `YYYY-MM-DD`.
pub(crate) fn parse_date(value: &[u8]) -> Option<u64> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = value else {
        return None;
    };
    let year = two_digits(y1, y2)? * 100 + two_digits(y3, y4)?;
    let day = day_of_date(year, two_digits(m1, m2)?, two_digits(d1, d2)?)?;
    Some(day * DAY_SECONDS)
}

/// Returns the seconds from midnight to a time of day, `hh:mm:ss`.
pub(crate) fn parse_time(value: &[u8]) -> Option<u64> {
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = value else {
        return None;
    };
    let (hour, minute) = (two_digits(h1, h2)?, two_digits(m1, m2)?);
    let second = two_digits(s1, s2)?;
    let is_time = hour < 24 && minute < 60 && second < 60;
    is_time.then_some(hour * 3600 + minute * 60 + second)
}

/// Returns the number that two digits make.
fn two_digits(high: u8, low: u8) -> Option<u64> {
    let both = high.is_ascii_digit() && low.is_ascii_digit();
    both.then(|| u64::from(high - b'0') * 10 + u64::from(low - b'0'))
}

/// Returns the milliseconds from 1970 to a date and a time of day.
pub(crate) fn parse_date_time(date: &[u8], time: &[u8]) -> Option<u64> {
    Some((parse_date(date)? + parse_time(time)?) * 1000)
}

/// Parses milliseconds since 1970, 1 to 14 digits: the range of timestamps in seconds.
pub(crate) fn parse_milliseconds(value: &[u8]) -> Option<u64> {
    let fits = (1..=14).contains(&value.len()) && digits::all(value, value.len());
    fits.then(|| number(value.iter()))
}

/// Returns the number that digits make.
fn number<'a>(digits: impl Iterator<Item = &'a u8>) -> u64 {
    digits.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
}

/// Parses a timestamp in milliseconds or ISO 8601. Returns the milliseconds since 1970.
pub(crate) fn parse_event_time(value: &[u8]) -> Option<u64> {
    parse_milliseconds(value).or_else(|| parse_iso8601(value))
}

/// Parses `YYYY-MM-DDThh:mm:ss`, an optional fraction of up to nine digits, and `Z`. Returns the milliseconds since 1970;
/// a finer fraction is truncated.
fn parse_iso8601(value: &[u8]) -> Option<u64> {
    let (date, time) = value.strip_suffix(b"Z")?.split_at_checked(10)?;
    let (time, fraction) = time.strip_prefix(b"T")?.split_at_checked(8)?;
    let millis = match fraction {
        [] => 0,
        [b'.', fraction @ ..] => {
            let fits = (1..=9).contains(&fraction.len()) && digits::all(fraction, fraction.len());
            let thousandths = fraction.iter().chain(b"00").take(3);
            fits.then(|| number(thousandths))?
        }
        _ => return None,
    };
    Some(parse_date_time(date, time)? + millis)
}

/// Writes a value in milliseconds, and the closing quote if the format has one.
pub(crate) fn write_milliseconds(
    format: TimestampFormat,
    raw: RawValue<'_>,
    out: &mut [u8],
    at: usize,
) -> Option<usize> {
    let millis = parse_milliseconds(raw.value())?;
    Some(write_instant(format, millis, raw, out, at))
}

/// Writes a value in milliseconds or ISO 8601, and the closing quote if the format has one.
pub(crate) fn write_event_time(
    format: TimestampFormat,
    raw: RawValue<'_>,
    out: &mut [u8],
    at: usize,
) -> Option<usize> {
    let millis = parse_event_time(raw.value())?;
    Some(write_instant(format, millis, raw, out, at))
}

/// Writes the timestamp that is `millis` after 1970, or the value itself, and the closing quote if there is one.
#[inline]
fn write_instant(
    format: TimestampFormat,
    millis: u64,
    raw: RawValue<'_>,
    out: &mut [u8],
    at: usize,
) -> usize {
    match format {
        TimestampFormat::EpochMillis => write_millis(millis, out, at),
        TimestampFormat::Iso8601 => write_iso8601_millis(millis, out, at),
        TimestampFormat::Verbatim => {
            let at = write::range(out, at, raw.bytes, 0, raw.len);
            write::byte(out, at, b'"')
        }
    }
}

/// Writes the timestamp that is `seconds` after 1970, and the closing quote if the format has one.
pub(crate) fn write_seconds(
    format: TimestampFormat,
    seconds: u64,
    out: &mut [u8],
    at: usize,
) -> usize {
    match format {
        TimestampFormat::EpochMillis => write_millis(seconds * 1000, out, at),
        TimestampFormat::Iso8601 | TimestampFormat::Verbatim => {
            write_iso8601_millis(seconds * 1000, out, at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_of_five_centuries_comes_after_the_one_before() {
        let first = parse_date(b"1970-01-01").expect("a day");
        let last = parse_date(b"2469-12-31");
        assert_eq!(first, 0);
        let mut expected = 0;
        for year in 1970..2470 {
            for month in 1..=12 {
                for of_month in 1..=31 {
                    let text = format!("{year}-{month:02}-{of_month:02}");
                    let Some(seconds) = parse_date(text.as_bytes()) else {
                        assert!(of_month > 28, "{text}");
                        continue;
                    };
                    assert_eq!(seconds, expected, "{text}");
                    expected += DAY_SECONDS;
                }
            }
        }
        assert_eq!(last.map(|last| last + DAY_SECONDS), Some(expected));
    }

    #[test]
    fn invalid_dates_and_times_are_refused() {
        for text in [
            "2024-02-30",
            "2023-02-29",
            "2024-00-01",
            "2024-13-01",
            "2024-01-00",
            "2024-1-01",
            "1969-12-31",
            "2024/01/01",
            "2024-01-01 ",
            "0000-00-00",
            "2024-01-3x",
        ] {
            assert_eq!(parse_date(text.as_bytes()), None, "{text}");
        }
        for text in [
            "24:00:00",
            "00:60:00",
            "00:00:60",
            "0:00:00",
            "00-00-00",
            "00:00:00.1",
            "aa:00:00",
        ] {
            assert_eq!(parse_time(text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse_time(b"23:59:59"), Some(DAY_SECONDS - 1));
    }
}
