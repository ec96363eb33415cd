//! Reads records by the template of an earlier one: the same keys in the same order, with the same whitespace.
//!
//! All records of an event come from one program, so that usually only the values differ. The bytes between the values
//! are compared with those of a record that was parsed: equal bytes are the same JSON. A record that differs in any
//! other way is parsed, and becomes the next template.

use super::record::{Data, Record};
use crate::json::scanner::Scanner;
use crate::json::{Text, blocks};

/// The bytes of a record between its values.
pub(super) struct RecordTemplate<'a> {
    pieces: Vec<Piece<'a>>,
}

/// The bytes before a value, and the role of the value.
struct Piece<'a> {
    fixed: &'a [u8],
    then: Then,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Id,
    Data,
    /// Another string.
    Text,
    /// Another number.
    Number,
    End,
}

/// Records with more values are always parsed; those of Firehose have eight.
const MOST: usize = 32;

impl<'a> RecordTemplate<'a> {
    /// Returns the template of the parsed record `event[start..end]`, or `None` if it cannot be one.
    pub(super) fn of(event: &'a [u8], start: usize, end: usize) -> Option<Self> {
        let mut scanner = Scanner::from_offset(event, start);
        let (mut pieces, mut from) = (Vec::with_capacity(MOST), start);
        let (mut depth, mut role) = (0_usize, Then::Text);
        while scanner.peek_token().is_some() && scanner.offset() < end {
            let at = scanner.offset();
            let (value, then) = match event[at] {
                b'"' => {
                    let text = scanner.read_string().ok()?;
                    if scanner.take(b':') {
                        role = match &*text.decoded() {
                            b"recordId" if depth == 1 => Then::Id,
                            b"data" if depth == 1 => Then::Data,
                            _ => Then::Text,
                        };
                        continue;
                    }
                    (at + 1..at + 1 + text.raw.len(), role)
                }
                // `recordId` and `data` have to be strings.
                _ if role != Then::Text => return None,
                b'-' | b'0'..=b'9' => {
                    scanner.skip_value().ok()?;
                    (at..scanner.offset(), Then::Number)
                }
                byte => {
                    match byte {
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => depth -= 1,
                        _ => {}
                    }
                    scanner.skip();
                    continue;
                }
            };
            let fixed = &event[from..value.start];
            pieces.push(Piece { fixed, then });
            (from, role) = (value.end, Then::Text);
            if pieces.len() == MOST {
                return None;
            }
        }
        let fixed = &event[from..end];
        let then = Then::End;
        pieces.push(Piece { fixed, then });
        // Of equal keys the last counts, which a template cannot know.
        let once = |then| pieces.iter().filter(|piece| piece.then == then).count() == 1;
        (once(Then::Id) && once(Then::Data)).then_some(Self { pieces })
    }

    /// Reads the record at `start` and returns its end. Returns `None` if it has to be parsed.
    #[inline]
    pub(super) fn read(&self, event: &'a [u8], start: usize) -> Option<(Record<'a>, usize)> {
        let mut at = start;
        let (mut id, mut data) = (at..at, at..at);
        for piece in &self.pieces {
            let value = at + piece.fixed.len();
            if event.get(at..value)? != piece.fixed {
                return None;
            }
            at = match piece.then {
                Then::Text => blocks::plain_string_end(event, value)?,
                Then::Number => blocks::number_end(event, value)?,
                Then::Id => {
                    id = value..blocks::plain_string_end(event, value)?;
                    id.end
                }
                Then::Data => {
                    data = value..blocks::string_end(event, value)?;
                    data.end
                }
                Then::End => value,
            };
        }
        let record = Record {
            id: Text::plain(&event[id]),
            data: Data::Quoted {
                start: data.start,
                raw: &event[data],
            },
        };
        Some((record, at))
    }
}
