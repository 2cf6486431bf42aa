//! Syslog messages, cut by hand: what RFC 3164 describes is no pattern.
//!
//! **Source**: RFC 5424, section 6; RFC 3164, section 4; Cisco IOS, "System Message Logging", for sequence numbers and the
//! marks of a clock that is not set.

mod exact;
#[cfg(test)]
mod tests;

use self::exact::{EXPECTED, Parts, cut_3164, cut_5424};
use super::grammar::Rules;
use super::tape::{Malformed, Tape, Tokenize};
use crate::error::{Fault, Reason};
use crate::simd::{self, Field, Index, Level, Row, Structurals, Text, TextBlock};

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
    /// What holds for any layout.
    pub rules: Rules,
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

impl Tokenize for SyslogTokenizer {
    fn tokenize<'t>(&mut self, text: &'t Text, start: usize, end: usize, line: u32, tape: &mut Tape) -> TextBlock<'t> {
        tape.clear();
        let block = simd::index(self.level, text, start, end, &Structurals::default(), &mut self.index);
        let newlines = std::mem::take(&mut self.index.positions);
        for (number, ends) in newlines.windows(2).enumerate() {
            let line = line + number as u32;
            let (start, newline) = (ends[0].wrapping_add(1), ends[1]);
            let end = newline - u32::from(newline > start && text.byte(newline - 1) == b'\r');
            let record = text.span(start, end);
            tape.lines += 1;
            if record.is_empty() || self.syslog.rules.is_comment(record) {
                tape.skipped += 1;
                continue;
            }
            let cut = if record.len() > self.syslog.rules.max_record_bytes {
                Err(Fault { reason: Reason::TooLong, at: 0 })
            } else {
                self.cut(record)
            };
            let parts = match cut {
                Ok(parts) => parts,
                Err(fault) => {
                    let rows_before = tape.rows.len() as u32;
                    tape.malformed.push(Malformed { line, start, end, fault, rows_before });
                    continue;
                }
            };
            let base = tape.positions.len() as u32;
            let Parts { priority, version, timestamp, hostname, app_name, procid, msgid, structured_data, message } =
                parts;
            for span in [priority, version, timestamp, hostname, app_name, procid, msgid, structured_data, message] {
                tape.positions.extend_from_slice(&[start + span.0, start + span.1]);
            }
            tape.positions.extend_from_slice(&[start, end]);
            tape.rows.push(Row::new(base, line));
            tape.fast_rows += 1;
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
