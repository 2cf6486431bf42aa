//! Stage 1: the positions of the bytes that give a record its structure.

use super::text::{Text, TextBlock};
use super::vector::Vector;
use super::{Level, portable::Portable};

/// How far ahead the text is asked for: 2 to 8 KiB lifted this kernel from 4.5 to 11 GB/s over memory.
pub(super) const PREFETCH_BYTES: usize = 4096;

/// Which bytes are structural. The newline always is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Structurals {
    /// Bytes that count outside quotes; at most [`Structurals::MAX_DELIMITERS`].
    pub delimiters: Vec<u8>,
    /// Whether double quotes are structural, and hide the delimiters between them.
    pub quotes: bool,
    /// Whether a backslash escapes the quote behind it; backslashes are then listed.
    pub escapes: bool,
}

impl Structurals {
    /// The most delimiters a kernel compares with; four cost as much as one load from memory.
    pub const MAX_DELIMITERS: usize = 4;
}

/// What stage 1 finds. Reused from one sub-block to the next.
///
/// **Shape**: `positions[0]` is the position before the first byte (wrapping), so that each record lies between two
/// entries; the rest are ascending positions of structural bytes, newlines among them.
#[derive(Debug, Default)]
pub struct Index {
    /// Structural positions, in bytes from the start of the text.
    pub positions: Vec<u32>,
    /// Positions of backslashes, if escapes were asked for.
    pub backslashes: Vec<u32>,
}

