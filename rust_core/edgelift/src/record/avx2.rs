//! Scan and row compiled a second time, for processors with AVX2: nearly all x86-64 of today.
//!
//! The code is that of [`scan`](crate::scan) and [`line`](super::line); only the masks have their own implementation,
//! for vectors of 32 bytes.

#[cfg(target_arch = "x86_64")]
pub(super) use x86_64::{first_line, scan_line, write};

#[cfg(not(target_arch = "x86_64"))]
pub(super) use fallback::{first_line, scan_line, write};

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    #![expect(
        unsafe_code,
        reason = "the compiler cannot know which features were detected at runtime"
    )]

    use std::arch::x86_64::{
        __m256i, _mm256_cmpeq_epi8, _mm256_cmpgt_epi8, _mm256_movemask_epi8, _mm256_or_si256,
        _mm256_set1_epi8, _mm256_setr_epi64x,
    };

    use crate::error::RecordError;
    use crate::plan::Plan;
    use crate::record::cpu::Avx2;
    use crate::record::line::{self, SplitLine};
    use crate::record::output_buffer::OutputBuffer;
    use crate::record::scratch::Scratch;
    use crate::record_layout::RecordLayout;
    use crate::scan::{BLOCK, Masks, Scan, ScannedLine};

    /// [`Scan::first_line`], compiled for these features.
    #[inline]
    pub(in crate::record) fn first_line(
        _: Avx2,
        scan: &mut Scan,
        bytes: &[u8],
        may_return: bool,
    ) -> Option<ScannedLine> {
        // SAFETY: the processor must have the three features. The token proves it: only `Avx2::detect` can create
        // one, and it does so only if it detected them.
        unsafe { first_line_avx2(scan, bytes, may_return) }
    }

    /// [`Scan::line`], compiled for these features.
    #[inline]
    pub(in crate::record) fn scan_line(
        _: Avx2,
        scan: &mut Scan,
        bytes: &[u8],
        len: usize,
    ) -> usize {
        // SAFETY: as above.
        unsafe { scan_line_avx2(scan, bytes, len) }
    }

    /// [`line::write`], compiled for these features.
    #[inline]
    pub(in crate::record) fn write<const STANDARD: bool>(
        _: Avx2,
        plan: &Plan,
        line: SplitLine<'_>,
        scratch: &mut Scratch,
        out: &mut OutputBuffer,
    ) -> Result<RecordLayout, RecordError> {
        // SAFETY: as above.
        unsafe { write_avx2::<STANDARD>(plan, line, scratch, out) }
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn first_line_avx2(scan: &mut Scan, bytes: &[u8], may_return: bool) -> Option<ScannedLine> {
        scan.first_line_with(bytes, may_return, |block| masks(block))
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn scan_line_avx2(scan: &mut Scan, bytes: &[u8], len: usize) -> usize {
        scan.line_with(bytes, len, |block| masks(block))
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    fn write_avx2<const STANDARD: bool>(
        plan: &Plan,
        line: SplitLine<'_>,
        scratch: &mut Scratch,
        out: &mut OutputBuffer,
    ) -> Result<RecordLayout, RecordError> {
        line::write::<STANDARD>(plan, line, scratch, out)
    }

    /// Computes the masks of one block, 32 bytes at a time.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn masks(block: &[u8; BLOCK]) -> Masks {
        let mut result = Masks {
            feeds: 0,
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
            result.feeds |= bits(_mm256_cmpeq_epi8(bytes, splat(b'\n')));
            result.tabs |= bits(_mm256_cmpeq_epi8(bytes, splat(b'\t')));
            result.special |= bits(_mm256_or_si256(below, backslash));
        }
        result.special ^= result.tabs;
        result
    }

    /// Loads 32 bytes in safe code; it compiles to one load.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn vector(bytes: &[u8; 32]) -> __m256i {
        let (words, _) = bytes.as_chunks();
        let word = |index: usize| i64::from_le_bytes(words[index]);
        _mm256_setr_epi64x(word(0), word(1), word(2), word(3))
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod fallback {
    use crate::error::RecordError;
    use crate::plan::Plan;
    use crate::record::cpu::Avx2;
    use crate::record::line::SplitLine;
    use crate::record::output_buffer::OutputBuffer;
    use crate::record::scratch::Scratch;
    use crate::record_layout::RecordLayout;
    use crate::scan::{Scan, ScannedLine};

    pub(in crate::record) fn first_line(
        avx2: Avx2,
        _: &mut Scan,
        _: &[u8],
        _: bool,
    ) -> Option<ScannedLine> {
        match avx2 {}
    }

    pub(in crate::record) fn scan_line(avx2: Avx2, _: &mut Scan, _: &[u8], _: usize) -> usize {
        match avx2 {}
    }

    pub(in crate::record) fn write<const STANDARD: bool>(
        avx2: Avx2,
        _: &Plan,
        _: SplitLine<'_>,
        _: &mut Scratch,
        _: &mut OutputBuffer,
    ) -> Result<RecordLayout, RecordError> {
        match avx2 {}
    }
}
