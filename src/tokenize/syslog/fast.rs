//! Messages as nearly all are: parts apart by one space, found in masks of 64 bytes, and a date that was seen before.
//!
//! Whatever is out of the ordinary is left to the exact parser, which gives the same spans for what is accepted here.

use super::elements::regular_elements;
use super::exact::is_iso_date;
use super::{MISSING, Places};
use crate::simd::Text;

/// The dates that were found good last.
#[derive(Debug)]
pub(super) struct Fast {
    /// The first eight bytes of an ISO date, and those from the third on.
    iso: [u64; 2],
    /// `Mar  5 `, seven bytes.
    month_day: u64,
}

/// The low seven bytes of a word.
const SEVEN: u64 = (1 << 56) - 1;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The spaces of a record, one after the other.
struct Spaces<'t> {
    text: &'t Text,
    /// Where the 64 bytes of `mask` start.
    base: u32,
    mask: u64,
    end: u32,
}

impl<'t> Spaces<'t> {
    #[inline(always)]
    fn new(text: &'t Text, base: u32, end: u32) -> Self {
        Self { text, base, mask: text.mask(base, [b' ']), end }
    }

    /// The next space; the end of the record where none is left.
    #[inline(always)]
    fn next(&mut self) -> u32 {
        while self.mask == 0 {
            self.base = self.base.saturating_add(64);
            if self.base >= self.end {
                return self.end;
            }
            self.mask = self.text.mask(self.base, [b' ']);
        }
        let at = self.base + self.mask.trailing_zeros();
        self.mask &= self.mask - 1;
        at.min(self.end)
    }
}

/// Where `<13>` at the start of `word` ends, 0 if it is no priority from 0 to 191. Without a branch on its length: two
/// and three digits take turns.
#[inline(always)]
fn priority(word: u64) -> u32 {
    let hit = word ^ (ONES * u64::from(b'>'));
    // The first byte that is set is right; borrows reach the ones behind it only.
    let close = (hit.wrapping_sub(ONES) & !hit & HIGH).trailing_zeros() / 8;
    let len = close.wrapping_sub(1);
    if word & 0xff != u64::from(b'<') || !(1..=3).contains(&len) {
        return 0;
    }
    // Three digits, those that are not there as zeroes.
    let digits = (((word >> 8) ^ 0x30_3030) << (8 * (3 - len))) & 0xff_ffff;
    let wrong = (digits | (digits + 0x06_0606)) & 0xf0_f0f0;
    let number = (digits & 0xff) * 100 + (digits >> 8 & 0xff) * 10 + (digits >> 16);
    let leads_with_zero = len > 1 && word >> 8 & 0xff == u64::from(b'0');
    if wrong != 0 || number > 191 || leads_with_zero { 0 } else { close + 1 }
}

/// Whether `word` is `00:00:00` with any digits.
#[inline(always)]
fn is_clock(word: u64) -> bool {
    let digits = word ^ u64::from_le_bytes(*b"00:00:00");
    let over = digits | digits.wrapping_add(u64::from_le_bytes([6, 6, 0, 6, 6, 0, 6, 6]));
    over & 0xf0f0_fff0_f0ff_f0f0 == 0
}

impl Default for Fast {
    /// Dates that no text has: two words that overlap and differ there, and a word of eight bytes.
    fn default() -> Self {
        Self { iso: [0, u64::MAX], month_day: u64::MAX }
    }
}

