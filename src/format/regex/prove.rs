//! What a linear-time engine lacks, rewritten where the meaning stays exactly the same.
//!
//! An atomic group (or a possessive repetition, which is one) changes nothing in two cases. First, if what follows it
//! matches the empty text at any place: then nothing ever goes back into it. Second, if the next character decides each
//! choice in it, and the choice that the group takes by itself is the one that lets the text behind it match: repetitions
//! that take as much as they can, up to what begins what follows; alternatives that begin differently, the empty one as
//! the last. A look-ahead for one character is carried into the first class of
//! what follows. Everything else is refused.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};

use super::node::{Greed, Node, write_in_class};
use super::syntax::Bad;

const ATOMIC_HINT: &str = "the engine runs in linear time and does not give up matches: leave the atomic group or possessive \
     sign out where the text behind it cannot be taken by it, or part the two by a character";
const LOOK_HINT: &str = "say it with character classes, as [^0-9] for a character that is no digit; leave it out; or filter rows \
     with where=";

/// The tree without atomic groups, possessive repetitions and look-around; `rest` follows it.
///
/// **Errors**: the first of these that changes the meaning.
pub(super) fn plain(node: Node, rest: &str) -> Result<Node, Bad> {
    match node {
        Node::Char(..) | Node::Class(..) | Node::Any(_) | Node::Place(_) => Ok(node),
        Node::Concat(nodes) => concat(nodes, rest),
        Node::Alternatives(nodes) => {
            let nodes = nodes.into_iter().map(|node| plain(node, rest)).collect::<Result<_, _>>()?;
            Ok(Node::Alternatives(nodes))
        }
        Node::Named(name, node) => Ok(Node::Named(name, Box::new(plain(*node, rest)?))),
        Node::Repeat { node, min, max, greed, at } => {
            let possessive = greed == Greed::Possessive;
            let greed = if possessive { Greed::Greedy } else { greed };
            let again = format!("(?:{})*{rest}", node.spell_unnamed());
            let node = Box::new(plain(*node, if max == Some(1) { rest } else { &again })?);
            let whole = Node::Repeat { node, min, max, greed, at };
            if possessive && !changes_nothing(&whole, rest) {
                return bad(at, "a possessive repetition", ATOMIC_HINT);
            }
            Ok(whole)
        }
        Node::Atomic(node, at) => {
            let node = plain(*node, rest)?;
            if changes_nothing(&node, rest) { Ok(node) } else { bad(at, "an atomic group, (?>...)", ATOMIC_HINT) }
        }
        Node::Look { behind, negative, at, .. } => bad(at, look_name(behind, negative), LOOK_HINT),
    }
}

fn bad<T>(at: usize, what: &str, hint: &str) -> Result<T, Bad> {
    Err(Bad { at, message: format!("{what} has no equal in linear time here"), hint: hint.into() })
}

fn look_name(behind: bool, negative: bool) -> &'static str {
    match (behind, negative) {
        (false, false) => "a look-ahead, (?=...),",
        (false, true) => "a negative look-ahead, (?!...),",
        (true, false) => "a look-behind, (?<=...),",
        (true, true) => "a negative look-behind, (?<!...),",
    }
}

/// From the right to the left, so that each node knows what follows it.
fn concat(nodes: Vec<Node>, rest: &str) -> Result<Node, Bad> {
    let mut done: Vec<Node> = Vec::new();
    for node in nodes.into_iter().rev() {
        let behind: String = done.iter().rev().map(grouped).collect::<String>() + rest;
        match node {
            Node::Look { behind: false, negative, node: seen, at } => {
                let Some(set) = one_char(&seen) else { return bad(at, look_name(false, negative), LOOK_HINT) };
                let begun = done.pop().and_then(|first| restrict(&first, &set, negative));
                let Some(begun) = begun else { return bad(at, look_name(false, negative), LOOK_HINT) };
                match begun {
                    Node::Concat(parts) => done.extend(parts.into_iter().rev()),
                    other => done.push(other),
                }
            }
            other => done.push(plain(other, &behind)?),
        }
    }
    done.reverse();
    Ok(Node::concat(done))
}

