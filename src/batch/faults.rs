//! What is wrong in a sub-block: small values, of which those that are kept become rejects.
//!
//! A malformed record or bad cell is counted by its reason. Text is made once a sub-block for each reason, and a reject
//! for those alone that somebody will see: where every line of a file is malformed, the first 10,000 are kept, and
//! making rejects of the others took twice as long as cutting and decoding a line that matches.

use std::mem::take;
use std::sync::Arc;

use super::assembler::{Outcome, Work};
use super::recipe::{Policy, Recipe, RejectRaw};
use super::rejects::RejectLog;
use crate::error::{Fault, Reason};
use crate::report::Reject;
use crate::split::Framing;
use crate::tokenize::{Malformed, Tokenize};

/// What to do about lines before the first that starts a record: all of them, if none does.
const STRAY_HINT: &str = "it does not begin as records of the format do: check the time's pattern (datefmt of Python's logging, \
                          %d{...} of Log4j) and the start rule";

/// The bad cells of a sub-block. Its malformed records are in the tape.
#[derive(Debug, Default)]
pub(super) struct Faults {
    cells: Vec<Cell>,
    labels: Vec<Label>,
    /// The malformed records of the sub-block, by reason.
    reasons: Vec<Tally>,
    /// Rejects that were made at once, of columns that are not in the text, with the line and the place of each.
    rejects: Vec<(u32, usize, Reject)>,
}

/// A cell that did not decode.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// The line of its record, counted from the start of the chunk.
    pub(super) line: u32,
    /// Where its record starts in the text.
    pub(super) record: u32,
    /// Where it starts and ends itself.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Its column, as [`Faults::label`] gave it.
    pub(super) label: u32,
}

/// A column, for messages.
#[derive(Debug)]
struct Label {
    name: Arc<str>,
    /// What its cells should have been.
    expected: Arc<str>,
    /// Place of the column among the decoded ones, for order.
    place: usize,
    /// Bad cells of the sub-block.
    count: u64,
}

/// Malformed records with one reason.
#[derive(Debug)]
struct Tally {
    reason: Reason,
    text: Arc<str>,
    count: u64,
}

