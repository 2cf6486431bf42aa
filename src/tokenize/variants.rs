//! The fast path for patterns with choices: one signature for each way to take them.
//!
//! Optional groups and alternatives are written out as patterns without choices, in the order in which the exact parser
//! tries them. A record that fits the signature of one of these *variants* has the spans that the exact parser finds,
//! unless another variant would get its way first. The exact parser goes from left to right, takes the earliest end
//! of each capture from which the rest fits, and at one end prefers a group to its absence. So the way of variant X is
//! the first one unless, where another variant Y parts from X, the text of Y stands at an earlier end of the capture
//! there, or at the same end with Y preferred. A [`Rival`] is that text; where it does stand there, the exact parser decides.
//! Text with a structural byte can only stand where X has its next structural byte, so one comparison tells.
//!
//! An alternative is tried with all ends of its captures before the next one. So a variant of a later alternative has a
//! fast path only if it parts from those before it where these cannot have got by another way.

use memchr::memmem;

use super::program::{Class, Op, Program};
use super::signature::{Signature, structurals};
use crate::simd::{Field, Row, Structurals, Text};

/// More ways to take the choices than this are left to the exact parser.
const MAX_VARIANTS: usize = 64;

/// One way to take the choices.
#[derive(Debug)]
pub(super) struct Variant {
    pub(super) signature: Signature,
    rivals: Vec<Rival>,
}

/// Text of another variant that must not stand at the end of a capture, or before it.
#[derive(Debug, PartialEq)]
struct Rival {
    /// The capture where the variants part; `None` at the start of the record.
    capture: Option<Field>,
    /// The slot of the first structural byte behind the capture's start, and where the text has its own first one; `None`
    /// for a text without, which is searched for.
    at: Option<(u16, u32)>,
    text: Box<[u8]>,
    until: Until,
}

/// How far the text of a rival must not stand.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Until {
    /// Before the end of the capture.
    Before,
    /// There neither.
    End,
    /// Nor behind it.
    Anywhere,
}

/// All variants of a program, in the order in which the exact parser tries them.
#[derive(Debug)]
pub(super) struct Variants {
    pub(super) structurals: Structurals,
    pub(super) all: Vec<Variant>,
}

/// A way to take the choices, as steps; and the alternative it belongs to.
type Way = (usize, Vec<Op>);

impl Variants {
    /// The variants of a program, or why it has no fast path.
    pub(super) fn new(program: &Program) -> Result<Self, &'static str> {
        let mut ways: Vec<Way> = Vec::new();
        for (alternative, ops) in program.alternatives.iter().enumerate() {
            let mut found = Vec::new();
            expand(ops, 0, Vec::new(), &mut found)?;
            ways.extend(found.into_iter().map(|ops| (alternative, ops)));
        }
        if ways.is_empty() || ways.len() > MAX_VARIANTS {
            return Err("it has too many optional groups");
        }
        if ways.len() > 1 && !ways.iter().all(|(_, ops)| escapes_end_with_quotes(ops)) {
            return Err("a capture with escapes is not always followed by a quote");
        }
        let structurals = joined(program, &ways)?;
        let mut all = Vec::with_capacity(ways.len());
        for way in &ways {
            all.push(Signature::new(&way.1, structurals.clone(), program.captures)?);
        }
        let mut variants = Vec::with_capacity(ways.len());
        for (number, signature) in all.into_iter().enumerate() {
            let mut rivals = Vec::new();
            for other in (0..ways.len()).filter(|other| *other != number) {
                // Ways that part at the same place are told by the same text.
                let found = rival(&ways, number, other, &structurals, &signature)?;
                rivals.extend(found.filter(|rival| !rivals.contains(rival)));
            }
            variants.push(Variant { signature, rivals });
        }
        Ok(Self { structurals, all: variants })
    }

    /// The alternatives of a program without choices, of which each is right by itself wherever it fits. Those without a
    /// fast path are taken out of the program.
    ///
    /// **Errors**: why none has one.
    pub(super) fn apart(program: &mut Program) -> Result<Self, &'static str> {
        let ways: Vec<Way> = program.alternatives.iter().cloned().enumerate().collect();
        let structurals = joined(program, &ways)?;
        let (mut all, mut why) = (Vec::new(), "it has no literal");
        program.alternatives.retain(|ops| match Signature::new(ops, structurals.clone(), program.captures) {
            Ok(signature) => {
                all.push(Variant { signature, rivals: Vec::new() });
                true
            }
            Err(reason) => {
                why = reason;
                false
            }
        });
        if all.is_empty() { Err(why) } else { Ok(Self { structurals, all }) }
    }

    /// The captures whose spans hang on the same slots in all variants that have them. In the others these slots are behind
    /// the record's: all of them then hold its end, and the span ends before it starts.
    fn shared(&self) -> Vec<bool> {
        let [first, rest @ ..] = &self.all[..] else { return Vec::new() };
        let is_shared = |capture: usize| {
            let field = first.signature.fields[capture];
            let last = usize::from(field.start_slot.max(field.end_slot));
            let fits = |signature: &Signature| match signature.stops[capture] {
                Some(_) => signature.fields[capture] == field && last <= signature.newline_slot,
                None => {
                    usize::from(field.start_slot) >= signature.newline_slot && field.start_add > 0 && field.end_add == 0
                }
            };
            first.signature.stops[capture].is_some()
                && fits(&first.signature)
                && rest.iter().all(|other| fits(&other.signature))
        };
        (0..first.signature.fields.len()).map(is_shared).collect()
    }

    /// How rows are written, where there is more than one variant.
    pub(super) fn rows(&self) -> RowShape {
        self.rows_with(self.shared())
    }

    /// The same where no two captures hang on one slot.
    pub(super) fn loose_rows(&self) -> RowShape {
        self.rows_with(vec![false; self.shared().len()])
    }

    fn rows_with(&self, shared: Vec<bool>) -> RowShape {
        let mut shape = RowShape { slots: 1, pairs: Vec::new(), fields: Vec::new(), record_slot: 0 };
        let fields = self.all.first().map_or(&[][..], |variant| &variant.signature.fields);
        for (field, _) in fields.iter().zip(&shared).filter(|(_, is_shared)| **is_shared) {
            shape.slots = shape.slots.max(usize::from(field.start_slot.max(field.end_slot)) + 1);
        }
        shape.record_slot = shape.slots as u16;
        for (capture, is_shared) in shared.into_iter().enumerate() {
            let slot = (shape.slots + 1 + 2 * shape.pairs.len()) as u16;
            shape.fields.push(if is_shared {
                fields[capture]
            } else {
                shape.pairs.push(capture);
                Field { start_slot: slot, end_slot: slot + 1, ..Field::default() }
            });
        }
        shape
    }
}

