//! JSON texts, one token after the other, checked as RFC 8259 has it. Nothing is recursive, so that no depth of
//! nesting can use up a stack.

use super::blocks::{number_end, plain_end};

use super::text::{Text, four_digits};

/// What is read, and how far.
#[derive(Clone, Copy)]
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Where the text stops being JSON, and what could stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Byte of the text, from 0.
    pub at: usize,
    /// What could stand there.
    pub expected: &'static str,
}

type Checked<T> = Result<T, Invalid>;

/// The type of a value, by the name that Python's parsers give it: both paths have the same messages.
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
        Self::at(bytes, 0)
    }

    /// From a place of the text on.
    pub(crate) const fn at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// What was read from here until there.
    pub(crate) fn until(self, there: &Self) -> &'a [u8] {
        &self.bytes[self.at..there.at]
    }

    /// Place of the next byte.
    pub(crate) const fn place(&self) -> usize {
        self.at
    }

    /// Passes over a byte.
    pub(crate) const fn skip(&mut self) {
        self.at += 1;
    }

    const fn invalid(&self, expected: &'static str) -> Invalid {
        Invalid {
            at: self.at,
            expected,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Takes these bytes if they come next, and they must be tokens.
    pub(crate) fn take_tokens(&mut self, tokens: &[u8]) -> bool {
        let are_there = self.bytes[self.at..].starts_with(tokens);
        self.at += if are_there { tokens.len() } else { 0 };
        are_there
    }

    /// Passes over white space and says what comes then.
    pub(crate) fn next(&mut self) -> Option<u8> {
        while let Some(byte) = self.peek() {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Takes a byte, white space before it included.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let is_there = self.next() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    /// Nothing but white space may follow.
    pub(crate) fn end(&mut self) -> Checked<()> {
        match self.next() {
            None => Ok(()),
            Some(_) => Err(self.invalid("the end")),
        }
    }

    /// Takes the key of a member and the colon behind it.
    pub(crate) fn key(&mut self) -> Checked<Text<'a>> {
        if self.next() != Some(b'"') {
            return Err(self.invalid("a key in quotes"));
        }
        let key = self.string()?;
        if !self.take(b':') {
            return Err(self.invalid("a colon"));
        }
        Ok(key)
    }

    /// Whether the members of an object, or the items of a list, go on behind one of them.
    pub(crate) fn goes_on(&mut self, close: u8) -> Checked<bool> {
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

    /// Takes a value of any kind.
    pub(crate) fn value(&mut self) -> Checked<Type> {
        self.value_with(&mut Vec::new())
    }

    /// The same in memory that is used again; what it holds does not matter.
    pub(crate) fn value_with(&mut self, open: &mut Vec<u8>) -> Checked<Type> {
        let of = match self.next() {
            Some(b'{') => Type::Dict,
            Some(b'[') => Type::List,
            _ => return self.scalar(),
        };
        open.clear();
        loop {
            // Into the first member or item of as many as open here.
            match self.next() {
                Some(byte @ (b'{' | b'[')) => {
                    self.at += 1;
                    let close = if byte == b'{' { b'}' } else { b']' };
                    if !self.take(close) {
                        open.push(close);
                        if close == b'}' {
                            self.key()?;
                        }
                        continue;
                    }
                }
                _ => {
                    self.scalar()?;
                }
            }
            // Out of as many as close here.
            loop {
                let Some(&close) = open.last() else {
                    return Ok(of);
                };
                if self.goes_on(close)? {
                    if close == b'}' {
                        self.key()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    fn scalar(&mut self) -> Checked<Type> {
        match self.next() {
            Some(b'"') => self.string().map(|_| Type::Str),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", Type::Bool),
            Some(b'f') => self.word(b"false", Type::Bool),
            Some(b'n') => self.word(b"null", Type::None),
            _ => Err(self.invalid("a value")),
        }
    }

    fn word(&mut self, word: &[u8], of: Type) -> Checked<Type> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.invalid("a value"));
        }
        self.at += word.len();
        Ok(of)
    }

    fn number(&mut self) -> Checked<Type> {
        let mut of = Type::Int;
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
            of = Type::Float;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
            of = Type::Float;
        }
        Ok(of)
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

    /// Takes the string whose opening quote comes next.
    pub(crate) fn string(&mut self) -> Checked<Text<'a>> {
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

    /// The same for a string whose decoder knows its characters, as that of base64: only the end is looked for, so that
    /// the string is one only if it can be decoded.
    pub(crate) fn undecoded(&mut self) -> Checked<Text<'a>> {
        let start = self.at + 1;
        match memchr::memchr2(b'"', b'\\', &self.bytes[start..]) {
            Some(length) if self.bytes[start + length] == b'"' => {
                let raw = &self.bytes[start..start + length];
                self.at = start + length + 1;
                let escaped = false;
                Ok(Text { raw, escaped })
            }
            _ => self.string(),
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

    /// Reads a whole text; what it is.
    fn read(text: &[u8]) -> Checked<Type> {
        let mut scanner = Scanner::new(text);
        let of = scanner.value()?;
        scanner.end()?;
        Ok(of)
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
            let text = Scanner::new(json.as_bytes()).string().expect("a string");
            assert_eq!(text.decoded().as_ref(), expected.as_bytes(), "{raw}");
        }
        let half = Scanner::new(br#""\ud83dx""#).string().expect("a string");
        assert_eq!(half.decoded().as_ref(), b"\xed\xa0\xbdx");
    }

    #[test]
    fn any_depth_can_be_read() {
        let deep = [b"[".repeat(1_000_000), b"]".repeat(1_000_000)].concat();
        assert_eq!(read(&deep), Ok(Type::List));
        assert_eq!(
            read(&deep[..1_999_999]).map_err(|error| error.at),
            Err(1_999_999)
        );
    }

    #[test]
    fn each_byte_in_a_string_is_judged_at_each_place() {
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
