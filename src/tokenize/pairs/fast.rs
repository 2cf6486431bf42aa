//! Records that are nothing but pairs apart by one byte, on the positions of stage 1.

use memchr::memchr;

use super::dialect::is_label;
use super::keys::Keys;
use super::{PairsGrammar, PairsTokenizer, Reached};
use crate::simd::{self, Row, Structurals, Text, TextBlock};
use crate::tokenize::Op;
use crate::tokenize::tape::Tape;

/// What stage 1 looks for, or why there is no fast path.
pub(super) fn structurals(grammar: &PairsGrammar) -> Result<Structurals, &'static str> {
    let dialect = &grammar.dialect;
    let is_alone = matches!(&grammar.prefix.alternatives[..], [ops] if matches!(&ops[..], [Op::Capture { .. }]));
    let [separator] = dialect.separators[..] else { return Err("several bytes separate pairs") };
    if !is_alone {
        return Err("other text stands before the pairs");
    }
    if dialect.until_key || dialect.nested.is_some() {
        return Err("values end in several ways");
    }
    if !matches!(dialect.quotes[..], [] | [b'"']) {
        return Err("stage 1 knows double quotes only");
    }
    let quotes = !dialect.quotes.is_empty();
    Ok(Structurals { delimiters: vec![separator], quotes, escapes: quotes && dialect.escapes })
}

/// A pair with a value, in bytes of the text.
struct Found {
    key: u16,
    start: u32,
    value: (u32, u32),
    end: u32,
    /// The structural position behind it.
    behind: usize,
}

impl PairsTokenizer {
    /// Walks along the lines by the positions of stage 1.
    pub(super) fn tokenize_indexed<'t>(
        &mut self,
        text: &'t Text,
        start: usize,
        end: usize,
        line: u32,
        tape: &mut Tape,
    ) -> TextBlock<'t> {
        let usual = Structurals::default();
        let structurals = self.structurals.as_ref().unwrap_or(&usual);
        let block = simd::index(self.level, text, start, end, structurals, &mut self.index);
        let (mut at, mut escaped, mut line) = (0, 0, line);
        while at + 1 < self.index.positions.len() {
            let base = tape.positions.len();
            let newline = match self.regular(text, at, base, tape) {
                Ok((newline, start, end)) => {
                    self.close_row(base, start, end, tape);
                    let is_escaped = self.has_backslash(&mut escaped, start, end);
                    tape.rows.push(Row::new(base as u32, line).with_escapes(is_escaped));
                    tape.fast_rows += 1;
                    newline
                }
                Err(reached) => {
                    let positions = &self.index.positions;
                    let newline = (at + 1..positions.len()).find(|i| text.byte(positions[*i]) == b'\n');
                    let Some(newline) = newline else { break };
                    let (start, end) = (positions[at].wrapping_add(1), positions[newline]);
                    self.any(text, line, (start, end), (base, reached), tape);
                    newline
                }
            };
            at = newline;
            line += 1;
            tape.lines += 1;
        }
        block
    }

    /// Whether a backslash stands in `start..end`; `at` walks along them.
    fn has_backslash(&self, at: &mut usize, start: u32, end: u32) -> bool {
        let backslashes = &self.index.backslashes;
        while backslashes.get(*at).is_some_and(|place| *place < start) {
            *at += 1;
        }
        backslashes.get(*at).is_some_and(|place| *place < end)
    }

    /// Appends the row of the record behind structural position `before`, if it is regular; gives the number of its
    /// newline, and its place.
    ///
    /// **Errors**: how far it is regular, if the row holds just the pairs up to there.
    #[inline(always)]
    fn regular(
        &mut self,
        text: &Text,
        before: usize,
        base: usize,
        tape: &mut Tape,
    ) -> Result<(usize, u32, u32), Option<Reached>> {
        let Self { grammar, keys, index, pieces, blank, .. } = self;
        let positions = &index.positions[..];
        let first_key = base + 2 * (grammar.prefix.captures + 1);
        let keeps_unknown = grammar.open || grammar.rules.extra;
        tape.positions.extend_from_slice(blank);
        pieces.clear();
        let record_start = positions[before].wrapping_add(1);
        let (mut at, mut last) = (before, keys.start());
        let mut pairs = 0;
        let record_end = loop {
            let start = positions[at].wrapping_add(1);
            let stop = *positions.get(at + 1).ok_or(None)?;
            let stop_byte = text.byte(stop);
            let end = before_cr(text, start, stop, stop_byte);
            if start == end && stop_byte != b'"' {
                if stop_byte == b'\n' {
                    at += 1;
                    break end;
                }
                at += 1;
                continue;
            }
            let Some(found) = pair(grammar, keys, positions, text, (at, last), (start, end, stop_byte)) else {
                // What is unknown is a fault, where it is not kept.
                let is_good = pairs > 0 && (keeps_unknown || pieces.is_empty());
                let reached = Reached { at: start - record_start, last, has_value: true };
                return Err(is_good.then_some(reached));
            };
            if found.key == keys.start() {
                pieces.extend([found.start, found.end]);
            } else {
                let slot = first_key + 2 * usize::from(found.key);
                if tape.positions[slot] <= tape.positions[slot + 1] {
                    // The first one counts.
                    pieces.extend([found.start, found.end]);
                } else {
                    (tape.positions[slot], tape.positions[slot + 1]) = found.value;
                }
            }
            keys.learn(last, found.key);
            last = found.key;
            pairs += 1;
            at = found.behind;
            if text.byte(positions[at]) == b'\n' {
                break found.end;
            }
        };
        let rules = &grammar.rules;
        let fits = pairs > 0
            && (keeps_unknown || pieces.is_empty())
            && record_end.wrapping_sub(record_start) as usize <= rules.max_record_bytes
            && (rules.comments.is_empty() || !rules.is_comment(text.span(record_start, record_end)));
        if !fits {
            return Err(None);
        }
        let whole = base + 2 * (usize::from(grammar.pairs) + 1);
        (tape.positions[whole], tape.positions[whole + 1]) = (record_start, record_end);
        Ok((at, record_start, record_end))
    }
}

