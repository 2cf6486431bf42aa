//! The ways to choose between the branches of an expression, and which of them a record may be cut in.
//!
//! Written out in the order in which the expression prefers them: the earlier a choice, the more it counts, and of a choice
//! the branch that comes first. Two ways have their first items in common, up to the choice where they *part*. A match in
//! one way is beaten by a match in another only if that one differs first at a place where it is preferred. So a way is
//! *sure* if for each other way one of these holds:
//!
//! - It is less preferred, and what the two have in common ends at one place, whichever way goes on behind it.
//! - No record fits both: behind a place that is the same in both they ask for different bytes.
//! - Text that begins like the other way, from the choice on, is kept out of the element that stands there.
//!
//! Ways that are not sure are left to the expression.

use regex_syntax::hir::{Hir, HirKind};

use super::cut::{Around, is_counted};
use super::language::{self, ByteSet, Run};

/// What an expression is, one after the other, once its branches are chosen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item<'h> {
    Literal(&'h [u8], &'h Hir),
    /// White space of no column; `Run::min` of it at least.
    Gap(Run, &'h Hir),
    Other(&'h Hir),
    /// The group of this name begins here.
    Open(&'h str),
    /// It ends here.
    Close(&'h str),
}

impl Item<'_> {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Open(a), Self::Open(b)) | (Self::Close(a), Self::Close(b)) => std::ptr::eq(*a, *b),
            _ => self.hir().zip(other.hir()).is_some_and(|(a, b)| std::ptr::eq(a, b)),
        }
    }

    fn hir(&self) -> Option<&Hir> {
        match self {
            Self::Literal(_, hir) | Self::Gap(_, hir) | Self::Other(hir) => Some(hir),
            Self::Open(_) | Self::Close(_) => None,
        }
    }
}

/// One way to choose.
#[derive(Clone, Debug, Default)]
pub(super) struct Way<'h> {
    pub(super) items: Vec<Item<'h>>,
    /// Logs are seldom cut in it.
    pub(super) is_rare: bool,
}

impl Way<'_> {
    fn followed_by(&self, next: &Self) -> Self {
        Self { items: [&self.items[..], &next.items[..]].concat(), is_rare: self.is_rare || next.is_rare }
    }
}

/// What is written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Split {
    Nothing,
    /// Optional groups that begin with a literal.
    Optionals,
    /// Alternatives that have spaces or quotes, too.
    All,
}

/// More ways than this are not written out.
const MAX_CHOICES: usize = 128;

/// The ways to choose the branches of `parts`, in their order.
pub(super) fn ways(parts: &[Hir], split: Split) -> Result<Vec<Way<'_>>, &'static str> {
    let mut all = vec![Way::default()];
    for part in parts {
        let Some(options) = options(part, split)? else {
            all.iter_mut().for_each(|way| way.items.push(item(part)));
            continue;
        };
        if all.len() * options.len() > MAX_CHOICES {
            return Err("it has too many optional groups");
        }
        all = all.iter().flat_map(|way| options.iter().map(|option| way.followed_by(option))).collect();
    }
    Ok(all)
}

/// The branches of a choice; `None` if it is none that is written out.
fn options(hir: &Hir, split: Split) -> Result<Option<Vec<Way<'_>>>, &'static str> {
    match hir.kind() {
        HirKind::Repetition(repetition) if split > Split::Nothing => {
            let parts = parts(&repetition.sub);
            let is_optional = (repetition.min, repetition.max, repetition.greedy) == (0, Some(1), true);
            if !is_optional || !matches!(parts.first().map(Hir::kind), Some(HirKind::Literal(_))) {
                return Ok(None);
            }
            let mut all = ways(parts, split)?;
            all.push(Way::default());
            Ok(Some(all))
        }
        HirKind::Alternation(branches) if split == Split::All && branches.iter().any(has_border) => {
            let mut all = Vec::new();
            for branch in branches {
                all.append(&mut ways(parts(branch), split)?);
            }
            // Logs quote with double quotes.
            let quote = |way: &Way<'_>| match way.items.first() {
                Some(Item::Literal(bytes, _)) => bytes.first().copied(),
                _ => None,
            };
            if all.iter().any(|way| quote(way) == Some(b'"')) {
                all.iter_mut().for_each(|way| way.is_rare |= matches!(quote(way), Some(b'\'' | b'`')));
            }
            Ok(Some(all))
        }
        HirKind::Capture(capture) if matches!(capture.sub.kind(), HirKind::Alternation(_)) => {
            let (Some(name), Some(mut all)) = (capture.name.as_deref(), options(&capture.sub, split)?) else {
                return Ok(None);
            };
            for way in &mut all {
                way.items.insert(0, Item::Open(name));
                way.items.push(Item::Close(name));
            }
            Ok(Some(all))
        }
        _ => Ok(None),
    }
}

/// Whether it has a literal that parts fields.
fn has_border(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.iter().any(|byte| b"\" \t".contains(byte)),
        HirKind::Capture(capture) => has_border(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(has_border),
        _ => false,
    }
}