impl Fast {
    /// A message of RFC 5424 whose version has one digit.
    #[inline(always)]
    pub(super) fn rfc5424(&mut self, text: &Text, start: u32, end: u32) -> Option<Places> {
        let behind = priority(text.word(start));
        let version = text.word(start + behind);
        if behind == 0 || (version as u8).wrapping_sub(b'1') > 8 || version >> 8 & 0xff != u64::from(b' ') {
            return None;
        }
        let time = start + behind + 2;
        let mut spaces = Spaces::new(text, time, end);
        let [time_end, host_end, app_end, process_end, id_end] = std::array::from_fn(|_| spaces.next());
        let is_filled = time_end > time
            && host_end > time_end + 1
            && app_end > host_end + 1
            && process_end > app_end + 1
            && id_end > process_end + 1;
        // Behind the last space there must be something; without a space, all that follows is at the end too.
        if !is_filled || id_end + 1 >= end || !self.is_time(text, time, time_end) {
            return None;
        }
        let data = id_end + 1;
        let data_end = match text.byte(data) {
            b'-' => data + 1,
            b'[' => regular_elements(text, data, end, |_| {})?,
            _ => return None,
        };
        let mut message = MISSING;
        if data_end < end {
            if text.byte(data_end) != b' ' {
                return None;
            }
            let mark = u32::from_le_bytes([0xef, 0xbb, 0xbf, 0]);
            let has_mark = text.word(data_end + 1) as u32 & 0xff_ffff == mark && data_end + 4 <= end;
            let from = data_end + 1 + if has_mark { 3 } else { 0 };
            message = if from < end { (from, end) } else { MISSING };
        }
        Some(Places {
            priority: (start + 1, start + behind - 1),
            version: (start + behind, start + behind + 1),
            timestamp: (time, time_end),
            hostname: (time_end + 1, host_end),
            app_name: (host_end + 1, app_end),
            procid: (app_end + 1, process_end),
            msgid: (process_end + 1, id_end),
            structured_data: (data, data_end),
            message,
        })
    }

    #[inline(always)]
    fn is_time(&mut self, text: &Text, start: u32, end: u32) -> bool {
        let words = [text.word(start), text.word(start + 2)];
        if end - start >= 10 && words == self.iso {
            return true;
        }
        let span = text.span(start, end);
        if is_iso_date(span) {
            self.iso = words;
            return true;
        }
        span == b"-"
    }

    /// A message of RFC 3164 with a host and a tag that a colon ends.
    #[inline(always)]
    pub(super) fn rfc3164(&mut self, text: &Text, start: u32, end: u32) -> Option<Places> {
        let word = text.word(start);
        let has_priority = word & 0xff == u64::from(b'<');
        let behind = if has_priority { priority(word) } else { 0 };
        if has_priority && behind == 0 {
            return None;
        }
        let time = start + behind;
        // `Mmm dd hh:mm:ss host`.
        let host = time + 16;
        if host >= end || !self.is_old_time(text, time) {
            return None;
        }
        let mut spaces = Spaces::new(text, host, end);
        let host_end = spaces.next();
        let tag = host_end + 1;
        if host_end == host || text.byte(host_end - 1) == b':' || tag >= end {
            return None;
        }
        let behind_tag = spaces.next();
        // `tag:` at the least.
        if behind_tag < tag + 2 || text.byte(behind_tag - 1) != b':' {
            return None;
        }
        let colon = behind_tag - 1;
        let (mut app_name, mut procid) = ((tag, colon), MISSING);
        if text.byte(colon - 1) == b']' {
            let len = colon - 1 - tag;
            if len >= 64 {
                return None;
            }
            // The last bracket before the one that closes.
            let brackets = text.mask(tag, [b'[']) & ((1 << len) - 1);
            if brackets > 1 {
                let open = tag + 63 - brackets.leading_zeros();
                (app_name, procid) = ((tag, open), (open + 1, colon - 1));
            }
        }
        let from = behind_tag + u32::from(behind_tag < end);
        Some(Places {
            priority: if has_priority { (start + 1, time - 1) } else { MISSING },
            timestamp: (time, time + 15),
            hostname: (host, host_end),
            app_name,
            procid,
            message: if from < end { (from, end) } else { MISSING },
            ..Places::NONE
        })
    }

    /// Whether `Mmm dd hh:mm:ss ` stands at `at`, and no space behind it.
    #[inline(always)]
    fn is_old_time(&mut self, text: &Text, at: u32) -> bool {
        let date = text.word(at) & SEVEN;
        let behind = text.word(at + 15);
        if date != self.month_day {
            let [a, b, c, space, ten, one, last, _] = date.to_le_bytes();
            let is_date = [a, b, c].iter().all(u8::is_ascii_alphabetic)
                && (ten == b' ' || ten.is_ascii_digit())
                && one.is_ascii_digit()
                && [space, last] == *b"  ";
            if !is_date {
                return false;
            }
            self.month_day = date;
        }
        is_clock(text.word(at + 7)) && behind as u8 == b' ' && (behind >> 8) as u8 != b' '
    }
}
