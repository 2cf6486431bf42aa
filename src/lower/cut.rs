//! Cutting an expression into elements at the literals between them, where the end of each element is certain.

use regex_syntax::hir::{Hir, HirKind, Look};

use super::language::{self, ByteSet, Run};
use super::ways::Item;
use super::{Branch, Element, Holds, Inner, Outer, Step};

/// One way to choose, and what it is cut into. Gaps are not guessed yet.
#[derive(Debug, Default)]
pub(super) struct Cut {
    pub(super) pieces: Vec<Piece>,
    /// Places whose position is certain: each stands before an item, and follows from the first so many.
    pub(super) fixed: Vec<(usize, usize)>,
    /// For each element, the number of its first item and of its piece.
    starts: Vec<(usize, usize)>,
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

impl Cut {
    /// Cuts one way, or says why it cannot be.
    pub(super) fn new(items: &[Item<'_>], around: Around) -> Result<Self, &'static str> {
        let mut out = Self::default();
        let mut pending = Pending::default();
        let mut groups = Groups::default();
        // How many items the places so far follow from.
        let mut needs = 0;
        for (at, item) in items.iter().enumerate() {
            let next = (at + 1..items.len()).find(|at| !matches!(items[*at], Item::Open(_) | Item::Close(_)));
            match item {
                Item::Literal(bytes, hir) => match is_certain(&pending.parts, &items[at..], around) {
                    Some(certain) => {
                        needs = needs.max(at + 1 + certain.ahead);
                        out.element(&mut pending, certain.earliest)?;
                        out.literal(bytes);
                        out.fixed.push((at + 1, needs));
                    }
                    None => pending.push(at, hir),
                },
                Item::Gap(run, hir) => {
                    let apart = (pending.parts.is_empty() || run.min > 0)
                        && alphabet(&pending.parts, Around { quotes: false, ..around }).is_disjoint(&run.set)
                        && begins_apart(next.map(|at| &items[at]), &run.set);
                    if apart {
                        out.element(&mut pending, false)?;
                        out.pieces.push(Piece::Gap(run.min));
                        needs = needs.max(next.unwrap_or(at) + 1);
                        out.fixed.push((at + 1, needs));
                    } else {
                        pending.push(at, hir);
                    }
                }
                Item::Other(hir) => pending.push(at, hir),
                Item::Open(_) => groups.open(&pending, &out)?,
                Item::Close(name) => groups.close(name, &pending, &mut out)?,
            }
        }
        if pending.parts.is_empty() {
            if out.pieces.is_empty() {
                return Err("no literal in it has a certain place");
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

    /// Its elements.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Element { element, .. } => Some(element),
            _ => None,
        })
    }

    /// Keeps text that begins like `pattern` out of the element that begins with this item; false if none does.
    pub(super) fn keep_out(&mut self, item: usize, pattern: String) -> bool {
        let Some((_, piece)) = self.starts.iter().find(|(from, _)| *from == item) else { return false };
        let Some(Piece::Element { element, .. }) = self.pieces.get_mut(*piece) else { return false };
        if !element.unlike.contains(&pattern) {
            element.unlike.push(pattern);
        }
        true
    }

    fn literal(&mut self, bytes: &[u8]) {
        match self.pieces.last_mut() {
            Some(Piece::Literal(last)) => last.extend_from_slice(bytes),
            _ => self.pieces.push(Piece::Literal(bytes.to_vec())),
        }
    }

    /// Ends the element that is pending, if there is one.
    fn element(&mut self, pending: &mut Pending<'_>, earliest: bool) -> Result<(), &'static str> {
        let Pending { from, parts } = std::mem::take(pending);
        if parts.is_empty() {
            return Ok(());
        }
        self.starts.push((from, self.pieces.len()));
        let is_first = self.pieces.is_empty();
        if parts.iter().any(|hir| language::asks(hir, Look::End) || !is_first && language::asks(hir, Look::Start)) {
            return Err("it asks for the record's start or end in its midst");
        }
        let spaces = spaces(&parts);
        self.pieces.push(Piece::Element { element: describe(&parts, false)?, spaces, earliest });
        Ok(())
    }

    /// The element that goes up to the end of the record.
    fn last(&mut self, pending: &Pending<'_>, around: Around) -> Result<(), &'static str> {
        let parts = &pending.parts[..];
        self.starts.push((pending.from, self.pieces.len()));
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

/// Parts that belong to one element, and the number of the first.
#[derive(Default)]
struct Pending<'h> {
    from: usize,
    parts: Vec<&'h Hir>,
}

impl<'h> Pending<'h> {
    fn push(&mut self, at: usize, hir: &'h Hir) {
        if self.parts.is_empty() {
            self.from = at;
        }
        self.parts.push(hir);
    }
}

/// Groups that hold literals, and one element between them.
#[derive(Default)]
struct Groups {
    /// Where the group under way starts: pieces before it, and bytes of the last of these, a literal.
    open: Option<(usize, usize)>,
}

impl Groups {
    const WHY: &'static str = "a group holds several elements, or a part of one";

    /// Where the next byte of a literal stands.
    fn place(pending: &Pending<'_>, cut: &Cut) -> Result<(usize, usize), &'static str> {
        match (pending.parts.is_empty(), cut.pieces.last()) {
            (true, Some(Piece::Literal(bytes))) => Ok((cut.pieces.len(), bytes.len())),
            (true, None) => Ok((1, 0)),
            _ => Err(Self::WHY),
        }
    }

    fn open(&mut self, pending: &Pending<'_>, cut: &Cut) -> Result<(), &'static str> {
        if self.open.is_some() {
            return Err(Self::WHY);
        }
        self.open = Some(Self::place(pending, cut)?);
        Ok(())
    }

    fn close(&mut self, name: &str, pending: &Pending<'_>, cut: &mut Cut) -> Result<(), &'static str> {
        let (Some((pieces, start)), (end, behind)) = (self.open.take(), Self::place(pending, cut)?) else {
            return Err(Self::WHY);
        };
        let [.., Piece::Literal(first), Piece::Element { element, .. }, Piece::Literal(_)] = &mut cut.pieces[..] else {
            return Err(Self::WHY);
        };
        let before = u8::try_from(first.len().saturating_sub(start));
        let (2, Ok(before), Ok(behind), None) = (end - pieces, before, u8::try_from(behind), &element.outer) else {
            return Err(Self::WHY);
        };
        element.outer = Some(Outer { name: name.to_owned(), before, behind });
        Ok(())
    }
}

/// Whether `next` always begins with a byte that is not in `set`.
fn begins_apart(next: Option<&Item<'_>>, set: &ByteSet) -> bool {
    let (first, empty) = match next {
        Some(Item::Literal(bytes, _)) => (ByteSet::of(&bytes[..1]), false),
        Some(Item::Gap(run, _)) => (run.set, run.min == 0),
        Some(Item::Other(hir)) => language::first(hir),
        Some(Item::Open(_) | Item::Close(_)) | None => return false,
    };
    !empty && first.is_disjoint(set)
}

/// The bytes that may stand in these parts.
fn alphabet(parts: &[&Hir], around: Around) -> ByteSet {
    let all = parts.iter().fold(ByteSet::EMPTY, |all, part| all.union(&language::alphabet(part)));
    if around.quotes { all.without(&ByteSet::of(b"\"")) } else { all }
}

/// That the end of what is pending is certain where a literal follows it.
struct Certain {
    /// It is the earliest of several, which the expression prefers.
    earliest: bool,
    /// This many more items tell it.
    ahead: usize,
}

/// Whether the end of what is pending is certain where `items` follow it, of which the first is a literal.
///
/// It is the only one if the literal has a byte that always stands as often in what is pending, perhaps never: the first
/// such byte behind those is then the literal's. It is the earliest of all if what is pending takes as little as it can.
fn is_certain(pending: &[&Hir], items: &[Item<'_>], around: Around) -> Option<Certain> {
    let only = Certain { earliest: false, ahead: 0 };
    let Some(Item::Literal(literal, _)) = items.first() else { return None };
    // The first quote that no backslash takes along.
    let is_escaped = matches!(pending, [hir] if language::is_escaped(inner(hir))) && literal[0] == b'"';
    if pending.is_empty() || is_escaped {
        return Some(only);
    }
    let is_fixed = |byte: u8| around.quotes && byte == b'"' || is_counted(pending, byte);
    let mut seen = ByteSet::EMPTY;
    for (ahead, item) in items.iter().enumerate() {
        let bytes = match item {
            Item::Literal(bytes, _) => bytes,
            Item::Open(_) | Item::Close(_) => continue,
            Item::Gap(..) | Item::Other(_) => break,
        };
        for byte in *bytes {
            if !seen.contains(*byte) && is_fixed(*byte) {
                return Some(Certain { ahead, ..only });
            }
            seen.insert(*byte);
        }
    }
    // What is merged with the literal might stand elsewhere than the literal by itself.
    let next = items[1..].iter().find(|item| !matches!(item, Item::Open(_) | Item::Close(_)));
    let is_alone = !matches!(next, Some(Item::Gap(..) | Item::Literal(..)));
    let is_lazy = matches!(pending, [hir] if takes_little(inner(hir), literal[0]));
    (is_alone && is_lazy).then_some(Certain { earliest: true, ahead: 0 })
}

/// Whether of several ends the earliest one with a literal behind it is preferred, where that begins with `byte`.
fn takes_little(hir: &Hir, byte: u8) -> bool {
    let is_run = |hir: &Hir| language::run(hir).is_some_and(|run| !run.greedy && run.max.is_none());
    match hir.kind() {
        // The others go over no place of the literal, so what they match ends there at the latest.
        HirKind::Alternation(branches) => branches.split_last().is_some_and(|(last, others)| {
            is_run(inner(last)) && others.iter().all(|other| !language::alphabet(other).contains(byte))
        }),
        _ => is_run(hir),
    }
}

/// What a named group holds.
pub(super) fn inner(hir: &Hir) -> &Hir {
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
pub(super) fn is_counted(parts: &[&Hir], byte: u8) -> bool {
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
    let none = Holds::Bytes { set: ByteSet::EMPTY, min: 0, max: None };
    let plain = Element { name: None, outer: None, words, escaped, unlike: Vec::new(), holds: none };
    if let [body] = &bodies[..]
        && let Some(Run { set, min, max, .. }) = language::run(body)
    {
        return Ok(Element { name, holds: Holds::Bytes { set, min, max }, ..plain });
    }
    if let ([body], None) = (&bodies[..], &name)
        && let Some(branches) = branches(body)
    {
        let pattern = prefix.then(|| body.to_string());
        return Ok(Element { holds: Holds::Branches { branches, prefix: pattern }, ..plain });
    }
    let mut names = Vec::new();
    bodies.iter().for_each(|hir| group_names(hir, &mut names));
    let any_of = match &bodies[..] {
        [body] if names.is_empty() && !prefix => language::any_of(body),
        _ => ByteSet::EMPTY,
    };
    let pattern = Hir::concat(bodies.into_iter().cloned().collect()).to_string();
    Ok(Element { name, holds: Holds::Language { pattern, names, any_of, prefix }, ..plain })
}

/// Alternatives of which each is a group, or has none.
fn branches(hir: &Hir) -> Option<Vec<Branch>> {
    let HirKind::Alternation(parts) = hir.kind() else { return None };
    let mut out = Vec::with_capacity(parts.len());
    for part in parts {
        let body = inner(part);
        if body.properties().explicit_captures_len() > 0 {
            return None;
        }
        let name = match part.kind() {
            HirKind::Capture(capture) => capture.name.as_deref().map(str::to_owned),
            _ => None,
        };
        let literal = match body.kind() {
            HirKind::Literal(literal) => Some(literal.0.to_vec()),
            _ => None,
        };
        out.push(Branch { name, pattern: body.to_string(), literal, any_of: language::any_of(body) });
    }
    out.iter().any(|branch| branch.name.is_some()).then_some(out)
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