/// A row of a program with choices: the structural positions that all variants share, the end of the record, and a start
/// and an end for each other capture.
#[derive(Debug, Default)]
pub(super) struct RowShape {
    /// Structural positions at its start.
    pub(super) slots: usize,
    /// The captures with a start and an end of their own.
    pub(super) pairs: Vec<usize>,
    pub(super) fields: Vec<Field>,
    pub(super) record_slot: u16,
}

impl RowShape {
    /// Slots in all.
    pub(super) fn width(&self) -> usize {
        self.slots + 1 + 2 * self.pairs.len()
    }
}

impl Variant {
    /// Whether no other variant gets its way first. `positions` from `base` on are the record's, in regions too.
    #[inline(always)]
    pub(super) fn is_first(&self, text: &Text, positions: &[u32], base: usize) -> bool {
        self.rivals.iter().all(|rival| !rival.stands(text, positions, base))
    }
}

impl Rival {
    fn stands(&self, text: &Text, positions: &[u32], base: usize) -> bool {
        let Some(capture) = self.capture else {
            let start = positions[base].wrapping_add(1);
            return text.span(start, start + self.text.len() as u32) == &*self.text;
        };
        let Some((start, end)) = capture.span(positions, Row::new(base as u32, 0)) else { return true };
        let Some((slot, offset)) = self.at else {
            let len = self.text.len() as u32 - u32::from(self.until == Until::Before);
            let stop = (end + len).min(text.len() as u32);
            return memmem::find(text.span(start, stop), &self.text).is_some();
        };
        let place = positions[base + usize::from(slot)].wrapping_sub(offset);
        let is_near = match self.until {
            Until::Before => place < end,
            Until::End => place <= end,
            Until::Anywhere => true,
        };
        is_near && start <= place && text.span(place, place + self.text.len() as u32) == &*self.text
    }
}

/// Writes out the choices of `ops` from `step` on, behind `before`.
fn expand(ops: &[Op], step: usize, before: Vec<Op>, out: &mut Vec<Vec<Op>>) -> Result<(), &'static str> {
    let mut done = before;
    let mut step = step;
    loop {
        match ops.get(step) {
            None => {
                out.push(done);
                return if out.len() > MAX_VARIANTS { Err("it has too many optional groups") } else { Ok(()) };
            }
            Some(Op::Optional { end }) => {
                if !matches!(ops.get(step + 1), Some(Op::Literal(_))) {
                    return Err(NO_TEXT);
                }
                expand(ops, step + 1, done.clone(), out)?;
                step = usize::from(*end);
            }
            Some(Op::Literal(bytes)) => {
                match done.last_mut() {
                    Some(Op::Literal(last)) => *last = [&**last, &**bytes].concat().into(),
                    _ => done.push(Op::Literal(bytes.clone())),
                }
                step += 1;
            }
            Some(op @ Op::Capture { .. }) => {
                done.push(op.clone());
                step += 1;
            }
            Some(Op::Again(_)) => return Err("a literal may stand any number of times"),
            Some(Op::Tail(_)) => return Err("it has parts that are found from the right"),
        }
    }
}