/// The pair that starts at `start`, behind structural position `at` and the key `last`; the next structural byte is
/// `stop_byte`, and `end` its place or that of a carriage return before it. `None` if it is not regular.
#[inline(always)]
fn pair(
    grammar: &PairsGrammar,
    keys: &Keys,
    positions: &[u32],
    text: &Text,
    (at, last): (usize, u16),
    (start, end, stop_byte): (u32, u32, u8),
) -> Option<Found> {
    let dialect = &grammar.dialect;
    let (key, assign) = match keys.guess(text, last, start) {
        Some(found) => found,
        None => {
            let token = text.span(start, end);
            let len = memchr(dialect.assign, token)?;
            let key = &token[..len];
            let is_plain = if dialect.labels {
                key.iter().all(|byte| is_label(*byte))
            } else {
                key.first() != Some(&b' ') && memchr::memchr2(b'"', b'\\', key).is_none()
            };
            if len == 0 || !is_plain {
                return None;
            }
            (keys.number(key).unwrap_or(keys.start()), start + len as u32)
        }
    };
    let value = assign + 1;
    let behind = at + 1;
    let has_quotes = !dialect.quotes.is_empty();
    if !has_quotes || text.byte(value) != b'"' {
        // A quote in the midst of a value.
        if has_quotes && stop_byte == b'"' {
            return None;
        }
        return Some(Found { key, start, value: (value, end), end, behind });
    }
    let close = *positions.get(at + 2)?;
    let next = *positions.get(at + 3)?;
    let next_byte = text.byte(next);
    let pair_end = before_cr(text, close + 1, next, next_byte);
    if positions[behind] != value || text.byte(close) != b'"' || next_byte == b'"' || pair_end != close + 1 {
        return None;
    }
    Some(Found { key, start, value: (value + 1, close), end: pair_end, behind: at + 3 })
}

/// `stop`, or the place of a carriage return that belongs to the newline there.
#[inline(always)]
fn before_cr(text: &Text, start: u32, stop: u32, stop_byte: u8) -> u32 {
    let has_cr = stop_byte == b'\n' && stop > start && text.byte(stop - 1) == b'\r';
    stop - u32::from(has_cr)
}
