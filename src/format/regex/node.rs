//! A regular expression as a tree, and its one spelling.
//!
//! The spelling is that of the `regex` crate, and free of its context: flags stand at what they change, classes are
//! written out (`\d` is `[0-9]`), no group is unnamed. Read again, it gives the same tree.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// One character, perhaps in any case.
    Char(char, bool),
    /// One character of a class: its text, and whether in any case.
    Class(String, bool),
    /// Any character; a newline too, if so said.
    Any(bool),
    /// A place: `^`, `$`, `\A`, `\z`, `(?-u:\b)`, `(?m:^)` and so on, as spelt.
    Place(&'static str),
    Concat(Vec<Node>),
    Alternatives(Vec<Node>),
    Repeat {
        node: Box<Node>,
        min: u32,
        max: Option<u32>,
        greed: Greed,
        at: usize,
    },
    Named(String, Box<Node>),
    /// `(?>...)`
    Atomic(Box<Node>, usize),
    /// `(?=...)`, `(?!...)`, `(?<=...)`, `(?<!...)`
    Look {
        behind: bool,
        negative: bool,
        node: Box<Node>,
        at: usize,
    },
}

/// How much a repetition takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greed {
    /// As much as it can.
    Greedy,
    /// As little as it can.
    Lazy,
    /// As much as it can, and gives nothing back.
    Possessive,
}

impl Node {
    /// The nodes one after the other.
    pub(super) fn concat(mut nodes: Vec<Self>) -> Self {
        if nodes.len() == 1 { nodes.remove(0) } else { Self::Concat(nodes) }
    }

    /// The names of groups, in order, each once.
    pub(super) fn names(&self, out: &mut Vec<String>) {
        match self {
            Self::Char(..) | Self::Class(..) | Self::Any(_) | Self::Place(_) => {}
            Self::Concat(nodes) | Self::Alternatives(nodes) => nodes.iter().for_each(|node| node.names(out)),
            Self::Repeat { node, .. } | Self::Atomic(node, _) | Self::Look { node, .. } => node.names(out),
            Self::Named(name, node) => {
                if !out.contains(name) {
                    out.push(name.clone());
                }
                node.names(out);
            }
        }
    }

    /// Gives groups of one name that may take part together names of their own: `name_2` and so on. `counts` are the
    /// groups before it.
    pub(super) fn tell_apart(&mut self, counts: &mut BTreeMap<String, usize>) {
        match self {
            Self::Char(..) | Self::Class(..) | Self::Any(_) | Self::Place(_) => {}
            Self::Concat(nodes) => nodes.iter_mut().for_each(|node| node.tell_apart(counts)),
            Self::Repeat { node, .. } | Self::Atomic(node, _) | Self::Look { node, .. } => node.tell_apart(counts),
            Self::Alternatives(nodes) => {
                let before = counts.clone();
                for node in nodes {
                    let mut own = before.clone();
                    node.tell_apart(&mut own);
                    for (name, count) in own {
                        let most = counts.entry(name).or_default();
                        *most = count.max(*most);
                    }
                }
            }
            Self::Named(name, node) => {
                let count = counts.entry(name.clone()).or_default();
                *count += 1;
                if *count > 1 {
                    *name = format!("{name}_{count}");
                }
                node.tell_apart(counts);
            }
        }
    }

