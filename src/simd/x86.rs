//! The instances for x86-64: four SSE2, two AVX2 or one AVX-512 register.

use std::arch::x86_64::{
    __m128i, __m256i, __m512i, _MM_HINT_T0, _mm_clmulepi64_si128, _mm_cmpeq_epi8, _mm_cvtsi128_si64, _mm_loadu_si128,
    _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128, _mm_prefetch, _mm_set_epi64x, _mm_set1_epi8, _mm_setzero_si128,
    _mm_storeu_si128, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_setzero_si256, _mm256_storeu_si256, _mm512_add_epi32, _mm512_cmpeq_epi8_mask,
    _mm512_cmplt_epu8_mask, _mm512_loadu_si512, _mm512_maskz_compress_epi32, _mm512_movepi8_mask, _mm512_or_si512,
    _mm512_set_epi32, _mm512_set1_epi8, _mm512_set1_epi32, _mm512_storeu_si512,
};

use super::vector::Vector;

/// Whether the machine has what [`Avx2`] needs.
pub(super) fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
        && is_x86_feature_detected!("lzcnt")
        && is_x86_feature_detected!("pclmulqdq")
}

/// Whether the machine has what [`Avx512`] needs; VBMI2 is not asked for, older cloud machines lack it.
pub(super) fn has_avx512() -> bool {
    has_avx2()
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
}

#[inline(always)]
fn prefetch_line(at: *const u8) {
    // SAFETY: a prefetch of any address is harmless; SSE is part of x86-64.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
}

/// Carry-less multiplication by all ones: each bit becomes the parity of those up to it.
///
/// # Safety
///
/// The CPU has PCLMULQDQ.
#[inline(always)]
unsafe fn prefix_xor_clmul(mask: u64) -> u64 {
    // SAFETY: callers run on machines with PCLMULQDQ, in functions compiled for it.
    unsafe {
        let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, mask as i64), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product) as u64
    }
}

#[derive(Clone, Copy)]
pub(super) struct Sse2([__m128i; 4]);

// SAFETY: SSE2 is part of x86-64.
unsafe impl Vector for Sse2 {
    #[inline(always)]
    unsafe fn load(at: *const u8) -> Self {
        // SAFETY: the caller vouches for 64 readable bytes.
        unsafe {
            let at = at.cast::<__m128i>();
            Self([
                _mm_loadu_si128(at),
                _mm_loadu_si128(at.add(1)),
                _mm_loadu_si128(at.add(2)),
                _mm_loadu_si128(at.add(3)),
            ])
        }
    }

    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        // SAFETY: the caller vouches for 64 writable bytes.
        unsafe {
            let at = at.cast::<__m128i>();
            for (i, part) in self.0.into_iter().enumerate() {
                _mm_storeu_si128(at.add(i), part);
            }
        }
    }

    #[inline(always)]
    unsafe fn equal_any<const N: usize>(self, needles: [u8; N]) -> u64 {
        let mut out = 0;
        for (i, part) in self.0.into_iter().enumerate() {
            // SAFETY: SSE2 is part of x86-64.
            let bits = unsafe {
                // Or before movemask: one movemask per needle was three times slower.
                let mut hit = _mm_setzero_si128();
                for needle in needles {
                    hit = _mm_or_si128(hit, _mm_cmpeq_epi8(part, _mm_set1_epi8(needle as i8)));
                }
                _mm_movemask_epi8(hit) as u32
            };
            out |= u64::from(bits) << (16 * i);
        }
        out
    }

    #[inline(always)]
    unsafe fn below(self, limit: u8) -> u64 {
        let mut out = 0;
        for (i, part) in self.0.into_iter().enumerate() {
            // SAFETY: SSE2 is part of x86-64.
            let bits = unsafe {
                let most = _mm_min_epu8(part, _mm_set1_epi8((limit - 1) as i8));
                _mm_movemask_epi8(_mm_cmpeq_epi8(part, most)) as u32
            };
            out |= u64::from(bits) << (16 * i);
        }
        out
    }

    #[inline(always)]
    unsafe fn with_bits(self, bits: u8) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(self.0.map(|part| unsafe { _mm_or_si128(part, _mm_set1_epi8(bits as i8)) }))
    }

    #[inline(always)]
    unsafe fn high_bits(self) -> u64 {
        let mut out = 0;
        for (i, part) in self.0.into_iter().enumerate() {
            // SAFETY: SSE2 is part of x86-64.
            let bits = unsafe { _mm_movemask_epi8(part) } as u32;
            out |= u64::from(bits) << (16 * i);
        }
        out
    }

    #[inline(always)]
    fn prefetch(at: *const u8) {
        prefetch_line(at);
    }
}

#[derive(Clone, Copy)]
pub(super) struct Avx2([__m256i; 2]);

