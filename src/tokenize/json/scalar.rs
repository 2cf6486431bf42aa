//! Texts, numbers and the three words of JSON, as they are written.
//!
//! **Source**: RFC 8259, sections 2, 3, 6 and 7.

use crate::simd::Text;

/// Whether a byte is JSON's white space.
#[inline(always)]
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Where there is something else than white space in `from..to`; `None` where there is not.
#[inline(always)]
pub(super) fn not_blank(text: &Text, from: u32, to: u32) -> Option<u32> {
    if from == to {
        return None;
    }
    (from..to).find(|at| !is_blank(text.byte(*at)))
}

/// `from..to` without the white space at its ends.
#[inline(always)]
pub(super) fn trimmed(text: &Text, mut from: u32, mut to: u32) -> (u32, u32) {
    if text.byte(from) > b' ' && text.byte(to.wrapping_sub(1)) > b' ' && from < to {
        return (from, to);
    }
    while from < to && is_blank(text.byte(from)) {
        from += 1;
    }
    while from < to && is_blank(text.byte(to - 1)) {
        to -= 1;
    }
    (from, to)
}

/// The high bit of each byte that is no digit.
#[inline(always)]
fn no_digits(word: u64) -> u64 {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let digits = word ^ 0x3030_3030_3030_3030;
    (((digits & !HIGH) + 0x7676_7676_7676_7676) | digits) & HIGH
}

/// The first `len` bytes at `at`, of at most eight, then zeros (the digit).
#[inline(always)]
fn word_of(text: &Text, at: u32, len: u32) -> u64 {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let kept = if len >= 8 { u64::MAX } else { (1 << (8 * len)) - 1 };
    text.word(at) & kept | ZEROS & !kept
}

/// Whether `start..end`, which begins with a digit or a minus sign, is a number.
#[inline(always)]
pub(super) fn is_number(text: &Text, start: u32, end: u32) -> bool {
    let len = end - start;
    let first = text.byte(start);
    // Integers without a sign: most numbers of a log.
    let is_plain = match len {
        0..=8 => no_digits(word_of(text, start, len)) == 0,
        9..=16 => no_digits(text.word(start)) | no_digits(word_of(text, start + 8, len - 8)) == 0,
        _ => false,
    };
    is_plain && len > 0 && (first != b'0' || len == 1)
        || is_short_decimal(text.word(start), len)
        || is_any_number(text.span(start, end))
}

/// Whether the first `len` bytes of `word`, all that there are, are digits with a point between them, and no sign.
#[inline(always)]
fn is_short_decimal(word: u64, len: u32) -> bool {
    const POINT: u64 = 0x1e1e_1e1e_1e1e_1e1e;
    if !(3..=8).contains(&len) {
        return false;
    }
    // What is no digit among them, the highest bit of each byte; it is one byte, and neither the first nor the last.
    let others = no_digits(word) & (u64::MAX >> (8 * (8 - len)));
    let at = others.trailing_zeros() & !7;
    let is_one = others.is_power_of_two() && at > 0 && at < 8 * (len - 1);
    is_one && (word ^ 0x3030_3030_3030_3030 ^ POINT) >> at & 0xff == 0 && (word as u8 != b'0' || at == 8)
}

/// Whether the first `len` bytes of `word`, all that there are, are an integer of at most eight digits without a sign.
#[inline(always)]
pub(super) fn is_short_integer(word: u64, len: u32) -> bool {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let kept = if len >= 8 { u64::MAX } else { (1 << (8 * len)) - 1 };
    let is_digits = no_digits(word & kept | ZEROS & !kept) == 0;
    is_digits && len.wrapping_sub(1) < 8 && (word as u8 != b'0' || len == 1)
}

/// The grammar of numbers, byte by byte.
#[cold]
pub(super) fn is_any_number(text: &[u8]) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || whole > 1 && rest[0] == b'0' {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', digits @ ..] => digits,
            all => all,
        };
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}

/// What a scalar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scalar {
    /// A string; its text lies within the quotes.
    Text,
    /// A number, `true` or `false`.
    Plain,
    /// `null`
    Null,
}

/// What `start..end` is: one scalar, as stage 1 has found, but perhaps a wrong one; `None` then.
#[inline(always)]
pub(super) fn scalar(text: &Text, start: u32, end: u32) -> Option<Scalar> {
    match text.byte(start) {
        b'"' => (end - start >= 2 && text.byte(end - 1) == b'"').then_some(Scalar::Text),
        b'-' | b'0'..=b'9' => is_number(text, start, end).then_some(Scalar::Plain),
        b't' => (text.span(start, end) == b"true").then_some(Scalar::Plain),
        b'f' => (text.span(start, end) == b"false").then_some(Scalar::Plain),
        b'n' => (text.span(start, end) == b"null").then_some(Scalar::Null),
        _ => None,
    }
}

/// The first of these backslashes, all of a record in ascending order, that begins no escape of JSON.
pub(super) fn bad_escape(text: &Text, backslashes: &[u32]) -> Option<u32> {
    let mut taken = u32::MAX;
    for at in backslashes {
        if *at == taken {
            continue;
        }
        match text.byte(at + 1) {
            b'\\' => taken = at + 1,
            b'"' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
            b'u' if (at + 2..at + 6).all(|digit| text.byte(digit).is_ascii_hexdigit()) => {}
            _ => return Some(*at),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

        #[test]
        fn numbers_are_what_the_grammar_says(number in "[-0-9][-+.eE0-9x]{0,20}") {
            let text = Text::copied(number.as_bytes());
            let grammar = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$";
            let is_json = regex_automata::meta::Regex::new(grammar).unwrap().is_match(&number);
            prop_assert_eq!(is_number(&text, 0, number.len() as u32), is_json, "{}", number);
        }
    }
}
