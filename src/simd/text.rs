//! The input buffer: text with room behind it, so that kernels may read past its end.

use super::vector::Vector;

/// The instance that every machine of the kind can run, so that it is inlined anywhere.
#[cfg(not(target_arch = "x86_64"))]
pub(super) type Anywhere = super::portable::Portable;
#[cfg(target_arch = "x86_64")]
pub(super) type Anywhere = super::x86::Sse2;

/// Bytes of zeroes kept behind the text. A kernel reads 64 bytes from any position up to the end.
const SLACK_BYTES: usize = 128;

/// A growable buffer of log text that is always followed by readable padding.
///
/// **Shape**: `as_bytes().len() == len()`; at least 128 more bytes are readable behind it.
#[derive(Debug, Default)]
pub struct Text {
    /// `data.len() >= len + ahead + SLACK_BYTES` whenever `len > 0`.
    data: Vec<u8>,
    len: usize,
    /// Bytes behind the text that come next, and may be looked at.
    ahead: usize,
}

impl Text {
    /// A buffer that can take `capacity` bytes without growing.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { data: vec![0; capacity + SLACK_BYTES], len: 0, ahead: 0 }
    }

    /// A copy of `bytes`.
    ///
    /// ```
    /// use logarrow::simd::Text;
    /// assert_eq!(Text::copied(b"a b\n").as_bytes(), b"a b\n");
    /// ```
    pub fn copied(bytes: &[u8]) -> Self {
        let mut text = Self::with_capacity(bytes.len());
        text.extend_from_slice(bytes);
        text
    }

    /// A buffer of `bytes`, without copying them.
    ///
    /// ```
    /// use logarrow::simd::Text;
    /// let text = Text::from_vec(b"a b\n".to_vec());
    /// assert_eq!(text.as_bytes(), b"a b\n");
    /// assert_eq!(text.into_vec(), b"a b\n");
    /// ```
    pub fn from_vec(mut bytes: Vec<u8>) -> Self {
        let len = bytes.len();
        bytes.resize(len + SLACK_BYTES, 0);
        Self { data: bytes, len, ahead: 0 }
    }

    /// The text, without copying it.
    pub fn into_vec(mut self) -> Vec<u8> {
        self.data.truncate(self.len);
        self.data
    }

    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.data[..self.len]
    }

    /// The text, and what is known to come behind it: see [`Text::end_at`].
    pub fn with_ahead(&self) -> &[u8] {
        &self.data[..self.len + self.ahead]
    }

    /// Whether more is known to come.
    pub fn has_ahead(&self) -> bool {
        self.ahead > 0
    }

    /// Bytes of text.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of text the buffer can take without growing.
    pub fn capacity(&self) -> usize {
        self.data.len().saturating_sub(SLACK_BYTES)
    }

    /// Forgets the text, keeps the memory.
    pub fn clear(&mut self) {
        (self.len, self.ahead) = (0, 0);
    }

    /// Appends `bytes`.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.data[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
        self.ahead = 0;
    }

    /// Makes room for `more` bytes behind the text.
    pub fn reserve(&mut self, more: usize) {
        let wanted = self.len + more + SLACK_BYTES;
        if wanted > self.data.len() {
            self.data.resize(wanted.max(self.data.len() * 3 / 2), 0);
        }
    }

    /// The room behind the text, to be filled by a reader; [`Text::advance`] then makes it part of the text.
    pub fn spare_mut(&mut self) -> &mut [u8] {
        let end = self.capacity();
        self.ahead = 0;
        &mut self.data[self.len..end.max(self.len)]
    }

    /// Makes the first `filled` bytes of [`Text::spare_mut`] part of the text (no more than there are).
    pub fn advance(&mut self, filled: usize) {
        self.len = (self.len + filled).min(self.capacity());
        self.ahead = 0;
    }

    /// Cuts the text to its first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.ahead = 0;
    }

    /// Cuts the text to its first `len` bytes; those behind may still be looked at, until the text changes.
    ///
    /// ```
    /// use logarrow::simd::Text;
    /// let mut text = Text::copied(b"{}{}");
    /// text.end_at(2);
    /// assert_eq!((text.as_bytes(), text.with_ahead()), (&b"{}"[..], &b"{}{}"[..]));
    /// ```
    pub fn end_at(&mut self, len: usize) {
        let all = self.len + self.ahead;
        self.len = self.len.min(len);
        self.ahead = all - self.len;
    }

    /// Eight bytes from `at`, the first one lowest; zeroes past the padding. Bytes behind the text are arbitrary.
    #[inline(always)]
    pub fn word(&self, at: u32) -> u64 {
        let at = at as usize;
        self.data.get(at..at + 8).and_then(|bytes| bytes.first_chunk()).map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// `N` bytes from `at`; zeroes past the padding. Bytes behind the text are arbitrary.
    #[inline(always)]
    pub fn bytes_at<const N: usize>(&self, at: u32) -> &[u8; N] {
        let at = at as usize;
        self.data.get(at..at + N).and_then(|bytes| bytes.first_chunk()).unwrap_or(&[0; N])
    }

    /// The byte at `at`; zero past the padding.
    #[inline(always)]
    pub fn byte(&self, at: u32) -> u8 {
        self.data.get(at as usize).copied().unwrap_or(0)
    }

    /// One bit for each of the 64 bytes from `at`: is it one of the needles? Bit 0 is the first byte. Bits behind the text
    /// are arbitrary; no bit is set for a place behind the text.
    ///
    /// For records whose shape is known a few bytes at a time; where whole blocks are looked through, [`super::index()`]
    /// is quicker.
    #[inline(always)]
    pub fn mask<const N: usize>(&self, at: u32, needles: [u8; N]) -> u64 {
        let at = at as usize;
        match self.data.get(at..at + 64) {
            // SAFETY: 64 bytes are readable; the instance needs no features that the machine may lack.
            Some(bytes) if at < self.len => unsafe { Anywhere::load(bytes.as_ptr()).equal_any(needles) },
            _ => 0,
        }
    }

    /// The bytes of `start..end`; empty where that is no part of the text.
    #[inline(always)]
    pub fn span(&self, start: u32, end: u32) -> &[u8] {
        self.as_bytes().get(start as usize..end as usize).unwrap_or_default()
    }

    /// The text and its padding: 64 bytes may be read from any position up to `len()`.
    #[inline(always)]
    pub(super) fn padded(&self) -> &[u8] {
        // A buffer that never held anything has no memory of its own.
        if self.data.is_empty() {
            return &[0; SLACK_BYTES];
        }
        debug_assert!(self.data.len() >= self.len + 64);
        &self.data
    }
}

