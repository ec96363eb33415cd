//! Recognizes what a failed record or a file is that is not a row or a log: another type of file, or a row in a form
//! that cannot be read.
//!
//! Only what has failed is looked at, and only its beginning.

use std::borrow::Cow;

/// Bytes that are looked at.
const MOST_BYTES: usize = 1024;
/// Columns that blanks or commas must separate in a row without tabs.
const LEAST_COLUMNS: usize = 3;

/// Beginnings of files that are not logs, and what these are.
const BEGINNINGS: [(&[u8], &str); 28] = [
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"BZh", "compressed with bzip2"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard"),
    (b"\xff\x06\x00\x00sNaPpY", "compressed with Snappy"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\xfd7zXZ\0", "compressed by xz"),
    (b"\x04\x22\x4d\x18", "compressed by LZ4"),
    (b"Obj\x01", "an Avro file"),
    (b"ORC", "an ORC file"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"%PDF-", "a PDF file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x7fELF", "an ELF program"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O program"),
    (b"\0asm", "a WebAssembly program"),
    (b"\xca\xfe\xba\xbe", "a Java class or Mach-O program"),
    (b"#!", "a script"),
    (b"-----BEGIN ", "a key or certificate in PEM"),
    (b"ssh-rsa ", "an SSH key"),
    (b"ssh-ed25519 ", "an SSH key"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
    (b"\xef\xbb\xbf", "text with a byte order mark"),
];

/// Returns what the file is that begins like this, as the words after "is". `None` if it may be a log.
#[must_use]
#[cold]
pub fn file_type(head: &[u8]) -> Option<Cow<'static, str>> {
    let beginning = BEGINNINGS
        .iter()
        .find(|(beginning, _)| head.starts_with(beginning));
    if let Some((_, name)) = beginning {
        return Some(Cow::Borrowed(name));
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some(Cow::Borrowed("a tar archive"));
    }
    let head = head[..head.len().min(MOST_BYTES)].trim_ascii_start();
    if let Some(array) = head.strip_prefix(b"[")
        && matches!(array.trim_ascii_start(), [b'{' | b'[' | b'"', ..])
    {
        return Some(Cow::Borrowed("a JSON array"));
    }
    markup(head)
}

/// Returns what a failed record is that is not a row, as the words after "is", with what to do. `None` if that is not
/// known.
#[cold]
pub(crate) fn record_type(record: &[u8]) -> Option<Cow<'static, str>> {
    if let Some(separator) = separator(record) {
        return Some(Cow::Owned(format!(
            "a row with {separator} between its columns: separate them by tabs, as CloudFront does"
        )));
    }
    if is_json_over_lines(record) {
        return Some(Cow::Borrowed(JSON_OVER_LINES));
    }
    if first_line(record).len() < record.len() && is_header(record) {
        return Some(Cow::Borrowed(LOG_FILE));
    }
    let head = &record[..record.len().min(MOST_BYTES)];
    // Printable text may be the beginning of a value in the first column.
    let is_text = head.iter().take(4).all(|&byte| is_printable(byte));
    let is_binary = is_binary(head);
    if is_text && !is_binary && first_line(head).contains(&b'\t') {
        return None;
    }
    let what = file_type(record).or_else(|| is_binary.then_some(Cow::Borrowed("binary")))?;
    Some(Cow::Owned(format!("{what}, not a row of a CloudFront log")))
}

const JSON_OVER_LINES: &str =
    "JSON with records over several lines: write each record on one line, for example with jq -c .";
const LOG_FILE: &str = "a log file with a header: a record is one row of it, without the header";

/// Returns where the date of a row of a standard log is: the column before its time of day, from 0.
pub(crate) fn date_column<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<usize> {
    let mut had_date = false;
    for (column, value) in values.enumerate().take(8) {
        if had_date && has_pattern(value, TIME) {
            return Some(column - 1);
        }
        had_date = has_pattern(value, DATE);
    }
    None
}

const DATE: &[u8] = b"0000-00-00";
const TIME: &[u8] = b"00:00:00";

/// Returns true if a text has the same bytes as a pattern, and a digit for each 0 of it.
fn has_pattern(text: &[u8], pattern: &[u8]) -> bool {
    text.len() == pattern.len() && starts_with_pattern(text, pattern)
}

fn starts_with_pattern(text: &[u8], pattern: &[u8]) -> bool {
    let is_same = |(&byte, &expected): (&u8, &u8)| {
        byte == expected || (expected == b'0' && byte.is_ascii_digit())
    };
    text.len() >= pattern.len() && text.iter().zip(pattern).all(is_same)
}

/// Returns what separates the columns of a row that has no tab. It begins with a time.
fn separator(record: &[u8]) -> Option<&'static str> {
    let line = first_line(record).trim_ascii();
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let time = if starts_with_pattern(line, DATE) {
        DATE.len()
    } else if starts_with_pattern(line, b"0000000000") {
        let digits = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
        line.iter().take_while(digits).count()
    } else {
        return None;
    };
    let rest = &line[time..];
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    let (separator, name): (&[u8], _) = match rest {
        [b' ', ..] => (b" ", "blanks"),
        [b',', ..] => (b",", "commas"),
        [b';', ..] => (b";", "semicolons"),
        [b'|', ..] => (b"|", "vertical bars"),
        [b'\\', b't', ..] => (b"\\t", "\\t, two characters,"),
        _ => return None,
    };
    let columns = memchr::memmem::find_iter(rest, separator).count() + 1;
    (!line.contains(&b'\t') && columns >= LEAST_COLUMNS).then_some(name)
}