/// The parts of a concatenation, or the whole.
pub(super) fn parts(hir: &Hir) -> &[Hir] {
    match hir.kind() {
        HirKind::Concat(parts) => parts,
        HirKind::Empty => &[],
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

/// How a way stands to another one.
#[derive(Debug, PartialEq)]
pub(super) enum Rival {
    /// It is not beaten by it.
    Beaten,
    /// It is not, unless the text from this item on begins like this.
    Unlike(usize, String),
    /// It may be.
    Open,
}

/// What way `own` has to fear of way `other`. `fixed` are places in `own`: each stands before an item, and follows from
/// the first so many.
pub(super) fn rival(all: &[Way<'_>], own: usize, other: usize, fixed: &[(usize, usize)], around: Around) -> Rival {
    let (items, theirs) = (&all[own].items, &all[other].items);
    let shared = items.iter().zip(theirs).take_while(|(a, b)| a.is_same(b)).count();
    let is_preferred = own < other;
    let before = fixed.iter().filter(|(_, needs)| *needs <= shared).map(|(at, _)| *at).max().unwrap_or(0);
    let between: Vec<&Hir> = items[before..shared].iter().filter_map(Item::hir).collect();
    let (ours, theirs_next) = (next(&items[shared..], around), next(&theirs[shared..], around));
    if between.is_empty() {
        if is_preferred || differ(&ours, &theirs_next, (0, 0)) {
            return Rival::Beaten;
        }
        let first = (shared..items.len()).find(|at| !matches!(items[*at], Item::Open(_)));
        if let Some((first, text)) = first.zip(beginning(&theirs[shared..]))
            && matches!(items[first], Item::Other(_))
        {
            return Rival::Unlike(first, text);
        }
        return Rival::Open;
    }
    // A byte of which as many stand between in each text: the first one behind those is in what follows.
    for byte in 0..=u8::MAX {
        if !(around.quotes && byte == b'"' || is_counted(&between, byte)) {
            continue;
        }
        if let (Some(a), Some(b)) = (place(&ours, byte), place(&theirs_next, byte))
            && (a == b && is_preferred || differ(&ours, &theirs_next, (a, b)))
        {
            return Rival::Beaten;
        }
    }
    // What takes as much as it can, and all of it: the other one can but end it earlier, or at the same place.
    let run = match between[..] {
        [hir] => language::run(super::cut::inner(hir)),
        _ => None,
    };
    if let (Some(run), Some(first)) = (run, ours.first())
        && (run.greedy && run.max.is_none() && run.set.is_disjoint(first))
        && (is_preferred || differ(&ours, &theirs_next, (0, 0)))
    {
        return Rival::Beaten;
    }
    Rival::Open
}

/// The bytes that may follow, as far as they are known; an empty set at the end of the record.
fn next(items: &[Item<'_>], around: Around) -> Vec<ByteSet> {
    let mut out = Vec::new();
    // What may stand where all since the last literal is empty.
    let mut open: Option<ByteSet> = None;
    for item in items {
        let (set, empty) = match item {
            Item::Open(_) | Item::Close(_) => continue,
            Item::Literal(bytes, _) if open.is_none() => {
                out.extend(bytes.iter().map(|byte| ByteSet::of(&[*byte])));
                continue;
            }
            Item::Literal(bytes, _) => (ByteSet::of(&bytes[..1]), false),
            Item::Gap(run, _) => (run.set, run.min == 0),
            Item::Other(hir) => language::first(hir),
        };
        let all = open.take().unwrap_or(ByteSet::EMPTY).union(&set);
        if !empty {
            out.push(all);
            return out;
        }
        open = Some(all);
    }
    if open.is_none() && around.ends {
        out.push(ByteSet::EMPTY);
    }
    out
}

/// Where `byte` stands first, if that is certain.
fn place(next: &[ByteSet], byte: u8) -> Option<usize> {
    let at = next.iter().position(|set| set.contains(byte))?;
    (next[..at].iter().all(|set| *set != ByteSet::EMPTY) && next[at] == ByteSet::of(&[byte])).then_some(at)
}

/// Whether no text fits both, where place `a` of one is place `b` of the other.
fn differ(ours: &[ByteSet], theirs: &[ByteSet], (a, b): (usize, usize)) -> bool {
    let len = (ours.len() - a).min(theirs.len() - b);
    let back = a.min(b);
    let end = |set: &ByteSet| *set == ByteSet::EMPTY;
    let pairs = ours[a - back..a + len].iter().zip(&theirs[b - back..b + len]);
    pairs.into_iter().any(|(x, y)| x.is_disjoint(y) && !(end(x) && end(y)))
}

/// An expression for the beginning of each text that `items` match: up to their first literal behind something else.
fn beginning(items: &[Item<'_>]) -> Option<String> {
    let mut parts = Vec::new();
    for item in items {
        let Some(hir) = item.hir() else { continue };
        parts.push(language::without_looks(hir));
        if matches!(item, Item::Literal(..)) && parts.len() > 1 {
            break;
        }
    }
    (!parts.is_empty()).then(|| Hir::concat(parts).to_string())
}
