//! The tokenizer for pattern layouts and lowered expressions: the fast path where a record is regular, the exact parser
//! (or the expression itself) where it is not.

use std::mem::swap;
use std::ops::Range;
use std::sync::Arc;

use super::expression::Expression;
use super::lowered::Lowered;
use super::matcher::{self, Spans};
use super::prefix::Prefix;
use super::program::Program;
use super::regex::RegexProgram;
use super::tape::{Malformed, Tape, Tokenize};
use super::variants::{RowShape, Variants};
use crate::error::{Fault, Reason};
use crate::simd::{self, Field, Index, Level, Row, Structurals, Text, TextBlock};
use crate::split::StartRule;

/// Runs a [`Program`].
///
/// ```
/// use logarrow::simd::{Level, Text};
/// use logarrow::tokenize::{Class, Op, PatternTokenizer, Program, Rules, Tape, Tokenize};
///
/// let capture = |index| Op::Capture { index, class: Class::Word, escapes: false, lead: None };
/// let program = Program {
///     alternatives: vec![vec![capture(0), Op::Literal(b" ".as_slice().into()), capture(1)]],
///     captures: 2,
///     escapes: false,
///     separator: b' ',
///     rules: Rules { max_record_bytes: 1000, ..Rules::default() },
/// };
/// let mut tokenizer = PatternTokenizer::new(program, Level::current());
/// let (text, mut tape) = (Text::copied(b"a b\n\nc\n"), Tape::default());
/// tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape);
/// assert_eq!(tokenizer.fields()[1].span(&tape.positions, tape.rows[0]), Some((2, 3)));
/// assert_eq!((tape.rows.len(), tape.skipped, tape.malformed.len()), (1, 1, 1));
/// ```
#[derive(Debug)]
pub struct PatternTokenizer {
    program: Program,
    level: Level,
    variants: Result<Variants, &'static str>,
    /// How rows are written where there is more than one variant.
    shape: Option<RowShape>,
    /// The variant of the record before.
    likely: usize,
    structurals: Structurals,
    fields: Vec<Field>,
    record: Field,
    extra: Field,
    /// Slots of a row that is written anew.
    width: usize,
    index: Index,
    spans: Spans,
    prefix: Prefix,
    /// The positions of a record of another variant.
    scratch: Vec<u32>,
    /// Newlines inside records, in order.
    joined: Vec<u32>,
    /// For a program that stands for an expression.
    expression: Option<Expression>,
}

impl PatternTokenizer {
    /// A tokenizer for `program` whose kernels run at `level`.
    pub fn new(program: Program, level: Level) -> Self {
        let variants = Variants::new(&program);
        let shape = match &variants {
            Ok(variants) if variants.all.len() > 1 => Some(variants.rows()),
            _ => None,
        };
        Self::with(program, variants, shape, level)
    }

    /// A tokenizer for the expression `program`, by what it was lowered to.
    pub fn lowered(lowered: &Arc<Lowered>, program: RegexProgram, level: Level) -> Self {
        let own = lowered.program.clone();
        let variants = lowered.variants();
        let shape = match &variants {
            Ok(variants) if !lowered.is_whole => Some(variants.loose_rows()),
            _ => None,
        };
        let mut out = Self::with(own, variants, shape, level);
        let inner = lowered.inner_captures.iter().map(|capture| usize::from(*capture));
        if out.shape.is_none() {
            for capture in inner.clone() {
                let slot = out.width as u16;
                out.fields[capture] = Field { start_slot: slot, end_slot: slot + 1, ..Field::default() };
                out.width += 2;
            }
        }
        let inner = inner.map(|capture| out.fields[capture]).collect();
        if let Ok(variants) = &mut out.variants {
            out.expression = Some(Expression::new(lowered, program, inner, variants));
        }
        out
    }

