//! One message after the other, part by part: what is a message and what is none.

use memchr::memchr;

use crate::error::{Fault, Reason};

/// What may be expected, for messages; faults number these.
pub(super) const EXPECTED: [&str; 8] = [
    "expected a priority from <0> to <191>",
    "expected a time such as Mar  5 10:00:01, or of ISO 8601",
    "expected a version and a space behind the priority",
    "expected a space and the next part of the header",
    "expected structured data: - or [id name=\"value\"]",
    "expected a message behind the time",
    "expected a time of RFC 3339, or -",
    "expected as many bytes as the message counts before it",
];
const PRIORITY: u16 = 0;
const TIME: u16 = 1;
const VERSION: u16 = 2;
const HEADER: u16 = 3;
const DATA: u16 = 4;
const MESSAGE: u16 = 5;
const STRICT_TIME: u16 = 6;
pub(super) const COUNT: u16 = 7;

pub(super) type Span = (u32, u32);
const MISSING: Span = (1, 0);

/// The spans of one message, from its start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parts {
    pub(super) priority: Span,
    pub(super) version: Span,
    pub(super) timestamp: Span,
    pub(super) hostname: Span,
    pub(super) app_name: Span,
    pub(super) procid: Span,
    pub(super) msgid: Span,
    pub(super) structured_data: Span,
    pub(super) message: Span,
}

const NONE: Parts = Parts {
    priority: MISSING,
    version: MISSING,
    timestamp: MISSING,
    hostname: MISSING,
    app_name: MISSING,
    procid: MISSING,
    msgid: MISSING,
    structured_data: MISSING,
    message: MISSING,
};

fn fault<T>(expected: u16, at: usize) -> Result<T, Fault> {
    Err(Fault { reason: Reason::ExpectedLiteral(expected), at: at as u32 })
}

fn span(start: usize, end: usize) -> Span {
    (start as u32, end as u32)
}

/// Reads `<13>`: where it ends.
fn priority(record: &[u8]) -> Result<usize, Fault> {
    let digits = record.iter().skip(1).take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let number = record[1..=digits].iter().fold(0, |number, byte| number * 10 + u32::from(byte - b'0'));
    let leads_with_zero = digits > 1 && record[1] == b'0';
    if digits == 0 || number > 191 || leads_with_zero || record.get(digits + 1) != Some(&b'>') {
        return fault(PRIORITY, 0);
    }
    Ok(digits + 2)
}

/// RFC 5424.
pub(super) fn cut_5424(record: &[u8]) -> Result<Parts, Fault> {
    if record.first() != Some(&b'<') {
        return fault(PRIORITY, 0);
    }
    let mut at = priority(record)?;
    let mut out = Parts { priority: span(1, at - 1), ..NONE };
    let digits = record[at..].iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 || record[at] == b'0' || record.get(at + digits) != Some(&b' ') {
        return fault(VERSION, at);
    }
    out.version = span(at, at + digits);
    at += digits + 1;
    for place in 0..5 {
        let Some(len) = memchr(b' ', &record[at..]).filter(|len| *len > 0) else { return fault(HEADER, at) };
        let found = span(at, at + len);
        match place {
            0 if !is_time(&record[at..at + len]) => return fault(STRICT_TIME, at),
            0 => out.timestamp = found,
            1 => out.hostname = found,
            2 => out.app_name = found,
            3 => out.procid = found,
            _ => out.msgid = found,
        }
        at += len + 1;
    }
    let Some(len) = structured_data(&record[at..]) else { return fault(DATA, at) };
    out.structured_data = span(at, at + len);
    at += len;
    match record.get(at) {
        None => Ok(out),
        Some(b' ') => {
            at += 1;
            if record[at..].starts_with(b"\xef\xbb\xbf") {
                at += 3;
            }
            if at < record.len() {
                out.message = span(at, record.len());
            }
            Ok(out)
        }
        Some(_) => fault(DATA, at),
    }
}

/// A date at the least: the decoder looks closer.
fn is_time(text: &[u8]) -> bool {
    text == b"-" || is_iso_date(text)
}

