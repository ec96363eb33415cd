//! Parses the date and time at the beginning of a row at once: adjacent rows nearly always share the minute.

use super::date_time::{parse_date, parse_time};
use super::write;

/// The minute of the previous row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MinuteCache {
    /// The date, a tab, hour and minute.
    text: [u8; LEN],
    /// Seconds from 1970 to the minute; they have ten digits.
    seconds: u64,
    /// The first eight digits of `seconds`, and of `seconds + 100`.
    high: [[u8; 8]; 2],
    /// The last two digits of `seconds`, as a number.
    low: u8,
}

const LEN: usize = 16;

impl Default for MinuteCache {
    fn default() -> Self {
        Self {
            text: *b"2001-09-09\t01:47",
            seconds: 1_000_000_020,
            high: [*b"10000000", *b"10000001"],
            low: 20,
        }
    }
}

impl MinuteCache {
    /// Parses a date, a tab and a time of day, and caches their minute. Returns the second within the minute, or `None`
    /// if there is no such time or its seconds since 1970 do not have ten digits.
    #[inline(always)]
    pub(crate) fn read(&mut self, bytes: &[u8; 32]) -> Option<u8> {
        let text: &[u8; LEN] = write::window(bytes);
        if *text != self.text {
            *self = Self::parse(text)?;
        }
        let &[colon, tens, ones] = write::window(&bytes[LEN..]);
        let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
        (colon == b':' && tens <= 5 && ones <= 9).then(|| tens * 10 + ones)
    }

    /// Returns the digits of the milliseconds from 1970 to a second of the minute: thirteen, padded with zeros.
    #[inline(always)]
    pub(crate) fn millis(&self, second: u8) -> [u8; LEN] {
        let low = self.low + second;
        let carries = low >= 100;
        let low = if carries { low - 100 } else { low };
        let mut digits = [b'0'; LEN];
        digits[..8].copy_from_slice(&self.high[usize::from(carries)]);
        digits[8] += low / 10;
        digits[9] += low % 10;
        digits
    }

    /// Returns the seconds from 1970 to a second of the minute.
    pub(crate) fn seconds(&self, second: u8) -> u64 {
        self.seconds + u64::from(second)
    }

    #[inline(never)]
    fn parse(text: &[u8; LEN]) -> Option<Self> {
        let (date, time) = (&text[..10], &text[11..]);
        let mut first = *b"hh:mm:00";
        first[..5].copy_from_slice(time);
        let seconds = parse_date(date)? + parse_time(&first)?;
        let has_ten_digits = (1_000_000_000..9_999_999_900).contains(&seconds);
        if !has_ten_digits || text[10] != b'\t' {
            return None;
        }
        Some(Self {
            text: *text,
            seconds,
            high: [eight_digits(seconds / 100), eight_digits(seconds / 100 + 1)],
            low: u8::try_from(seconds % 100).ok()?,
        })
    }
}

fn eight_digits(mut number: u64) -> [u8; 8] {
    let mut digits = [b'0'; 8];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::super::date_time::write_seconds;
    use super::super::timestamp::TimestampFormat;
    use super::*;

    const FORMATS: [TimestampFormat; 2] = [TimestampFormat::EpochMillis, TimestampFormat::Iso8601];

    /// Parses date and time without the cache.
    fn without_cache(format: TimestampFormat, bytes: &[u8; 32]) -> Option<Vec<u8>> {
        let seconds = parse_date(&bytes[..10])? + parse_time(&bytes[11..19])?;
        let has_ten_digits = (1_000_000_000..9_999_999_900).contains(&(seconds / 60 * 60));
        let mut out = [0; 64];
        let end = write_seconds(format, seconds, &mut out, 0);
        (bytes[10] == b'\t' && has_ten_digits).then(|| out[..end].to_vec())
    }

    fn with_cache(
        minute: &mut MinuteCache,
        format: TimestampFormat,
        bytes: &[u8; 32],
    ) -> Option<Vec<u8>> {
        let second = minute.read(bytes)?;
        let mut out = [0; 64];
        let end = write_seconds(format, minute.seconds(second), &mut out, 0);
        assert!(
            format != TimestampFormat::EpochMillis || minute.millis(second)[..13] == out[..end]
        );
        Some(out[..end].to_vec())
    }

    #[test]
    fn cached_and_parsed_times_are_equal() {
        let good = *b"2024-11-15\t19:45:51\tx12345678901";
        let mut same = MinuteCache::default();
        for format in FORMATS {
            assert!(with_cache(&mut same, format, &good).is_some());
            for place in 0..19 {
                for byte in 0..=u8::MAX {
                    let mut bytes = good;
                    bytes[place] = byte;
                    let expected = without_cache(format, &bytes);
                    for mut cache in [MinuteCache::default(), same] {
                        let cached = with_cache(&mut cache, format, &bytes);
                        assert_eq!(cached, expected, "{byte} at {place}");
                    }
                }
            }
        }
    }

    #[test]
    fn seconds_on_both_sides_of_every_carry_are_equal() {
        let mut minute = MinuteCache::default();
        let seconds =
            (0..300).chain((999_999_900..1_000_000_200).chain(1_731_699_900..1_731_700_300));
        let ends = 9_999_999_700..10_000_000_200;
        for seconds in seconds
            .chain(ends)
            .chain((0..10_000_000_000).step_by(99_999_989))
        {
            let mut iso = [0; 64];
            write_seconds(TimestampFormat::Iso8601, seconds, &mut iso, 0);
            let mut bytes = [b'x'; 32];
            bytes[..19].copy_from_slice(&iso[..19]);
            bytes[10] = b'\t';
            for format in FORMATS {
                let expected = without_cache(format, &bytes);
                assert_eq!(
                    with_cache(&mut minute, format, &bytes),
                    expected,
                    "{seconds}"
                );
            }
        }
    }
}