    fn with(program: Program, variants: Result<Variants, &'static str>, shape: Option<RowShape>, level: Level) -> Self {
        let captures = program.captures;
        // Two slots a span where no signature has all of them.
        let pair = |i: usize| Field { start_slot: 2 * i as u16, end_slot: 2 * i as u16 + 1, ..Field::default() };
        let (fields, record, width) = match (&variants, &shape) {
            (_, Some(shape)) => {
                let record = Field { start_slot: 0, start_add: 1, end_slot: shape.record_slot, end_add: 0 };
                (shape.fields.clone(), record, shape.width())
            }
            (Ok(variants), None) => {
                let signature = &variants.all[0].signature;
                let end_slot = signature.newline_slot as u16;
                let record = Field { start_slot: 0, start_add: 1, end_slot, end_add: 0 };
                (signature.fields.clone(), record, signature.width)
            }
            (Err(_), _) => ((0..captures).map(pair).collect(), pair(captures), 2 * (captures + 1)),
        };
        let structurals = variants.as_ref().map_or_else(|_| Structurals::default(), |all| all.structurals.clone());
        let prefix = Prefix::new(&program, &structurals);
        // Text behind the last field takes two more slots, and a third for the end of the record, which then is not the
        // end of that field.
        let (extra, record, width_with_extra) = if program.rules.extra {
            let extra = Field { start_slot: width as u16, end_slot: width as u16 + 1, ..Field::default() };
            (extra, Field { end_slot: width as u16 + 2, ..record }, width + 3)
        } else {
            // Never there: it starts behind the record and ends before it.
            let extra = Field { start_slot: record.end_slot, start_add: 1, end_slot: record.start_slot, end_add: 0 };
            (extra, record, width)
        };
        Self {
            program,
            level,
            variants,
            shape,
            likely: 0,
            structurals,
            fields,
            record,
            extra,
            width: width_with_extra,
            index: Index::default(),
            spans: Spans::default(),
            prefix,
            scratch: Vec::new(),
            joined: Vec::new(),
            expression: None,
        }
    }

    /// Finds the spans of a record without the fast path; `places` are the structural positions in it, if it has one line.
    fn cut(&mut self, text: &Text, (start, end): (u32, u32), places: &[u32]) -> Result<(), Fault> {
        match &mut self.expression {
            None => matcher::cut_behind(&self.program, &self.prefix, text, (start, end), places, &mut self.spans),
            Some(own) => own.cut(text.span(start, end), &mut self.spans.spans),
        }
    }

    /// Takes one record to the exact parser.
    fn exact(&mut self, text: &Text, line: u32, (start, end): (u32, u32), places: Range<usize>, tape: &mut Tape) {
        let record = text.span(start, end);
        let malformed = |fault| Malformed { line, start, end, fault, rows_before: tape.rows.len() as u32 };
        if record.len() > self.program.rules.max_record_bytes {
            tape.malformed.push(malformed(Fault { reason: Reason::TooLong, at: 0 }));
            return;
        }
        match self.cut(text, (start, end), &tape.positions[places]) {
            Ok(()) => {
                let escaped = self.program.escapes && memchr::memchr(b'\\', record).is_some();
                let row = self.write_row(start, end, tape);
                tape.rows.push(Row::new(row, line).with_escapes(escaped));
            }
            Err(fault) => tape.malformed.push(malformed(fault)),
        }
    }

    /// Takes a record of several lines to the exact parser, without the blank lines at its ends: those are no part of it.
    fn joined_record(&mut self, text: &Text, line: u32, start: u32, end: u32, tape: &mut Tape) {
        if (end - start) as usize > self.program.rules.max_record_bytes {
            return self.exact(text, line, (start, end), 0..0, tape);
        }
        let (mut line, mut start, mut end) = (line, start, end);
        loop {
            let blank = match text.span(start, end) {
                [b'\r', b'\n', ..] => 2,
                [b'\n', ..] => 1,
                _ => break,
            };
            start += blank;
            line += 1;
            tape.skipped += 1;
        }
        while let [.., b'\n'] = text.span(start, end) {
            end -= 1;
            end -= u32::from(end > start && text.byte(end - 1) == b'\r');
            tape.skipped += 1;
        }
        if start == end {
            tape.skipped += 1;
        } else {
            self.exact(text, line, (start, end), 0..0, tape);
        }
    }

    /// Appends the spans the exact parser found, in the shape the fields expect.
    fn write_row(&self, start: u32, end: u32, tape: &mut Tape) -> u32 {
        let base = tape.positions.len();
        let is_shared = |field: &Field| field.start_add > field.end_add;
        let found = self.fields.iter().zip(&self.spans.spans).filter(|(_, span)| **span != matcher::MISSING);
        let last = found.filter(|(field, _)| is_shared(field)).map(|(_, span)| span.1).max();
        // What hangs on the slots behind the last span, and is not there, then ends before it starts.
        tape.positions.resize(base + self.width, start + last.unwrap_or(0));
        let row = &mut tape.positions[base..];
        let mut put = |field: &Field, (from, to): (u32, u32)| {
            row[usize::from(field.start_slot)] = (start + from).wrapping_add_signed(-field.start_add);
            row[usize::from(field.end_slot)] = (start + to).wrapping_add_signed(-field.end_add);
        };
        put(&self.record, (0, end - start));
        if self.program.rules.extra {
            put(&self.extra, self.spans.extra());
        }
        for (field, span) in self.fields.iter().zip(&self.spans.spans) {
            if *span != matcher::MISSING || !is_shared(field) {
                put(field, *span);
            }
        }
        base as u32
    }