pub(super) fn is_iso_date(text: &[u8]) -> bool {
    let digits = |from: usize, to: usize| text.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    digits(0, 4) && text.get(4) == Some(&b'-') && digits(5, 7) && text.get(7) == Some(&b'-') && digits(8, 10)
}

/// How long structured data at the start of `text` is.
pub(super) fn structured_data(text: &[u8]) -> Option<usize> {
    if text.first() == Some(&b'-') {
        return Some(1);
    }
    let mut at = 0;
    while text.get(at) == Some(&b'[') {
        at = name(text, at + 1)?;
        while text.get(at) == Some(&b' ') {
            while text.get(at) == Some(&b' ') {
                at += 1;
            }
            if text.get(at) == Some(&b']') {
                break;
            }
            at = name(text, at)?;
            if text.get(at..at + 2) != Some(b"=\"") {
                return None;
            }
            at += 2;
            loop {
                at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
                if text[at] == b'"' {
                    break;
                }
                // Whatever a backslash stands before, it ends nothing.
                at += 2;
            }
            at += 1;
        }
        if text.get(at) != Some(&b']') {
            return None;
        }
        at += 1;
    }
    (at > 0).then_some(at)
}

/// Passes over the name of an element or parameter, which is not empty.
fn name(text: &[u8], at: usize) -> Option<usize> {
    let len = text[at..].iter().position(|byte| matches!(byte, b' ' | b'=' | b']' | b'"'))?;
    (len > 0).then_some(at + len)
}

/// RFC 3164, and what devices make of it.
pub(super) fn cut_3164(record: &[u8]) -> Result<Parts, Fault> {
    let mut at = 0;
    let mut out = NONE;
    if record.first() == Some(&b'<') {
        at = priority(record)?;
        out.priority = span(1, at - 1);
    }
    at = sequence_number(record, at);
    if matches!(record.get(at), Some(b'*' | b'.')) {
        at += 1;
    }
    let Some(end) = time_end(&record[at..]).map(|len| at + len) else {
        if out.priority != MISSING && starts_with_tag(&record[at..]) {
            tag(record, at, &mut out);
            return Ok(out);
        }
        return fault(TIME, at);
    };
    out.timestamp = span(at, end);
    at = end;
    if record.get(at) == Some(&b':') {
        // Cisco: there is no host.
        at += usize::from(record.get(at + 1) == Some(&b' ')) + 1;
        tag(record, at, &mut out);
        return Ok(out);
    }
    if record.get(at) != Some(&b' ') {
        return fault(MESSAGE, at);
    }
    at += record[at..].iter().take_while(|byte| **byte == b' ').count();
    // A word that ends like a tag is one: there is no host.
    let len = memchr(b' ', &record[at..]).unwrap_or(record.len() - at);
    if len == 0 {
        return fault(MESSAGE, at);
    }
    if record[at + len - 1] == b':' {
        tag(record, at, &mut out);
        return Ok(out);
    }
    out.hostname = span(at, at + len);
    at += len;
    at += usize::from(record.get(at) == Some(&b' '));
    tag(record, at, &mut out);
    Ok(out)
}

/// Whether a message without a time begins with a tag: what is behind the priority is then all there is (RFC 3164, 4.3.3).
fn starts_with_tag(text: &[u8]) -> bool {
    let word = &text[..memchr(b' ', text).unwrap_or(text.len())];
    word.strip_suffix(b":").is_some_and(|tag| tag.iter().any(u8::is_ascii_alphabetic))
}

