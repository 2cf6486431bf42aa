//! The exact parser: runs a [`Program`] on one record, byte by byte, and says what is wrong with it.
//!
//! This is what the program means. The fast path in `signature` must give the same spans wherever it accepts a record,
//! and tests hold it to that.

use memchr::{memchr, memchr_iter, memmem};

use super::prefix::{Prefix, Walked};
use super::program::{Class, Op, Program};
use super::tail::Tail;
use crate::error::{Fault, Reason};
use crate::simd::Text;

/// The span of a capture that is not there.
pub(super) const MISSING: (u32, u32) = (1, 0);

/// Places tried for the ends of captures, together, before a record is given up. A record that fits needs about one a
/// capture; this bounds the work on one that does not to a fixed number of searches.
const MAX_TRIES: u32 = 1024;

/// The spans of one record. Reused.
#[derive(Debug, Default)]
pub(super) struct Spans {
    /// One a capture, then one for the text behind the last field; in bytes from the start of the record.
    pub(super) spans: Vec<(u32, u32)>,
}

impl Spans {
    /// Where the text behind the last field is.
    pub(super) fn extra(&self) -> (u32, u32) {
        self.spans.last().copied().unwrap_or(MISSING)
    }
}

/// Cuts `record` (without its newline); on failure gives the fault that was met farthest to the right.
pub(super) fn cut(program: &Program, record: &[u8], out: &mut Spans) -> Result<(), Fault> {
    let mut farthest = Fault { reason: Reason::TrailingText, at: 0 };
    for (alternative, ops) in program.alternatives.iter().enumerate() {
        out.spans.clear();
        out.spans.resize(program.captures + 1, MISSING);
        let mut attempt = Attempt { program, ops, alternative, record, out, tries: 0, fault: None };
        if attempt.run(0, 0) {
            return Ok(());
        }
        if let Some(fault) = attempt.fault
            && (fault.at > farthest.at || alternative == 0)
        {
            farthest = fault;
        }
    }
    Err(farthest)
}

/// A capture that ends in one place, and may end in another behind that.
pub(super) struct Ends {
    pub(super) step: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Does the same for the record at `start..end` of a program without alternatives, by what `prefix` tells of the structural
/// bytes at `places`.
pub(super) fn cut_behind(
    program: &Program,
    prefix: &Prefix,
    text: &Text,
    (start, end): (u32, u32),
    places: &[u32],
    out: &mut Spans,
) -> Result<(), Fault> {
    let record = text.span(start, end);
    out.spans.clear();
    out.spans.resize(program.captures + 1, MISSING);
    let Walked { step, at, count } = prefix.walk(text, (start, end), places, &mut out.spans);
    let Some(ops) = program.alternatives.first().filter(|_| count > 0) else { return cut(program, record, out) };
    let mut attempt = Attempt { program, ops, alternative: 0, record, out, tries: count as u32, fault: None };
    if attempt.run(step, at) {
        return Ok(());
    }
    for number in (0..count).rev() {
        if let Some(Ends { step, start, end }) = prefix.other_ends(number, &attempt.out.spans)
            && attempt.capture(step, start, end + 1)
        {
            return Ok(());
        }
    }
    Err(attempt.fault.unwrap_or(Fault { reason: Reason::TrailingText, at: 0 }))
}

struct Attempt<'a> {
    program: &'a Program,
    ops: &'a [Op],
    alternative: usize,
    record: &'a [u8],
    out: &'a mut Spans,
    tries: u32,
    fault: Option<Fault>,
}