    /// The fast path from structural position `at` on: gives the position of the record's newline, or `None`.
    #[inline(always)]
    #[expect(clippy::too_many_arguments, reason = "the parts of the sub-block that a record may need")]
    fn regular(
        &mut self,
        text: &Text,
        at: usize,
        count: usize,
        line: u32,
        escaped: &mut Escaped,
        joined: &[u32],
        tape: &mut Tape,
    ) -> Option<usize> {
        let variants = self.variants.as_ref().ok()?.all.len();
        let likely = self.likely;
        let found = self.fit(likely, text, at, count, joined, tape).map(|fit| (likely, fit)).or_else(|| {
            let others = (0..variants).filter(|number| *number != likely);
            others.into_iter().find_map(|number| Some((number, self.fit(number, text, at, count, joined, tape)?)))
        });
        let (number, (newline, base)) = found?;
        self.likely = number;
        tape.rows.push(Row::new(base, line).with_escapes(escaped.before(tape.positions[newline])));
        tape.fast_rows += 1;
        Some(newline)
    }

    /// Whether the record at structural position `at` is one of this variant: gives the position of its newline, and
    /// where its row is.
    #[inline(always)]
    fn fit(
        &mut self,
        number: usize,
        text: &Text,
        at: usize,
        count: usize,
        joined: &[u32],
        tape: &mut Tape,
    ) -> Option<(usize, u32)> {
        let variant = self.variants.as_ref().ok()?.all.get(number)?;
        let signature = &variant.signature;
        let rules = &self.program.rules;
        let mut last = at + signature.newline_slot;
        let is_newline = |i: &usize| text.byte(tape.positions[*i]) == b'\n';
        if last >= count {
            return None;
        }
        let newline = if signature.has_tail() {
            last = (last..count).find(is_newline)?;
            last
        } else if is_newline(&last) {
            last
        } else if rules.extra && number == 0 && text.byte(tape.positions[last]) == self.program.separator {
            // Fields of a later day. A variant with fewer parts leaves it to the exact parser whether they are its own.
            (last + 1..count).find(is_newline)?
        } else {
            return None;
        };
        let window = &tape.positions[at..=last];
        let (before, newline_at) = (window[0], tape.positions[newline]);
        if let Some(first) = joined.first()
            && *first < newline_at
            && (!signature.takes_rest()
                || *first < window[signature.newline_slot - 1]
                || matches!(text.byte(newline_at.wrapping_sub(1)), b'\n' | b'\r'))
        {
            // Not only the last capture goes on over the line's end, or blank lines follow.
            return None;
        }
        let has_cr = text.byte(newline_at.wrapping_sub(1)) == b'\r';
        let record_end = newline_at - u32::from(has_cr);
        let end = if last == newline { record_end } else { window[last - at] };
        let start = before.wrapping_add(1);
        // A pattern without literals would take a blank line for a record.
        if !signature.accepts(text, window, end)
            || (end.wrapping_sub(before) as usize) > rules.max_record_bytes
            || (record_end.wrapping_sub(before) as usize) > rules.max_record_bytes
            || start == record_end
            || rules.is_comment(text.span(start, record_end))
        {
            return None;
        }
        if last != newline && !matcher::has_paired_quotes(text.span(end, record_end)) {
            return None;
        }
        if let Some(own) = &self.expression
            && !own.takes(text.span(start, record_end))
        {
            return None;
        }
        let extra = if last == newline { matcher::MISSING } else { (end + 1, record_end) };
        if self.shape.is_some() {
            return self.rewrite(number, text, at, (end, record_end), tape).map(|base| (newline, base));
        }
        if number > 0 {
            return self.translate(number, text, at, (start, end), tape).map(|base| (newline, base));
        }
        let has_inner = self.expression.as_ref().is_some_and(|own| !own.inner.is_empty());
        if !(signature.copies() || has_cr || rules.extra || has_inner) {
            let holds = match &mut self.expression {
                Some(own) => own.guards.hold(text, number, &tape.positions, at),
                None => true,
            };
            return holds.then_some((newline, at as u32));
        }
        let base = tape.positions.len();
        tape.positions.extend_from_within(at..at + signature.newline_slot);
        tape.positions.push(end);
        tape.positions.resize(base + signature.width, 0);
        let mut holds = signature.cut_regions(text, &mut tape.positions[base..]);
        if let Some(own) = &mut self.expression {
            holds = holds && own.guards.hold(text, number, &tape.positions, base);
            tape.positions.resize(base + self.width, 0);
            own.put_inner(&mut tape.positions[base..]);
        }
        if !holds {
            tape.positions.truncate(base);
            return None;
        }
        if rules.extra {
            tape.positions.extend_from_slice(&[extra.0, extra.1, record_end]);
        }
        Some((newline, base as u32))
    }

