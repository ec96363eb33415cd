//! What stands before a value: comma, key, colon, and the value's opening characters.

use super::write;

/// A rendered key.
#[derive(Debug)]
pub(crate) struct Prefix {
    head: [u8; Self::HEAD],
    /// Length of all of it.
    len: usize,
    /// Length of the head.
    head_len: u8,
    /// All of it.
    whole: Box<[u8]>,
    opening: usize,
}

impl Prefix {
    /// Prefixes up to this length are one fixed copy.
    pub(crate) const HEAD: usize = 32;

    /// Renders a key, with the opening characters of its values.
    pub(crate) fn new(key: &str, opening: &str) -> Self {
        let whole: Box<[u8]> = Self::render(key, opening).into_bytes().into();
        let mut head = [0; Self::HEAD];
        let short = whole.len().min(Self::HEAD);
        head[..short].copy_from_slice(&whole[..short]);
        Self {
            head,
            head_len: u8::try_from(short).unwrap_or_default(),
            len: whole.len(),
            whole,
            opening: opening.len(),
        }
    }

    /// `,"key":` and the opening characters.
    pub(crate) fn render(key: &str, opening: &str) -> String {
        const AROUND: usize = ",\"\":".len();
        let mut text = String::with_capacity(AROUND + key.len() + opening.len());
        text.push(',');
        crate::json::push_string(&mut text, key);
        text.push(':');
        text.push_str(opening);
        text
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Length of the head: a byte, so that a window that is wide enough needs no check.
    #[inline(always)]
    pub(crate) fn head_len(&self) -> usize {
        usize::from(self.head_len)
    }

    /// Its first bytes: all of it, if it is no longer.
    #[inline(always)]
    pub(crate) fn head(&self) -> &[u8; Self::HEAD] {
        &self.head
    }

    /// Length without the opening characters.
    pub(crate) fn key_len(&self) -> usize {
        self.len - self.opening
    }

    /// Writes it.
    #[inline]
    pub(crate) fn write(&self, out: &mut [u8], at: usize) -> usize {
        if self.len <= Self::HEAD
            && let Some(to) = out[at..].first_chunk_mut()
        {
            *to = self.head;
            return at + self.len;
        }
        write::bytes(out, at, &self.whole)
    }

    /// Writes it without the opening characters.
    pub(crate) fn write_key(&self, out: &mut [u8], at: usize) -> usize {
        self.write(out, at) - self.opening
    }
}
