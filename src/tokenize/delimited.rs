//! The tokenizer for delimited layouts.
//!
//! A record without quotes and escapes is cut at the delimiters that stage 1 found. Every other one goes to the exact
//! parser, which reads quotes as RFC 4180 does: they mean something only at the start of a field, and twice inside one
//! stand for once. Text behind a closing quote, or a quote that is never closed, makes the record malformed.

use std::collections::{BTreeSet, HashMap};
use std::mem::{swap, take};

use memchr::memchr;

use super::grammar::Rules;
use super::header::Header;
use super::matcher::{find, stands};
use super::tape::{Malformed, Tape, Tokenize};
use crate::error::{Fault, Reason, quoted};
use crate::simd::{self, Field, Index, Level, Row, Structurals, Text, TextBlock};
use crate::split::{Framing, Quoting, Unclosed, closing};

/// How records are cut at delimiters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delimited {
    /// What stands between fields; not empty.
    pub delimiter: Box<[u8]>,
    /// What may stand around a field.
    pub quote: Option<u8>,
    /// Takes away the meaning of the byte behind it, inside quotes and outside.
    pub escape: Option<u8>,
    /// Quotes and escapes are opencsv's: both count between quotes only, and there a quote that stands twice stands for
    /// once.
    pub opencsv: bool,
    /// Quoted fields may hold newlines.
    pub newlines: bool,
    /// A backslash means something in some field: rows that hold one are marked.
    pub backslashes: bool,
    /// Where a file names its fields.
    pub header: Option<Header>,
    /// Names of fields that a first record is known by, for [`Header::Known`].
    pub known: BTreeSet<String>,
    /// The captures, by name.
    pub names: Vec<String>,
    /// How many of them a record without a header has, from the first.
    pub count: usize,
    /// A record with fewer fields is malformed.
    pub exact: bool,
    /// What holds for all records.
    pub rules: Rules,
}

impl Delimited {
    /// Where its records end.
    pub fn framing(&self) -> Framing {
        match self.quote.filter(|_| self.newlines) {
            None => Framing::Lines,
            Some(quote) => Framing::Quoted(Quoting {
                delimiter: self.delimiter.clone(),
                quote,
                escape: self.escape,
                max_record_bytes: self.rules.max_record_bytes,
            }),
        }
    }

    /// The spans of the fields of a record, which does not end with a newline. True if some hold escapes.
    ///
    /// **Errors**: for text behind a closing quote, and a quote that is not closed; the last span starts with it.
    pub fn cut(&self, record: &[u8], spans: &mut Vec<(u32, u32)>) -> Result<bool, Fault> {
        spans.clear();
        let mut escaped = false;
        let mut at = 0;
        loop {
            if let Some(quote) = self.quote.filter(|quote| record.get(at) == Some(quote)) {
                let Some(close) = closing(quote, self.escape, record, at + 1) else {
                    spans.push((at as u32, record.len() as u32));
                    return Err(Fault { reason: Reason::ExpectedQuote, at: record.len() as u32 });
                };
                // A field with quotes inside keeps the one that opens it, so that its decoder knows.
                let inside = &record[at + 1..close];
                let has_escape = self.escape.is_some_and(|escape| memchr(escape, inside).is_some());
                let is_kept = self.is_doubled() && memchr(quote, inside).is_some() || self.opencsv && has_escape;
                escaped |= is_kept || has_escape;
                spans.push((at as u32 + u32::from(!is_kept), close as u32));
                at = close + 1;
                if at == record.len() {
                    return Ok(escaped);
                }
                if !stands(record, at, &self.delimiter) {
                    return Err(Fault { reason: Reason::ExpectedLiteral(0), at: at as u32 });
                }
                at += self.delimiter.len();
                continue;
            }
            let end = self.plain_end(record, at, &mut escaped);
            spans.push((at as u32, end as u32));
            if end == record.len() {
                return Ok(escaped);
            }
            at = end + self.delimiter.len();
        }
    }

    /// Whether quotes between quotes are doubled.
    pub(super) fn is_doubled(&self) -> bool {
        self.escape.is_none() || self.opencsv
    }