    /// Writes the row of a record of a later variant of an expression, where rows have the positions of the first.
    fn translate(
        &mut self,
        number: usize,
        text: &Text,
        at: usize,
        (start, end): (u32, u32),
        tape: &mut Tape,
    ) -> Option<u32> {
        let signature = &self.variants.as_ref().ok()?.all[number].signature;
        let own = self.expression.as_mut()?;
        let scratch = &mut self.scratch;
        scratch.clear();
        scratch.extend_from_slice(&tape.positions[at..at + signature.newline_slot]);
        scratch.push(end);
        scratch.resize(signature.width, 0);
        if !signature.cut_regions(text, scratch) || !own.guards.hold(text, number, scratch, 0) {
            return None;
        }
        let spans = &mut self.spans.spans;
        spans.clear();
        for (field, stop) in signature.fields[..own.captures].iter().zip(&signature.stops) {
            // Those within elements have no place of their own.
            let span = stop.and_then(|_| field.span(scratch, Row::new(0, 0)));
            spans.push(span.map_or(matcher::MISSING, |(from, to)| (from - start, to - start)));
        }
        let row = self.write_row(start, end, tape);
        if let Some(own) = &self.expression {
            own.put_inner(&mut tape.positions[row as usize..]);
        }
        Some(row)
    }

    /// Writes the row of a record of one of several variants.
    #[inline(always)]
    fn rewrite(
        &mut self,
        number: usize,
        text: &Text,
        at: usize,
        (end, record_end): (u32, u32),
        tape: &mut Tape,
    ) -> Option<u32> {
        let (variants, shape) = (self.variants.as_ref().ok()?, self.shape.as_ref()?);
        let variant = &variants.all[number];
        let signature = &variant.signature;
        let scratch = &mut self.scratch;
        scratch.clear();
        scratch.extend_from_slice(&tape.positions[at..at + signature.newline_slot]);
        scratch.push(end);
        scratch.resize(signature.width, 0);
        if !signature.cut_regions(text, scratch) || !variant.is_first(text, scratch, 0) {
            return None;
        }
        if let Some(own) = &mut self.expression
            && !own.guards.hold(text, number, scratch, 0)
        {
            return None;
        }
        let base = tape.positions.len();
        let own = shape.slots.min(signature.newline_slot);
        tape.positions.extend_from_slice(&scratch[..own]);
        tape.positions.resize(base + shape.slots, end);
        tape.positions.push(record_end);
        for capture in &shape.pairs {
            let span = match signature.stops[*capture] {
                Some(_) => signature.fields[*capture].span(scratch, Row::new(0, 0)),
                None => None,
            };
            let (from, to) = span.unwrap_or(matcher::MISSING);
            tape.positions.extend_from_slice(&[from, to]);
        }
        if let Some(own) = &self.expression {
            own.put_inner(&mut tape.positions[base..]);
        }
        if self.program.rules.extra {
            let (from, to) = if end == record_end { matcher::MISSING } else { (end + 1, record_end) };
            tape.positions.extend_from_slice(&[from, to, record_end]);
        }
        Some(base as u32)
    }
}

/// Takes the newlines that end no record out of `positions`, and lists them.
fn join(rule: &StartRule, text: &Text, end: usize, positions: &mut Vec<u32>, joined: &mut Vec<u32>) {
    joined.clear();
    let bytes = &text.as_bytes()[..end];
    let mut is_first = true;
    positions.retain(|at| {
        if std::mem::take(&mut is_first) || text.byte(*at) != b'\n' {
            return true;
        }
        let next = *at as usize + 1;
        let ends = next >= end || rule.starts_at(bytes, next);
        if !ends {
            joined.push(*at);
        }
        ends
    });
}