/// Returns true for JSON over several lines, or one of these lines.
fn is_json_over_lines(record: &[u8]) -> bool {
    let line = first_line(record).trim_ascii();
    if line.contains(&b'\t') {
        return false;
    }
    let is_several = record.trim_ascii().len() > line.len();
    match line {
        b"{" | b"[" | b"}" | b"}," | b"]" | b"]," => true,
        [b'{', .., last] => is_several && *last != b'}',
        [b'"', ..] => memchr::memmem::find(line, b"\":").is_some(),
        _ => false,
    }
}

/// Returns true for the first line of the header of a standard log.
fn is_header(record: &[u8]) -> bool {
    record.starts_with(b"#Version: ") || record.starts_with(b"#Fields:")
}

/// Returns the type of HTML or XML, and the code of an error of S3.
fn markup(text: &[u8]) -> Option<Cow<'static, str>> {
    let is_markup = matches!(text, [b'<', b'!' | b'?', ..])
        || matches!(text, [b'<', letter, ..] if letter.is_ascii_alphabetic());
    if !is_markup {
        return None;
    }
    if let Some(code) = s3_error(text) {
        return Some(Cow::Owned(format!(
            "an error message of Amazon S3 ({code})"
        )));
    }
    let lower = text[..text.len().min(15)].to_ascii_lowercase();
    let is_html = lower.starts_with(b"<html") || lower.starts_with(b"<!doctype html");
    Some(Cow::Borrowed(if is_html { "HTML" } else { "XML" }))
}

/// Returns the code of an error of S3.
fn s3_error(text: &[u8]) -> Option<&str> {
    let error = memchr::memmem::find(text, b"<Error>")?;
    let code = text[error + b"<Error>".len()..].trim_ascii_start();
    let code = code.strip_prefix(b"<Code>")?;
    let end = memchr::memchr(b'<', code)?;
    let is_word = code[..end].iter().all(u8::is_ascii_alphanumeric);
    std::str::from_utf8(&code[..end]).ok().filter(|_| is_word)
}

fn first_line(record: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'\n', record).unwrap_or(record.len());
    &record[..end]
}

/// Returns true if so many bytes are control characters that this is not a text with a few of them.
fn is_binary(head: &[u8]) -> bool {
    const LEAST_BYTES: usize = 16;
    const SHARE: usize = 8;
    let is_control = |byte: &&u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    head.len() >= LEAST_BYTES && head.iter().filter(is_control).count() * SHARE >= head.len()
}

