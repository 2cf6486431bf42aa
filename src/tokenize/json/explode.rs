//! Records that are other than one row: those whose array of elements is the rows, and those that are skipped.
//!
//! The rows of such elements have the slots of their record in front of their own, so all that is to be done behind the
//! walk is to copy what the record holds into each of them.

use memchr::memchr_iter;

use super::walk::Piece;
use super::{EXTRA_SLOT, JsonGrammar, JsonTokenizer, MAX_POSITIONS, RECORD_SLOT, Wrong};
use crate::error::{Fault, Reason};
use crate::simd::{Row, Text};
use crate::tokenize::tape::{Conflict, Malformed, Tape};

/// An array in a record, whose elements are the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explode {
    /// The table of the elements.
    pub table: u16,
    /// The slots of the array in its record: which rows of the table, and its text.
    pub rows: u16,
    /// See `rows`.
    pub raw: u16,
    /// Slots of a record, which the rows of the elements begin with.
    pub outer: u16,
    /// The slot of an element, if it is an object.
    pub item: u16,
    /// The first kind of object that stands in elements; those before stand outside.
    pub first_node: u16,
}

/// How many times as long as its record the text may be that the rows of its elements hold of what stands beside the
/// array. (The longest names of CloudWatch beside its shortest events come to 25.)
const MAX_REPEATED: usize = 32;

/// A record that the walk has found whole.
pub(super) struct Record {
    /// Where its row begins.
    pub(super) base: usize,
    pub(super) line: u32,
    pub(super) has_escapes: bool,
}

impl JsonGrammar {
    /// Whether a record may be other than one row.
    #[inline(always)]
    pub(super) fn has_other_rows(&self) -> bool {
        self.explode.is_some() || self.skip.is_some()
    }
}

impl JsonTokenizer {
    /// Enters the rows of a record.
    #[inline(never)]
    pub(super) fn other_rows(&mut self, text: &Text, record: Record, tape: &mut Tape) {
        let Record { base, line, has_escapes } = record;
        if let Some((slot, wanted)) = &self.grammar.skip
            && span(tape, base, *slot).is_some_and(|(start, end)| text.span(start, end) == &**wanted)
        {
            self.pieces.clear();
            tape.skipped += 1;
            return;
        }
        let Some(explode) = self.grammar.explode else {
            let extra = entered(&self.pieces, tape);
            self.pieces.clear();
            put(tape, base, EXTRA_SLOT, extra);
            tape.rows.push(Row::new(base as u32, line).with_escapes(has_escapes));
            tape.fast_rows += 1;
            return;
        };
        let pieces = std::mem::take(&mut self.pieces);
        if let Err(wrong) = elements(text, explode, &record, &pieces, tape) {
            let (start, end) = span(tape, base, RECORD_SLOT).unwrap_or_default();
            self.refuse(text, (start, end), line, wrong, tape);
        }
        self.pieces = pieces;
        self.pieces.clear();
    }
}

/// Makes a row of each element of a record's array; those that are no objects are malformed.
fn elements(text: &Text, explode: Explode, record: &Record, pieces: &[Piece], tape: &mut Tape) -> Result<(), Wrong> {
    let &Record { base, line, has_escapes } = record;
    let (start, end) = span(tape, base, RECORD_SLOT).unwrap_or_default();
    let table = usize::from(explode.table);
    let Some(((first, last), array)) = span(tape, base, explode.rows).zip(span(tape, base, explode.raw)) else {
        let at = span(tape, base, explode.raw).map_or(start, |(at, _)| at);
        return Err(Wrong { what: Wrong::ROWS, at });
    };
    let mut rows = std::mem::take(&mut tape.children[table]);
    let own = rows.get(first as usize..last as usize).unwrap_or_default();
    let is_inside = |piece: &&Piece| piece[2] >= u32::from(explode.first_node);
    let (inside, outside): (Vec<Piece>, Vec<Piece>) = pieces.iter().partition(is_inside);
    let beside = (end - start) as usize - (array.1 - array.0) as usize;
    let more = 3 * (outside.len().saturating_mul(own.len() + 1) + inside.len());
    if beside.saturating_mul(own.len()) > MAX_REPEATED.saturating_mul((end - start) as usize)
        || tape.positions.len() + more > MAX_POSITIONS
    {
        tape.children[table] = rows;
        return Err(Wrong { what: Wrong::ITEMS, at: array.0 });
    }
    if own.is_empty() {
        // It was a record all the same, if one that says nothing.
        tape.skipped += 1;
    }
    let shared = entered(&outside, tape);
    let conflicts: Vec<Conflict> = tape.conflicts.iter().filter(|one| one.base as usize == base).copied().collect();
    let outer = 2 * usize::from(explode.outer);
    let (mut inside, mut lines, mut behind) = (&inside[..], (start, line), array.0 + 1);
    for row in own {
        let at = row.base();
        // A null has no span of its own.
        let (from, to) = span(tape, at, RECORD_SLOT).unwrap_or_else(|| null_at(text, behind));
        behind = to;
        lines = (from, lines.1 + memchr_iter(b'\n', text.span(lines.0, from)).count() as u32);
        if span(tape, at, explode.item).is_none() {
            let fault = Fault { reason: Reason::ExpectedLiteral(Wrong::OBJECT), at: 0 };
            let rows_before = tape.rows.len() as u32;
            tape.malformed.push(Malformed { line: lines.1, start: from, end: to, fault, rows_before });
            continue;
        }
        tape.positions.copy_within(base..base + outer, at);
        put(tape, at, RECORD_SLOT, [from, to]);
        let skipped = inside.iter().take_while(|piece| piece[0] < from).count();
        let len = inside[skipped..].iter().take_while(|piece| piece[0] < to).count();
        let (extra, later) = inside[skipped..].split_at(len);
        inside = later;
        let extra = if extra.is_empty() { shared } else { entered(&[&outside, extra].concat(), tape) };
        put(tape, at, EXTRA_SLOT, extra);
        tape.conflicts.extend(conflicts.iter().map(|one| Conflict { base: at as u32, ..*one }));
        tape.rows.push(Row::new(at as u32, lines.1).with_escapes(has_escapes));
        tape.fast_rows += 1;
    }
    // Nobody else reads these rows.
    rows.clear();
    tape.children[table] = rows;
    Ok(())
}

/// The null behind the element that ends at `behind`.
#[cold]
fn null_at(text: &Text, behind: u32) -> (u32, u32) {
    let mut at = behind;
    while matches!(text.byte(at), b',' | b' ' | b'\t' | b'\r' | b'\n') {
        at += 1;
    }
    (at, at + 4)
}

/// Enters pieces of extra text; gives where they are.
fn entered(pieces: &[Piece], tape: &mut Tape) -> [u32; 2] {
    if pieces.is_empty() {
        return super::walk::MISSING;
    }
    let first = tape.positions.len() as u32;
    tape.positions.extend(pieces.iter().flatten());
    [first, tape.positions.len() as u32]
}

fn span(tape: &Tape, base: usize, slot: u16) -> Option<(u32, u32)> {
    let at = base + 2 * usize::from(slot);
    match tape.positions.get(at..)? {
        [start, end, ..] if start <= end => Some((*start, *end)),
        _ => None,
    }
}

fn put(tape: &mut Tape, base: usize, slot: u16, span: [u32; 2]) {
    let at = base + 2 * usize::from(slot);
    if let Some(place) = tape.positions.get_mut(at..at + 2) {
        place.copy_from_slice(&span);
    }
}
