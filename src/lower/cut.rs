//! Cutting an expression into elements at the literals between them, where the end of each element is certain.

use regex_syntax::hir::{Hir, HirKind, Look};

use super::language::{self, ByteSet, Run};
use super::{Element, Holds, Inner, Step};

/// What an expression is, one after the other, once its optional groups are chosen.
#[derive(Clone, Debug)]
pub(super) enum Item<'h> {
    Literal(&'h [u8], &'h Hir),
    /// White space of no column; `Run::min` of it at least.
    Gap(Run, &'h Hir),
    Other(&'h Hir),
    /// Here a group that begins with this byte is chosen, or not.
    Choice(u8),
}

/// One way to choose, and what it is cut into. Gaps are not guessed yet.
#[derive(Debug)]
pub(super) struct Cut {
    pub(super) pieces: Vec<Piece>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Literal(Vec<u8>),
    Gap(u32),
    Element {
        element: Element,
        /// Spaces that may stand in it, fewest and most.
        spaces: (u32, Option<u32>),
        /// Its end is the earliest place of what follows, and not the only one.
        earliest: bool,
    },
    /// Whatever is behind the match.
    Rest,
}

/// What holds for a whole expression.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    /// The match ends with the record.
    pub(super) ends: bool,
    /// The literals hold all double quotes of the record.
    pub(super) quotes: bool,
}

/// More ways to choose optional groups than this are not written out.
const MAX_CHOICES: usize = 16;

/// The ways to choose the optional groups of `parts`; `split` tells whether to look for them.
pub(super) fn ways<'h>(parts: &'h [Hir], split: bool) -> Result<Vec<Vec<Item<'h>>>, &'static str> {
    let mut all: Vec<Vec<Item<'h>>> = vec![Vec::new()];
    for (at, part) in parts.iter().enumerate() {
        let group = if split { optional(part) } else { None };
        let Some((byte, inner)) = group else {
            all.iter_mut().for_each(|way| way.push(item(part)));
            continue;
        };
        let (behind, _) = language::first_of(&parts[at + 1..]);
        if behind.contains(byte) {
            return Err("an optional group begins like what follows it");
        }
        let mut without = all.clone();
        for way in &mut all {
            way.push(Item::Choice(byte));
            way.extend(inner.iter().map(item));
        }
        without.iter_mut().for_each(|way| way.push(Item::Choice(byte)));
        all.append(&mut without);
        if all.len() > MAX_CHOICES {
            return Err("it has too many optional groups");
        }
    }
    Ok(all)
}

/// An optional group that begins with a literal: its first byte, and its parts.
fn optional(hir: &Hir) -> Option<(u8, &[Hir])> {
    let HirKind::Repetition(repetition) = hir.kind() else { return None };
    if (repetition.min, repetition.max, repetition.greedy) != (0, Some(1), true) {
        return None;
    }
    let parts = parts(&repetition.sub);
    match parts.first()?.kind() {
        HirKind::Literal(literal) => Some((*literal.0.first()?, parts)),
        _ => None,
    }
}

/// The parts of a concatenation, or the whole.
pub(super) fn parts(hir: &Hir) -> &[Hir] {
    match hir.kind() {
        HirKind::Concat(parts) => parts,
        _ => std::slice::from_ref(hir),
    }
}

fn item(hir: &Hir) -> Item<'_> {
    if let HirKind::Literal(literal) = hir.kind() {
        return Item::Literal(&literal.0, hir);
    }
    let white = ByteSet::of(b" \t\n\x0b\x0c\r");
    match language::run(hir) {
        Some(run) if run.set.contains(b' ') && run.set.is_within(&white) && run.min <= 1 && run.max.is_none() => {
            Item::Gap(run, hir)
        }
        _ => Item::Other(hir),
    }
}

