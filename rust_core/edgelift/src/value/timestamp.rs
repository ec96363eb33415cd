//! timestamp: seconds since 1970 with decimals, cut to milliseconds.

use super::{Cell, digits, write};

/// A timestamp that fits: its length before and after the point.
pub(super) struct Seconds {
    whole: usize,
    decimals: usize,
}

/// Whether the value has the form in which CloudFront writes them: ten digits, the point, three digits; the
/// digits are those of its milliseconds.
#[inline(always)]
pub(crate) fn is_short(bytes: &[u8; 32], len: usize) -> bool {
    const DIGITS: u32 = 0b11_1011_1111_1111;
    len == 14
        && bytes[10] == b'.'
        && bytes[0] != b'0'
        && digits::mask(write::window(bytes)) & 0b11_1111_1111_1111 == DIGITS
}

/// Reads a timestamp: one to eleven digits, and after a point one to nine.
pub(super) fn parse(cell: Cell<'_>) -> Option<Seconds> {
    let value = cell.value();
    let whole = value
        .iter()
        .position(|&byte| byte == b'.')
        .unwrap_or(value.len());
    let decimals = value.len().saturating_sub(whole + 1);
    let point_alone = whole + 1 == value.len();
    let fits = (1..=11).contains(&whole)
        && decimals <= 9
        && !point_alone
        && digits::all(value, whole)
        && (decimals == 0 || digits::all(&value[whole + 1..], decimals));
    fits.then_some(Seconds { whole, decimals })
}

/// Milliseconds since 1970 of a value; none if it is no timestamp.
pub(crate) fn parse_millis(value: &[u8]) -> Option<u64> {
    let cell = Cell::new(value, value.len());
    Some(millis(cell, &parse(cell)?))
}

/// Milliseconds since 1970.
fn millis(cell: Cell<'_>, seconds: &Seconds) -> u64 {
    let number = |from: usize, len: usize| {
        cell.bytes[from..from + len]
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

/// Writes milliseconds since 1970 as an integer.
pub(crate) fn epoch_millis(cell: Cell<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    let seconds = parse(cell)?;
    Some(write_padded(out, at, millis(cell, &seconds), 1))
}

/// Writes milliseconds since 1970 as they are.
pub(super) fn write_epoch_millis(millis: u64, out: &mut [u8], at: usize) -> usize {
    write_padded(out, at, millis, 1)
}

/// Writes UTC with three decimals, and the closing quote.
pub(crate) fn iso8601(cell: Cell<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    Some(write_iso8601(millis(cell, &parse(cell)?), out, at))
}

/// The same of milliseconds since 1970.
pub(super) fn write_iso8601(millis: u64, out: &mut [u8], at: usize) -> usize {
    const DAY: u64 = 86_400_000;
    let (year, month, day) = date(millis / DAY);
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

/// Writes the timestamp as it stands, and the closing quote.
pub(crate) fn verbatim(cell: Cell<'_>, out: &mut [u8], at: usize) -> Option<usize> {
    parse(cell)?;
    let at = write::run(out, at, cell.bytes, 0, cell.len);
    Some(write::byte(out, at, b'"'))
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar.
///
/// Counted from 1 March of year 0, so that the leap day is the last of a year, and in eras of 400 years,
/// after which the calendar repeats.
pub(crate) fn date(days: u64) -> (u64, u64, u64) {
    const ERA: u64 = 146_097;
    let days = days + 719_468;
    let (era, day_of_era) = (days / ERA, days % ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

/// Writes a number with at least `width` digits.
fn write_padded(out: &mut [u8], at: usize, mut number: u64, width: usize) -> usize {
    const LONGEST: usize = 20;
    let mut digits = [b'0'; LONGEST];
    let mut start = LONGEST;
    while number > 0 {
        start -= 1;
        digits[start] += u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
    write::bytes(out, at, &digits[start.min(LONGEST - width)..])
}
