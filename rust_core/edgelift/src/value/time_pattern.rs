//! `strftime` patterns over a time in UTC, for partition keys.

use std::fmt::Write as _;

use super::civil::date_of_day;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(crate) struct TimePattern(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Text(char),
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl TimePattern {
    /// Parses a pattern. The error is a message for users.
    pub(crate) fn parse(pattern: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut characters = pattern.chars();
        while let Some(character) = characters.next() {
            parts.push(match character {
                '%' => match characters.next() {
                    Some('Y') => Part::Year,
                    Some('m') => Part::Month,
                    Some('d') => Part::Day,
                    Some('H') => Part::Hour,
                    Some('M') => Part::Minute,
                    Some('S') => Part::Second,
                    Some('%') => Part::Text('%'),
                    other => {
                        let other = other.map(String::from).unwrap_or_default();
                        return Err(format!(
                            "unknown \"%{other}\" in \"{pattern}\", known are %Y %m %d %H %M %S %%"
                        ));
                    }
                },
                character => Part::Text(character),
            });
        }
        if parts.is_empty() {
            return Err("an empty pattern; one like %Y-%m-%d is expected".to_owned());
        }
        Ok(Self(parts))
    }

    /// Appends a time in milliseconds since 1970.
    pub(crate) fn write(&self, millis: u64, text: &mut String) {
        const DAY: u64 = 86_400;
        let seconds = millis / 1000;
        let (year, month, day) = date_of_day(seconds / DAY);
        let time = seconds % DAY;
        for part in &self.0 {
            let (number, width) = match part {
                Part::Text(character) => {
                    text.push(*character);
                    continue;
                }
                Part::Year => (year, 4),
                Part::Month => (month, 2),
                Part::Day => (day, 2),
                Part::Hour => (time / 3600, 2),
                Part::Minute => (time / 60 % 60, 2),
                Part::Second => (time % 60, 2),
            };
            let _ = write!(text, "{number:0width$}");
        }
    }
}
