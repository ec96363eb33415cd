//! The times of standard logs: a day and a time of day, which are one timestamp together, or milliseconds.

use super::{Cell, digits, timestamp, write};
use crate::plan::Moment;

const DAY_SECONDS: u64 = 86_400;

/// Seconds from 1970 to the beginning of a day, `YYYY-MM-DD`.
pub(crate) fn day(value: &[u8]) -> Option<u64> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = value else {
        return None;
    };
    let year = pair(y1, y2)? * 100 + pair(y3, y4)?;
    let (month, day) = (pair(m1, m2)?, pair(d1, d2)?);
    let days = days_before(year, month, day)?;
    Some(days * DAY_SECONDS)
}

/// Days from 1970 to a day, counted as `timestamp::date` counts them back.
fn days_before(year: u64, month: u64, day: u64) -> Option<u64> {
    const LENGTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *LENGTHS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = length + u64::from(is_leap && month == 2);
    if year < 1970 || !(1..=length).contains(&day) {
        return None;
    }
    let year = if month > 2 { year } else { year - 1 };
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    Some(year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468)
}

/// Seconds from midnight to a time of day, `hh:mm:ss`.
pub(crate) fn second(value: &[u8]) -> Option<u64> {
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = value else {
        return None;
    };
    let (hour, minute, second) = (pair(h1, h2)?, pair(m1, m2)?, pair(s1, s2)?);
    let is_time = hour < 24 && minute < 60 && second < 60;
    is_time.then_some(hour * 3600 + minute * 60 + second)
}

/// The number of two digits.
fn pair(high: u8, low: u8) -> Option<u64> {
    let both = high.is_ascii_digit() && low.is_ascii_digit();
    both.then(|| u64::from(high - b'0') * 10 + u64::from(low - b'0'))
}

/// Milliseconds since 1970 of a day and a time of day.
pub(crate) fn parse_date_time(date: &[u8], time: &[u8]) -> Option<u64> {
    Some((day(date)? + second(time)?) * 1000)
}

/// Milliseconds since 1970 of a value of 1 to 14 digits: as far as timestamps in seconds go.
pub(crate) fn parse_milliseconds(value: &[u8]) -> Option<u64> {
    let fits = (1..=14).contains(&value.len()) && digits::all(value, value.len());
    let number = |sum, digit: &u8| sum * 10 + u64::from(digit - b'0');
    fits.then(|| value.iter().fold(0, number))
}

/// Writes a timestamp in milliseconds, and the closing quote if there is one.
pub(crate) fn milliseconds(
    moment: Moment,
    cell: Cell<'_>,
    out: &mut [u8],
    at: usize,
) -> Option<usize> {
    let millis = parse_milliseconds(cell.value())?;
    Some(match moment {
        Moment::EpochMillis => timestamp::write_epoch_millis(millis, out, at),
        Moment::Iso8601 => timestamp::write_iso8601(millis, out, at),
        Moment::Verbatim => {
            let at = write::run(out, at, cell.bytes, 0, cell.len);
            write::byte(out, at, b'"')
        }
    })
}

/// Writes a moment that is given in seconds.
pub(crate) fn moment(moment: Moment, seconds: u64, out: &mut [u8], at: usize) -> usize {
    match moment {
        Moment::EpochMillis => timestamp::write_epoch_millis(seconds * 1000, out, at),
        Moment::Iso8601 | Moment::Verbatim => timestamp::write_iso8601(seconds * 1000, out, at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_of_five_centuries_comes_after_the_one_before() {
        let (first, last) = (day(b"1970-01-01").expect("a day"), day(b"2469-12-31"));
        assert_eq!(first, 0);
        let mut expected = 0;
        for year in 1970..2470 {
            for month in 1..=12 {
                for of_month in 1..=31 {
                    let text = format!("{year}-{month:02}-{of_month:02}");
                    let Some(seconds) = day(text.as_bytes()) else {
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
    fn what_is_no_day_and_no_time_is_refused() {
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
            assert_eq!(day(text.as_bytes()), None, "{text}");
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
            assert_eq!(second(text.as_bytes()), None, "{text}");
        }
        assert_eq!(second(b"23:59:59"), Some(DAY_SECONDS - 1));
    }
}
