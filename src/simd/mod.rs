//! The kernels, and the only place (besides the C interface) where `unsafe` is allowed.
//!
//! In: padded text, spans, masks. Out: structural positions and filled buffers. Each kernel is written once over the
//! trait of `vector.rs`; thin instances for AVX-512, AVX2, SSE2 and portable 64-bit words are chosen once a call by
//! [`Level`]. No pointer leaves this folder. It never reads a file and never names a log format.

mod buffer;
mod copy;
mod gather;
mod index;
mod json;
mod portable;
mod text;
mod value;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(test)]
mod tests;

use std::sync::OnceLock;

pub use buffer::{Bits, FixedColumn, Pool, Utf8Column};
pub use copy::copy_before;
pub use gather::{Field, Gather, NullText, Row, gather_utf8};
pub use index::{Index, Structurals, index};
pub use json::{JsonIndex, json_index};
pub use text::{Coding, Text, TextBlock};
pub use value::{MAX_DEPTH, ValueScan, ValueStop};

/// Which instance of the kernels runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 64-bit words; any machine.
    Portable,
    /// 16-byte vectors.
    Sse2,
    /// 32-byte vectors.
    Avx2,
    /// 64-byte vectors (F, BW, DQ and VL).
    Avx512,
}

impl Level {
    /// The names `LOGARROW_SIMD` takes, from plain to wide. `scalar` is another name for `portable`.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("scalar", Self::Portable),
        ("portable", Self::Portable),
        ("sse2", Self::Sse2),
        ("avx2", Self::Avx2),
        ("avx512", Self::Avx512),
    ];

    /// The level in use: the widest this machine has, or what the environment variable `LOGARROW_SIMD` asks for if the
    /// machine has it. Looked up once a process.
    ///
    /// ```
    /// let level = logarrow::simd::Level::current();
    /// assert!(level.is_available());
    /// ```
    pub fn current() -> Self {
        static CURRENT: OnceLock<Level> = OnceLock::new();
        *CURRENT.get_or_init(|| {
            let asked = std::env::var("LOGARROW_SIMD").unwrap_or_default().to_ascii_lowercase();
            let named = Self::NAMES.iter().find(|(name, _)| *name == asked).map(|(_, level)| *level);
            named.filter(|level| level.is_available()).unwrap_or_else(Self::widest)
        })
    }

    /// Every level this machine can run, from plain to wide.
    pub fn available() -> impl Iterator<Item = Self> {
        [Self::Portable, Self::Sse2, Self::Avx2, Self::Avx512].into_iter().filter(|level| level.is_available())
    }

    /// Whether this machine can run the level. Looked up once a process.
    #[inline]
    pub fn is_available(self) -> bool {
        static WIDEST: OnceLock<Level> = OnceLock::new();
        self <= *WIDEST.get_or_init(|| {
            #[cfg(target_arch = "x86_64")]
            return if x86::has_avx512() {
                Self::Avx512
            } else if x86::has_avx2() {
                Self::Avx2
            } else {
                Self::Sse2
            };
            #[cfg(not(target_arch = "x86_64"))]
            Self::Portable
        })
    }

    /// The level's name, as `LOGARROW_SIMD` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Sse2 => "sse2",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    fn widest() -> Self {
        Self::available().max().unwrap_or(Self::Portable)
    }
}
