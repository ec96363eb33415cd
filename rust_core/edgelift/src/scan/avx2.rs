//! The scan for processors with AVX2, which are nearly all x86-64 of today. One build serves them all, so that the
//! processor is asked when a `Scan` is made.
//!
//! It saves 7 % of the instructions for a row of 45 columns, and as much time.

#[cfg(target_arch = "x86_64")]
pub(super) use here::Avx2;

#[cfg(not(target_arch = "x86_64"))]
pub(super) use elsewhere::Avx2;

#[cfg(target_arch = "x86_64")]
mod here {
    #![expect(
        unsafe_code,
        reason = "that the processor was asked is nothing that the compiler could know"
    )]

    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8, _mm256_setr_epi64x,
    };

    use crate::scan::{BLOCK, Masks, Places};

    /// Proof that the processor has what `line` is compiled for.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::scan) struct Avx2(());

    impl Avx2 {
        pub(in crate::scan) fn detect() -> Option<Self> {
            let found = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("popcnt");
            found.then_some(Self(()))
        }

        /// The loop over the blocks, compiled for these features.
        #[inline]
        pub(in crate::scan) fn line(self, places: &mut Places, bytes: &[u8], len: usize) -> usize {
            let Self(()) = self;
            // SAFETY: the processor must have the three features. Only `detect` can make a `Self`, since the
            // field is private, and it does so only where it found them.
            unsafe { line(places, bytes, len) }
        }
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn line(places: &mut Places, bytes: &[u8], len: usize) -> usize {
        places.line(bytes, len, |block| masks(block))
    }

    /// What `scan::masks` makes, 32 bytes at a time.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn masks(block: &[u8; BLOCK]) -> Masks {
        let mut result = Masks {
            tabs: 0,
            special: 0,
        };
        let splat = |byte: u8| _mm256_set1_epi8(byte.cast_signed());
        for (index, part) in block.as_chunks::<32>().0.iter().enumerate() {
            let bytes = vector(part);
            let below = _mm256_cmpgt_epi8(splat(b'&'), bytes);
            let backslash = _mm256_cmpeq_epi8(bytes, splat(b'\\'));
            let bits = |found: __m256i| {
                u64::from(_mm256_movemask_epi8(found).cast_unsigned()) << (index * 32)
            };
            result.tabs |= bits(_mm256_cmpeq_epi8(bytes, splat(b'\t')));
            result.special |= bits(_mm256_or_si256(below, backslash));
        }
        result.special ^= result.tabs;
        result
    }

    /// One load, in words of safe code.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn vector(bytes: &[u8; 32]) -> __m256i {
        let (words, _) = bytes.as_chunks();
        let word = |index: usize| i64::from_le_bytes(words[index]);
        _mm256_setr_epi64x(word(0), word(1), word(2), word(3))
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod elsewhere {
    use crate::scan::Places;

    /// There is none.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::scan) enum Avx2 {}

    impl Avx2 {
        pub(in crate::scan) fn detect() -> Option<Self> {
            None
        }

        pub(in crate::scan) fn line(self, _: &mut Places, _: &[u8], _: usize) -> usize {
            match self {}
        }
    }
}
