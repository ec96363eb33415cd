//! The bytes before a value: comma, key, colon, and the opening characters of the value.

use super::write;

/// A rendered key.
#[derive(Clone, Debug)]
pub(crate) struct Prefix {
    head: [u8; Self::HEAD],
    /// Length of `whole`.
    len: usize,
    /// Length of `head`, without its padding.
    head_len: u8,
    whole: Box<[u8]>,
    /// Length of the opening characters of the value.
    opening: usize,
}

impl Prefix {
    /// Prefixes up to this length are written as one copy of fixed size.
    pub(crate) const HEAD: usize = 32;

    /// Renders a key and the opening characters of its values.
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

    /// Returns `,"key":` and the opening characters.
    pub(crate) fn render(key: &str, opening: &str) -> String {
        const AROUND: usize = ",\"\":".len();
        let mut text = String::with_capacity(AROUND + key.len() + opening.len());
        text.push(',');
        crate::json::push_string(&mut text, key);
        text.push(':');
        text.push_str(opening);
        text
    }

    /// Returns the length of the prefix.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Returns the length of the head. It is stored as a byte, so that no bounds check is needed in a window of 256 bytes.
    #[inline(always)]
    pub(crate) fn head_len(&self) -> usize {
        usize::from(self.head_len)
    }

    /// Returns the first bytes of the prefix, padded with zeros.
    #[inline(always)]
    pub(crate) fn head(&self) -> &[u8; Self::HEAD] {
        &self.head
    }

    /// Returns the length without the opening characters.
    pub(crate) fn key_len(&self) -> usize {
        self.len - self.opening
    }

    /// Writes the prefix.
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

    /// Writes the prefix without the opening characters.
    pub(crate) fn write_key(&self, out: &mut [u8], at: usize) -> usize {
        self.write(out, at) - self.opening
    }
}
