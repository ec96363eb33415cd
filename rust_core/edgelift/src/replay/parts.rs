//! Takes records apart that have several lines, or several JSON objects in a line.

use std::iter;
use std::ops::Range;

use super::concatenated::first_object;
use crate::record::without_line_end;

/// A part of a record that is a record itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Number of its line, from 1.
    pub(crate) line: usize,
    /// Its bytes, including its line end if it has one.
    pub(crate) range: Range<usize>,
}

/// Returns the lines of a record, and of a line of concatenated JSON objects the objects. Blank lines are left out.
pub(crate) fn parts(record: &[u8]) -> impl Iterator<Item = Part> {
    let (mut line, mut start) = (1, 0);
    let all = iter::from_fn(move || {
        let rest = record.get(start..).filter(|rest| !rest.is_empty())?;
        let line_len = memchr::memchr(b'\n', rest).map_or(rest.len(), |feed| feed + 1);
        let len = first_object(&rest[..line_len]).unwrap_or(line_len);
        let range = start..start + len;
        let part = Part { line, range };
        line += usize::from(len == line_len);
        start += len;
        Some(part)
    });
    all.filter(|part| !without_line_end(&record[part.range.clone()]).is_empty())
}

#[cfg(test)]
mod tests {
    use super::parts;

    /// Returns the line and the text of each part.
    fn read(record: &str) -> Vec<(usize, &str)> {
        parts(record.as_bytes())
            .map(|part| (part.line, &record[part.range]))
            .collect()
    }

    #[test]
    fn lines_and_concatenated_objects_are_parts() {
        assert_eq!(read("a\nb"), [(1, "a\n"), (2, "b")]);
        assert_eq!(read("\na\r\n\r\n\nb\n"), [(2, "a\r\n"), (5, "b\n")]);
        assert_eq!(
            read("{}{}\n{} {\"}{\":1}\n"),
            [(1, "{}"), (1, "{}\n"), (2, "{} "), (2, "{\"}{\":1}\n"),]
        );
        assert_eq!(read("a{}{}"), [(1, "a{}{}")]);
        assert_eq!(read("\n\r\n"), []);
        assert_eq!(read(""), []);
    }
}
