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

    /// Asks for the cache line at `at` to be fetched; `at` need not be readable.
    #[inline(always)]
    fn prefetch(_at: *const u8) {}
}