impl Cut {
    /// Cuts one way, or says why it cannot be.
    pub(super) fn new(items: &[Item<'_>], around: Around) -> Result<Self, &'static str> {
        let mut out = Self { pieces: Vec::new() };
        let mut pending: Vec<&Hir> = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let next = items.get(at + 1);
            match item {
                Item::Literal(bytes, hir) => match is_certain(&pending, bytes, next, around) {
                    Some(earliest) => {
                        out.element(&mut pending, earliest)?;
                        out.literal(bytes);
                    }
                    None => pending.push(hir),
                },
                Item::Gap(run, hir) => {
                    let apart = (pending.is_empty() || run.min > 0)
                        && alphabet(&pending, Around { quotes: false, ..around }).is_disjoint(&run.set)
                        && begins_apart(next, &run.set);
                    if apart {
                        out.element(&mut pending, false)?;
                        out.pieces.push(Piece::Gap(run.min));
                    } else {
                        pending.push(hir);
                    }
                }
                Item::Choice(byte) => {
                    let next = match next {
                        Some(Item::Literal(bytes, _)) => bytes.first().copied(),
                        None => None,
                        _ => return Err("what follows an optional group is no literal"),
                    };
                    let own = alphabet(&pending, around);
                    if !pending.is_empty() && (own.contains(*byte) || next.is_some_and(|next| own.contains(next))) {
                        return Err("what stands before an optional group may reach into it");
                    }
                }
                Item::Other(hir) => pending.push(hir),
            }
        }
        let has_choice = items.iter().any(|item| matches!(item, Item::Choice(_)));
        if pending.is_empty() {
            if !around.ends && has_choice {
                return Err("a match with an optional group may end anywhere");
            }
            if !around.ends {
                out.pieces.push(Piece::Rest);
            }
        } else {
            out.last(&pending, around)?;
        }
        out.check_words()?;
        Ok(out)
    }

    fn literal(&mut self, bytes: &[u8]) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(last)) => last.extend_from_slice(bytes),
            _ => self.pieces.push(Piece::Literal(bytes.to_vec())),
        }
    }

    /// Ends the element that is pending, if there is one.
    fn element(&mut self, pending: &mut Vec<&Hir>, earliest: bool) -> Result<(), &'static str> {
        let parts = std::mem::take(pending);
        if parts.is_empty() {
            return Ok(());
        }
        let is_first = self.pieces.is_empty();
        if parts.iter().any(|hir| language::asks(hir, Look::End) || !is_first && language::asks(hir, Look::Start)) {
            return Err("it asks for the record's start or end in its midst");
        }
        let spaces = spaces(&parts);
        self.pieces.push(Piece::Element { element: describe(&parts, false)?, spaces, earliest });
        Ok(())
    }

    /// The element that goes up to the end of the record.
    fn last(&mut self, parts: &[&Hir], around: Around) -> Result<(), &'static str> {
        let is_first = self.pieces.is_empty();
        if is_first {
            return Err("no literal in it has a certain place");
        }
        if parts.iter().any(|hir| language::asks(hir, Look::Start)) {
            return Err("it asks for the record's start in its midst");
        }
        let element = describe(parts, !around.ends)?;
        if let (Holds::Bytes { max, .. }, false) = (&element.holds, around.ends)
            && (max.is_some() || !parts.iter().all(|hir| language::run(inner(hir)).is_some_and(|run| run.greedy)))
        {
            return Err("its last part may end before the record does");
        }
        let mut spaces = spaces(parts);
        let is_white = alphabet(parts, around).is_within(&ByteSet::of(b" \t\x0b\x0c\r\n"));
        if is_white {
            spaces = (0, Some(0));
        }
        self.pieces.push(Piece::Element { element, spaces, earliest: false });
        Ok(())
    }

    /// An element is looked at by itself: that it starts or ends a word there must be so in the record too.
    fn check_words(&self) -> Result<(), &'static str> {
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        for (at, piece) in self.pieces.iter().enumerate() {
            let Piece::Element { element: Element { words: true, .. }, .. } = piece else { continue };
            // White space that need not be there parts nothing.
            let before = match &self.pieces[..at] {
                [.., Piece::Literal(bytes)] | [.., Piece::Literal(bytes), Piece::Gap(0)] => is_word(bytes.last()),
                _ => false,
            };
            let behind = match self.pieces.get(at + 1) {
                Some(Piece::Literal(bytes)) => is_word(bytes.first()),
                _ => false,
            };
            if before || behind {
                return Err("a word boundary stands within a word");
            }
        }
        Ok(())
    }
}

