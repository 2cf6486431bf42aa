//! Stage 1 for JSON: the positions of the bytes that give a value its structure, and of those that no value has.

use super::Level;
use super::index::{PREFETCH_BYTES, escaped_bytes, list_bits};
use super::portable::Portable;
use super::text::{Text, TextBlock};
use super::vector::Vector;

/// What stage 1 finds in JSON. Reused.
#[derive(Debug, Default)]
pub struct JsonIndex {
    /// Ascending positions of braces, brackets, colons and commas outside strings; of newlines, where each ends a record.
    /// (A form feed is listed as a comma is, and a substitute as a colon: outside strings they are wrong wherever they
    /// stand, and who reads the byte sees it.)
    pub positions: Vec<u32>,
    /// Positions of backslashes.
    pub backslashes: Vec<u32>,
    /// Ascending positions where the text cannot be JSON: a control character in a string, a scalar behind another with
    /// nothing but white space between them, and the end of a line or of the text within a string.
    pub faults: Vec<u32>,
}

/// Indexes `text[start..end]`, which begins outside strings, and says what its bytes are. Where newlines end records, no
/// string goes on behind one.
///
/// Between two positions stands then white space, and one scalar at most: what begins with a quote there is a whole string,
/// unless a fault stands in it.
///
/// **Cost**: one pass; no allocation once `out` has grown.
pub fn json_index<'t>(
    level: Level,
    text: &'t Text,
    (start, end): (usize, usize),
    lines: bool,
    out: &mut JsonIndex,
) -> TextBlock<'t> {
    let end = end.min(text.len()).min(u32::MAX as usize - 64);
    let start = start.min(end);
    out.positions.clear();
    out.backslashes.clear();
    out.faults.clear();
    // Every byte may be structural, and a step may write up to 64 entries too many.
    out.positions.reserve(end - start + 64);
    let ascii = match level {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the level was found available.
        Level::Avx512 if level.is_available() => unsafe { index_avx512(text, start, end, lines, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the level was found available.
        Level::Avx2 if level.is_available() => unsafe { index_avx2(text, start, end, lines, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: SSE2 is part of x86-64; the range was checked above.
        Level::Sse2 => unsafe { index_any::<super::x86::Sse2>(text, start, end, lines, out) },
        // SAFETY: no features are needed; the range was checked above.
        _ => unsafe { index_any::<Portable>(text, start, end, lines, out) },
    };
    if ascii { TextBlock::ascii(text, start, end) } else { TextBlock::new(text, start, end) }
}

/// # Safety
///
/// The machine has the features; `start <= end <= text.len()`; `out.positions` has room for `end - start + 64`.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
unsafe fn index_avx512(text: &Text, start: usize, end: usize, lines: bool, out: &mut JsonIndex) -> bool {
    // SAFETY: passed on from the caller.
    unsafe { index_any::<super::x86::Avx512>(text, start, end, lines, out) }
}

/// # Safety
///
/// As for [`index_avx512`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
unsafe fn index_avx2(text: &Text, start: usize, end: usize, lines: bool, out: &mut JsonIndex) -> bool {
    // SAFETY: passed on from the caller.
    unsafe { index_any::<super::x86::Avx2>(text, start, end, lines, out) }
}

/// # Safety
///
/// As for [`index_avx512`], with the features of `V`.
#[inline(always)]
unsafe fn index_any<V: Vector>(text: &Text, start: usize, end: usize, lines: bool, out: &mut JsonIndex) -> bool {
    // SAFETY: passed on from the caller.
    unsafe {
        if lines {
            index_blocks::<V, true>(text, start, end, out)
        } else {
            index_blocks::<V, false>(text, start, end, out)
        }
    }
}

/// What a block hands on to the next.
#[derive(Default)]
struct Carry {
    /// All ones while a string is open.
    open: u64,
    /// One if the first byte of the next block is escaped.
    escaped: u64,
    /// One if the last byte belongs to a scalar that is no string.
    bare: u64,
    /// One if the last byte belongs to a scalar.
    scalar: u64,
    /// One if the last byte is white space behind a scalar.
    gap: u64,
}

/// # Safety
///
/// As for [`index_any`].
#[inline(always)]
unsafe fn index_blocks<V: Vector, const LINES: bool>(
    text: &Text,
    start: usize,
    end: usize,
    out: &mut JsonIndex,
) -> bool {
    let bytes = text.padded().as_ptr();
    let mut count = 0;
    let mut high = 0_u64;
    let mut carry = Carry::default();
    let mut at = start;
    while at < end {
        // SAFETY: `at < end <= text.len()`, and 64 bytes are readable from any position of the text.
        let block = unsafe {
            V::prefetch(bytes.wrapping_add(at + PREFETCH_BYTES));
            V::load(bytes.add(at))
        };
        let inside = if end - at < 64 { (1_u64 << (end - at)) - 1 } else { u64::MAX };
        // SAFETY: the features are the caller's promise.
        let (marks, faults) = unsafe { step::<V, LINES>(block, inside, at, &mut carry, &mut high, out) };
        if faults != 0 {
            list_bits(faults, at, &mut out.faults);
        }
        // SAFETY: room for `end - start + 64` entries was reserved, `count` never passes the bytes seen, and a step
        // writes at most 64 entries from there.
        unsafe { V::list(marks, at as u32, out.positions.as_mut_ptr().add(count)) };
        count += marks.count_ones() as usize;
        at += 64;
    }
    // SAFETY: the first `count` entries are written, and `count` is within the reserved room.
    unsafe { out.positions.set_len(count) };
    if carry.open != 0 {
        out.faults.push(end as u32);
    }
    high == 0
}

/// One block: its structural bytes, and its faults.
///
/// # Safety
///
/// The machine has the features of `V`.
#[inline(always)]
unsafe fn step<V: Vector, const LINES: bool>(
    block: V,
    inside: u64,
    at: usize,
    carry: &mut Carry,
    high: &mut u64,
    out: &mut JsonIndex,
) -> (u64, u64) {
    // SAFETY: the features are the caller's promise.
    unsafe {
        *high |= block.high_bits() & inside;
        let controls = block.below(b' ') & inside;
        let newlines = if LINES { block.equal_any([b'\n']) & inside } else { 0 };
        let backslashes = block.equal_any([b'\\']) & inside;
        let mut escaped = 0;
        if backslashes | carry.escaped != 0 {
            escaped = escaped_bytes(backslashes, &mut carry.escaped);
            list_bits(backslashes, at, &mut out.backslashes);
        }
        let quotes = block.equal_any([b'"']) & inside & !escaped;
        let mut quoted = V::prefix_xor(quotes) ^ carry.open;
        let mut faults = 0;
        let mut broken = newlines & quoted;
        while broken != 0 {
            // A newline inside a string: from here on, everything is the other way round.
            let first = broken & broken.wrapping_neg();
            faults |= first;
            quoted ^= first.wrapping_neg();
            broken = newlines & quoted;
        }
        carry.open = ((quoted as i64) >> 63) as u64;
        if inside >> 63 == 0 {
            // The last bit of the text, not of the block.
            carry.open = if quoted & inside & !(inside >> 1) != 0 { u64::MAX } else { 0 };
        }
        let string = quoted | quotes;
        let outside = inside & !string;
        // Braces are brackets with one bit more, so that four comparisons do.
        let marks = block.with_bits(0x20).equal_any([b'{', b'}', b':', b',']) & outside | newlines;
        let mut blanks = block.equal_any([b' ']) & outside;
        if controls & outside & !newlines != 0 {
            blanks |= block.equal_any([b'\t', b'\r', b'\n']) & outside & !newlines;
        }
        let bare = outside & !(marks | blanks);
        let scalar = bare | string & inside;
        let starts = quotes & quoted | bare & !(bare << 1 | carry.bare);
        let mut behind = scalar << 1 | carry.scalar;
        if blanks | carry.gap != 0 {
            // White space behind a scalar: the sum runs through it, to the byte behind it.
            let gaps = behind & blanks | carry.gap & blanks;
            let (sum, overflow) = blanks.overflowing_add(gaps);
            behind |= sum & !blanks | carry.gap & !blanks & 1;
            carry.gap = u64::from(overflow);
        }
        faults |= controls & quoted | starts & behind;
        (carry.bare, carry.scalar) = (bare >> 63, scalar >> 63);
        (marks, faults)
    }
}