/// What the bytes of a block are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// All below 128.
    Ascii,
    /// Valid UTF-8.
    Utf8,
    /// Not UTF-8 as a whole; each value must be looked at by itself.
    Broken,
}

/// A part of a text whose coding is known. It borrows the text, so what was found stays true.
#[derive(Clone, Copy, Debug)]
pub struct TextBlock<'t> {
    text: &'t Text,
    start: usize,
    end: usize,
    coding: Coding,
}

impl<'t> TextBlock<'t> {
    /// Looks at `text[start..end]`; the range is cut to the text.
    ///
    /// **Cost**: one pass, at about the speed of memory.
    pub fn new(text: &'t Text, start: usize, end: usize) -> Self {
        let end = end.min(text.len());
        let start = start.min(end);
        let coding = match simdutf8::basic::from_utf8(&text.as_bytes()[start..end]) {
            Ok(part) if part.is_ascii() => Coding::Ascii,
            Ok(_) => Coding::Utf8,
            Err(_) => Coding::Broken,
        };
        Self { text, start, end, coding }
    }

    /// A block that a kernel has found to be ASCII.
    pub(super) fn ascii(text: &'t Text, start: usize, end: usize) -> Self {
        Self { text, start, end, coding: Coding::Ascii }
    }

    /// The whole text.
    pub fn text(&self) -> &'t Text {
        self.text
    }

    /// Where the block starts in the text.
    pub fn start(&self) -> usize {
        self.start
    }

    /// Where it ends.
    pub fn end(&self) -> usize {
        self.end
    }

    /// What its bytes are.
    pub fn coding(&self) -> Coding {
        self.coding
    }
}