/// Indexes `text[start..end]`, which must begin at the start of a line, and says what its bytes are. Quotes never reach
/// over a newline: a line with an odd number of them ends its own damage.
///
/// **Cost**: one pass; no allocation once `out` has grown.
pub fn index<'t>(
    level: Level,
    text: &'t Text,
    start: usize,
    end: usize,
    structurals: &Structurals,
    out: &mut Index,
) -> TextBlock<'t> {
    let end = end.min(text.len()).min(u32::MAX as usize - 64);
    let start = start.min(end);
    out.positions.clear();
    out.backslashes.clear();
    // Every byte may be structural, and a step may write up to 64 entries too many.
    out.positions.reserve(end - start + 1 + 64);
    out.positions.push((start as u32).wrapping_sub(1));
    let ascii = match level {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the level was found available.
        Level::Avx512 if level.is_available() => unsafe { index_avx512(text, start, end, structurals, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the level was found available.
        Level::Avx2 if level.is_available() => unsafe { index_avx2(text, start, end, structurals, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: SSE2 is part of x86-64; the range was checked above.
        Level::Sse2 => unsafe { index_any::<super::x86::Sse2>(text, start, end, structurals, out) },
        // SAFETY: no features are needed; the range was checked above.
        _ => unsafe { index_any::<Portable>(text, start, end, structurals, out) },
    };
    if ascii { TextBlock::ascii(text, start, end) } else { TextBlock::new(text, start, end) }
}

/// # Safety
///
/// The machine has the features; `start <= end <= text.len()`; `out.positions` has room for `end - start + 64` more.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
unsafe fn index_avx512(text: &Text, start: usize, end: usize, structurals: &Structurals, out: &mut Index) -> bool {
    // SAFETY: passed on from the caller.
    unsafe { index_any::<super::x86::Avx512>(text, start, end, structurals, out) }
}

/// # Safety
///
/// As for [`index_avx512`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
unsafe fn index_avx2(text: &Text, start: usize, end: usize, structurals: &Structurals, out: &mut Index) -> bool {
    // SAFETY: passed on from the caller.
    unsafe { index_any::<super::x86::Avx2>(text, start, end, structurals, out) }
}

/// # Safety
///
/// As for [`index_avx512`], with the features of `V`.
#[inline(always)]
unsafe fn index_any<V: Vector>(
    text: &Text,
    start: usize,
    end: usize,
    structurals: &Structurals,
    out: &mut Index,
) -> bool {
    let d = &structurals.delimiters;
    // SAFETY: passed on from the caller.
    unsafe {
        match (structurals.quotes, &d[..]) {
            (true, [a]) => index_blocks::<V, true, 1>(text, start, end, structurals.escapes, [*a], out),
            (true, _) => index_blocks::<V, true, 4>(text, start, end, structurals.escapes, four(d, b'\n'), out),
            (false, []) => index_blocks::<V, false, 0>(text, start, end, structurals.escapes, [], out),
            (false, [a]) => index_blocks::<V, false, 1>(text, start, end, structurals.escapes, [*a], out),
            (false, _) => index_blocks::<V, false, 4>(text, start, end, structurals.escapes, four(d, b'\n'), out),
        }
    }
}

/// The delimiters as an array, filled up with one that is structural anyway.
fn four(delimiters: &[u8], filler: u8) -> [u8; 4] {
    let mut out = [filler; 4];
    for (slot, delimiter) in out.iter_mut().zip(delimiters) {
        *slot = *delimiter;
    }
    out
}

/// # Safety
///
/// As for [`index_any`].
#[inline(always)]
unsafe fn index_blocks<V: Vector, const QUOTES: bool, const N: usize>(
    text: &Text,
    start: usize,
    end: usize,
    escapes: bool,
    delimiters: [u8; N],
    out: &mut Index,
) -> bool {
    let bytes = text.padded().as_ptr();
    let mut count = out.positions.len();
    let mut high = 0_u64;
    // All ones while a quote is open at the start of the block.
    let mut open = 0_u64;
    // One if the first byte of the block is escaped.
    let mut escaped_first = 0_u64;
    let mut at = start;
    while at < end {
        // SAFETY: `at < end <= text.len()`, and 64 bytes are readable from any position of the text.
        let block = unsafe {
            V::prefetch(bytes.wrapping_add(at + PREFETCH_BYTES));
            V::load(bytes.add(at))
        };
        let inside = if end - at < 64 { (1_u64 << (end - at)) - 1 } else { u64::MAX };
        // SAFETY: the features are the caller's promise.
        let (newlines, mut marks) = unsafe {
            high |= block.high_bits() & inside;
            (block.equal_any([b'\n']) & inside, block.equal_any(delimiters) & inside)
        };
        let mut escaped = 0;
        if escapes {
            // SAFETY: the features are the caller's promise.
            let backslashes = unsafe { block.equal_any([b'\\']) } & inside;
            if backslashes | escaped_first != 0 {
                escaped = escaped_bytes(backslashes, &mut escaped_first);
                list_bits(backslashes, at, &mut out.backslashes);
            }
        }
        if QUOTES {
            // SAFETY: the features are the caller's promise.
            let quotes = unsafe { block.equal_any([b'"']) } & inside & !escaped;
            // SAFETY: the features are the caller's promise.
            let mut quoted = unsafe { V::prefix_xor(quotes) } ^ open;
            let mut broken = newlines & quoted;
            while broken != 0 {
                // A newline inside quotes: from here on, everything is the other way round.
                quoted ^= (broken & broken.wrapping_neg()).wrapping_neg();
                broken = newlines & quoted;
            }
            open = ((quoted as i64) >> 63) as u64;
            marks = (marks & !quoted) | quotes;
        }
        marks |= newlines;
        // SAFETY: room for `end - start + 64` entries was reserved, `count` never passes the bytes seen, and a step
        // writes at most 64 entries from there.
        unsafe { V::list(marks, at as u32, out.positions.as_mut_ptr().add(count)) };
        count += marks.count_ones() as usize;
        at += 64;
    }
    // SAFETY: the first `count` entries are written, and `count` is within the reserved room.
    unsafe { out.positions.set_len(count) };
    high == 0
}

#[cold]
pub(super) fn list_bits(mut bits: u64, at: usize, out: &mut Vec<u32>) {
    while bits != 0 {
        out.push(at as u32 + bits.trailing_zeros());
        bits &= bits - 1;
    }
}

/// Bytes that an unescaped backslash stands before; `first` carries over the block's end.
#[cold]
pub(super) fn escaped_bytes(backslashes: u64, first: &mut u64) -> u64 {
    let mut escaped = *first;
    let mut rest = backslashes & !escaped;
    *first = 0;
    while rest != 0 {
        let backslash = rest & rest.wrapping_neg();
        escaped |= backslash << 1;
        *first = backslash >> 63;
        rest &= !(backslash | backslash << 1);
    }
    escaped
}
