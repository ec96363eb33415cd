//! Day and time of day at the beginning of a row, at once: neighbours in a log are nearly always of one minute.

use super::{moment, write};

/// The minute of the row before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minute {
    /// The day, a tab, hour and minute.
    text: [u8; LEN],
    /// Seconds from 1970 to it, which have ten digits.
    seconds: u64,
    /// The first eight of them, and what they are after the next hundred.
    high: [[u8; 8]; 2],
    /// The last two of them.
    low: u8,
}

const LEN: usize = 16;

impl Default for Minute {
    fn default() -> Self {
        Self {
            text: *b"2001-09-09\t01:47",
            seconds: 1_000_000_020,
            high: [*b"10000000", *b"10000001"],
            low: 20,
        }
    }
}

impl Minute {
    /// Reads a day, a tab and a time of day. Returns the second of the minute, which this is from now on; none if there
    /// is no such time, or if its seconds since 1970 do not have ten digits.
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

    /// The digits of the milliseconds since 1970 at a second of the minute: thirteen, and more zeros.
    #[inline(always)]
    pub(crate) fn millis(&self, second: u8) -> [u8; LEN] {
        let low = self.low + second;
        let is_over = low >= 100;
        let low = if is_over { low - 100 } else { low };
        let mut digits = [b'0'; LEN];
        digits[..8].copy_from_slice(&self.high[usize::from(is_over)]);
        digits[8] += low / 10;
        digits[9] += low % 10;
        digits
    }

    /// Seconds since 1970.
    pub(crate) fn seconds(&self, second: u8) -> u64 {
        self.seconds + u64::from(second)
    }

    #[inline(never)]
    fn parse(text: &[u8; LEN]) -> Option<Self> {
        let (day, time) = (&text[..10], &text[11..]);
        let mut first = *b"hh:mm:00";
        first[..5].copy_from_slice(time);
        let seconds = moment::day(day)? + moment::second(&first)?;
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
    use super::*;
    use crate::plan::Moment;

    const MOMENTS: [Moment; 2] = [Moment::EpochMillis, Moment::Iso8601];

    /// The slow way.
    fn one_after_the_other(moment: Moment, bytes: &[u8; 32]) -> Option<Vec<u8>> {
        let seconds = moment::day(&bytes[..10])? + moment::second(&bytes[11..19])?;
        let has_ten_digits = (1_000_000_000..9_999_999_900).contains(&(seconds / 60 * 60));
        let mut out = [0; 64];
        let end = moment::moment(moment, seconds, &mut out, 0);
        (bytes[10] == b'\t' && has_ten_digits).then(|| out[..end].to_vec())
    }

    fn at_once(minute: &mut Minute, moment: Moment, bytes: &[u8; 32]) -> Option<Vec<u8>> {
        let second = minute.read(bytes)?;
        let mut out = [0; 64];
        let end = moment::moment(moment, minute.seconds(second), &mut out, 0);
        assert!(moment != Moment::EpochMillis || minute.millis(second)[..13] == out[..end]);
        Some(out[..end].to_vec())
    }

    #[test]
    fn both_at_once_are_as_one_after_the_other() {
        let good = *b"2024-11-15\t19:45:51\tx12345678901";
        let mut same = Minute::default();
        for moment in MOMENTS {
            assert!(at_once(&mut same, moment, &good).is_some());
            for place in 0..19 {
                for byte in 0..=u8::MAX {
                    let mut bytes = good;
                    bytes[place] = byte;
                    let slow = one_after_the_other(moment, &bytes);
                    for mut before in [Minute::default(), same] {
                        let at_once = at_once(&mut before, moment, &bytes);
                        assert_eq!(at_once, slow, "{byte} at {place}");
                    }
                }
            }
        }
    }

    #[test]
    fn any_second_has_the_digits_that_it_has_alone() {
        let mut minute = Minute::default();
        let seconds =
            (0..300).chain((999_999_900..1_000_000_200).chain(1_731_699_900..1_731_700_300));
        let ends = 9_999_999_700..10_000_000_200;
        for seconds in seconds
            .chain(ends)
            .chain((0..10_000_000_000).step_by(99_999_989))
        {
            let mut iso = [0; 64];
            moment::moment(Moment::Iso8601, seconds, &mut iso, 0);
            let mut bytes = [b'x'; 32];
            bytes[..19].copy_from_slice(&iso[..19]);
            bytes[10] = b'\t';
            for moment in MOMENTS {
                let slow = one_after_the_other(moment, &bytes);
                assert_eq!(at_once(&mut minute, moment, &bytes), slow, "{seconds}");
            }
        }
    }
}