// SAFETY: callers check `has_avx2` first.
unsafe impl Vector for Avx2 {
    #[inline(always)]
    unsafe fn load(at: *const u8) -> Self {
        // SAFETY: the caller vouches for the features and for 64 readable bytes.
        unsafe { Self([_mm256_loadu_si256(at.cast()), _mm256_loadu_si256(at.add(32).cast())]) }
    }

    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        // SAFETY: the caller vouches for the features and for 64 writable bytes.
        unsafe {
            _mm256_storeu_si256(at.cast(), self.0[0]);
            _mm256_storeu_si256(at.add(32).cast(), self.0[1]);
        }
    }

    #[inline(always)]
    unsafe fn equal_any<const N: usize>(self, needles: [u8; N]) -> u64 {
        let mut out = 0;
        for (i, part) in self.0.into_iter().enumerate() {
            // SAFETY: the caller vouches for the features.
            let bits = unsafe {
                let mut hit = _mm256_setzero_si256();
                for needle in needles {
                    hit = _mm256_or_si256(hit, _mm256_cmpeq_epi8(part, _mm256_set1_epi8(needle as i8)));
                }
                _mm256_movemask_epi8(hit) as u32
            };
            out |= u64::from(bits) << (32 * i);
        }
        out
    }

    #[inline(always)]
    unsafe fn below(self, limit: u8) -> u64 {
        let mut out = 0;
        for (i, part) in self.0.into_iter().enumerate() {
            // SAFETY: the caller vouches for the features.
            let bits = unsafe {
                let most = _mm256_min_epu8(part, _mm256_set1_epi8((limit - 1) as i8));
                _mm256_movemask_epi8(_mm256_cmpeq_epi8(part, most)) as u32
            };
            out |= u64::from(bits) << (32 * i);
        }
        out
    }

    #[inline(always)]
    unsafe fn with_bits(self, bits: u8) -> Self {
        // SAFETY: the caller vouches for the features.
        unsafe {
            let bits = _mm256_set1_epi8(bits as i8);
            Self([_mm256_or_si256(self.0[0], bits), _mm256_or_si256(self.0[1], bits)])
        }
    }

    #[inline(always)]
    unsafe fn high_bits(self) -> u64 {
        // SAFETY: the caller vouches for the features.
        unsafe {
            let low = _mm256_movemask_epi8(self.0[0]) as u32;
            let high = _mm256_movemask_epi8(self.0[1]) as u32;
            u64::from(low) | u64::from(high) << 32
        }
    }

    #[inline(always)]
    unsafe fn prefix_xor(mask: u64) -> u64 {
        // SAFETY: the caller vouches for the features.
        unsafe { prefix_xor_clmul(mask) }
    }

    #[inline(always)]
    fn prefetch(at: *const u8) {
        prefetch_line(at);
    }
}

#[derive(Clone, Copy)]
pub(super) struct Avx512(__m512i);

// SAFETY: callers check `has_avx512` first.
unsafe impl Vector for Avx512 {
    #[inline(always)]
    unsafe fn load(at: *const u8) -> Self {
        // SAFETY: the caller vouches for the features and for 64 readable bytes.
        Self(unsafe { _mm512_loadu_si512(at.cast()) })
    }

    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        // SAFETY: the caller vouches for the features and for 64 writable bytes.
        unsafe { _mm512_storeu_si512(at.cast(), self.0) }
    }

    #[inline(always)]
    unsafe fn equal_any<const N: usize>(self, needles: [u8; N]) -> u64 {
        let mut out = 0;
        for needle in needles {
            // SAFETY: the caller vouches for the features.
            out |= unsafe { _mm512_cmpeq_epi8_mask(self.0, _mm512_set1_epi8(needle as i8)) };
        }
        out
    }

    #[inline(always)]
    unsafe fn below(self, limit: u8) -> u64 {
        // SAFETY: the caller vouches for the features.
        unsafe { _mm512_cmplt_epu8_mask(self.0, _mm512_set1_epi8(limit as i8)) }
    }

    #[inline(always)]
    unsafe fn with_bits(self, bits: u8) -> Self {
        // SAFETY: the caller vouches for the features.
        Self(unsafe { _mm512_or_si512(self.0, _mm512_set1_epi8(bits as i8)) })
    }

    #[inline(always)]
    unsafe fn high_bits(self) -> u64 {
        // SAFETY: the caller vouches for the features.
        unsafe { _mm512_movepi8_mask(self.0) }
    }

    #[inline(always)]
    unsafe fn prefix_xor(mask: u64) -> u64 {
        // SAFETY: the caller vouches for the features.
        unsafe { prefix_xor_clmul(mask) }
    }

    /// A quarter of the block at a time: its lanes' numbers, squeezed together by the mask.
    #[inline(always)]
    unsafe fn list(mask: u64, base: u32, to: *mut u32) {
        // SAFETY: the caller vouches for the features; the four stores end within 64 entries of `to`, since each begins
        // at most 16 entries behind the one before.
        unsafe {
            let lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
            let mut numbers = _mm512_add_epi32(lanes, _mm512_set1_epi32(base as i32));
            let mut to = to;
            for quarter in 0..4 {
                let bits = (mask >> (16 * quarter)) as u16;
                _mm512_storeu_si512(to.cast(), _mm512_maskz_compress_epi32(bits, numbers));
                to = to.add(bits.count_ones() as usize);
                numbers = _mm512_add_epi32(numbers, _mm512_set1_epi32(16));
            }
        }
    }

    #[inline(always)]
    fn prefetch(at: *const u8) {
        prefetch_line(at);
    }
}
