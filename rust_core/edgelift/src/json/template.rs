//! The fixed bytes that JSON texts of one program share: the same keys in the same order, with the same white space.
//!
//! They are compared with those of a text that was parsed: equal bytes are the same JSON. A text that differs is
//! parsed, too, and becomes the next template.

/// The fixed bytes of a JSON text, split at its values. Memory is reused when they are replaced.
#[derive(Clone, Debug)]
pub(crate) struct Template<R> {
    pieces: Vec<Piece<R>>,
    /// Number of pieces in use.
    len: usize,
}

/// Fixed bytes, and the role of what follows them.
#[derive(Clone, Debug)]
pub(crate) struct Piece<R> {
    fixed: Vec<u8>,
    pub(crate) role: R,
}

impl<R> Default for Template<R> {
    fn default() -> Self {
        Self {
            pieces: Vec::new(),
            len: 0,
        }
    }
}

impl<R> Template<R> {
    /// Returns the pieces in order.
    #[inline]
    pub(crate) fn pieces(&self) -> &[Piece<R>] {
        &self.pieces[..self.len]
    }

    /// Removes all pieces and keeps their memory.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Appends a piece.
    pub(crate) fn push(&mut self, fixed: &[u8], role: R) {
        self.set(self.len, fixed, role);
    }

    /// Replaces the piece at `index`, or appends one if this is the number of pieces.
    pub(crate) fn set(&mut self, index: usize, fixed: &[u8], role: R) {
        if let Some(piece) = self.pieces.get_mut(index) {
            piece.fixed.clear();
            piece.fixed.extend_from_slice(fixed);
            piece.role = role;
        } else {
            let fixed = fixed.to_vec();
            self.pieces.push(Piece { fixed, role });
        }
        self.len = self.len.max(index + 1);
    }
}

impl<R> Piece<R> {
    /// Returns the fixed bytes.
    pub(crate) fn fixed(&self) -> &[u8] {
        &self.fixed
    }

    /// Returns the offset after the fixed bytes if `text` has them at `at`.
    #[inline]
    pub(crate) fn end_in(&self, text: &[u8], at: usize) -> Option<usize> {
        let end = at + self.fixed.len();
        (text.get(at..end)? == self.fixed).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_match_at_their_offset_only() {
        let mut template = Template::default();
        template.push(b"{\"a\":\"", 1);
        template.push(b"\"}", 2);
        let [first, last] = template.pieces() else {
            panic!("two pieces");
        };
        let text = br#"{"a":"x"}"#;
        assert_eq!(
            (first.end_in(text, 0), first.end_in(text, 1)),
            (Some(6), None)
        );
        assert_eq!(
            (last.end_in(text, 7), last.end_in(text, 8)),
            (Some(9), None)
        );
        assert_eq!(last.end_in(text, 10), None);
    }

    #[test]
    fn a_replaced_piece_leaves_nothing_of_the_one_before() {
        let mut template = Template::default();
        template.push(b"long", 1);
        template.push(b"next", 2);
        template.clear();
        assert!(template.pieces().is_empty());
        template.push(b"x", 3);
        template.set(0, b"y", 4);
        let pieces: Vec<_> = template
            .pieces()
            .iter()
            .map(|piece| (piece.fixed(), piece.role))
            .collect();
        assert_eq!(pieces, [(&b"y"[..], 4)]);
    }
}