impl Attempt<'_> {
    /// Runs from `step` at `at`. Recursion is as deep as the program has captures and groups.
    fn run(&mut self, mut step: usize, mut at: usize) -> bool {
        loop {
            match self.ops.get(step) {
                None => return self.end(step, at),
                Some(Op::Literal(bytes)) => {
                    if !stands(self.record, at, bytes) {
                        self.fail(at, step);
                        return false;
                    }
                    at += bytes.len();
                    step += 1;
                }
                Some(Op::Again(bytes)) => {
                    while self.record[at..].starts_with(bytes) {
                        at += bytes.len();
                    }
                    step += 1;
                }
                Some(Op::Optional { end }) => {
                    let end = usize::from(*end);
                    if self.run(step + 1, at) {
                        return true;
                    }
                    self.forget(step..end);
                    step = end;
                }
                Some(Op::Capture { index, class, escapes, lead }) => {
                    let only_end = match self.ops.get(step + 1) {
                        Some(Op::Tail(tail)) => return self.before_tail(step, at, tail),
                        _ if lead.is_some_and(|lead| self.record.get(at) != Some(&lead)) => Some(at),
                        _ if *escapes => match self.quoted(step, at) {
                            None => return false,
                            end => end,
                        },
                        Some(Op::Literal(bytes)) if bytes.first().is_some_and(|byte| class.ends_before(*byte)) => {
                            match self.word(step, at, bytes) {
                                None => return false,
                                end => end,
                            }
                        }
                        _ => None,
                    };
                    // Most captures can end in one place alone. What fails behind it has failed farther to the right.
                    let Some(end) = only_end else { return self.capture(step, at, at) };
                    self.out.spans[usize::from(*index)] = (at as u32, end as u32);
                    at = end;
                    step += 1;
                }
                Some(Op::Tail(_)) => return self.end(step, at),
            }
        }
    }

    /// Ends the capture of `step` where the tail behind it begins, or with the record.
    fn before_tail(&mut self, step: usize, at: usize, tail: &Tail) -> bool {
        let Op::Capture { index, .. } = self.ops[step] else { return false };
        let (own, extra) = (usize::from(index), self.program.captures);
        let found = tail.find(self.record, at, &mut self.out.spans);
        self.out.spans[own] = (at as u32, found.map_or(self.record.len(), |found| found.start) as u32);
        let Some(rest) = found.and_then(|found| found.rest) else { return true };
        if self.program.rules.extra {
            self.out.spans[extra] = (rest as u32, self.record.len() as u32);
        } else {
            self.keep(Fault { reason: Reason::TrailingText, at: rest as u32 });
        }
        self.program.rules.extra
    }

    /// Ends the capture of `step`, which starts at `at`, at the earliest place from which the rest fits, not before `from`.
    fn capture(&mut self, step: usize, at: usize, from: usize) -> bool {
        let Op::Capture { index, class, .. } = self.ops[step] else { return false };
        let mut from = from;
        while let Some(end) = self.next_end(step + 1, from, class) {
            self.tries += 1;
            if self.tries > MAX_TRIES {
                return false;
            }
            let (span, behind) = (&self.record[at..end], &self.record[end..]);
            if !class.may_grow(span) {
                break;
            }
            // What goes on over several lines is the last part of a record alone.
            if self.program.rules.starts.is_some() && step + 1 < self.ops.len() && memchr(b'\n', span).is_some() {
                break;
            }
            if class.holds(span, behind) {
                let is_padded = matches!(class, Class::Padded(_) | Class::Trimmed(_));
                let (from, to) = if is_padded { trimmed(span, at) } else { (at, end) };
                self.out.spans[usize::from(index)] = (from as u32, to as u32);
                if self.run(step + 1, end) {
                    return true;
                }
            }
            if self.record.get(end).is_none_or(|byte| class.ends_before(*byte)) {
                break;
            }
            from = end + 1;
        }
        self.out.spans[usize::from(index)] = MISSING;
        self.fail(at, step);
        false
    }

    /// The end of a capture whose writer escapes quotes: the first one that is not escaped.
    fn quoted(&mut self, step: usize, at: usize) -> Option<usize> {
        let Op::Capture { class, .. } = self.ops[step] else { return None };
        let Some(end) = unescaped_quote(self.record, at) else {
            self.keep(Fault { reason: Reason::ExpectedQuote, at: self.record.len() as u32 });
            return None;
        };
        if !class.holds(&self.record[at..end], &self.record[end..]) {
            self.fail(at, step);
            return None;
        }
        Some(end)
    }

    /// The end of a capture whose class does not go over the byte that `literal`, behind it, begins with.
    fn word(&mut self, step: usize, at: usize, literal: &[u8]) -> Option<usize> {
        let Op::Capture { class, .. } = self.ops[step] else { return None };
        let rest = &self.record[at..];
        let len = match class {
            Class::Digits => rest.iter().take_while(|byte| byte.is_ascii_digit()).count(),
            _ => find_byte(rest, literal[0]).unwrap_or(rest.len()),
        };
        self.tries += 1;
        let span = &rest[..len];
        let holds = match class {
            Class::Word => true,
            Class::Bare => find_byte(span, if literal[0] == b'"' { b' ' } else { b'"' }).is_none(),
            class => class.holds(span, &[]),
        };
        let is_joined = self.program.rules.starts.is_some() && memchr(b'\n', span).is_some();
        let end = at + len;
        if !holds || is_joined || self.tries > MAX_TRIES || !stands(self.record, end, literal) {
            self.fail(at, step);
            return None;
        }
        Some(end)
    }

    /// The first place at or behind `from` where `step` may begin, behind a capture of `class`.
    fn next_end(&self, mut step: usize, from: usize, class: Class) -> Option<usize> {
        if let Class::Bytes(count) = class {
            let end = from + usize::from(count);
            return (end <= self.record.len()).then_some(end);
        }
        let rest = &self.record[from..];
        let mut first: Option<usize> = None;
        loop {
            match self.ops.get(step) {
                None => {
                    // A last capture of any text leaves nothing behind it.
                    let may_go_on = self.program.rules.extra && !matches!(class, Class::Any | Class::Object);
                    let end =
                        if may_go_on { memchr(self.program.separator, rest).unwrap_or(rest.len()) } else { rest.len() };
                    return Some(from + first.map_or(end, |first| first.min(end)));
                }
                Some(Op::Literal(bytes)) => return earlier(first, find(rest, bytes)).map(|at| from + at),
                Some(Op::Optional { end }) => {
                    // The group is there, or what follows it is.
                    first = match self.ops.get(step + 1) {
                        Some(Op::Literal(bytes)) => earlier(first, find(rest, bytes)),
                        _ => Some(0),
                    };
                    step = usize::from(*end);
                }
                Some(Op::Capture { lead: Some(lead), .. }) => {
                    first = earlier(first, memchr(*lead, rest));
                    step += 1;
                }
                // Behind a literal, which has ended the search.
                Some(Op::Again(_)) => step += 1,
                // A tail that is not behind a capture is never found.
                Some(Op::Tail(_)) => step = self.ops.len(),
                // Two captures with nothing between: the first ends at once.
                Some(Op::Capture { .. }) => return Some(from),
            }
        }
    }

    /// All steps are done; is the record?
    fn end(&mut self, step: usize, at: usize) -> bool {
        let rest = &self.record[at..];
        if rest.is_empty() {
            return true;
        }
        if self.program.rules.extra && rest[0] == self.program.separator && has_paired_quotes(rest) {
            if let Some(extra) = self.out.spans.last_mut() {
                *extra = (at as u32 + 1, self.record.len() as u32);
            }
            return true;
        }
        self.fail(at, step);
        false
    }

    /// Captures of a group that turned out not to be there.
    fn forget(&mut self, steps: std::ops::Range<usize>) {
        for op in &self.ops[steps] {
            if let Op::Capture { index, .. } = op {
                self.out.spans[usize::from(*index)] = MISSING;
            }
        }
    }

    /// The record does not go on at `at` as `step` wants.
    fn fail(&mut self, at: usize, step: usize) {
        // Each capture before the one that fails does so too, farther to the left: what it wants is not asked for.
        if self.fault.is_some_and(|known| known.at >= at as u32) {
            return;
        }
        let has_literal = self.ops[step.min(self.ops.len())..].iter().any(|op| matches!(op, Op::Literal(_)));
        let reason = if has_literal {
            Reason::ExpectedLiteral(self.program.literal_number(self.alternative, step))
        } else {
            Reason::TrailingText
        };
        self.keep(Fault { reason, at: at as u32 });
    }

    /// Keeps the fault farthest to the right.
    fn keep(&mut self, fault: Fault) {
        if self.fault.is_none_or(|known| known.at < fault.at) {
            self.fault = Some(fault);
        }
    }
}

