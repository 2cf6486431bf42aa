//! The instance for any machine: eight 64-bit words.

use super::vector::Vector;

#[derive(Clone, Copy)]
pub(super) struct Portable([u64; 8]);

const LOW_SEVEN: u64 = 0x7f7f_7f7f_7f7f_7f7f;
const ONES: u64 = 0x0101_0101_0101_0101;

/// Gathers the high bit of each byte of `word` into the low eight bits.
#[inline(always)]
fn high_bits_of(word: u64) -> u64 {
    // The product moves bit 8k+7 to bit 56+k; no two partial products meet.
    ((word >> 7) & ONES).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// The high bit of each byte is set where the byte of `word` is zero; exact for every byte.
#[inline(always)]
fn zero_bytes(word: u64) -> u64 {
    !(((word & LOW_SEVEN).wrapping_add(LOW_SEVEN)) | word | LOW_SEVEN)
}

// SAFETY: no CPU features are needed.
unsafe impl Vector for Portable {
    #[inline(always)]
    unsafe fn load(at: *const u8) -> Self {
        // SAFETY: the caller vouches for 64 readable bytes; the read is unaligned.
        Self(unsafe { at.cast::<[u64; 8]>().read_unaligned() })
    }

    #[inline(always)]
    unsafe fn store(self, at: *mut u8) {
        // SAFETY: the caller vouches for 64 writable bytes; the write is unaligned.
        unsafe { at.cast::<[u64; 8]>().write_unaligned(self.0) }
    }

    #[inline(always)]
    unsafe fn equal_any<const N: usize>(self, needles: [u8; N]) -> u64 {
        let mut out = 0;
        for (i, word) in self.0.into_iter().enumerate() {
            let word = u64::from_le(word);
            let mut hit = 0;
            for needle in needles {
                hit |= zero_bytes(word ^ (ONES * u64::from(needle)));
            }
            out |= high_bits_of(hit) << (8 * i);
        }
        out
    }

    #[inline(always)]
    unsafe fn below(self, limit: u8) -> u64 {
        let mut out = 0;
        for (i, word) in self.0.into_iter().enumerate() {
            let word = u64::from_le(word);
            // Seven bits of each byte, raised so that only those from `limit` on reach the eighth.
            let reached = (word & LOW_SEVEN).wrapping_add(ONES * u64::from(128 - limit));
            out |= high_bits_of(!(reached | word)) << (8 * i);
        }
        out
    }

    #[inline(always)]
    unsafe fn with_bits(self, bits: u8) -> Self {
        Self(self.0.map(|word| word | (ONES * u64::from(bits))))
    }

    #[inline(always)]
    unsafe fn high_bits(self) -> u64 {
        let mut out = 0;
        for (i, word) in self.0.into_iter().enumerate() {
            out |= high_bits_of(u64::from_le(word)) << (8 * i);
        }
        out
    }
}