fn grouped(node: &Node) -> String {
    format!("(?:{})", node.spell_unnamed())
}

/// The characters that a look-ahead for one character means.
fn one_char(node: &Node) -> Option<ClassUnicode> {
    match node {
        Node::Alternatives(nodes) => {
            let mut all = ClassUnicode::empty();
            for node in nodes {
                all.union(&one_char(node)?);
            }
            Some(all)
        }
        Node::Char(..) | Node::Class(..) | Node::Any(_) => set_of(&parse(&node.spell())?),
        _ => None,
    }
}

fn set_of(hir: &Hir) -> Option<ClassUnicode> {
    match hir.kind() {
        HirKind::Class(Class::Unicode(set)) => Some(set.clone()),
        HirKind::Literal(literal) => {
            let mut chars = std::str::from_utf8(&literal.0).ok()?.chars();
            let (only, None) = (chars.next()?, chars.next()) else { return None };
            Some(ClassUnicode::new([ClassUnicodeRange::new(only, only)]))
        }
        _ => None,
    }
}

/// The same where its first character is in `set`, or is not. `None` if it may be empty or cannot be taken apart.
fn restrict(node: &Node, set: &ClassUnicode, negative: bool) -> Option<Node> {
    match node {
        Node::Char(..) | Node::Class(..) | Node::Any(_) => {
            let mut own = set_of(&parse(&node.spell())?)?;
            if negative {
                own.difference(set)
            } else {
                own.intersect(set)
            }
            Some(Node::Class(spell_set(&own), false))
        }
        Node::Concat(nodes) => {
            let (first, rest) = nodes.split_first()?;
            let mut all = vec![restrict(first, set, negative)?];
            all.extend_from_slice(rest);
            Some(Node::Concat(all))
        }
        Node::Alternatives(nodes) => {
            Some(Node::Alternatives(nodes.iter().map(|node| restrict(node, set, negative)).collect::<Option<_>>()?))
        }
        Node::Named(name, node) => Some(Node::Named(name.clone(), Box::new(restrict(node, set, negative)?))),
        // Names would stand twice, and take other rounds.
        Node::Repeat { node, min, max, greed, at } if *min > 0 && node.spell() == node.spell_unnamed() => {
            let first = restrict(node, set, negative)?;
            let max = max.map(|max| max - 1);
            let more = Node::Repeat { node: node.clone(), min: min - 1, max, greed: *greed, at: *at };
            Some(Node::Concat(if max == Some(0) { vec![first] } else { vec![first, more] }))
        }
        _ => None,
    }
}

fn spell_set(set: &ClassUnicode) -> String {
    let mut own = set.clone();
    if *set == all_chars() {
        return r"[\x{0}-\x{10FFFF}]".to_owned();
    }
    // What matches nothing has no class of its own: it is what is not any character.
    let mut out = String::from("[");
    let last = own.ranges().last().map(ClassUnicodeRange::end);
    if last == Some(char::MAX) || own.ranges().is_empty() {
        own.negate();
        out.push('^');
    }
    for range in own.ranges() {
        write_in_class(range.start(), &mut out);
        if range.start() != range.end() {
            out.push('-');
            write_in_class(range.end(), &mut out);
        }
    }
    out.push(']');
    out
}

fn parse(text: &str) -> Option<Hir> {
    regex_syntax::ParserBuilder::new().utf8(false).build().parse(text).ok()
}

/// Whether nothing ever goes back into `node`, or there is one way alone to match it, when `rest` follows.
fn changes_nothing(node: &Node, rest: &str) -> bool {
    parse(rest).is_some_and(|rest| always_matches_empty(&rest)) || is_decided(node, rest)
}

fn always_matches_empty(hir: &Hir) -> bool {
    hir.properties().minimum_len() == Some(0) && hir.properties().look_set().is_empty()
}

/// What a text may begin with.
struct First {
    set: ClassUnicode,
    /// It may be empty.
    empty: bool,
}

