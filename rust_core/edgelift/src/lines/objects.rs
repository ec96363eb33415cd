//! Lines that are more than a row: JSON objects, and records that stand back to back.

use super::failure::{Header, Of};
use super::finish::{Finish, write};
use super::found::Found;
use super::no_rows::mark_len;
use super::{Failure, Line, Reader};
use crate::error::RecordError;
use crate::plan::Plan;
use crate::record::{self, OutputBuffer};
use crate::replay::{self, Content};

/// Why an object has no document.
struct Failed {
    error: RecordError,
    of: Of,
    /// Bytes of the source record.
    source: usize,
}

impl From<RecordError> for Failed {
    fn from(error: RecordError) -> Self {
        Self {
            error,
            of: Of::Line,
            source: 0,
        }
    }
}

impl Reader {
    /// Takes a line that begins with a brace: a record, an error object, or several of them back to back.
    #[inline(never)]
    pub(super) fn objects(
        &mut self,
        plan: &Plan,
        text: &[u8],
        line: Line,
        finish: &mut impl Finish,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) {
        // Most lines are one object; only a line that fails is looked at again.
        let Err(failed) = self.object(plan, text, finish, out) else {
            return;
        };
        let may_be_several = plan.reads_standard() || self.opener.tells(text);
        let several = (may_be_several && line.skipped == 0).then(|| replay::first_object(text));
        let Some(mut end) = several.flatten() else {
            return self.fail_object(plan, text, line, &failed, failures);
        };
        let mut start = 0;
        while start < line.len {
            let (piece, object) = (line.part(start, end), &text[start..end]);
            if let Err(failed) = self.object(plan, object, finish, out) {
                self.fail_object(plan, object, piece, &failed, failures);
            }
            start = end;
            let next = replay::first_object(&text[start..]);
            end = next.map_or(line.len, |len| start + len);
        }
    }

    /// Takes what is whole of a line that is too long to be kept, but may be many objects back to back. Returns whether
    /// there was any.
    pub(super) fn cut(
        &mut self,
        plan: &Plan,
        finish: &mut impl Finish,
        out: &mut OutputBuffer,
        failures: &mut Vec<Failure>,
    ) -> bool {
        let pending = std::mem::take(&mut self.pending);
        let (mut start, mut done) = (mark_len(&pending, self.offset), 0);
        if plan.reads_standard() || self.opener.tells(&pending[start..]) {
            while let Some(len) = replay::first_object(&pending[start..]) {
                let line = Line {
                    number: self.line + 1,
                    offset: self.offset + start as u64,
                    len,
                    skipped: 0,
                };
                let object = &pending[start..start + len];
                if let Err(failed) = self.object(plan, object, finish, out) {
                    self.fail_object(plan, object, line, &failed, failures);
                }
                start += len;
                done = start;
            }
        }
        self.pending = pending;
        self.pending.drain(..done);
        self.offset += done as u64;
        done > 0
    }

    /// Adds the document of an object.
    fn object(
        &mut self,
        plan: &Plan,
        text: &[u8],
        finish: &mut impl Finish,
        out: &mut OutputBuffer,
    ) -> Result<(), Failed> {
        let may_be_error_object = text.len() <= replay::longest(plan);
        if may_be_error_object && self.opener.tells(text) {
            return self.replay(plan, text, finish, out);
        }
        let told = self.header.as_ref().map_or(plan, |header| &header.plan);
        let transformed = write(told, text, finish, &mut self.scratch, out);
        if transformed.is_err() && may_be_error_object && self.opener.has_data(text) {
            return self.replay(plan, text, finish, out);
        }
        if plan.reads_standard() {
            Found::Json.add(&mut self.found);
            self.no_rows += 1;
        }
        transformed?;
        self.counts.pass();
        Ok(())
    }

