//! Decimal numbers with a point.

use super::int::short_digits;

/// One to eight digits and perhaps a point, held in the low bytes of `word`: the number without its point, and how many
/// digits stand behind it.
#[inline(always)]
pub(super) fn short_decimal(word: u64, len: u32) -> Option<(i64, u32)> {
    const POINTS: u64 = 0x2e2e_2e2e_2e2e_2e2e;
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let from_point = word ^ POINTS;
    // The lowest set bit is exact: the first byte that is a point.
    let at = (from_point.wrapping_sub(ONES) & !from_point & HIGH).trailing_zeros() / 8;
    if at >= len {
        return Some((short_digits(word, len)?, 0));
    }
    if len > 8 {
        return None;
    }
    let before = (1_u64 << (8 * at)) - 1;
    let digits = word & before | (word >> 8) & !before;
    Some((short_digits(digits, len - 1)?, len - 1 - at))
}

/// The parts of a decimal number of any length: whether it is below zero, the digits before and behind the point.
/// There is at least one digit.
#[inline]
pub(super) fn split_decimal(bytes: &[u8]) -> Option<(bool, &[u8], &[u8])> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let (whole, part) = match memchr::memchr(b'.', digits) {
        Some(point) => (&digits[..point], &digits[point + 1..]),
        None => (digits, &[][..]),
    };
    let good = whole.len() + part.len() > 0 && whole.iter().chain(part).all(u8::is_ascii_digit);
    good.then_some((negative, whole, part))
}

/// Without what Java's `trim` takes away at both ends.
pub(super) fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [0..=b' ', rest @ ..] | [rest @ .., 0..=b' '] = bytes {
        bytes = rest;
    }
    bytes
}

/// A decimal number times ten to the power of `exponent`, cut towards the negative.
pub(super) fn scaled(bytes: &[u8], exponent: i32) -> Option<i64> {
    let (negative, whole, part) = split_decimal(bytes)?;
    let kept = i64::try_from(whole.len()).ok()? + i64::from(exponent);
    let mut value = 0_i128;
    let mut dropped = false;
    let mut digits = whole.iter().chain(part);
    for _ in 0..kept.max(0) {
        let digit = digits.next().map_or(0, |byte| byte - b'0');
        value = value * 10 + i128::from(digit);
        if value > 1 << 64 {
            return None;
        }
    }
    // With a negative exponent larger than the number is long, `kept` is negative and all of it is dropped.
    dropped |= digits.any(|byte| *byte != b'0');
    i64::try_from(if negative { -value - i128::from(dropped) } else { value }).ok()
}