/// One of either, for order: those of a record by column, and the whole record last.
enum Found<'a> {
    Record(&'a Malformed),
    Cell(Cell),
    Made(&'a Reject),
}

impl Faults {
    /// Makes columns known, each with what its cells should have been: the first stands at `place` among the decoded
    /// ones. Gives the label of the first; the others follow.
    pub(super) fn label(&mut self, columns: &[(Arc<str>, String)], place: usize) -> u32 {
        let first = self.labels.len();
        let label = |(place, (name, expected)): (usize, &(Arc<str>, String))| Label {
            name: name.clone(),
            expected: format!("expected {expected}").into(),
            place,
            count: 0,
        };
        self.labels.extend((place..).zip(columns).map(label));
        first as u32
    }

    /// Notes a cell.
    pub(super) fn push(&mut self, cell: Cell) {
        self.cells.push(cell);
    }

    /// Enters a reject of a row in `line`, and of the column at `place` among the decoded ones.
    pub(super) fn push_reject(&mut self, line: u32, place: usize, reject: Reject) {
        self.rejects.push((line, place, reject));
    }

    /// Forgets the faults of a sub-block that is done again.
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.rejects.clear();
    }

    /// Counts the faults of a sub-block, and makes rejects of those that are kept, in order.
    pub(super) fn settle(
        &mut self,
        malformed: &[Malformed],
        tokenizer: &dyn Tokenize,
        recipe: &Recipe,
        work: &Work,
        out: &mut Outcome,
    ) {
        if malformed.is_empty() && self.cells.is_empty() && self.rejects.is_empty() {
            return;
        }
        self.count(malformed, tokenizer);
        let room = match recipe.policy {
            Policy::Raise => usize::from(out.raised.is_none()),
            Policy::Skip => 0,
            _ if recipe.all_rejects => usize::MAX,
            _ if work.counts_only => 0,
            _ => RejectLog::MAX_ROWS.saturating_sub(out.rejects.len()),
        };
        let cells = take(&mut self.cells);
        if room > 0 {
            let place = |cell: &Cell| self.labels[cell.label as usize].place;
            // One line may hold several records.
            let found = malformed.iter().map(|bad| ((bad.line, bad.start, usize::MAX), Found::Record(bad)));
            let made = self.rejects.iter().map(|(line, place, reject)| {
                ((*line, (reject.byte - work.offset) as u32, *place), Found::Made(reject))
            });
            let mut found: Vec<_> = cells
                .iter()
                .map(|cell| ((cell.line, cell.record, place(cell)), Found::Cell(*cell)))
                .chain(made)
                .chain(found)
                .collect();
            found.sort_by_key(|(place, _)| *place);
            let mut rejects = found.iter().take(room).map(|(_, found)| match found {
                Found::Record(bad) => self.record(bad, recipe, work),
                Found::Cell(cell) => self.cell(cell, recipe, work),
                Found::Made(reject) => (*reject).clone(),
            });
            if recipe.policy == Policy::Raise {
                out.raised = rejects.next();
            } else {
                out.rejects.extend(rejects);
            }
        }
        self.cells = cells;
        self.cells.clear();
        for (_, _, reject) in self.rejects.drain(..).filter(|_| recipe.policy != Policy::Raise) {
            out.counts.bad_values += 1;
            *out.reasons.entry((reject.column, reject.reason.to_string())).or_default() += 1;
        }
        self.enter(recipe.policy, out);
    }

    /// Counts by reason; most follow one of the same.
    fn count(&mut self, malformed: &[Malformed], tokenizer: &dyn Tokenize) {
        for cell in &self.cells {
            self.labels[cell.label as usize].count += 1;
        }
        let mut last = 0;
        for Malformed { fault, .. } in malformed {
            let is_same = self.reasons.get(last).is_some_and(|tally| tally.reason == fault.reason);
            if !is_same {
                let known = self.reasons.iter().position(|tally| tally.reason == fault.reason);
                last = known.unwrap_or_else(|| {
                    let text = tokenizer.describe(*fault).into();
                    self.reasons.push(Tally { reason: fault.reason, text, count: 0 });
                    self.reasons.len() - 1
                });
            }
            self.reasons[last].count += 1;
        }
    }

    /// Puts the counts into the outcome, but for those of a scan that has failed.
    fn enter(&mut self, policy: Policy, out: &mut Outcome) {
        let is_counted = policy != Policy::Raise;
        for Tally { text, count, .. } in self.reasons.drain(..).filter(|_| is_counted) {
            *out.reasons.entry((None, text.to_string())).or_default() += count;
        }
        for label in self.labels.iter_mut().filter(|label| label.count > 0) {
            let count = take(&mut label.count);
            if is_counted {
                out.counts.bad_values += count;
                let key = (Some(label.name.clone()), label.expected.to_string());
                *out.reasons.entry(key).or_default() += count;
            }
        }
    }

    fn cell(&self, cell: &Cell, recipe: &Recipe, work: &Work) -> Reject {
        let label = &self.labels[cell.label as usize];
        Reject {
            line: u64::from(cell.line) + 1,
            byte: work.offset + u64::from(cell.record),
            at: cell.start.saturating_sub(cell.record),
            at_end: false,
            column: Some(label.name.clone()),
            reason: label.expected.clone(),
            hint: "read the column as text with types={column: \"utf8\"}, or name its null texts in the format",
            raw: keep_raw(recipe, work.text.span(cell.start, cell.end)),
            kind: Reason::BadValue,
        }
    }

    fn record(&self, bad: &Malformed, recipe: &Recipe, work: &Work) -> Reject {
        let Fault { reason, at } = bad.fault;
        let mut end = bad.end;
        if reason == Reason::TooLong {
            // How much more of it is at hand depends on the chunk.
            end = end.min(bad.start.saturating_add(recipe.grammar.rules().max_record_bytes as u32));
        }
        let is_stray = match &recipe.framing {
            Framing::Multiline(rule) => !rule.may_start(work.text.span(bad.start, end)),
            _ => false,
        };
        let hint = match reason {
            _ if is_stray => STRAY_HINT,
            Reason::TooLong => "raise max_record_bytes to read longer records",
            _ if is_utf16(work.text.span(bad.start, end)) => "set encoding to \"utf-16\": every second byte is zero",
            _ => "check that the format is the right one, or set on_error to \"null\" to keep a row for it",
        };
        let text = self.reasons.iter().find(|tally| tally.reason == reason).map(|tally| tally.text.clone());
        Reject {
            line: u64::from(bad.line) + 1,
            byte: work.offset + u64::from(bad.start),
            at,
            at_end: at == bad.end - bad.start,
            column: None,
            reason: text.unwrap_or_default(),
            hint,
            raw: keep_raw(recipe, work.text.span(bad.start, end)),
            kind: reason,
        }
    }
}

/// Whether a line looks like UTF-16 that was cut at newline bytes: ASCII, and zeros between.
fn is_utf16(line: &[u8]) -> bool {
    const LOOKED_AT_BYTES: usize = 32;
    let head = &line[..line.len().min(LOOKED_AT_BYTES)];
    let zeros = |first: usize| head.iter().skip(first).step_by(2).all(|byte| *byte == 0);
    let texts = |first: usize| head.iter().skip(first).step_by(2).all(|byte| *byte != 0);
    head.len() >= 4 && (zeros(0) && texts(1) || zeros(1) && texts(0))
}

/// As much of a text as the scan keeps.
pub(super) fn keep_raw(recipe: &Recipe, bytes: &[u8]) -> Option<Box<[u8]>> {
    const PREFIX_BYTES: usize = 80;
    let kept = match recipe.reject_raw {
        _ if recipe.policy == Policy::Skip => return None,
        RejectRaw::None => return None,
        RejectRaw::Prefix => PREFIX_BYTES,
        RejectRaw::Full if recipe.all_rejects => usize::MAX,
        RejectRaw::Full => RejectLog::MAX_RAW_BYTES,
    };
    Some(bytes[..bytes.len().min(kept)].into())
}
