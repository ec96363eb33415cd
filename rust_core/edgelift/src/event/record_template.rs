//! Reads records by the template of an earlier one: the same keys in the same order, with the same whitespace.
//!
//! All records of an event come from one program, so that usually only the values differ.

use super::json_record::{Data, JsonRecord};
use crate::json::scanner::Scanner;
use crate::json::{Template, Text, blocks};

/// The template of a record of an event. An empty one fits no record.
#[derive(Default)]
pub(super) struct RecordTemplate(Template<Role>);

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

impl RecordTemplate {
    /// Rebuilds the template from the parsed record `event[start..end]`; empties it if the record cannot be one.
    pub(super) fn update(&mut self, event: &[u8], start: usize, end: usize) {
        if self.build(event, start, end).is_none() {
            self.0.clear();
        }
    }

    fn build(&mut self, event: &[u8], start: usize, end: usize) -> Option<()> {
        let Self(template) = self;
        template.clear();
        let mut scanner = Scanner::from_offset(event, start);
        let mut from = start;
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
            template.push(&event[from..value.start], role);
            (from, next_role) = (value.end, Role::Text);
            if template.pieces().len() == MAX_VALUES {
                return None;
            }
        }
        template.push(&event[from..end], Role::End);
        // Of equal keys the last counts, which a template cannot know.
        let roles = || template.pieces().iter().map(|piece| piece.role);
        let once = |role| roles().filter(|&other| other == role).count() == 1;
        (once(Role::Id) && once(Role::Data)).then_some(())
    }

    /// Reads the record at `start` and returns its end. Returns `None` if it has to be parsed.
    #[inline]
    pub(super) fn read<'a>(
        &self,
        event: &'a [u8],
        start: usize,
    ) -> Option<(JsonRecord<'a>, usize)> {
        let mut at = start;
        let (mut id, mut data) = (at..at, at..at);
        if self.0.pieces().is_empty() {
            return None;
        }
        for piece in self.0.pieces() {
            let value = piece.end_in(event, at)?;
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
