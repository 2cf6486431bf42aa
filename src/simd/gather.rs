//! Copies one field of many rows into a text column.

use super::Level;
use super::buffer::Utf8Column;
use super::portable::Portable;
use super::text::{Coding, TextBlock};
use super::vector::Vector;

/// A row of a tape: where its positions begin, and what is known about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    base: u32,
    /// Its line, counted from the start of the chunk.
    pub line: u32,
}

impl Row {
    const ESCAPED: u32 = 1 << 31;
    const NULL: u32 = 1 << 30;
    const BASE: u32 = Self::NULL - 1;

    /// A row whose positions begin at `base` (below 2^30).
    #[inline(always)]
    pub fn new(base: u32, line: u32) -> Self {
        Self { base: base & Self::BASE, line }
    }

    /// Says whether the row holds a byte that may escape something.
    #[inline(always)]
    #[must_use]
    pub fn with_escapes(mut self, escaped: bool) -> Self {
        self.base |= if escaped { Self::ESCAPED } else { 0 };
        self
    }

    /// Says that the row stands for a malformed record: all its columns are null.
    #[inline(always)]
    #[must_use]
    pub fn all_null(mut self) -> Self {
        self.base |= Self::NULL;
        self
    }

    /// Where its positions begin.
    #[inline(always)]
    pub fn base(self) -> usize {
        (self.base & Self::BASE) as usize
    }

    /// Whether it holds a byte that may escape something.
    #[inline(always)]
    pub fn has_escapes(self) -> bool {
        self.base & Self::ESCAPED != 0
    }

    /// Whether it stands for a malformed record.
    #[inline(always)]
    pub fn is_null(self) -> bool {
        self.base & Self::NULL != 0
    }
}

/// How a field's span follows from a row's positions.
///
/// **Shape**: `start = positions[base + start_slot] + start_add`, and likewise the end; a start past the end means that
/// the field is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Position its start hangs on, counted from the row's first.
    pub start_slot: u16,
    /// Position its end hangs on.
    pub end_slot: u16,
    /// Bytes from that position to its start.
    pub start_add: i32,
    /// Bytes from that position to its end.
    pub end_add: i32,
}

impl Field {
    /// The field's span in a row; `None` if it is not there, or if the row stands for a malformed record.
    #[inline(always)]
    pub fn span(&self, positions: &[u32], row: Row) -> Option<(u32, u32)> {
        if row.is_null() { None } else { self.span_of_any(positions, row) }
    }

    /// The same, in a row that stands for a malformed record too; there only the whole record has a span.
    #[inline(always)]
    pub fn span_of_any(&self, positions: &[u32], row: Row) -> Option<(u32, u32)> {
        let base = row.base();
        let start = positions.get(base + self.start_slot as usize)?.wrapping_add_signed(self.start_add);
        let end = positions.get(base + self.end_slot as usize)?.wrapping_add_signed(self.end_add);
        (start <= end).then_some((start, end))
    }
}

/// Texts that mean null, in the form a kernel can test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NullText {
    /// This one byte alone.
    pub byte: Option<u8>,
    /// Nothing at all.
    pub empty: bool,
    /// Lengths of other texts that mean null, a bit each (the highest for all from 63 on): such cells are the caller's.
    pub other_lens: u64,
}

/// One field of many rows, to be appended to a text column.
#[derive(Clone, Copy, Debug)]
pub struct Gather<'a> {
    /// The tape's positions.
    pub positions: &'a [u32],
    /// Which field.
    pub field: Field,
    /// What means null.
    pub null: NullText,
    /// Cells with this byte, in rows that are marked so, are the caller's.
    pub stop_at: Option<u8>,
    /// All rows are marked so.
    pub stop_anywhere: bool,
}