    /// Where a field without quotes ends.
    fn plain_end(&self, record: &[u8], start: usize, escaped: &mut bool) -> usize {
        let mut at = start;
        let plain = || find(&record[start..], &self.delimiter).map_or(record.len(), |found| start + found);
        let Some(escape) = self.escape else { return plain() };
        if self.opencsv {
            let end = plain();
            *escaped |= memchr(escape, &record[start..end]).is_some();
            return end;
        }
        while at < record.len() {
            match memchr::memchr2(escape, self.delimiter[0], &record[at..]).map(|found| at + found) {
                None => return record.len(),
                Some(found) if record[found] == escape => {
                    *escaped = true;
                    at = found + 2;
                }
                Some(found) if record[found..].starts_with(&self.delimiter) => return found,
                Some(found) => at = found + 1,
            }
        }
        record.len()
    }
}

/// Runs a [`Delimited`].
#[derive(Debug)]
pub struct DelimitedTokenizer {
    delimited: Delimited,
    level: Level,
    framing: Framing,
    /// Captures by name.
    places: HashMap<String, u16>,
    structurals: Structurals,
    fields: Vec<Field>,
    /// The capture of each field of the file.
    map: Vec<Option<u16>>,
    /// They are the captures in their order.
    is_plain: bool,
    /// A first record was not seen yet.
    awaits_first: bool,
    /// The delimiter of the format, which a header may change.
    usual_delimiter: Box<[u8]>,
    spans: Vec<(u32, u32)>,
    index: Index,
    /// Where the last sub-block started, and what held there: it may be asked for again.
    before: Option<(usize, State)>,
}

/// What header lines change.
#[derive(Clone, Debug)]
struct State {
    map: Vec<Option<u16>>,
    is_plain: bool,
    awaits_first: bool,
    delimiter: Box<[u8]>,
}

const RECORD: u16 = 0;
const EXTRA: u16 = 2;
const FIRST: u16 = 4;

impl DelimitedTokenizer {
    /// A tokenizer whose kernels run at `level`.
    pub fn new(delimited: Delimited, level: Level) -> Self {
        let places = delimited.names.iter().enumerate().map(|(at, name)| (name.clone(), at as u16)).collect();
        let fields = (0..delimited.names.len()).map(|at| pair(FIRST + 2 * at as u16)).collect();
        let mut out = Self {
            level,
            framing: delimited.framing(),
            places,
            structurals: Structurals::default(),
            fields,
            map: Vec::new(),
            is_plain: true,
            awaits_first: false,
            usual_delimiter: delimited.delimiter.clone(),
            spans: Vec::new(),
            index: Index::default(),
            before: None,
            delimited,
        };
        out.positional();
        out.set_delimiter(out.usual_delimiter.clone());
        out
    }

    /// Fields in the order of the captures.
    fn positional(&mut self) {
        self.map = (0..self.delimited.count as u16).map(Some).collect();
        self.is_plain = true;
    }

    fn set_delimiter(&mut self, delimiter: Box<[u8]>) {
        let first = delimiter.first().copied().unwrap_or(b'\n');
        let special = [Some(first), self.delimited.quote, self.delimited.escape];
        self.structurals = Structurals {
            delimiters: special.into_iter().flatten().collect(),
            quotes: false,
            escapes: self.delimited.backslashes,
        };
        self.delimited.delimiter = delimiter;
    }

    /// Goes back to what held at `start` if that was asked for just before.
    fn restore(&mut self, start: usize) {
        if self.delimited.header.is_none() {
            return;
        }
        if let Some((_, state)) = self.before.take().filter(|(before, _)| *before == start) {
            self.map = state.map;
            self.is_plain = state.is_plain;
            self.awaits_first = state.awaits_first;
            self.set_delimiter(state.delimiter);
        }
        let (map, delimiter) = (self.map.clone(), self.delimited.delimiter.clone());
        self.before = Some((start, State { map, is_plain: self.is_plain, awaits_first: self.awaits_first, delimiter }));
    }

    fn set_names(&mut self, names: &[String]) {
        self.map = names.iter().map(|name| self.places.get(name).copied()).collect();
        self.is_plain = self.map.iter().enumerate().all(|(at, place)| *place == Some(at as u16));
    }