fn first(hir: &Hir) -> First {
    let one = |set, empty| First { set, empty };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => one(ClassUnicode::empty(), true),
        HirKind::Literal(literal) => {
            let set = match std::str::from_utf8(&literal.0).ok().and_then(|text| text.chars().next()) {
                Some(c) => ClassUnicode::new([ClassUnicodeRange::new(c, c)]),
                None => all_chars(),
            };
            one(set, false)
        }
        HirKind::Class(Class::Unicode(set)) => one(set.clone(), false),
        HirKind::Class(Class::Bytes(_)) => one(all_chars(), false),
        HirKind::Repetition(repetition) => {
            let inner = first(&repetition.sub);
            one(inner.set, inner.empty || repetition.min == 0)
        }
        HirKind::Capture(capture) => first(&capture.sub),
        HirKind::Concat(parts) => {
            let mut all = one(ClassUnicode::empty(), true);
            for part in parts {
                let next = first(part);
                all.set.union(&next.set);
                all.empty = next.empty;
                if !next.empty {
                    break;
                }
            }
            all
        }
        HirKind::Alternation(parts) => {
            let mut all = one(ClassUnicode::empty(), false);
            for next in parts.iter().map(first) {
                all.set.union(&next.set);
                all.empty |= next.empty;
            }
            all
        }
    }
}

fn all_chars() -> ClassUnicode {
    ClassUnicode::new([ClassUnicodeRange::new('\0', char::MAX)])
}

fn are_disjoint(a: &ClassUnicode, b: &ClassUnicode) -> bool {
    let mut both = a.clone();
    both.intersect(b);
    both.ranges().is_empty()
}

/// Whether `text` can be empty only at the end of the record, where no next character offers a choice.
fn ends_if_empty(text: &Hir) -> bool {
    text.properties().minimum_len() != Some(0)
        || text.properties().look_set_prefix().contains(Look::End) && {
            let looks = text.properties().look_set();
            looks.iter().all(|look| look == Look::End)
        }
}

/// Whether the next character decides each choice in `node` when `rest` follows.
fn is_decided(node: &Node, rest: &str) -> bool {
    match node {
        Node::Char(..) | Node::Class(..) | Node::Any(_) | Node::Place(_) => true,
        Node::Concat(nodes) => (0..nodes.len()).all(|at| {
            let behind: String = nodes[at + 1..].iter().map(grouped).collect();
            is_decided(&nodes[at], &(behind + rest))
        }),
        Node::Named(_, node) | Node::Atomic(node, _) => is_decided(node, rest),
        Node::Look { .. } => false,
        Node::Alternatives(nodes) => {
            let begins: Option<Vec<Hir>> =
                nodes.iter().map(|node| parse(&format!("{}{rest}", grouped(node)))).collect();
            let Some(begins) = begins else { return false };
            let firsts: Vec<First> = begins.iter().map(first).collect();
            let apart =
                (0..firsts.len()).all(|at| firsts[..at].iter().all(|other| are_disjoint(&other.set, &firsts[at].set)));
            let empties = firsts.iter().filter(|first| first.empty).count();
            // An empty branch is taken at once, whatever follows: only as the last one does it wait for the others.
            let empty_last =
                nodes.iter().rev().skip(1).all(|node| {
                    parse(&node.spell_unnamed()).is_some_and(|own| own.properties().minimum_len() != Some(0))
                });
            apart
                && empty_last
                && empties <= 1
                && begins.iter().all(ends_if_empty)
                && nodes.iter().all(|node| is_decided(node, rest))
        }
        // As little as it can, without asking what follows.
        Node::Repeat { min, max, greed: Greed::Lazy, .. } if *max != Some(*min) => false,
        Node::Repeat { node, .. } => {
            let (Some(own), Some(behind)) = (parse(&node.spell_unnamed()), parse(rest)) else { return false };
            let (enter, leave) = (first(&own), first(&behind));
            let again = format!("(?:{})*{rest}", node.spell_unnamed());
            !enter.empty && are_disjoint(&enter.set, &leave.set) && ends_if_empty(&behind) && is_decided(node, &again)
        }
    }
}
