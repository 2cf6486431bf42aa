//! The operations a kernel needs of 64 bytes.

/// 64 bytes in registers, and what kernels do with them.
///
/// # Safety
///
/// Every method may only be called on a machine that has the instance's CPU features ([`super::Level::is_available`]),
/// and inside a function compiled for them, into which it is inlined.
pub(super) unsafe trait Vector: Copy {
    /// Reads 64 bytes from `at`.
    ///
    /// # Safety
    ///
    /// `at..at + 64` must be readable.
    unsafe fn load(at: *const u8) -> Self;

    /// Writes 64 bytes to `at`.
    ///
    /// # Safety
    ///
    /// `at..at + 64` must be writable.
    unsafe fn store(self, at: *mut u8);

    /// One bit per byte: is it equal to one of the needles? Bit 0 is the first byte.
    ///
    /// # Safety
    ///
    /// As for the trait.
    unsafe fn equal_any<const N: usize>(self, needles: [u8; N]) -> u64;

    /// One bit per byte: is it above 127?
    ///
    /// # Safety
    ///
    /// As for the trait.
    unsafe fn high_bits(self) -> u64;

    /// One bit per byte: is it below `limit`, taken as unsigned? `limit` is 1 to 128.
    ///
    /// # Safety
    ///
    /// As for the trait.
    unsafe fn below(self, limit: u8) -> u64;

    /// The block with `bits` set in each byte.
    ///
    /// # Safety
    ///
    /// As for the trait.
    #[must_use]
    unsafe fn with_bits(self, bits: u8) -> Self;

    /// Bit `i` of the result is the parity of bits `0..=i` of `mask`.
    ///
    /// # Safety
    ///
    /// As for the trait.
    #[inline(always)]
    unsafe fn prefix_xor(mask: u64) -> u64 {
        let mut out = mask;
        out ^= out << 1;
        out ^= out << 2;
        out ^= out << 4;
        out ^= out << 8;
        out ^= out << 16;
        out ^= out << 32;
        out
    }

    /// Writes `base + i` for each bit `i` of `mask`, lowest first.
    ///
    /// # Safety
    ///
    /// As for the trait; 64 entries must be writable at `to`, of which those behind the last bit's are arbitrary.
    #[inline(always)]
    unsafe fn list(mut mask: u64, base: u32, to: *mut u32) {
        let count = mask.count_ones();
        let mut written = 0;
        loop {
            for i in 0..8 {
                // SAFETY: at most 64 entries are written: eight more only while there are bits left.
                unsafe { to.add(written + i).write(base.wrapping_add(mask.trailing_zeros())) };
                mask = one_by_one(mask & mask.wrapping_sub(1));
            }
            written += 8;
            if written >= count as usize {
                return;
            }
        }
    }

    /// Asks for the cache line at `at` to be fetched; `at` need not be readable.
    #[inline(always)]
    fn prefetch(_at: *const u8) {}
}

/// Gives `mask` back. The compiler cannot see through it: it would turn eight counts of trailing zeroes into a vector of
/// emulated population counts, which then led the profile of stage 1.
#[inline(always)]
fn one_by_one(mask: u64) -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        let mut mask = mask;
        // SAFETY: an empty instruction sequence that touches neither memory nor flags.
        unsafe { std::arch::asm!("/* {0} */", inout(reg) mask, options(pure, nomem, nostack, preserves_flags)) };
        mask
    }
    #[cfg(not(target_arch = "x86_64"))]
    mask
}
