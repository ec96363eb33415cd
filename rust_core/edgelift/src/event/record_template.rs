//! Reads records by the template of an earlier one: the same keys in the same order, with the same whitespace.
//!
//! All records of an event come from one program, so that usually only the values differ. The bytes between the values
//! are compared with those of a record that was parsed: equal bytes are the same JSON. A record that differs in any
//! other way is parsed, and becomes the next template.

use super::json_record::{Data, JsonRecord};
use crate::json::scanner::Scanner;
use crate::json::{Text, blocks};

/// The bytes of a record between its values.
pub(super) struct RecordTemplate<'a> {
    pieces: Vec<Piece<'a>>,
}

/// The bytes before a value, and the role of the value.
struct Piece<'a> {
    fixed: &'a [u8],
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Id,
    Data,
    /// Another string.
    Text,
    /// Another number.
    Number,
    End,
}

/// Records with more values are always parsed; those of Firehose have eight.
const MAX_VALUES: usize = 32;

impl<'a> RecordTemplate<'a> {
    /// Returns the template of the parsed record `event[start..end]`, or `None` if it cannot be one.
    pub(super) fn from_record(event: &'a [u8], start: usize, end: usize) -> Option<Self> {
        let mut scanner = Scanner::from_offset(event, start);
        let (mut pieces, mut from) = (Vec::with_capacity(MAX_VALUES), start);
        let (mut depth, mut next_role) = (0_usize, Role::Text);
        while scanner.peek_token().is_some() && scanner.offset() < end {
            let at = scanner.offset();
            let (value, role) = match event[at] {
                b'"' => {
                    let text = scanner.read_string().ok()?;
                    if scanner.take(b':') {
                        next_role = match &*text.decoded() {
                            b"recordId" if depth == 1 => Role::Id,
                            b"data" if depth == 1 => Role::Data,
                            _ => Role::Text,
                        };
                        continue;
                    }
                    (at + 1..at + 1 + text.raw.len(), next_role)
                }
                // `recordId` and `data` have to be strings.
                _ if next_role != Role::Text => return None,
                b'-' | b'0'..=b'9' => {
                    scanner.skip_value().ok()?;
                    (at..scanner.offset(), Role::Number)
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
            pieces.push(Piece { fixed, role });
            (from, next_role) = (value.end, Role::Text);
            if pieces.len() == MAX_VALUES {
                return None;
            }
        }
        let fixed = &event[from..end];
        let role = Role::End;
        pieces.push(Piece { fixed, role });
        // Of equal keys the last counts, which a template cannot know.
        let once = |role| pieces.iter().filter(|piece| piece.role == role).count() == 1;
        (once(Role::Id) && once(Role::Data)).then_some(Self { pieces })
    }

    /// Reads the record at `start` and returns its end. Returns `None` if it has to be parsed.
    #[inline]
    pub(super) fn read(&self, event: &'a [u8], start: usize) -> Option<(JsonRecord<'a>, usize)> {
        let mut at = start;
        let (mut id, mut data) = (at..at, at..at);
        for piece in &self.pieces {
            let value = at + piece.fixed.len();
            if event.get(at..value)? != piece.fixed {
                return None;
            }
            at = match piece.role {
                Role::Text => blocks::plain_string_end(event, value)?,
                Role::Number => blocks::number_end(event, value)?,
                Role::Id => {
                    id = value..blocks::plain_string_end(event, value)?;
                    id.end
                }
                Role::Data => {
                    data = value..blocks::string_end(event, value)?;
                    data.end
                }
                Role::End => value,
            };
        }
        let record = JsonRecord {
            id: Text::plain(&event[id]),
            data: Data::Quoted {
                from: &event[data.start - 1..],
                raw: &event[data],
            },
        };
        Some((record, at))
    }
}
