//! Regular expressions to literals and the elements between them, where both find the same.
//!
//! In: a regular expression, as a format has it. Out: [`Lowered`], ways to cut a record at literals, of which each says:
//! where these literals stand in a record like this, and each element between them is of its language, the expression
//! matches, and these are its groups. So the delimiter program may take such records, and the expression itself decides
//! on all others. Nothing here runs an expression.
//!
//! **Why it holds.** An expression prefers, among all matches from the leftmost place, the one whose choices come first.
//! A way accepts a match from the record's start, which is the leftmost there is. It is the only one from there where
//! each end is *certain*:
//!
//! - An element ends at a literal with a byte that no text of the element holds: the first such byte is the literal's.
//! - Where the literals hold all double quotes that the record has, none is in an element, whatever it might hold: so
//!   each stands beside a quote of its own.
//! - Text in which a backslash takes the next character along ends at the first quote that is not taken.
//! - White space of no column ends where it ends, if what stands around it neither ends nor begins with any.
//! - Which branch of a choice is taken is told by the text, or the branches before it are kept out: `ways` has the rules.
//! - The last element ends with the record: the expression says so, or takes as much as it can.
//!
//! Where an element takes as little as it can, several ends may do; the earliest place of the literal behind it is the one
//! preferred. Within an element that has groups the expression of the element decides, on its span alone: if it is one of
//! several branches, the first that matches all of the span is the one, since a match of another length would end elsewhere.

mod cut;
mod language;
mod ways;

use regex_syntax::hir::{Hir, HirKind, Look};

use crate::format::Anchored;
pub use language::ByteSet;
use ways::{Rival, Split};

/// What an expression is lowered to.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowered {
    /// What stands between literals.
    pub elements: Vec<Element>,
    /// How a record may be cut; each by itself is right where it fits.
    pub ways: Vec<Vec<Step>>,
    /// Each match of the expression has the literals of the ways, which then are all the same, from the record's start on.
    pub is_whole: bool,
    /// Bytes of which each match has at least so many.
    pub required: Vec<(u8, u32)>,
}

/// One step of a way.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// These bytes.
    Literal(Vec<u8>),
    /// The element of this number.
    Element {
        /// Its number.
        index: usize,
        /// How many spaces stand in it, where they are not between quotes.
        inner: Inner,
    },
    /// Whatever is behind the match.
    Rest,
}

/// How many spaces stand in an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inner {
    /// So many.
    Spaces(u8),
    /// Any number: it is the last.
    Any,
    /// Any number, between double quotes.
    Quoted,
    /// The same, and a backslash takes a quote along.
    Escaped,
}

/// What stands between two literals.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// The group that is all of it.
    pub name: Option<String>,
    /// The group that is all of it, and ends of the literals beside it.
    pub outer: Option<Outer>,
    /// Expressions for the beginnings of other ways: the text from the element's start on begins like none.
    pub unlike: Vec<String>,
    /// It asks for the ends of words.
    words: bool,
    /// It is any text in which a backslash takes the character behind it along, and no other double quote is.
    escaped: bool,
    /// What it may hold.
    pub holds: Holds,
}

/// What an element may hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Holds {
    /// Bytes of a set, so many.
    Bytes {
        /// The set.
        set: ByteSet,
        /// At least.
        min: u32,
        /// At most; without limit if `None`.
        max: Option<u32>,
    },
    /// What an expression matches.
    Language {
        /// The expression.
        pattern: String,
        /// The names of its groups.
        names: Vec<String>,
        /// It matches any text of these bytes, the empty one too.
        any_of: ByteSet,
        /// It need not match all of the element to match; then the element is left to the whole expression.
        prefix: bool,
    },
    /// What one of several expressions matches, the first that does.
    Branches {
        /// These.
        branches: Vec<Branch>,
        /// All of them as one, which takes all of the element and not only a part, if that is not sure.
        prefix: Option<String>,
    },
}

/// One of several expressions for an element.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// The group that is all of it.
    pub name: Option<String>,
    /// The expression, without groups.
    pub pattern: String,
    /// It is these bytes.
    pub literal: Option<Vec<u8>>,
    /// It matches any text of these bytes, the empty one too.
    pub any_of: ByteSet,
}

/// A group around an element.
#[derive(Clone, Debug, PartialEq)]
pub struct Outer {
    /// Its name.
    pub name: String,
    /// It begins this many bytes before the element.
    pub before: u8,
    /// It ends this many behind.
    pub behind: u8,
}

/// More ways than this are not tried.
const MAX_WAYS: usize = 24;