    /// Adds the document of what an error object holds.
    fn replay(
        &mut self,
        plan: &Plan,
        line: &[u8],
        finish: &mut impl Finish,
        out: &mut OutputBuffer,
    ) -> Result<(), Failed> {
        self.no_rows += 1;
        match self.opener.open(line) {
            Ok(Content::Finished(finished)) => {
                Found::Documents.add(&mut self.found);
                finish.finished(finished, out).map_err(|error| Failed {
                    error,
                    of: Of::ErrorObject,
                    source: 0,
                })?;
            }
            Ok(Content::Source(len)) => {
                Found::Sources.add(&mut self.found);
                // Not along a header before it: the record had its place in a stream or another file, not in this one.
                self.learn_brought(plan);
                let told = self.brought.as_ref().map_or(plan, |header| &header.plan);
                let (buffer, start) = (self.opener.buffer_mut(), out.len());
                record::transform_prefix(told, buffer, len, &mut self.scratch, out)
                    .and_then(|layout| {
                        finish.finish(told, layout, &buffer[..len], &self.scratch, out, start)
                    })
                    .map_err(|error| Failed {
                        error,
                        of: Of::Source,
                        source: len,
                    })?;
            }
            Err(error) => {
                let kind = if self.opener.is_refused_document(line) {
                    Found::Documents
                } else {
                    Found::Sources
                };
                kind.add(&mut self.found);
                return Err(Failed {
                    error,
                    of: Of::ErrorObject,
                    source: 0,
                });
            }
        }
        self.counts.pass();
        self.opener.shrink();
        Ok(())
    }

    /// Learns from the header that a source record brings, if it brings one. Most have that of the record before.
    fn learn_brought(&mut self, plan: &Plan) {
        let lines = self.opener.header().filter(|_| plan.reads_standard());
        let known = self
            .brought
            .as_ref()
            .and_then(|header| header.lines.as_deref());
        if lines == known.map(str::as_bytes) {
            return;
        }
        self.brought = lines.map(|lines| Header::read(plan, lines));
        if let Some(header) = &self.brought {
            self.scratch.widen(&header.plan);
        }
    }

    #[cold]
    fn fail_object(
        &mut self,
        plan: &Plan,
        text: &[u8],
        line: Line,
        failed: &Failed,
        failures: &mut Vec<Failure>,
    ) {
        if failed.of == Of::Source {
            let reader = std::mem::take(&mut self.opener);
            let record = &reader.buffer()[..failed.source];
            self.fail(plan, record, line, (failed.error, failed.of), failures);
            self.opener = reader;
            self.opener.shrink();
        } else {
            self.fail(plan, text, line, (failed.error, failed.of), failures);
        }
    }

    /// Adds the documents of a line that is several rows without line feeds between them, and says whether it is: if
    /// one of them does not fit, the line is none.
    #[cold]
    pub(super) fn rows(
        &mut self,
        plan: &Plan,
        text: &[u8],
        finish: &mut impl Finish,
        out: &mut OutputBuffer,
    ) -> bool {
        let told = self.header.as_ref().map_or(plan, |header| &header.plan);
        let line = record::without_line_end(text);
        let Some(ends) = replay::seams(told, line) else {
            return false;
        };
        let starts = || [0].into_iter().chain(ends.iter().copied());
        let rows = || starts().zip(ends.iter().copied().chain([line.len()]));
        let mark = out.len();
        let fits = rows().all(|(start, end)| {
            let row = &line[start..end];
            record::transform_line(told, row, &mut self.scratch, out).is_ok()
        });
        out.truncate(mark);
        if !fits {
            return false;
        }
        // Once more, now that each of them has its document.
        for (start, end) in rows() {
            let row = &line[start..end];
            // The line end is that of the last one.
            let whole = if end == line.len() {
                &text[start..]
            } else {
                row
            };
            let before = out.len();
            let made = record::transform_line(told, row, &mut self.scratch, out)
                .and_then(|layout| finish.finish(told, layout, whole, &self.scratch, out, before));
            if made.is_err() {
                out.truncate(mark);
                return false;
            }
        }
        rows().for_each(|_| self.counts.pass());
        true
    }
}
