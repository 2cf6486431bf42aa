//! Syslog messages, cut by hand: what RFC 3164 describes is no pattern.
//!
//! **Source**: RFC 5424, section 6; RFC 3164, section 4; Cisco IOS, "System Message Logging", for sequence numbers and the
//! marks of a clock that is not set.

use memchr::memchr;

use super::grammar::Rules;
use super::tape::{Malformed, Tape, Tokenize};
use crate::error::{Fault, Reason};
use crate::simd::{self, Field, Index, Level, Row, Structurals, Text, TextBlock};
use crate::split;

/// The captures, in order. The first two are the same text, the priority.
pub const SYSLOG_CAPTURES: [&str; 10] = [
    "facility",
    "severity",
    "version",
    "timestamp",
    "hostname",
    "app_name",
    "procid",
    "msgid",
    "structured_data",
    "message",
];

/// Which messages there may be; where both, RFC 5424 is tried first.
#[derive(Clone, Debug, PartialEq)]
pub struct Syslog {
    /// RFC 5424.
    pub rfc5424: bool,
    /// RFC 3164.
    pub rfc3164: bool,
    /// A message may begin with its length.
    pub counted: bool,
    /// What holds for any layout.
    pub rules: Rules,
}

/// What may be expected, for messages; faults number these.
const EXPECTED: [&str; 8] = [
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
const COUNT: u16 = 7;

type Span = (u32, u32);
const MISSING: Span = (1, 0);

/// The spans of one message, from its start.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Parts {
    priority: Span,
    version: Span,
    timestamp: Span,
    hostname: Span,
    app_name: Span,
    procid: Span,
    msgid: Span,
    structured_data: Span,
    message: Span,
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
fn cut_5424(record: &[u8]) -> Result<Parts, Fault> {
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

fn is_iso_date(text: &[u8]) -> bool {
    let digits = |from: usize, to: usize| text.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    digits(0, 4) && text.get(4) == Some(&b'-') && digits(5, 7) && text.get(7) == Some(&b'-') && digits(8, 10)
}

/// How long structured data at the start of `text` is.
fn structured_data(text: &[u8]) -> Option<usize> {
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
fn cut_3164(record: &[u8]) -> Result<Parts, Fault> {
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

/// Runs a [`Syslog`].
#[derive(Debug)]
pub(super) struct SyslogTokenizer {
    syslog: Syslog,
    level: Level,
    fields: Vec<Field>,
    index: Index,
}

/// Spans of a row: the priority once, the other captures, the record.
const SPANS: usize = 10;

fn pair(place: usize) -> Field {
    Field { start_slot: 2 * place as u16, end_slot: 2 * place as u16 + 1, ..Field::default() }
}

impl SyslogTokenizer {
    pub(super) fn new(syslog: Syslog, level: Level) -> Self {
        let fields = (0..SYSLOG_CAPTURES.len()).map(|capture| pair(capture.saturating_sub(1))).collect();
        Self { syslog, level, fields, index: Index::default() }
    }

    fn cut(&self, record: &[u8]) -> Result<Parts, Fault> {
        match (self.syslog.rfc5424, self.syslog.rfc3164) {
            (true, true) => cut_5424(record).or_else(|fault| {
                // The message goes with the kind that came farther.
                cut_3164(record).map_err(|other| if other.at > fault.at { other } else { fault })
            }),
            (true, false) => cut_5424(record),
            _ => cut_3164(record),
        }
    }
}

/// Where a record lies, and what is wrong with it before it is looked into.
struct Place {
    start: u32,
    end: u32,
    fault: Option<Fault>,
}

impl SyslogTokenizer {
    /// Cuts the record at `place`, or says why it is none.
    fn take(&self, text: &Text, place: &Place, line: u32, tape: &mut Tape) {
        let Place { start, end, .. } = *place;
        let record = text.span(start, end);
        tape.lines += 1;
        if record.is_empty() || self.syslog.rules.is_comment(record) {
            tape.skipped += 1;
            return;
        }
        let too_long = record.len() > self.syslog.rules.max_record_bytes;
        let fault = place.fault.or(too_long.then_some(Fault { reason: Reason::TooLong, at: 0 }));
        let parts = match fault.map_or_else(|| self.cut(record), Err) {
            Ok(parts) => parts,
            Err(fault) => {
                let rows_before = tape.rows.len() as u32;
                tape.malformed.push(Malformed { line, start, end, fault, rows_before });
                return;
            }
        };
        let base = tape.positions.len() as u32;
        let Parts { priority, version, timestamp, hostname, app_name, procid, msgid, structured_data, message } = parts;
        for span in [priority, version, timestamp, hostname, app_name, procid, msgid, structured_data, message] {
            tape.positions.extend_from_slice(&[start + span.0, start + span.1]);
        }
        tape.positions.extend_from_slice(&[start, end]);
        tape.rows.push(Row::new(base, line));
        tape.fast_rows += 1;
    }

    /// A message that counts its bytes: `count` tells from `start`, and the record is there up to `end`.
    fn counted(&self, text: &Text, start: u32, end: u32, count: split::Count) -> Place {
        let from = start + count.start as u32;
        let all = count.end - count.start;
        let missing = count.end > (end - start) as usize;
        let to = if missing { end } else { start + count.end as u32 };
        let fault = match () {
            () if all > self.syslog.rules.max_record_bytes => Some(Fault { reason: Reason::TooLong, at: 0 }),
            () if missing => Some(Fault { reason: Reason::ExpectedLiteral(COUNT), at: to - from }),
            () => None,
        };
        Place { start: from, end: without_line_end(text, from, to), fault }
    }
}

/// Where the text of a record ends that lies between two places, the second of them perhaps behind a newline.
fn without_line_end(text: &Text, start: u32, end: u32) -> u32 {
    let ends = |end: u32, byte: u8| end > start && text.byte(end - 1) == byte;
    let end = end - u32::from(ends(end, b'\n'));
    end - u32::from(ends(end, b'\r'))
}

impl Tokenize for SyslogTokenizer {
    fn tokenize<'t>(&mut self, text: &'t Text, start: usize, end: usize, line: u32, tape: &mut Tape) -> TextBlock<'t> {
        tape.clear();
        let block = simd::index(self.level, text, start, end, &Structurals::default(), &mut self.index);
        let newlines = std::mem::take(&mut self.index.positions);
        let (mut at, end) = (start as u32, end as u32);
        let mut behind = newlines.iter().skip(1).map(|newline| newline + 1).peekable();
        while at < end {
            let number = line + tape.lines;
            let count = if self.syslog.counted { split::count(text.span(at, end)) } else { None };
            if let Some(count) = count {
                let len = split::Framing::Octets.first_end(text.span(at, end), true);
                let next = len.map_or(end, |len| at + len as u32);
                let place = self.counted(text, at, next, count);
                self.take(text, &place, number, tape);
                at = next;
                while behind.next_if(|behind| *behind <= at).is_some() {}
            } else {
                let next = behind.next().unwrap_or(end);
                let place = Place { start: at, end: without_line_end(text, at, next), fault: None };
                self.take(text, &place, number, tape);
                at = next;
            }
        }
        self.index.positions = newlines;
        block
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn record(&self) -> Field {
        pair(SPANS - 1)
    }

    fn extra(&self) -> Field {
        // Never there: it starts behind the record and ends before it.
        Field { start_slot: 2 * SPANS as u16 - 1, start_add: 1, end_slot: 2 * SPANS as u16 - 2, end_add: 0 }
    }

    fn null_row(&self, malformed: &Malformed, tape: &mut Tape) -> Row {
        let base = tape.positions.len();
        tape.positions.resize(base + 2 * SPANS - 2, 0);
        tape.positions.extend_from_slice(&[malformed.start, malformed.end]);
        Row::new(base as u32, malformed.line).all_null()
    }

    fn describe(&self, fault: Fault) -> String {
        match fault.reason {
            Reason::ExpectedLiteral(number) => EXPECTED[usize::from(number) % EXPECTED.len()].to_owned(),
            Reason::TooLong => format!("the record is longer than {} bytes", self.syslog.rules.max_record_bytes),
            _ => "expected a syslog message".to_owned(),
        }
    }

    fn explain(&self) -> String {
        "syslog messages, cut at the newlines that SIMD finds and then part by part".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(record: &str, parts: Parts) -> Vec<&str> {
        let Parts { priority, version, timestamp, hostname, app_name, procid, msgid, structured_data, message } = parts;
        [priority, version, timestamp, hostname, app_name, procid, msgid, structured_data, message]
            .iter()
            .map(|(start, end)| record.get(*start as usize..*end as usize).unwrap_or("?"))
            .collect()
    }

    #[test]
    fn old_messages_are_cut_as_they_come() {
        let cases = [
            ("<34>Oct 11 22:14:15 box su: 'su' failed", "34 ? Oct 11 22:14:15 box su ? ? ? 'su' failed"),
            ("Oct  1 22:14:15 box a(b)[12]: x", "? ? Oct  1 22:14:15 box a(b) 12 ? ? x"),
            ("Oct 1 2026 22:14:15.5 box x y z", "? ? Oct 1 2026 22:14:15.5 box ? ? ? ? x y z"),
            ("2026-03-05T10:00:01.5+01:00 box a/b[1] x", "? ? 2026-03-05T10:00:01.5+01:00 box a/b 1 ? ? x"),
            ("<9>7: *Oct  1 22:14:15.123: %SYS-5: x", "9 ? Oct  1 22:14:15.123 ? %SYS-5 ? ? ? x"),
            ("Oct  1 22:14:15 app: x", "? ? Oct  1 22:14:15 ? app ? ? ? x"),
            ("Oct  1 22:14:15 box 2026/3/5 12:00 x", "? ? Oct  1 22:14:15 box ? ? ? ? 2026/3/5 12:00 x"),
            ("<6>kernel: up", "6 ? ? ? kernel ? ? ? up"),
            ("<166>%ASA-6-302014: x", "166 ? ? ? %ASA-6-302014 ? ? ? x"),
            ("<7>000045: Mar  1 18:46:11 UTC: %LINK-3: x", "7 ? Mar  1 18:46:11 UTC ? %LINK-3 ? ? ? x"),
            ("Aug 24 05:34:00 PST 1987 box a[1]: x", "? ? Aug 24 05:34:00 PST 1987 box a 1 ? ? x"),
            ("Aug 24 05:34:00 PST a: x", "? ? Aug 24 05:34:00 PST a ? ? ? x"),
            ("Oct  1 22:14:15 box", "? ? Oct  1 22:14:15 box ? ? ? ? ?"),
            ("Oct  1 22:14:15 box a:b", "? ? Oct  1 22:14:15 box a ? ? ? b"),
        ];
        for (record, want) in cases {
            let parts = cut_3164(record.as_bytes()).unwrap_or_else(|fault| panic!("{record}: {fault:?}"));
            assert_eq!(texts(record, parts).join(" "), want, "{record}");
        }
        for record in
            ["", "<", "<192>Oct  1 22:14:15 a b: c", "<1", "Oct 1 22:14", "Oct  1 22:14:15", "<01>Oct  1 22:14:15 a"]
        {
            cut_3164(record.as_bytes()).unwrap_err();
        }
    }

    #[test]
    fn structured_data_ends_where_it_should() {
        for (text, len) in [
            ("- x", Some(1)),
            ("[a]", Some(3)),
            ("[a b=\"c\"][d] x", Some(12)),
            (r#"[a b="\"]\\"] x"#, Some(13)),
            (r#"[a b="\x"]"#, Some(10)),
            ("[a b=c]", None),
            ("[a b=\"c]", None),
            ("[]", None),
            ("[a", None),
            ("x", None),
        ] {
            assert_eq!(structured_data(text.as_bytes()), len, "{text}");
        }
    }
}
