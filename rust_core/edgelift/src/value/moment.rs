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

/// The day of the row before, which is nearly always that of the next one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day {
    text: [u8; 10],
    seconds: u64,
}

impl Default for Day {
    fn default() -> Self {
        Self {
            text: *b"1970-01-01",
            seconds: 0,
        }
    }
}

impl Day {
    /// Seconds from 1970 to a day and the time of day behind it, with a tab between them.
    #[inline(always)]
    pub(crate) fn date_time(&mut self, bytes: &[u8; 32]) -> Option<u64> {
        let text: &[u8; 10] = write::window(bytes);
        if *text != self.text {
            *self = Self::parse(text)?;
        }
        let time = u64::from_le_bytes(*write::window(&bytes[11..]));
        Some(self.seconds + u64::from(second_of(time).filter(|_| bytes[10] == b'\t')?))
    }

    #[inline(never)]
    fn parse(text: &[u8; 10]) -> Option<Self> {
        let seconds = day(text)?;
        Some(Self {
            text: *text,
            seconds,
        })
    }
}

/// Seconds from midnight to the time of day that eight bytes are, all at once.
#[inline(always)]
fn second_of(time: u64) -> Option<u32> {
    const COLONS: u64 = u64::from_le_bytes(*b"\0\0:\0\0:\0\0");
    const ZEROS: u64 = u64::from_le_bytes([b'0', b'0', 0, b'0', b'0', 0, b'0', b'0']);
    // Each digit is what is left of it without the zero, below its bound; 0x80 tells that it was not.
    const BOUNDS: u64 = u64::from_le_bytes([0x7d, 0x76, 0x7f, 0x7a, 0x76, 0x7f, 0x7a, 0x76]);
    const OVER: u64 = 0x8080_8080_8080_8080;
    let digits = time ^ (COLONS | ZEROS);
    if (digits | digits.wrapping_add(BOUNDS)) & OVER != 0 {
        return None;
    }
    let [hours, _, _, minutes, _, _, seconds, _] = (digits * 10 + (digits >> 8)).to_le_bytes();
    let time = u32::from(hours) * 3600 + u32::from(minutes) * 60 + u32::from(seconds);
    (hours < 24).then_some(time)
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
#[inline]
pub(crate) fn moment(moment: Moment, seconds: u64, out: &mut [u8], at: usize) -> usize {
    match moment {
        Moment::EpochMillis => match u32::try_from(seconds) {
            Ok(seconds @ 1_000_000_000..) => write::bytes(out, at, &ten_digits(seconds)),
            _ => timestamp::write_epoch_millis(seconds * 1000, out, at),
        },
        Moment::Iso8601 | Moment::Verbatim => timestamp::write_iso8601(seconds * 1000, out, at),
    }
}

/// Ten digits, and three more for milliseconds.
fn ten_digits(number: u32) -> [u8; 13] {
    const EIGHT: u32 = 100_000_000;
    let mut digits = [b'0'; 13];
    digits[..2].copy_from_slice(&TWO_DIGITS[(number / EIGHT) as usize]);
    digits[2..10].copy_from_slice(&eight_digits(number % EIGHT));
    digits
}

/// Each number below a hundred.
static TWO_DIGITS: [[u8; 2]; 100] = {
    let mut digits = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        digits[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    digits
};

/// The digits of a number below 10^8, halved three times: fours, pairs, digits. The products with the inverses are
/// exact for what they divide.
fn eight_digits(number: u32) -> [u8; 8] {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let number = u64::from(number);
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = (fours * 10_486) >> 20 & 0x0000_007f_0000_007f;
    let pairs = hundreds | (fours - hundreds * 100) << 16;
    let tens = (pairs * 103) >> 10 & 0x000f_000f_000f_000f;
    let digits = tens | (pairs - tens * 10) << 8;
    (digits | (EACH * u64::from(b'0'))).to_le_bytes()
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

    #[test]
    fn both_at_once_are_as_one_after_the_other() {
        let good = b"2024-11-15\t19:45:51\tx1234567890x";
        let same_day = Day::parse(b"2024-11-15").expect("a day");
        for place in 0..19 {
            for byte in 0..=u8::MAX {
                let mut bytes: [u8; 32] = good[..32].try_into().expect("enough");
                bytes[place] = byte;
                let slow = || Some(day(&bytes[..10])? + second(&bytes[11..19])?);
                let slow = slow().filter(|_| bytes[10] == b'\t');
                for mut before in [Day::default(), same_day] {
                    assert_eq!(before.date_time(&bytes), slow, "{byte} at {place}");
                }
            }
        }
    }

    #[test]
    fn seconds_are_written_as_milliseconds() {
        for seconds in [
            0,
            1,
            999_999_999,
            1_000_000_000,
            1_731_699_951,
            4_294_967_295,
            4_294_967_296,
        ]
        .into_iter()
        .chain((1_000_000_000..4_294_967_295).step_by(99_991))
        {
            let mut out = [0; 64];
            let end = moment(Moment::EpochMillis, seconds, &mut out, 0);
            assert_eq!(out[..end], *(seconds * 1000).to_string().as_bytes());
        }
    }
}