    /// Takes a header line; false if it is none. Whether stage 1 has to be done again is told by the delimiter.
    fn take_header(&mut self, line: &[u8]) -> bool {
        let Some(header) = self.delimited.header else { return false };
        if header == Header::First {
            if !take(&mut self.awaits_first) {
                return false;
            }
            let Some((Some(names), _)) = self.delimited.first(line) else { return false };
            self.set_names(&names);
            return true;
        }
        if header == Header::Known {
            let Some((Some(names), _)) = self.delimited.first(line) else {
                self.awaits_first = false;
                return false;
            };
            // Behind the first record only the same header again is none of the data.
            let is_same = names.iter().map(|name| self.places.get(name).copied()).eq(self.map.iter().copied());
            if take(&mut self.awaits_first) {
                self.set_names(&names);
                return true;
            }
            return is_same;
        }
        if line.first() != Some(&b'#') {
            return false;
        }
        let Some(names) = header.marked(line, &self.delimited.delimiter) else { return false };
        match names.separator {
            Some(separator) => self.set_delimiter(separator.into()),
            None => self.set_names(&names.names),
        }
        true
    }

    /// A regular record between two entries: as many fields as the header has, no quote, no escape.
    #[inline(always)]
    fn regular(
        &self,
        text: &Text,
        at: usize,
        count: usize,
        line: u32,
        escaped: bool,
        tape: &mut Tape,
    ) -> Option<usize> {
        let fields = self.map.len();
        let newline = at + fields;
        if newline >= count || fields == 0 {
            return None;
        }
        let window = &tape.positions[at..=newline];
        let delimiter = self.delimited.delimiter[0];
        let mut good = text.byte(window[fields]) == b'\n';
        for place in &window[1..fields] {
            good &= text.byte(*place) == delimiter;
        }
        let start = window[0].wrapping_add(1);
        if !good || (window[fields].wrapping_sub(start) as usize) > self.delimited.rules.max_record_bytes {
            return None;
        }
        let newline_at = window[fields];
        let end = newline_at - u32::from(newline_at > start && text.byte(newline_at - 1) == b'\r');
        let record = text.span(start, end);
        if start == end || self.delimited.rules.is_comment(record) || self.delimited.may_be_header(record) {
            return None;
        }
        // One step for all fields: appended one by one they took half of the time.
        let base = tape.positions.len();
        tape.positions.resize(base + self.width(), 0);
        let (before, row) = tape.positions.split_at_mut(base);
        let (head, spans) = row.split_at_mut(usize::from(FIRST));
        head.copy_from_slice(&[start, end, 1, 0]);
        for (span, ends) in spans.chunks_exact_mut(2).zip(before[at..=newline].windows(2)) {
            (span[0], span[1]) = (ends[0].wrapping_add(1), ends[1]);
        }
        spans[2 * fields - 1] = end;
        for span in spans[2 * fields..].chunks_exact_mut(2) {
            span[0] = 1;
        }
        tape.rows.push(Row::new(base as u32, line).with_escapes(escaped));
        tape.fast_rows += 1;
        Some(newline)
    }

    /// Appends the row of a record without any field.
    fn push_blank(&self, (start, end): (u32, u32), positions: &mut Vec<u32>) {
        let base = positions.len();
        positions.resize(base + self.width(), 0);
        let (record, rest) = positions[base..].split_at_mut(usize::from(EXTRA));
        record.copy_from_slice(&[start, end]);
        rest.iter_mut().step_by(2).for_each(|start| *start = 1);
    }

    fn width(&self) -> usize {
        usize::from(FIRST) + 2 * self.fields.len()
    }