/// Whether text behind the last field can be fields: a quote that is not closed there was opened before, in a field whose
/// writer does not escape quotes.
pub(super) fn has_paired_quotes(extra: &[u8]) -> bool {
    memchr_iter(b'"', extra).count().is_multiple_of(2)
}

/// The place of `span`, which starts at `at`, without the spaces at its ends.
fn trimmed(span: &[u8], at: usize) -> (usize, usize) {
    let text = span.trim_ascii_start();
    let start = at + span.len() - text.len();
    (start, start + text.trim_ascii_end().len())
}

/// Whether `literal` stands at `at`. Literals have few bytes: a call to compare them takes longer than the bytes.
#[inline(always)]
pub(super) fn stands(record: &[u8], at: usize, literal: &[u8]) -> bool {
    record.get(at..at + literal.len()).is_some_and(|there| there.iter().zip(literal).all(|(a, b)| a == b))
}

/// The first place of `byte`: eight bytes at a time at first, as most fields are short.
#[inline(always)]
fn find_byte(haystack: &[u8], byte: u8) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    while let Some(word) = haystack.get(at..at + 8).filter(|_| at < 24) {
        let word = u64::from_le_bytes([word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]]);
        let differs = word ^ (ONES * u64::from(byte));
        // The lowest bit that is set is right; borrows reach the ones above it only.
        let hits = differs.wrapping_sub(ONES) & !differs & HIGH;
        if hits != 0 {
            return Some(at + hits.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr(byte, &haystack[at..]).map(|found| at + found)
}

/// The first place of `needle`. What is looked for is near more often than not: a search that is prepared costs more than
/// a few that are in vain.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let (anchor, byte) = match needle {
        [] => return Some(0),
        [byte] => return find_byte(haystack, *byte),
        _ => anchor(needle),
    };
    let mut from = anchor;
    for _ in 0..8 {
        let at = from + find_byte(haystack.get(from..)?, byte)?;
        if stands(haystack, at - anchor, needle) {
            return Some(at - anchor);
        }
        from = at + 1;
    }
    memmem::find(&haystack[from - anchor..], needle).map(|at| from - anchor + at)
}

/// The byte of a literal to look for, and its place: logs are full of spaces, letters and digits.
#[inline(always)]
fn anchor(needle: &[u8]) -> (usize, u8) {
    let is_common = |byte: u8| byte == b' ' || byte.is_ascii_alphanumeric();
    let at = needle.iter().position(|byte| !is_common(*byte)).unwrap_or(0);
    (at, needle.get(at).copied().unwrap_or_default())
}

/// The last place of `needle`.
pub(super) fn rfind(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [byte] => memchr::memrchr(*byte, haystack),
        _ => memmem::rfind(haystack, needle),
    }
}

fn earlier(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The first quote at or behind `from` that no backslash takes along.
fn unescaped_quote(record: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr::memchr2(b'"', b'\\', record.get(at..)?)?;
        if record[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}