/// Drops the positions before `end` and says how many there were.
#[inline(always)]
fn pass(joined: &mut &[u32], end: u32) -> u32 {
    let count = joined.iter().take_while(|at| **at < end).count();
    *joined = &joined[count..];
    count as u32
}

/// Walks along the backslashes.
struct Escaped<'a>(&'a [u32]);

impl Escaped<'_> {
    /// Whether there is one before `end` that was not asked about yet.
    #[inline(always)]
    fn before(&mut self, end: u32) -> bool {
        let mut any = false;
        while let [first, rest @ ..] = self.0
            && *first < end
        {
            any = true;
            self.0 = rest;
        }
        any
    }
}

impl Tokenize for PatternTokenizer {
    fn tokenize<'t>(&mut self, text: &'t Text, start: usize, end: usize, line: u32, tape: &mut Tape) -> TextBlock<'t> {
        tape.clear();
        let block = simd::index(self.level, text, start, end, &self.structurals, &mut self.index);
        swap(&mut tape.positions, &mut self.index.positions);
        let backslashes = std::mem::take(&mut self.index.backslashes);
        let mut escaped = Escaped(&backslashes);
        if let Some(rule) = &self.program.rules.starts {
            join(rule, text, end, &mut tape.positions, &mut self.joined);
        }
        let lines_joined = std::mem::take(&mut self.joined);
        let mut joined = lines_joined.as_slice();
        if let Some(own) = &mut self.expression {
            own.start(block.coding() != simd::Coding::Broken, text, (start, end));
        }
        let count = tape.positions.len();
        let mut at = 0;
        let mut line = line;
        while at + 1 < count {
            if let Some(newline) = self.regular(text, at, count, line, &mut escaped, joined, tape) {
                at = newline;
                let lines = 1 + pass(&mut joined, tape.positions[newline]);
                line += lines;
                tape.lines += lines;
                continue;
            }
            let Some(newline) = (at + 1..count).find(|i| text.byte(tape.positions[*i]) == b'\n') else { break };
            let (start, end) = (tape.positions[at].wrapping_add(1), tape.positions[newline]);
            escaped.before(end);
            let lines = 1 + pass(&mut joined, end);
            let end = end - u32::from(end > start && text.byte(end - 1) == b'\r');
            if lines > 1 {
                self.joined_record(text, line, start, end, tape);
            } else if start == end || self.program.rules.is_comment(text.span(start, end)) {
                tape.skipped += 1;
            } else {
                self.exact(text, line, (start, end), at + 1..newline, tape);
            }
            at = newline;
            line += lines;
            tape.lines += lines;
        }
        self.joined = lines_joined;
        self.index.backslashes = backslashes;
        block
    }

    fn fields(&self) -> &[Field] {
        &self.fields
    }

    fn record(&self) -> Field {
        self.record
    }

    fn extra(&self) -> Field {
        self.extra
    }

    fn null_row(&self, malformed: &Malformed, tape: &mut Tape) -> Row {
        let base = tape.positions.len();
        tape.positions.resize(base + self.width, 0);
        let record = self.record;
        let row = &mut tape.positions[base..];
        row[usize::from(record.start_slot)] = malformed.start.wrapping_add_signed(-record.start_add);
        row[usize::from(record.end_slot)] = malformed.end.wrapping_add_signed(-record.end_add);
        Row::new(base as u32, malformed.line).all_null()
    }

    fn describe(&self, fault: Fault) -> String {
        match &self.expression {
            Some(own) => own.describe(fault),
            None => self.program.describe(fault),
        }
    }

    fn explain(&self) -> String {
        let variants = match &self.variants {
            Ok(variants) => variants,
            Err(why) => return format!("delimiter program, record by record: {why}"),
        };
        let counts = variants.all.iter().map(|variant| variant.signature.newline_slot);
        let (least, most) = (counts.clone().min().unwrap_or_default(), counts.max().unwrap_or_default());
        let structural = if least == most { most.to_string() } else { format!("{least} to {most}") };
        let ways = match variants.all.len() {
            1 => String::new(),
            count => format!(" in {count} variants"),
        };
        let rest = match &self.expression {
            Some(own) => format!("{} for the rest", own.explain()),
            None => "exact parser for irregular records".to_owned(),
        };
        format!("delimiter program on SIMD positions ({structural} structural bytes a record{ways}), {rest}")
    }
}