    /// Takes one record to the exact parser. `cut` is what it said already, if it was asked.
    fn exact(
        &mut self,
        text: &Text,
        line: u32,
        (start, end): (u32, u32),
        cut: Option<Result<bool, Fault>>,
        tape: &mut Tape,
    ) {
        let record = text.span(start, end);
        let malformed = |reason, at| Malformed {
            line,
            start,
            end,
            fault: Fault { reason, at },
            rows_before: tape.rows.len() as u32,
        };
        let mut spans = take(&mut self.spans);
        let known = self.map.len();
        let bad = if record.len() > self.delimited.rules.max_record_bytes {
            Err(malformed(Reason::TooLong, 0))
        } else {
            match cut.unwrap_or_else(|| self.delimited.cut(record, &mut spans)) {
                Err(fault) => Err(malformed(fault.reason, fault.at)),
                Ok(_) if self.delimited.exact && spans.len() < known => Err(malformed(
                    Reason::ExpectedLiteral(known.min(usize::from(u16::MAX)) as u16),
                    record.len() as u32,
                )),
                Ok(_) if spans.len() > known && !self.delimited.rules.extra => {
                    Err(malformed(Reason::TrailingText, spans[known].0))
                }
                Ok(escaped) => Ok(escaped),
            }
        };
        match bad {
            Err(bad) => tape.malformed.push(bad),
            Ok(escaped) => {
                let escaped = escaped || self.delimited.backslashes && memchr(b'\\', record).is_some();
                let base = tape.positions.len();
                self.push_blank((start, end), &mut tape.positions);
                let row = &mut tape.positions[base..];
                let mut extra: Option<(u32, u32)> = None;
                for (at, (from, to)) in spans.iter().enumerate() {
                    match self.map.get(at).copied().flatten() {
                        Some(place) => {
                            let slot = usize::from(FIRST + 2 * place);
                            (row[slot], row[slot + 1]) = (start + from, start + to);
                        }
                        None => extra = Some((extra.map_or(*from, |(from, _)| from), *to)),
                    }
                }
                if let Some((from, to)) = extra.filter(|_| self.delimited.rules.extra) {
                    // The rest of the record as it is written, with its quotes.
                    let to = if spans.len() > known { end } else { start + to };
                    (row[usize::from(EXTRA)], row[usize::from(EXTRA) + 1]) = (start + from, to);
                }
                tape.rows.push(Row::new(base as u32, line).with_escapes(escaped));
            }
        }
        self.spans = spans;
    }
}

fn is_open(cut: Result<bool, Fault>) -> bool {
    matches!(cut, Err(Fault { reason: Reason::ExpectedQuote, .. }))
}

fn pair(slot: u16) -> Field {
    Field { start_slot: slot, end_slot: slot + 1, ..Field::default() }
}

impl Tokenize for DelimitedTokenizer {
    fn start(&mut self, header: Option<&[u8]>) {
        self.before = None;
        self.positional();
        self.set_delimiter(self.usual_delimiter.clone());
        let is_first = matches!(self.delimited.header, Some(Header::First | Header::Known));
        self.awaits_first = is_first && header.is_none();
        let Some(header) = header else { return };
        if is_first {
            if let Some(names) = self.delimited.names_in(header) {
                self.set_names(&names);
            }
            return;
        }
        for line in header.split(|byte| *byte == b'\n') {
            self.take_header(line.strip_suffix(b"\r").unwrap_or(line));
        }
    }