const fn is_printable(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_recognized_by_their_beginning() {
        let mut tar = vec![b'a'; 600];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, expected) in [
            (&b"PAR1\x15\0"[..], Some("a Parquet file")),
            (b"\x7fELF\x02", Some("an ELF program")),
            (b"\x89PNG\r\n", Some("a PNG image")),
            (
                b"-----BEGIN CERTIFICATE-----",
                Some("a key or certificate in PEM"),
            ),
            (b"\n <!DOCTYPE HTML>", Some("HTML")),
            (b"<?xml version=\"1.0\"?><a/>", Some("XML")),
            (
                b"<Error>\n <Code>AccessDenied</Code>",
                Some("an error message of Amazon S3 (AccessDenied)"),
            ),
            (b"<Error><Code>\x1b[2J</Code>", Some("XML")),
            (&tar, Some("a tar archive")),
            (b"[\n {\"a\": 1}]", Some("a JSON array")),
            (b"[::1]", None),
            (b"<34>Oct 11 22:14:15 a su: failed", None),
            (b"1700000000.123\t192.0.2.1", None),
            (b"", None),
        ] {
            assert_eq!(file_type(head).as_deref(), expected, "{head:?}");
        }
    }

    #[test]
    fn rows_without_tabs_have_other_separators() {
        for (row, expected) in [
            ("1700000000.123 192.0.2.1 200", Some("blanks")),
            ("1700000000.123   192.0.2.1  200\n", Some("blanks")),
            ("2024-11-15 19:45:51 192.0.2.1", Some("blanks")),
            ("2024-11-15,19:45:51,192.0.2.1", Some("commas")),
            ("\"1700000000\",\"192.0.2.1\",\"200\"", Some("commas")),
            ("1700000000;192.0.2.1;200", Some("semicolons")),
            ("1700000000|192.0.2.1|200", Some("vertical bars")),
            ("1700000000\\t192.0.2.1\\t200", Some("\\t, two characters,")),
            ("1700000000\t192.0.2.1 a b", None),
            ("1700000000 a", None),
            ("1700000000", None),
            ("hello big world", None),
            ("", None),
        ] {
            assert_eq!(separator(row.as_bytes()), expected, "{row}");
        }
    }

    #[test]
    fn lines_of_json_over_several_lines_are_recognized() {
        for json in [
            "{",
            "{\n  \"date\": \"2024-11-15\"\n}\n",
            "{\"a\":1,\n\"b\":2}",
            "  \"date\": \"2024-11-15\",",
            "}",
            "},\r",
            "]",
        ] {
            assert!(is_json_over_lines(json.as_bytes()), "{json}");
        }
        for other in [
            "{\"a\":1}\n{\"a\":2}\n",
            "{\"a\":1}",
            "{\"a\":1",
            "\"a\"",
            "{\"a\":1,\t\"b\":2,\n",
            "",
        ] {
            assert!(!is_json_over_lines(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn rows_are_not_taken_for_files() {
        for row in [
            &b"[a]\t200"[..],
            b"<html>\t1",
            b"PAR1\t2",
            b"#!\t3",
            b"a\0\t5 ",
            b"[::1]",
            b"x",
            b"{}",
        ] {
            assert_eq!(record_type(row), None, "{row:?}");
        }
        let binary = record_type(b"a\0\0\x01b\t\x02\x03cdefghijklmn").unwrap();
        assert_eq!(binary, "binary, not a row of a CloudFront log");
        let png = record_type(b"\x89PNG\r\n\x1a\n\t\0").unwrap();
        assert_eq!(png, "a PNG image, not a row of a CloudFront log");
    }

    #[test]
    fn a_date_before_a_time_shows_a_standard_log() {
        let find = |row: &'static str| date_column(row.split('\t').map(str::as_bytes));
        assert_eq!(find("2024-11-15\t19:45:51\ta"), Some(0));
        assert_eq!(find("1731699951\tE1\t2024-11-15\t19:45:51"), Some(2));
        assert_eq!(find("2024-11-15\ta\t19:45:51"), None);
        assert_eq!(find("2024-11-1x\t19:45:51"), None);
        assert_eq!(find(""), None);
    }
}