/// Cisco's `29: `, perhaps with the name of the device before it, which then is no part.
fn sequence_number(record: &[u8], at: usize) -> usize {
    let digits = record[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits > 0 && record[at + digits..].starts_with(b": ") { at + digits + 2 } else { at }
}

/// How long a time at the start of `text` is: `Mmm [d]d [yyyy] hh:mm:ss[.fff]`, or an ISO date and what stands with it.
fn time_end(text: &[u8]) -> Option<usize> {
    if is_iso_date(text) {
        let len = memchr(b' ', text).unwrap_or(text.len());
        if len > 10 {
            return Some(len);
        }
        // A date and a time of day.
        return clock_end(text, len + 1);
    }
    if text.len() < 14 || !text[..3].iter().all(u8::is_ascii_alphabetic) || text[3] != b' ' {
        return None;
    }
    let mut at = 4 + usize::from(text[4] == b' ');
    let day = text[at..].iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    at += day;
    if day == 0 || text.get(at) != Some(&b' ') {
        return None;
    }
    at += 1;
    let has_year = text.get(at..at + 5).is_some_and(|year| year[..4].iter().all(u8::is_ascii_digit) && year[4] == b' ');
    clock_end(text, if has_year { at + 5 } else { at }).map(|end| zone_end(text, end))
}

/// Where a zone's name ends that stands behind a time which ends at `end`: one that a colon follows (Cisco), or a year,
/// which then belongs to it (RFC 3164, 5.4). The same place without one: a host may be called so.
fn zone_end(text: &[u8], end: usize) -> usize {
    let Some(rest) = text[end..].strip_prefix(b" ") else { return end };
    let len = rest.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    if !(3..=5).contains(&len) {
        return end;
    }
    match &rest[len..] {
        [b':', ..] => end + 1 + len,
        [b' ', year @ ..] if year.len() > 4 && year[..4].iter().all(u8::is_ascii_digit) && year[4] == b' ' => {
            end + 1 + len + 5
        }
        _ => end,
    }
}

/// Where `hh:mm:ss`, perhaps with a fraction, ends that starts at `at`.
fn clock_end(text: &[u8], at: usize) -> Option<usize> {
    let clock = text.get(at..at + 8)?;
    let good = clock.iter().enumerate().all(|(i, byte)| if i % 3 == 2 { *byte == b':' } else { byte.is_ascii_digit() });
    if !good {
        return None;
    }
    let mut end = at + 8;
    if matches!(text.get(end), Some(b'.' | b',')) {
        let digits = text[end + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        end += if digits > 0 { digits + 1 } else { 0 };
    }
    Some(end)
}

/// Cuts `tag[pid]: message`. A tag is one word before a colon or bracket; without one all is message.
fn tag(record: &[u8], at: usize, out: &mut Parts) {
    let rest = &record[at..];
    let word = &rest[..memchr(b' ', rest).unwrap_or(rest.len())];
    let ends = |byte: Option<&u8>| matches!(byte, None | Some(b' '));
    let mut message = at;
    if let Some(colon) = word.strip_suffix(b":") {
        let pid = colon.strip_suffix(b"]").and_then(|inner| Some((memchr::memrchr(b'[', inner)?, inner.len())));
        match pid {
            Some((open, close)) if open > 0 => {
                out.app_name = span(at, at + open);
                out.procid = span(at + open + 1, at + close);
            }
            _ if !colon.is_empty() => out.app_name = span(at, at + colon.len()),
            _ => {}
        }
        message = at + word.len();
    } else if let Some(open) = memchr(b'[', rest).filter(|open| *open > 0 && *open < word.len())
        && let Some(close) = memchr(b']', rest).filter(|close| *close > open)
        && (ends(rest.get(close + 1)) || rest[close + 1] == b':')
    {
        // What stands in the brackets may hold spaces, and no colon need follow.
        out.app_name = span(at, at + open);
        out.procid = span(at + open + 1, at + close);
        message = at + close + 1 + usize::from(rest.get(close + 1) == Some(&b':'));
    } else if let Some(colon) = memchr(b':', word).filter(|colon| *colon > 0)
        && word[..colon].iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(byte))
        && !word[colon..].starts_with(b"://")
        && !word[..colon].iter().all(u8::is_ascii_digit)
    {
        // The message follows the colon at once.
        out.app_name = span(at, at + colon);
        message = at + colon + 1;
    }
    if message > at {
        message += usize::from(record.get(message) == Some(&b' '));
    }
    if message < record.len() {
        out.message = span(message, record.len());
    }
}