    /// Its spelling. What has none in the `regex` crate is spelt by what matches at least as much: atomic groups and
    /// possessive repetitions as plain ones, and nothing for what looks around.
    pub(super) fn spell(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, &mut Vec::new());
        out
    }

    /// The same without names, so that spellings can be put together.
    pub(super) fn spell_unnamed(&self) -> String {
        self.without_names().spell()
    }

    fn without_names(&self) -> Self {
        let each = |nodes: &[Self]| nodes.iter().map(Self::without_names).collect();
        match self {
            Self::Named(_, node) | Self::Atomic(node, _) => node.without_names(),
            Self::Concat(nodes) => Self::Concat(each(nodes)),
            Self::Alternatives(nodes) => Self::Alternatives(each(nodes)),
            Self::Repeat { node, min, max, greed, at } => {
                Self::Repeat { node: Box::new(node.without_names()), min: *min, max: *max, greed: *greed, at: *at }
            }
            other => other.clone(),
        }
    }

    fn write(&self, out: &mut String, named: &mut Vec<String>) {
        match self {
            Self::Char(..) => write_chars(std::slice::from_ref(self), out),
            Self::Class(text, false) => out.push_str(text),
            Self::Class(text, true) => _ = write!(out, "(?i:{text})"),
            Self::Any(false) => out.push('.'),
            Self::Any(true) => out.push_str("(?s:.)"),
            Self::Place(text) => out.push_str(text),
            Self::Concat(nodes) => {
                let mut rest = nodes.as_slice();
                while let Some(first) = rest.first() {
                    let run = rest.iter().take_while(|node| same_case(node, first)).count();
                    if run > 0 {
                        write_chars(&rest[..run], out);
                    } else if matches!(first, Self::Alternatives(_)) {
                        first.write_grouped(out, named);
                    } else {
                        first.write(out, named);
                    }
                    rest = &rest[run.max(1)..];
                }
            }
            Self::Alternatives(nodes) => {
                for (idx, node) in nodes.iter().enumerate() {
                    out.push_str(if idx > 0 { "|" } else { "" });
                    node.write(out, named);
                }
            }
            Self::Repeat { node, min, max, greed, .. } => {
                let is_atom = matches!(**node, Self::Class(..) | Self::Any(_) | Self::Char(..) | Self::Named(..));
                if is_atom {
                    node.write(out, named)
                } else {
                    node.write_grouped(out, named)
                }
                match (min, max) {
                    (0, None) => out.push('*'),
                    (1, None) => out.push('+'),
                    (0, Some(1)) => out.push('?'),
                    (min, None) => _ = write!(out, "{{{min},}}"),
                    (min, Some(max)) if min == max => _ = write!(out, "{{{min}}}"),
                    (min, Some(max)) => _ = write!(out, "{{{min},{max}}}"),
                }
                out.push_str(if *greed == Greed::Lazy { "?" } else { "" });
            }
            Self::Named(name, node) => {
                let before = named.iter().filter(|known| *known == name).count();
                named.push(name.clone());
                match before {
                    0 => _ = write!(out, "(?<{name}>"),
                    count => _ = write!(out, "(?<{name}[{}]>", count + 1),
                }
                node.write(out, named);
                out.push(')');
            }
            Self::Atomic(node, _) => node.write_grouped(out, named),
            Self::Look { .. } => {}
        }
    }

    fn write_grouped(&self, out: &mut String, named: &mut Vec<String>) {
        out.push_str("(?:");
        self.write(out, named);
        out.push(')');
    }
}

fn same_case(node: &Node, first: &Node) -> bool {
    matches!((node, first), (Node::Char(_, a), Node::Char(_, b)) if a == b)
}

/// Characters of one case rule.
fn write_chars(nodes: &[Node], out: &mut String) {
    let any_case = matches!(nodes.first(), Some(Node::Char(_, true)));
    out.push_str(if any_case { "(?i:" } else { "" });
    for node in nodes {
        if let Node::Char(c, _) = node {
            write_plain(*c, out);
        }
    }
    out.push_str(if any_case { ")" } else { "" });
}

/// A character that stands for itself, outside classes.
fn write_plain(c: char, out: &mut String) {
    if r"\.+*?()|[]{}^$".contains(c) { out.extend(['\\', c]) } else { write_char(c, out) }
}

/// A character that stands for itself in a class.
pub(super) fn write_in_class(c: char, out: &mut String) {
    if r"\[]^-&~".contains(c) { out.extend(['\\', c]) } else { write_char(c, out) }
}

fn write_char(c: char, out: &mut String) {
    if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | char::MAX) {
        _ = write!(out, "\\x{{{:X}}}", u32::from(c));
    } else {
        out.push(c);
    }
}
