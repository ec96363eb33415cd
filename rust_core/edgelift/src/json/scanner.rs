//! Scans JSON texts token by token, checked against RFC 8259. No function is recursive, so that deep nesting cannot
//! exhaust the stack.

use super::blocks::{number_end, plain_end};
use super::text::{Text, four_digits};

/// A JSON text and the offset of the next byte.
#[derive(Clone, Copy)]
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A syntax error: where the text stops being JSON, and what was expected there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Offset in bytes.
    pub at: usize,
    /// The token that was expected.
    pub expected: &'static str,
}

type Checked<T> = Result<T, Invalid>;

/// The type of a value. It has the name that Python's parsers give it, since both paths have the same messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Dict,
    List,
    Str,
    Int,
    Float,
    Bool,
    None,
}

impl Type {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Dict => "dict",
            Self::List => "list",
            Self::Str => "str",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::None => "NoneType",
        }
    }
}

impl<'a> Scanner<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self::from_offset(bytes, 0)
    }

    /// Scans from an offset on.
    pub(crate) const fn from_offset(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Returns the bytes from this position to that of a later scanner of the same text.
    pub(crate) fn bytes_until(self, later: &Self) -> &'a [u8] {
        &self.bytes[self.at..later.at]
    }

    /// Returns the offset of the next byte.
    pub(crate) const fn offset(&self) -> usize {
        self.at
    }

    /// Skips a byte.
    pub(crate) const fn skip(&mut self) {
        self.at += 1;
    }

    /// Returns the error for a text that lacks something at this position.
    pub(crate) const fn invalid(&self, expected: &'static str) -> Invalid {
        Invalid {
            at: self.at,
            expected,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Consumes these bytes if they come next. They must be whole tokens.
    pub(crate) fn take_tokens(&mut self, tokens: &[u8]) -> bool {
        let is_next = self.bytes[self.at..].starts_with(tokens);
        self.at += if is_next { tokens.len() } else { 0 };
        is_next
    }

    /// Skips white space and returns the next byte without consuming it.
    pub(crate) fn peek_token(&mut self) -> Option<u8> {
        while let Some(byte) = self.peek() {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Consumes a byte, and white space before it, if it comes next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek_token() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Checks that only white space follows.
    pub(crate) fn expect_end(&mut self) -> Checked<()> {
        match self.peek_token() {
            None => Ok(()),
            Some(_) => Err(self.invalid("the end")),
        }
    }

    /// Reads the key of a member and the colon after it.
    pub(crate) fn read_key(&mut self) -> Checked<Text<'a>> {
        if self.peek_token() != Some(b'"') {
            return Err(self.invalid("a key in quotes"));
        }
        let key = self.read_string()?;
        if !self.take(b':') {
            return Err(self.invalid("a colon"));
        }
        Ok(key)
    }

    /// Consumes the comma or `close` after a member or item. Returns true if another one follows.
    pub(crate) fn has_more(&mut self, close: u8) -> Checked<bool> {
        if self.take(b',') {
            return Ok(true);
        }
        if self.take(close) {
            return Ok(false);
        }
        Err(self.invalid(if close == b'}' {
            "a comma or }"
        } else {
            "a comma or ]"
        }))
    }

    /// Reads an object. `read_value` is called before each value, with its key, and reads the value.
    pub(crate) fn read_members(
        &mut self,
        mut read_value: impl FnMut(Text<'a>, &mut Self) -> Checked<()>,
    ) -> Checked<()> {
        if !self.take(b'{') {
            return Err(self.invalid("an object"));
        }
        let mut has_more = !self.take(b'}');
        while has_more {
            let key = self.read_key()?;
            read_value(key, self)?;
            has_more = self.has_more(b'}')?;
        }
        Ok(())
    }

    /// Checks a value of any type and skips it.
    pub(crate) fn skip_value(&mut self) -> Checked<Type> {
        self.skip_value_with(&mut Vec::new())
    }

    /// Checks a value and skips it. `open` is a buffer for the brackets that are open.
    pub(crate) fn skip_value_with(&mut self, open: &mut Vec<u8>) -> Checked<Type> {
        let value_type = match self.peek_token() {
            Some(b'{') => Type::Dict,
            Some(b'[') => Type::List,
            _ => return self.scalar(),
        };
        open.clear();
        loop {
            // Enter each object or array that opens here, up to its first member or item.
            match self.peek_token() {
                Some(byte @ (b'{' | b'[')) => {
                    self.at += 1;
                    let close = if byte == b'{' { b'}' } else { b']' };
                    if !self.take(close) {
                        open.push(close);
                        if close == b'}' {
                            self.read_key()?;
                        }
                        continue;
                    }
                }
                _ => {
                    self.scalar()?;
                }
            }
            // Leave each object or array that closes here.
            loop {
                let Some(&close) = open.last() else {
                    return Ok(value_type);
                };
                if self.has_more(close)? {
                    if close == b'}' {
                        self.read_key()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    fn scalar(&mut self) -> Checked<Type> {
        match self.peek_token() {
            Some(b'"') => self.read_string().map(|_| Type::Str),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(b"true", Type::Bool),
            Some(b'f') => self.literal(b"false", Type::Bool),
            Some(b'n') => self.literal(b"null", Type::None),
            _ => Err(self.invalid("a value")),
        }
    }

    fn literal(&mut self, literal: &[u8], value_type: Type) -> Checked<Type> {
        if !self.bytes[self.at..].starts_with(literal) {
            return Err(self.invalid("a value"));
        }
        self.at += literal.len();
        Ok(value_type)
    }

    fn number(&mut self) -> Checked<Type> {
        let mut value_type = Type::Int;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
            value_type = Type::Float;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
            value_type = Type::Float;
        }
        Ok(value_type)
    }

    fn digits(&mut self) -> Checked<()> {
        if let Some(end) = number_end(self.bytes, self.at) {
            self.at = end;
            return Ok(());
        }
        let rest = &self.bytes[self.at..];
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 {
            return Err(self.invalid("a digit"));
        }
        Ok(())
    }

    /// Reads the string whose opening quote comes next.
    pub(crate) fn read_string(&mut self) -> Checked<Text<'a>> {
        let start = self.at + 1;
        let (mut escaped, mut ascii) = (false, true);
        self.at = start;
        loop {
            self.at = plain_end(self.bytes, self.at);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(byte) => {
                    if byte < b' ' {
                        return Err(self.invalid("no control character in a string"));
                    }
                    ascii &= byte.is_ascii();
                    self.at += 1;
                }
                None => return Err(self.invalid("the end of a string")),
            }
        }
        let raw = &self.bytes[start..self.at];
        if !ascii && let Err(error) = std::str::from_utf8(raw) {
            self.at = start + error.valid_up_to();
            return Err(self.invalid("UTF-8"));
        }
        self.at += 1;
        Ok(Text { raw, escaped })
    }

    /// Reads a string whose characters the caller checks, such as base64. Without escapes, only its end is searched for.
    pub(crate) fn read_encoded_string(&mut self) -> Checked<Text<'a>> {
        let start = self.at + 1;
        match memchr::memchr2(b'"', b'\\', &self.bytes[start..]) {
            Some(length) if self.bytes[start + length] == b'"' => {
                let raw = &self.bytes[start..start + length];
                self.at = start + length + 1;
                Ok(Text::plain(raw))
            }
            _ => self.read_string(),
        }
    }

    fn escape(&mut self) -> Checked<()> {
        let length = match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') if four_digits(&self.bytes[self.at + 2..]).is_some() => 6,
            _ => return Err(self.invalid("an escape that JSON knows")),
        };
        self.at += length;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scans a whole text and returns its type.
    fn read(text: &[u8]) -> Checked<Type> {
        let mut scanner = Scanner::new(text);
        let value_type = scanner.skip_value()?;
        scanner.expect_end()?;
        Ok(value_type)
    }

    #[test]
    fn strings_are_decoded_as_another_parser_does() {
        for raw in [
            r"",
            r"plain",
            r#"\"\\\/\b\f\n\r\t"#,
            r"\u0041\u00e9\u20AC",
            r"\ud83d\ude00",
            r"x\ud83d\ude00\u0000y",
        ] {
            let json = format!("\"{raw}\"");
            let expected: String = serde_json::from_str(&json).expect("JSON");
            let text = Scanner::new(json.as_bytes())
                .read_string()
                .expect("a string");
            assert_eq!(text.decoded().as_ref(), expected.as_bytes(), "{raw}");
        }
        let half = Scanner::new(br#""\ud83dx""#)
            .read_string()
            .expect("a string");
        assert_eq!(half.decoded().as_ref(), b"\xed\xa0\xbdx");
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let deep = [b"[".repeat(1_000_000), b"]".repeat(1_000_000)].concat();
        assert_eq!(read(&deep), Ok(Type::List));
        assert_eq!(
            read(&deep[..1_999_999]).map_err(|error| error.at),
            Err(1_999_999)
        );
    }

    #[test]
    fn each_byte_at_each_position_of_a_string_is_checked() {
        for byte in 0..=u8::MAX {
            for place in 0..70 {
                let mut text = vec![b'x'; 72];
                (text[0], text[71], text[place + 1]) = (b'"', b'"', byte);
                let ours = read(&text).is_ok();
                let other = serde_json::from_slice::<serde_json::Value>(&text).is_ok();
                assert_eq!(ours, other, "{byte} at {place}");
            }
        }
    }
}