/// The structural bytes of all ways together.
fn joined(program: &Program, ways: &[Way]) -> Result<Structurals, &'static str> {
    let mut out: Option<Structurals> = None;
    for (_, ops) in ways {
        let own = structurals(program, ops)?;
        let Some(out) = &mut out else {
            out = Some(own);
            continue;
        };
        if out.quotes && own.quotes && out.escapes != own.escapes {
            return Err("some quoted captures have escapes and some have none");
        }
        out.escapes |= own.escapes;
        out.quotes |= own.quotes;
        let new = own.delimiters.into_iter().filter(|byte| !out.delimiters.contains(byte)).collect::<Vec<_>>();
        out.delimiters.extend(new);
    }
    let out = out.unwrap_or_default();
    if out.delimiters.len() > Structurals::MAX_DELIMITERS {
        return Err("it has more than four delimiters");
    }
    Ok(out)
}

/// What of way `other` must not stand in a record of way `own`.
fn rival(
    ways: &[Way],
    own: usize,
    other: usize,
    structurals: &Structurals,
    signature: &Signature,
) -> Result<Option<Rival>, &'static str> {
    let ((alternative, ops), (other_alternative, theirs)) = (&ways[own], &ways[other]);
    if other_alternative > alternative {
        // Tried later, whatever stands in the record.
        return Ok(None);
    }
    let is_earlier = other_alternative < alternative;
    let is_preferred = other < own;
    let shared = ops.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    if is_earlier && !is_rigid(theirs, shared) {
        return Err("it has alternatives that begin alike");
    }
    let capture = match ops[..shared].last() {
        None => None,
        Some(Op::Capture { index, escapes, .. }) => Some((usize::from(*index), *escapes)),
        Some(_) => return Err(NO_TEXT),
    };
    let Some(Op::Literal(text)) = theirs.get(shared) else {
        // A group that ends the pattern comes before its absence; one that is there begins with text.
        let is_later = !is_preferred && (theirs.len() == shared || matches!(ops.get(shared), Some(Op::Literal(_))));
        return if is_later { Ok(None) } else { Err(NO_TEXT) };
    };
    let text = text.clone();
    let until = match is_preferred {
        _ if is_earlier => Until::Anywhere,
        true => Until::End,
        false => Until::Before,
    };
    let Some((capture, escapes)) = capture else {
        return Ok(is_preferred.then_some(Rival { capture: None, at: None, text, until }));
    };
    if escapes && !is_preferred {
        // It has but one end.
        return Ok(None);
    }
    let (Some(stop), field) = (signature.stops[capture], signature.fields[capture]) else { return Err(NO_TEXT) };
    let in_quotes = structurals.quotes && quotes(&ops[..shared]) % 2 == 1;
    let first = |text: &[u8]| {
        let is_structural = |byte: &u8| match byte {
            b'"' => structurals.quotes,
            byte => !in_quotes && structurals.delimiters.contains(byte),
        };
        text.iter().position(is_structural)
    };
    // An escaped quote is not structural, but may end a capture that knows no escapes; and what reaches into a last capture
    // of any text may hold any structural byte.
    let in_tail = signature.has_tail() && usize::from(stop) == signature.newline_slot;
    let offset = first(&text).filter(|at| !in_tail && (text[*at] != b'"' || escapes || !structurals.escapes));
    if let (Some(Op::Literal(own)), Some(offset)) = (ops.get(shared), offset)
        && let Some(own_offset) = first(own)
    {
        let stands_later = offset < own_offset || offset == own_offset && !is_preferred;
        let differs = own[own_offset..].iter().zip(&text[offset..]).any(|(a, b)| a != b);
        if differs || stands_later && until != Until::Anywhere {
            return Ok(None);
        }
    }
    let at = offset.map(|offset| (stop, offset as u32));
    Ok(Some(Rival { capture: Some(field), at, text, until }))
}

const NO_TEXT: &str = "it has optional groups that begin without text";

/// Whether the first `count` steps, and the text behind them, can only end in one place each.
fn is_rigid(ops: &[Op], count: usize) -> bool {
    ops[..count].iter().enumerate().all(|(at, op)| match (op, ops.get(at + 1)) {
        (Op::Capture { class: Class::Word | Class::Bare, .. }, Some(Op::Literal(next))) => next.first() == Some(&b' '),
        (Op::Capture { class: Class::Digits, .. }, Some(Op::Literal(next))) => {
            !next.first().is_some_and(u8::is_ascii_digit)
        }
        (Op::Literal(_), _) => true,
        _ => false,
    })
}

fn quotes(ops: &[Op]) -> usize {
    let count = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'"').count();
    ops.iter().map(|op| if let Op::Literal(bytes) = op { count(bytes) } else { 0 }).sum()
}

fn escapes_end_with_quotes(ops: &[Op]) -> bool {
    ops.iter().enumerate().all(|(at, op)| match (op, ops.get(at + 1)) {
        (Op::Capture { escapes: true, .. }, next) => matches!(next, Some(Op::Literal(text)) if text[0] == b'"'),
        _ => true,
    })
}