/// Whether `next` always begins with a byte that is not in `set`.
fn begins_apart(next: Option<&Item<'_>>, set: &ByteSet) -> bool {
    let (first, empty) = match next {
        Some(Item::Literal(bytes, _)) => (ByteSet::of(&bytes[..1]), false),
        Some(Item::Gap(run, _)) => (run.set, run.min == 0),
        Some(Item::Other(hir)) => language::first(hir),
        Some(Item::Choice(_)) | None => return false,
    };
    !empty && first.is_disjoint(set)
}

/// The bytes that may stand in these parts.
fn alphabet(parts: &[&Hir], around: Around) -> ByteSet {
    let all = parts.iter().fold(ByteSet::EMPTY, |all, part| all.union(&language::alphabet(part)));
    if around.quotes { all.without(&ByteSet::of(b"\"")) } else { all }
}

/// Whether the end of what is pending is certain where `literal` follows it: `Some(true)` if it is the earliest of
/// several, which the expression prefers.
///
/// It is the only one if the literal has a byte that always stands as often in what is pending, perhaps never: the first
/// such byte behind those is then the literal's. It is the earliest of all if what is pending takes as little as it can.
fn is_certain(pending: &[&Hir], literal: &[u8], next: Option<&Item<'_>>, around: Around) -> Option<bool> {
    let is_fixed = |byte: u8| around.quotes && byte == b'"' || is_counted(pending, byte);
    let is_only = |(at, byte): (usize, &u8)| !literal[..at].contains(byte) && is_fixed(*byte);
    // The first quote that no backslash takes along.
    let is_escaped = matches!(pending, [hir] if language::is_escaped(inner(hir))) && literal[0] == b'"';
    if pending.is_empty() || is_escaped || literal.iter().enumerate().any(is_only) {
        return Some(false);
    }
    // What is merged with the literal might stand elsewhere than the literal by itself.
    let is_alone = !matches!(next, Some(Item::Gap(..) | Item::Choice(_)));
    let is_lazy = match pending {
        [hir] => language::run(inner(hir)).is_some_and(|run| !run.greedy && run.max.is_none()),
        _ => false,
    };
    (is_alone && is_lazy).then_some(true)
}

/// What a named group holds.
fn inner(hir: &Hir) -> &Hir {
    match hir.kind() {
        HirKind::Capture(capture) => &capture.sub,
        _ => hir,
    }
}

/// How many spaces may stand in these parts: fewest, and most.
fn spaces(parts: &[&Hir]) -> (u32, Option<u32>) {
    language::count_of(parts.iter().copied(), b' ')
}

/// Whether `byte` stands as often in each text of these parts.
fn is_counted(parts: &[&Hir], byte: u8) -> bool {
    let (least, most) = language::count_of(parts.iter().copied(), byte);
    most == Some(least)
}

/// What an element holds. `prefix`: its expression may match less than all of it.
fn describe(parts: &[&Hir], prefix: bool) -> Result<Element, &'static str> {
    if parts.iter().any(|hir| language::asks_more(hir)) {
        return Err("it asks for the ends of lines or of words of any script");
    }
    let words = parts.iter().any(|hir| language::asks_words(hir));
    let escaped = matches!(parts, [hir] if language::is_escaped(inner(hir)));
    let (name, bodies): (_, Vec<&Hir>) = match parts {
        [hir] => match hir.kind() {
            HirKind::Capture(capture) if capture.sub.properties().explicit_captures_len() == 0 => {
                (capture.name.as_deref(), vec![&*capture.sub])
            }
            _ => (None, vec![*hir]),
        },
        _ => (None, parts.to_vec()),
    };
    let name = name.map(str::to_owned);
    if let [body] = &bodies[..]
        && let Some(Run { set, min, max, .. }) = language::run(body)
    {
        return Ok(Element { name, words, escaped, holds: Holds::Bytes { set, min, max } });
    }
    let mut names = Vec::new();
    bodies.iter().for_each(|hir| group_names(hir, &mut names));
    let any_of = match &bodies[..] {
        [body] if names.is_empty() && !prefix => language::any_of(body),
        _ => ByteSet::EMPTY,
    };
    let pattern = Hir::concat(bodies.into_iter().cloned().collect()).to_string();
    Ok(Element { name, words, escaped, holds: Holds::Language { pattern, names, any_of, prefix } })
}

