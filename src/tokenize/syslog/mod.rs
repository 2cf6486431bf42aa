//! Syslog messages, cut by hand: what RFC 3164 describes is no pattern.
//!
//! `exact` says what a message is. Nearly all messages go through `fast`, which takes what is regular and gives the same
//! spans; tests hold it to that.
//!
//! **Source**: RFC 5424, section 6; RFC 3164, section 4; Cisco IOS, "System Message Logging", for sequence numbers and the
//! marks of a clock that is not set.

mod elements;
mod exact;
mod fast;
#[cfg(test)]
mod tests;

pub use self::elements::{Part, regular_elements};
use self::exact::{COUNT, EXPECTED, Parts, cut_3164, cut_5424};
use self::fast::Fast;
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
    /// A message may begin with its length (RFC 6587).
    pub counted: bool,
    /// What holds for any layout.
    pub rules: Rules,
}

/// What stands for a part that is not there: it ends before it starts.
const MISSING: (u32, u32) = (1, 0);

/// The parts of a message, in bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Places {
    priority: (u32, u32),
    version: (u32, u32),
    timestamp: (u32, u32),
    hostname: (u32, u32),
    app_name: (u32, u32),
    procid: (u32, u32),
    msgid: (u32, u32),
    structured_data: (u32, u32),
    message: (u32, u32),
}

impl Places {
    const NONE: Self = Self {
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

    /// Those of `parts`, which are counted from `start`.
    fn new(parts: &Parts, start: u32) -> Self {
        let place = |(from, to): (u32, u32)| if from <= to { (start + from, start + to) } else { MISSING };
        Self {
            priority: place(parts.priority),
            version: place(parts.version),
            timestamp: place(parts.timestamp),
            hostname: place(parts.hostname),
            app_name: place(parts.app_name),
            procid: place(parts.procid),
            msgid: place(parts.msgid),
            structured_data: place(parts.structured_data),
            message: place(parts.message),
        }
    }

    /// The slots of a row, with the record itself at its end.
    #[inline(always)]
    fn slots(&self, start: u32, end: u32) -> [u32; 2 * SPANS] {
        let (a, b, c) = (self.priority, self.version, self.timestamp);
        let (d, e, f) = (self.hostname, self.app_name, self.procid);
        let (g, h, i) = (self.msgid, self.structured_data, self.message);
        [a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1, e.0, e.1, f.0, f.1, g.0, g.1, h.0, h.1, i.0, i.1, start, end]
    }
}

/// Runs a [`Syslog`].
#[derive(Debug)]
pub(super) struct SyslogTokenizer {
    syslog: Syslog,
    level: Level,
    fields: Vec<Field>,
    index: Index,
    fast: Fast,
}

/// Spans of a row: the priority once, the other captures, the record.
const SPANS: usize = 10;

fn pair(place: usize) -> Field {
    Field { start_slot: 2 * place as u16, end_slot: 2 * place as u16 + 1, ..Field::default() }
}

impl SyslogTokenizer {
    pub(super) fn new(syslog: Syslog, level: Level) -> Self {
        let fields = (0..SYSLOG_CAPTURES.len()).map(|capture| pair(capture.saturating_sub(1))).collect();
        Self { syslog, level, fields, index: Index::default(), fast: Fast::default() }
    }

    /// The parts of a regular record. One of RFC 5424 has a digit behind its priority, one of RFC 3164 that is regular a
    /// letter, so that the order does not matter.
    #[inline(always)]
    fn regular(&mut self, text: &Text, start: u32, end: u32) -> Option<Places> {
        if self.syslog.rfc5424
            && let Some(places) = self.fast.rfc5424(text, start, end)
        {
            return Some(places);
        }
        if self.syslog.rfc3164 { self.fast.rfc3164(text, start, end) } else { None }
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
    #[inline(always)]
    fn take(&mut self, text: &Text, place: &Place, line: u32, tape: &mut Tape) {
        let Place { start, end, fault } = *place;
        let record = text.span(start, end);
        tape.lines += 1;
        if record.is_empty() || self.syslog.rules.is_comment(record) {
            tape.skipped += 1;
            return;
        }
        let too_long = record.len() > self.syslog.rules.max_record_bytes;
        let fault = fault.or(too_long.then_some(Fault { reason: Reason::TooLong, at: 0 }));
        if fault.is_none()
            && let Some(places) = self.regular(text, start, end)
        {
            push_row(&places, (start, end), line, tape);
            tape.fast_rows += 1;
            return;
        }
        match fault.map_or_else(|| self.cut(record), Err) {
            Ok(parts) => push_row(&Places::new(&parts, start), (start, end), line, tape),
            Err(fault) => {
                let rows_before = tape.rows.len() as u32;
                tape.malformed.push(Malformed { line, start, end, fault, rows_before });
            }
        }
    }

    /// The records between `at` and `end`, of which some say how long they are; the others end at the next newline.
    fn counted_records(&mut self, text: &Text, at: u32, end: u32, line: u32, newlines: &[u32], tape: &mut Tape) {
        let mut at = at;
        let mut behind = newlines.iter().skip(1).map(|newline| newline + 1).peekable();
        while at < end {
            let number = line + tape.lines;
            if let Some(count) = split::count(text.span(at, end)) {
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

/// Appends a row.
#[inline(always)]
fn push_row(places: &Places, (start, end): (u32, u32), line: u32, tape: &mut Tape) {
    tape.rows.push(Row::new(tape.positions.len() as u32, line));
    tape.positions.extend_from_slice(&places.slots(start, end));
}

impl Tokenize for SyslogTokenizer {
    fn tokenize<'t>(&mut self, text: &'t Text, start: usize, end: usize, line: u32, tape: &mut Tape) -> TextBlock<'t> {
        tape.clear();
        let block = simd::index(self.level, text, start, end, &Structurals::default(), &mut self.index);
        let newlines = std::mem::take(&mut self.index.positions);
        if self.syslog.counted {
            self.counted_records(text, start as u32, end as u32, line, &newlines, tape);
        } else {
            for (number, ends) in newlines.windows(2).enumerate() {
                let (start, newline) = (ends[0].wrapping_add(1), ends[1]);
                let end = newline - u32::from(newline > start && text.byte(newline - 1) == b'\r');
                self.take(text, &Place { start, end, fault: None }, line + number as u32, tape);
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
        "syslog messages on SIMD masks of spaces and quotes, exact parser for irregular records".to_owned()
    }
}
