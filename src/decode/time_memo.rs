//! The date and zone of the time text before, so that the next one of the same day needs its time of day only.
//!
//! A log's times differ from line to line in a few digits. The memo keeps the bytes before and behind `HH:MM:SS` (and a
//! fraction right behind it) with what they are worth; a text of the same length with the same bytes around costs three
//! comparisons and a few multiplications. One memo serves every pattern that writes the time of day so.

use super::int::short_digits;
use super::time_parts::Parts;
use crate::simd::Text;

/// Bytes of a time of day.
const TIME_BYTES: u32 = 8;

/// What is known of a text's bytes, and their worth. Matches nothing until it has learned.
#[derive(Clone, Debug)]
pub(super) struct Memo {
    /// Length of the text; 0 before anything is learned.
    len: u32,
    /// The first sixteen bytes, those from the time of day on masked out.
    head: [u64; 2],
    head_masks: [u64; 2],
    /// The last eight bytes, those up to the end of the fraction masked out.
    tail: u64,
    tail_mask: u64,
    /// Where the time of day starts.
    time_at: u32,
    /// Digits of the fraction that count, and digits behind them; its point.
    digits: u32,
    more_digits: u32,
    point: u8,
    /// What those digits are worth.
    digit_worth: i64,
    more_worth: i64,
    /// Units in a second, and digits that are.
    per_second: i64,
    unit_digits: u32,
    /// The value of midnight, and the values for which it holds: from `from` as many as `span` and one.
    midnight: i64,
    from: i64,
    span: u64,
}

impl Memo {
    /// A memo for units of which a second has ten to the power of `unit_digits`: six or nine.
    pub(super) fn new(unit_digits: u32) -> Self {
        Self {
            len: 0,
            head: [0; 2],
            head_masks: [0; 2],
            tail: 0,
            tail_mask: 0,
            time_at: 0,
            digits: 0,
            more_digits: 0,
            point: 0,
            digit_worth: 0,
            more_worth: 0,
            per_second: 10_i64.pow(unit_digits),
            unit_digits,
            midnight: 0,
            from: 0,
            span: 0,
        }
    }

    /// Matches nothing until it learns again.
    pub(super) fn forget(&mut self) {
        self.len = 0;
    }

    /// The value of a text that differs from the one learned in digits of the time of day only.
    #[inline(always)]
    pub(super) fn read(&self, text: &Text, start: u32, end: u32) -> Option<i64> {
        // A memo of length 0 has no tail, so an empty text must be kept out.
        if end - start != self.len || self.len == 0 {
            return None;
        }
        let head = (text.word(start) & self.head_masks[0]) ^ self.head[0];
        let head_behind = (text.word(start + 8) & self.head_masks[1]) ^ self.head[1];
        let tail = (text.word(end - 8) & self.tail_mask) ^ self.tail;
        if head | head_behind | tail != 0 {
            return None;
        }
        let time_at = start + self.time_at;
        let mut value = self.midnight.checked_add(time_of_day(text.word(time_at))? * self.per_second)?;
        if self.digits > 0 {
            let digits_at = time_at + TIME_BYTES + 1;
            if text.byte(digits_at - 1) != self.point {
                return None;
            }
            value = value.checked_add(short_digits(text.word(digits_at), self.digits)? * self.digit_worth)?;
            if self.more_digits > 0 {
                let more = short_digits(text.word(digits_at + self.digits), self.more_digits)?;
                value = value.checked_add(more * self.more_worth)?;
            }
        }
        (value.wrapping_sub(self.from) as u64 <= self.span).then_some(value)
    }

    /// Remembers the text at `span`, which gave `parts` and `value`, for texts that give a value in `range`. Keeps what
    /// it knew if this one cannot be remembered.
    pub(super) fn learn(&mut self, text: &Text, span: (u32, u32), parts: &Parts, value: i64, range: (i64, i64)) {
        if let Some(learned) = self.learned(text, span, parts, value, range) {
            *self = learned;
        }
    }

    fn learned(
        &self,
        text: &Text,
        (start, end): (u32, u32),
        parts: &Parts,
        value: i64,
        range: (i64, i64),
    ) -> Option<Self> {
        let len = end - start;
        let time_at = u32::try_from(parts.hour_at).ok().filter(|at| *at <= 16)?;
        let seconds = time_of_day(text.word(start + time_at))?;
        let mut tail_at = time_at + TIME_BYTES;
        let fraction_len = u32::try_from(parts.fraction_len).ok().filter(|len| *len <= 9)?;
        let (mut digits, mut more_digits) = (0, 0);
        if fraction_len > 0 {
            if parts.fraction_at != (tail_at + 1) as usize {
                return None;
            }
            tail_at += 1 + fraction_len;
            digits = fraction_len.min(if self.unit_digits > 8 { 8 } else { self.unit_digits });
            more_digits = fraction_len - digits;
        }
        let tail_len = len.checked_sub(tail_at).filter(|len| *len <= 8)?;
        // The lowest `bytes` bytes of a word.
        let low = |bytes: u32| if bytes >= 8 { u64::MAX } else { (1 << (8 * bytes)) - 1 };
        let head_masks = [low(time_at), low(time_at.saturating_sub(8))];
        let tail_mask = !low(8 - tail_len);
        let worth = |digits: u32| self.unit_digits.checked_sub(digits).map_or(0, |left| 10_i64.pow(left));
        // Whole units of the fraction, as the exact parser counted them.
        let part = i64::from(parts.nanos) / (1_000_000_000 / self.per_second);
        Some(Self {
            len,
            head: [text.word(start) & head_masks[0], text.word(start + 8) & head_masks[1]],
            head_masks,
            tail: text.word(start + len - 8) & tail_mask,
            tail_mask,
            time_at,
            digits,
            more_digits,
            point: text.byte(start + time_at + TIME_BYTES),
            digit_worth: worth(digits),
            more_worth: worth(digits + more_digits),
            from: range.0,
            span: range.1.wrapping_sub(range.0) as u64,
            midnight: value.checked_sub(seconds * self.per_second)?.checked_sub(part)?,
            ..*self
        })
    }
}

/// The seconds since midnight of `HH:MM:SS`, first byte lowest. `None` for anything else, and for second 60.
#[inline(always)]
pub(super) fn time_of_day(word: u64) -> Option<i64> {
    // A digit becomes its value, a colon zero.
    let digits = word ^ u64::from_le_bytes(*b"00:00:00");
    // Adding these takes a digit over its limit (2, 9, 5, 9, 5, 9) into the high nibble; a colon must be exact.
    let over = digits | digits.wrapping_add(u64::from_le_bytes([0x0d, 6, 0, 0x0a, 6, 0, 0x0a, 6]));
    let wrong = over & 0xf0f0_fff0_f0ff_f0f0;
    let pairs = digits.wrapping_mul(10 << 8 | 1) >> 8;
    let (hour, minute, second) = (pairs & 0xff, pairs >> 24 & 0xff, pairs >> 48 & 0xff);
    (wrong == 0 && hour < 24).then_some((hour * 3600 + minute * 60 + second) as i64)
}