/// Lowers an expression whose match must stand in its record as `anchored` says.
///
/// **Errors**: why it cannot be lowered, for people.
pub fn lower(pattern: &str, anchored: Anchored) -> Result<Lowered, &'static str> {
    let hir = regex_syntax::parse(pattern).map_err(|_| "it cannot be read")?;
    let mut parts = ways::parts(&hir);
    let starts = matches!(parts.first().map(Hir::kind), Some(HirKind::Look(Look::Start)));
    if starts {
        parts = &parts[1..];
    }
    let ends = matches!(parts.last().map(Hir::kind), Some(HirKind::Look(Look::End)));
    if ends {
        parts = &parts[..parts.len() - 1];
    }
    let total = hir.properties().explicit_captures_len();
    let (starts, ends) = (starts || anchored != Anchored::No, ends || anchored == Anchored::Full);
    let mut best: Result<Lowered, &'static str> = Err("no literal in it has a certain place");
    let splits = [Split::All, Split::Optionals, Split::Nothing];
    for (split, quotes) in splits.into_iter().flat_map(|split| [(split, false), (split, true)]) {
        match (with(parts, split, cut::Around { ends, quotes }), &best) {
            (Ok(own), Ok(known)) if own.inner_groups() >= known.inner_groups() => {}
            (Ok(own), _) => best = Ok(own),
            (Err(why), Err(_)) if (split, quotes) == (Split::Optionals, false) => best = Err(why),
            (Err(_), _) => {}
        }
    }
    let mut lowered = best?;
    // Where most of it is left to an expression, that might as well do all.
    if lowered.inner_groups() * 2 > total {
        return Err("most of its groups stand where no literal parts them");
    }
    lowered.is_whole &= starts;
    lowered.required = required(&hir);
    Ok(lowered)
}

/// As many bytes are counted in a record at most.
const MAX_REQUIRED: usize = 3;

/// The bytes that a match has most often, whichever it is, and how often at least.
fn required(hir: &Hir) -> Vec<(u8, u32)> {
    let counted = (0..0x80).map(|byte| (byte, language::count(hir, byte).0));
    let mut all: Vec<(u8, u32)> = counted.filter(|(_, least)| *least > 0).collect();
    all.sort_by_key(|(_, least)| std::cmp::Reverse(*least));
    all.truncate(MAX_REQUIRED);
    all
}

fn with(parts: &[Hir], split: Split, around: cut::Around) -> Result<Lowered, &'static str> {
    let all = ways::ways(parts, split)?;
    let (mut cuts, mut why) = (Vec::new(), "no literal in it has a certain place");
    let mut counts = Vec::new();
    for (number, way) in all.iter().enumerate() {
        let mut cut = match cut::Cut::new(&way.items, around) {
            Ok(cut) => cut,
            // That it has all quotes is known of no other way then.
            Err(reason) if around.quotes => return Err(reason),
            Err(reason) => {
                why = reason;
                continue;
            }
        };
        counts.push(cut::quotes(&cut));
        if way.is_rare {
            continue;
        }
        let others = (0..all.len()).filter(|other| *other != number);
        let is_sure = others.into_iter().all(|other| match ways::rival(&all, number, other, &cut.fixed, around) {
            Rival::Beaten => true,
            Rival::Unlike(item, text) => cut.keep_out(item, text),
            Rival::Open => false,
        });
        if is_sure {
            cuts.push(cut);
        } else {
            why = "which of its branches a record takes is not told by its bytes";
        }
    }
    if around.quotes && !counts.iter().all(|(count, holds_all)| *holds_all && *count == counts[0].0) {
        return Err("double quotes may stand elsewhere than between its parts");
    }
    if cuts.is_empty() {
        return Err(why);
    }
    let is_exact = |cut: &cut::Cut| !cut.pieces.iter().any(|piece| matches!(piece, cut::Piece::Gap(_)));
    let is_bare = |cut: &cut::Cut| cut.elements().all(|element| element.outer.is_none());
    let ends = around.ends || cuts.iter().all(|cut| matches!(cut.pieces.last(), Some(cut::Piece::Rest)));
    let is_whole = all.len() == 1 && cuts.iter().all(|cut| is_exact(cut) && is_bare(cut)) && ends;
    let mut elements = Vec::new();
    let most = (MAX_WAYS / cuts.len()).max(1);
    let mut ways: Vec<_> = cuts.into_iter().flat_map(|cut| cut::guesses(cut, most, &mut elements)).collect();
    // Backslashes mean something in all quoted elements, or in none.
    let has =
        |wanted| ways.iter().flatten().any(|step| matches!(step, Step::Element { inner, .. } if *inner == wanted));
    if has(Inner::Quoted) && has(Inner::Escaped) {
        for step in ways.iter_mut().flatten() {
            if let Step::Element { inner: inner @ Inner::Escaped, .. } = step {
                *inner = Inner::Quoted;
            }
        }
    }
    Ok(Lowered { elements, ways, is_whole, required: Vec::new() })
}

impl Lowered {
    /// Groups that are not elements by themselves.
    fn inner_groups(&self) -> usize {
        let count = |element: &Element| match &element.holds {
            Holds::Language { names, .. } => names.len(),
            Holds::Bytes { .. } | Holds::Branches { .. } => 0,
        };
        self.elements.iter().map(count).sum()
    }
}