    fn tokenize<'t>(&mut self, text: &'t Text, start: usize, end: usize, line: u32, tape: &mut Tape) -> TextBlock<'t> {
        tape.clear();
        self.restore(start);
        let block = simd::index(self.level, text, start, end, &self.structurals, &mut self.index);
        swap(&mut tape.positions, &mut self.index.positions);
        let backslashes = take(&mut self.index.backslashes);
        let mut next_backslash = 0;
        let count = tape.positions.len();
        let (mut at, mut line) = (0, line);
        let was_awaiting = self.awaits_first;
        let mut unclosed = Unclosed::default();
        let mut may_be_regular = self.is_plain && self.delimited.delimiter.len() == 1 && !was_awaiting;
        while at + 1 < count {
            if may_be_regular {
                let end = tape.positions.get(at + self.map.len()).copied().unwrap_or(u32::MAX);
                let before = next_backslash;
                while backslashes.get(next_backslash).is_some_and(|place| *place < end) {
                    next_backslash += 1;
                }
                if let Some(newline) = self.regular(text, at, count, line, next_backslash > before, tape) {
                    at = newline;
                    line += 1;
                    tape.lines += 1;
                    continue;
                }
                next_backslash = before;
            }
            let first = tape.positions[at].wrapping_add(1);
            let is_newline = |i: &usize| text.byte(tape.positions[*i]) == b'\n';
            let Some(mut newline) = (at + 1..count).find(is_newline) else { break };
            let (mut lines, mut end) = (1, tape.positions[newline]);
            let is_comment = |text: &[u8]| self.delimited.rules.is_comment(text);
            let without_cr = |end: u32| end - u32::from(end > first && text.byte(end - 1) == b'\r');
            // A line whose quotes are all closed is a record. Those of opencsv may look closed to it alone.
            let mut cut = None;
            let may_go_on = self.delimited.newlines && !is_comment(text.span(first, end));
            if may_go_on && !self.delimited.opencsv {
                cut = Some(self.delimited.cut(text.span(first, without_cr(end)), &mut self.spans));
            }
            if may_go_on && !matches!(cut, Some(Ok(_))) {
                let rest = text.span(first, block.end() as u32);
                let len = match &self.framing {
                    Framing::Quoted(quoting) => {
                        let open = self.spans.last().filter(|_| cut.is_some_and(is_open));
                        let from = open.map_or(0, |(start, _)| *start as usize);
                        quoting.first_end_from(rest, from, true, &mut unclosed)
                    }
                    framing => framing.first_end(rest, true),
                };
                let record_end = first + len.unwrap_or(rest.len()) as u32;
                while end + 1 < record_end {
                    let Some(next) = (newline + 1..count).find(is_newline) else { break };
                    (newline, lines, end) = (next, lines + 1, tape.positions[next]);
                    cut = None;
                }
            }
            let end = without_cr(end);
            while backslashes.get(next_backslash).is_some_and(|place| *place < end) {
                next_backslash += 1;
            }
            if first == end {
                tape.skipped += 1;
            } else if self.take_header(text.span(first, end)) {
                tape.skipped += 1;
                // Where the delimiter changes, stage 1 looked for the wrong one.
                let is_indexed = self.structurals.delimiters.first() == self.delimited.delimiter.first();
                let indexed_before = self.usual_delimiter == self.delimited.delimiter;
                may_be_regular = self.is_plain && is_indexed && indexed_before && self.delimited.delimiter.len() == 1;
            } else if self.delimited.rules.is_comment(text.span(first, end)) {
                tape.skipped += 1;
            } else {
                self.exact(text, line, (first, end), cut, tape);
                if was_awaiting && !self.awaits_first {
                    may_be_regular = self.is_plain && self.delimited.delimiter.len() == 1;
                }
            }
            at = newline;
            line += lines;
            tape.lines += lines;
        }
        self.index.backslashes = backslashes;
        block
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn record(&self) -> Field {
        pair(RECORD)
    }

    fn extra(&self) -> Field {
        pair(EXTRA)
    }

    fn null_row(&self, malformed: &Malformed, tape: &mut Tape) -> Row {
        let base = tape.positions.len();
        self.push_blank((malformed.start, malformed.end), &mut tape.positions);
        Row::new(base as u32, malformed.line).all_null()
    }

    fn describe(&self, fault: Fault) -> String {
        match fault.reason {
            Reason::ExpectedLiteral(0) => {
                format!("expected {} behind the closing quote", quoted(&self.delimited.delimiter))
            }
            Reason::ExpectedLiteral(count) => format!("expected {count} fields, found fewer"),
            Reason::ExpectedQuote => {
                format!("expected a closing {}", self.delimited.quote.map_or('"', char::from))
            }
            Reason::TrailingText => "expected the end of the record".into(),
            Reason::TooLong => format!("the record is longer than {} bytes", self.delimited.rules.max_record_bytes),
            Reason::Corrupt => "the compressed stream is damaged here".into(),
            Reason::BadValue | Reason::NoMatch => "not a value of the column's type".into(),
        }
    }

    fn explain(&self) -> String {
        if self.usual_delimiter.len() == 1 {
            "delimiters on SIMD positions, exact parser for records with quotes, escapes or another number of fields"
                .into()
        } else {
            "exact parser, record by record: the delimiter has several bytes".into()
        }
    }
}
