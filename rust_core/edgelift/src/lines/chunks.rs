//! Splits chunks into lines. A line may be split anywhere.

use super::directives::BYTE_ORDER_MARK;
use super::output_format::OutputFormat;
use super::reader::Reader;
use super::rows::begins_like_row;
use super::sink::Sink;
use crate::header;
use crate::json;
use crate::replay;

impl Reader {
    /// Transforms the lines that `chunk` completes.
    pub(super) fn feed(&mut self, mut chunk: &[u8], sink: &mut Sink<'_, impl OutputFormat>) {
        if !self.pending.is_empty() {
            let Some(end) = memchr::memchr(b'\n', chunk) else {
                return self.keep_pending(chunk, sink);
            };
            self.keep_pending(&chunk[..=end], sink);
            chunk = &chunk[end + 1..];
            self.finish(sink);
        }
        while !chunk.is_empty() {
            let row = self.transform_row(chunk, sink);
            let Some(len) = row.or_else(|| Some(memchr::memchr(b'\n', chunk)? + 1)) else {
                break;
            };
            if row.is_none() {
                self.transform_line((&chunk[..len], 0), sink);
            }
            chunk = &chunk[len..];
        }
        self.keep_pending(chunk, sink);
    }

    /// Transforms the pending line.
    pub(super) fn finish(&mut self, sink: &mut Sink<'_, impl OutputFormat>) {
        if self.pending.is_empty() {
            return;
        }
        let mut pending = std::mem::take(&mut self.pending);
        let skipped = std::mem::take(&mut self.skipped);
        self.transform_line((&pending, skipped), sink);
        pending.clear();
        // One long line must not keep its memory for the rest of the stream.
        pending.shrink_to(1 << 16);
        self.pending = pending;
    }

    /// Transforms a line, including its line feed if it has one; `skipped` more bytes of it are not kept.
    #[inline(never)]
    fn transform_line(
        &mut self,
        (text, skipped): (&[u8], u64),
        sink: &mut Sink<'_, impl OutputFormat>,
    ) {
        self.line += 1;
        self.offset += text.len() as u64 + skipped;
        if begins_like_row(text) || !self.handle_non_row(text, skipped, sink) {
            self.transform_whole_row((text, skipped), sink);
        }
    }

    /// Keeps the beginning of a line, limited to the bytes that prove it too large and show it in a message.
    fn keep_pending(&mut self, mut part: &[u8], sink: &mut Sink<'_, impl OutputFormat>) {
        loop {
            let capacity = self.line_capacity(part).saturating_sub(self.pending.len());
            let (kept, rest) = part.split_at(part.len().min(capacity));
            self.pending.extend_from_slice(kept);
            part = rest;
            if part.is_empty() || self.skipped > 0 || !self.drain_complete_objects(sink) {
                break;
            }
        }
        self.skipped += part.len() as u64;
    }

    /// Returns how many bytes of the line that continues with `part` are kept: one more than the limit, and enough to
    /// recognize a directive or an object. A byte order mark does not count, nor does it or a blank hide a brace.
    fn line_capacity(&self, part: &[u8]) -> usize {
        let plan = &*self.plans.configured;
        let mut head = [0; BYTE_ORDER_MARK.len() + json::MAX_BLANKS + 1];
        let bytes = self.pending.iter().chain(part);
        for (slot, &byte) in head.iter_mut().zip(bytes) {
            *slot = byte;
        }
        let mark = self.mark_len(&head, self.offset);
        let max_bytes = if json::begins_object(&head[mark..]) {
            replay::max_line_bytes(plan)
        } else {
            let to_recognize = header::DIRECTIVE_BYTES.max(json::MAX_BLANKS);
            plan.max_record_bytes().max(to_recognize)
        };
        mark + max_bytes + 1
    }
}