/// Appends the field of each row to `out` and gives the number of rows done. It stops before a span with the byte that
/// escapes in a row that is marked so (if told to), that may be another null text, or that is no valid UTF-8 by itself; the
/// caller appends that cell and calls again.
///
/// **Cost**: two loads and one 64-byte copy for a short text; memory grows at most once a call.
pub fn gather_utf8(level: Level, block: &TextBlock, what: &Gather, rows: &[Row], out: &mut Utf8Column) -> usize {
    match level {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the level was found available.
        Level::Avx512 if level.is_available() => unsafe { gather_avx512(block, what, rows, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the level was found available.
        Level::Avx2 if level.is_available() => unsafe { gather_avx2(block, what, rows, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: SSE2 is part of x86-64.
        Level::Sse2 => unsafe { gather_any::<super::x86::Sse2>(block, what, rows, out) },
        // SAFETY: no features are needed.
        _ => unsafe { gather_any::<Portable>(block, what, rows, out) },
    }
}

/// # Safety
///
/// The machine has the features.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
unsafe fn gather_avx512(block: &TextBlock, what: &Gather, rows: &[Row], out: &mut Utf8Column) -> usize {
    // SAFETY: passed on from the caller.
    unsafe { gather_any::<super::x86::Avx512>(block, what, rows, out) }
}

/// # Safety
///
/// The machine has the features.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,pclmulqdq")]
unsafe fn gather_avx2(block: &TextBlock, what: &Gather, rows: &[Row], out: &mut Utf8Column) -> usize {
    // SAFETY: passed on from the caller.
    unsafe { gather_any::<super::x86::Avx2>(block, what, rows, out) }
}

/// # Safety
///
/// The machine has the features of `V`.
#[inline(always)]
unsafe fn gather_any<V: Vector>(block: &TextBlock, what: &Gather, rows: &[Row], out: &mut Utf8Column) -> usize {
    // SAFETY: passed on from the caller.
    unsafe {
        match block.coding() {
            Coding::Ascii => gather_rows::<V, ASCII>(block, what, rows, out),
            Coding::Utf8 => gather_rows::<V, UTF8>(block, what, rows, out),
            Coding::Broken => gather_rows::<V, BROKEN>(block, what, rows, out),
        }
    }
}

const ASCII: u8 = 0;
const UTF8: u8 = 1;
const BROKEN: u8 = 2;

/// # Safety
///
/// The machine has the features of `V`; `CODING` is the block's.
#[inline(always)]
unsafe fn gather_rows<V: Vector, const CODING: u8>(
    block: &TextBlock,
    what: &Gather,
    rows: &[Row],
    out: &mut Utf8Column,
) -> usize {
    let source = block.text().padded().as_ptr();
    let Field { start_slot, end_slot, start_add, end_add } = what.field;
    let (start_slot, end_slot) = (usize::from(start_slot), usize::from(end_slot));
    // Bases below this have both slots.
    let bases = what.positions.len().min(Row::NULL as usize).saturating_sub(start_slot.max(end_slot));
    // Spans of rows with one of these bits must not hold the byte that escapes.
    let stop_bits = if what.stop_at.is_some() { Row::ESCAPED } else { 0 };
    let stop_always = what.stop_anywhere && what.stop_at.is_some();
    let stop_byte = what.stop_at.unwrap_or(b'\\');
    // One byte with a length of one, and a length, that mean null; or values that none has.
    let null_byte = what.null.byte.map_or(u64::MAX, |byte| 1 << 8 | u64::from(byte));
    let null_len = if what.null.empty { 0 } else { u64::MAX };
    let (low, high) = (block.start() as u32, block.end() as u32);
    out.reserve(rows.len(), block.end() - block.start());
    let target = out.bytes.as_mut_ptr();
    // A text of this many bytes may end here: kernels write up to 64 bytes more, and offsets are 31-bit numbers.
    let room = (out.bytes.capacity() - 64).min(i32::MAX as usize);
    // SAFETY: there are as many offsets as rows, and a first one.
    let mut offset = unsafe { out.offsets.as_mut_ptr().cast::<i32>().add(out.validity.len()) };
    let mut written = out.bytes.len();
    let mut done = 0;
    // Sixty-four rows at a time, whose validity stays in a register.
    for rows in rows.chunks(64) {
        let mut word = 0;
        let mut count = 0;
        for row in rows {
            // A row that stands for a malformed record has a base above all others.
            let base = (row.base & !Row::ESCAPED) as usize;
            let (start, end) = if base < bases {
                // SAFETY: `base + slot < positions.len()` for both slots.
                let (start, end) = unsafe {
                    let start = *what.positions.get_unchecked(base + start_slot);
                    (start, *what.positions.get_unchecked(base + end_slot))
                };
                (start.wrapping_add_signed(start_add), end.wrapping_add_signed(end_add))
            } else {
                MISSING
            };
            if low <= start && start <= end && end <= high {
                let len = (end - start) as usize;
                if written + len > room {
                    break;
                }
                // SAFETY: `start <= block.end() <= text.len()`, and 64 bytes are readable from any position of the text.
                let (from, first, head) = unsafe {
                    let from = source.add(start as usize);
                    (from, *from, V::load(from))
                };
                if what.null.other_lens >> len.min(63) & 1 != 0 {
                    break;
                }
                // SAFETY: all of the span lies in the text.
                if (row.base & stop_bits != 0 || stop_always) && unsafe { has_byte::<V>(from, len, head, stop_byte) } {
                    break;
                }
                // SAFETY: all of the span lies in the text.
                if CODING != ASCII && !unsafe { is_text::<V, CODING>(source, start, end, high, head) } {
                    break;
                }
                // SAFETY: 64 bytes are readable from any position of the text, and `written + len + 64` bytes are
                // writable.
                unsafe {
                    let to = target.add(written);
                    head.store(to);
                    let mut copied = 64;
                    while copied < len {
                        V::load(from.add(copied)).store(to.add(copied));
                        copied += 64;
                    }
                }
                // No branch: a dash in every other cell would be mispredicted as often.
                let is_null = (len as u64) << 8 | u64::from(first) == null_byte || len as u64 == null_len;
                written += if is_null { 0 } else { len };
                word |= u64::from(!is_null) << count;
            }
            count += 1;
            // SAFETY: room for `rows.len() + 1` offsets was reserved behind the ones of the rows before.
            unsafe {
                offset = offset.add(1);
                offset.write(written as i32);
            }
        }
        out.validity.push_many(word, count);
        done += count;
        if count < rows.len() {
            break;
        }
    }
    let offsets = out.validity.len() + 1;
    // SAFETY: all bytes up to `written` and the offsets of all rows are initialised, within capacity.
    unsafe {
        out.bytes.set_len(written);
        out.offsets.set_len(offsets * size_of::<i32>());
    }
    done
}

/// A span that lies in no text.
const MISSING: (u32, u32) = (1, 0);

/// Whether `start..end` is valid UTF-8 by itself. In a block that is, it must not cut characters; in one that is not, it
/// must be ASCII (the few other spans are left to the caller).
///
/// # Safety
///
/// The machine has the features of `V`; the span lies in a text that starts at `source` and is padded; `head` is its
/// first 64 bytes; the text up to `high` is valid UTF-8 if `CODING` says so.
#[inline(always)]
unsafe fn is_text<V: Vector, const CODING: u8>(source: *const u8, start: u32, end: u32, high: u32, head: V) -> bool {
    let len = (end - start) as usize;
    if CODING == UTF8 {
        // SAFETY: both places are in the text or its padding.
        let (first, behind) = unsafe { (*source.add(start as usize), *source.add(end as usize)) };
        return len == 0 || !is_continuation(first) && (end == high || !is_continuation(behind));
    }
    // SAFETY: the features are the caller's promise; 64 bytes are readable from any position of the text.
    unsafe { any::<V>(source.add(start as usize), len, head, |block| block.high_bits()) == 0 }
}

/// Whether the `len` bytes at `from` hold `byte`; `head` is the first 64.
///
/// # Safety
///
/// The machine has the features of `V`; 64 bytes are readable from each of the places.
#[inline(always)]
unsafe fn has_byte<V: Vector>(from: *const u8, len: usize, head: V, byte: u8) -> bool {
    // SAFETY: passed on from the caller.
    unsafe { any::<V>(from, len, head, |block| block.equal_any([byte])) != 0 }
}

/// The bits of `test` over the `len` bytes at `from`, or-ed together; `head` is the first 64.
///
/// # Safety
///
/// As for [`has_byte`].
#[inline(always)]
unsafe fn any<V: Vector>(from: *const u8, len: usize, head: V, test: impl Fn(V) -> u64) -> u64 {
    let inside = |len: usize| if len < 64 { (1_u64 << len) - 1 } else { u64::MAX };
    let mut bits = test(head) & inside(len);
    let mut seen = 64;
    while seen < len {
        // SAFETY: the caller vouches for 64 readable bytes from each place of the span.
        bits |= test(unsafe { V::load(from.add(seen)) }) & inside(len - seen);
        seen += 64;
    }
    bits
}

/// Whether a byte of valid UTF-8 stands inside a character.
#[inline(always)]
fn is_continuation(byte: u8) -> bool {
    (byte as i8) < -0x40
}