fn group_names(hir: &Hir, out: &mut Vec<String>) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            out.extend(capture.name.as_deref().map(str::to_owned));
            group_names(&capture.sub, out);
        }
        HirKind::Repetition(repetition) => group_names(&repetition.sub, out),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| group_names(part, out)),
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) => {}
    }
}

/// Numbers of double quotes in the literals, and whether all of a record's are among them if its literals stand in it.
pub(super) fn quotes(cut: &Cut) -> (usize, bool) {
    let mut count = 0;
    let mut holds_all = true;
    for piece in &cut.pieces {
        match piece {
            Piece::Literal(bytes) => count += bytes.iter().filter(|byte| **byte == b'"').count(),
            Piece::Rest => holds_all = false,
            Piece::Element { .. } | Piece::Gap(_) => {}
        }
    }
    let is_open = count % 2 == 1;
    if let Some(Piece::Element { spaces, .. }) = cut.pieces.last() {
        holds_all &= spaces.1.is_some_and(|most| most - spaces.0 <= MAX_SPACES);
    }
    (count, holds_all && !is_open)
}

/// How many numbers of spaces in an element are tried.
const MAX_SPACES: u32 = 2;

/// Writes out the guesses of a way: how much white space each gap is, and how many spaces stand in each element. More than
/// `most` are not tried; what none fits is left to the expression itself.
pub(super) fn guesses(cut: Cut, most: usize, elements: &mut Vec<Element>) -> Vec<Vec<Step>> {
    let mut all: Vec<Vec<Step>> = vec![Vec::new()];
    let mut used: Vec<usize> = Vec::new();
    let mut quotes = 0;
    let count = cut.pieces.len();
    for (at, piece) in cut.pieces.into_iter().enumerate() {
        let options: Vec<Step> = match piece {
            Piece::Literal(bytes) => {
                quotes += bytes.iter().filter(|byte| **byte == b'"').count();
                vec![Step::Literal(bytes)]
            }
            Piece::Gap(0) => vec![Step::Literal(b" ".to_vec()), Step::Literal(Vec::new())],
            Piece::Gap(_) => vec![Step::Literal(b" ".to_vec()), Step::Literal(b"  ".to_vec())],
            Piece::Rest => vec![Step::Rest],
            Piece::Element { element, spaces, earliest } => {
                let known = (0..elements.len()).find(|idx| elements[*idx] == element && !used.contains(idx));
                let index = known.unwrap_or_else(|| {
                    elements.push(element);
                    elements.len() - 1
                });
                used.push(index);
                let quoted = if elements[index].escaped { Inner::Escaped } else { Inner::Quoted };
                let quoted = Some(quoted).filter(|_| quotes % 2 == 1);
                inners(spaces, earliest, quoted, at + 1 == count)
                    .into_iter()
                    .map(|inner| Step::Element { index, inner })
                    .collect()
            }
        };
        let options = &options[..options.len().min((most / all.len()).max(1))];
        all = options.iter().flat_map(|step| all.iter().map(|way| followed(way, step))).collect();
    }
    all
}

/// How many spaces an element may be tried with.
fn inners((least, most): (u32, Option<u32>), earliest: bool, quoted: Option<Inner>, is_last: bool) -> Vec<Inner> {
    let exactly = |count: u32| u8::try_from(count).map_or(Inner::Any, Inner::Spaces);
    if let Some(quoted) = quoted {
        return vec![quoted];
    }
    if earliest {
        // With a space in it, what follows it might stand earlier.
        return vec![Inner::Spaces(0)];
    }
    match most {
        Some(most) if most - least <= MAX_SPACES => (least..=most).map(exactly).collect(),
        _ if is_last => vec![Inner::Any],
        // In brackets there is a time more often than not.
        _ => [least.max(1), least, least + 2].into_iter().map(exactly).collect(),
    }
}

fn followed(way: &[Step], step: &Step) -> Vec<Step> {
    let mut out = way.to_vec();
    match (out.last_mut(), step) {
        (Some(Step::Literal(last)), Step::Literal(bytes)) => last.extend_from_slice(bytes),
        (_, Step::Literal(bytes)) if bytes.is_empty() => {}
        _ => out.push(step.clone()),
    }
    out
}
