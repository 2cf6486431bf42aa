//! Reading regular expressions as Rust, Python, Java, .NET, PCRE and Ruby write them.
//!
//! `\d \s \w \b` and their opposites are ASCII's; `.` is any character but a newline; `$`, `\z` and `\Z` are the end of the
//! record, which has no newline behind it. Constructs that mean different things in these languages are refused.

use super::super::line::is_name;
use super::class;
use super::node::{Greed, Node};

/// What is wrong with an expression, and at which byte of it.
#[derive(Debug, PartialEq)]
pub(crate) struct Bad {
    pub(crate) at: usize,
    pub(crate) message: String,
    pub(crate) hint: String,
}

pub(super) fn bad<T>(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Result<T, Bad> {
    Err(Bad { at, message: message.into(), hint: hint.into() })
}

/// Groups in groups; the tree is walked by recursion.
const MAX_DEPTH: usize = 100;

/// Inline flags.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    any_case: bool,
    multi_line: bool,
    dot_all: bool,
    verbose: bool,
}

pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
    flags: Flags,
    depth: usize,
    naming: Naming<'t>,
    /// Groups that capture, so far.
    groups: usize,
}

/// What groups are called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Naming<'n> {
    /// By their own names; those without one take these, in order, and behind them such groups are no captures.
    Own(&'n [String]),
    /// By these, in order, whatever name they have; groups behind them are no captures.
    Numbered(&'n [String]),
    /// By their own names, where these have it, whatever the case; other groups are no captures.
    Only(&'n [String]),
}

impl Naming<'_> {
    /// The name of the next group, whose own is `own`.
    fn of(&mut self, own: Option<&str>) -> Option<String> {
        match (self, own) {
            (Self::Own(_), Some(own)) => Some(own.to_owned()),
            (Self::Own(names), None) | (Self::Numbered(names), _) => {
                let (name, rest) = names.split_first()?;
                *names = rest;
                Some(name.clone())
            }
            (Self::Only(names), own) => {
                let is_own = |name: &&String| own.is_some_and(|own| own.eq_ignore_ascii_case(name));
                names.iter().find(is_own).cloned()
            }
        }
    }
}

/// Reads a whole expression. Groups without a name take those of `unnamed`, in order.
pub(super) fn read(text: &str, unnamed: &[String]) -> Result<Node, Bad> {
    read_as(text, Naming::Own(unnamed), false, false).map(|(node, _)| node)
}

/// Reads a whole expression, perhaps with the flags `s` and `i` set; gives the number of its groups that capture, too.
pub(super) fn read_as(text: &str, naming: Naming<'_>, dot_all: bool, any_case: bool) -> Result<(Node, usize), Bad> {
    let flags = Flags { dot_all, any_case, ..Flags::default() };
    let mut reader = Reader { text, at: 0, flags, depth: 0, naming, groups: 0 };
    let node = reader.alternatives()?;
    if reader.at < text.len() {
        return bad(reader.at, ") without (", "write \\) for the character");
    }
    Ok((node, reader.groups))
}

/// The number of groups without a name.
pub(super) fn unnamed_groups(text: &str) -> Result<usize, Bad> {
    let many: Vec<String> = (0..MANY).map(|number| format!("{MARK}{number}")).collect();
    let mut names = Vec::new();
    read(text, &many)?.names(&mut names);
    Ok(names.iter().filter(|name| name.starts_with(MARK)).count())
}

const MANY: usize = 1000;
/// No pattern can name a group so.
const MARK: &str = "\u{1}";

impl<'t> Reader<'t> {
    pub(super) fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let is_next = self.text[self.at..].starts_with(text);
        self.at += if is_next { text.len() } else { 0 };
        is_next
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Up to and with `end`.
    pub(super) fn until(&mut self, end: char, opened: usize) -> Result<&'t str, Bad> {
        match self.rest().find(end) {
            Some(len) => {
                let inner = &self.rest()[..len];
                self.at += len + end.len_utf8();
                Ok(inner)
            }
            None => bad(opened, format!("{end} is missing"), "close what is opened here"),
        }
    }

    fn alternatives(&mut self) -> Result<Node, Bad> {
        let mut all = vec![self.concat()?];
        while self.take("|") {
            all.push(self.concat()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Node::Alternatives(all) })
    }

    fn concat(&mut self) -> Result<Node, Bad> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let at = self.at;
            if self.flags.verbose && (c.is_ascii_whitespace() || c == '#') {
                self.next();
                if c == '#' {
                    self.at += self.rest().find('\n').unwrap_or(self.rest().len());
                }
                continue;
            }
            let Some(node) = self.atom(c)? else { continue };
            if let Some(node) = self.repeated(node, at)? {
                match node {
                    // Groups without a name leave no trace.
                    Node::Concat(inner) => nodes.extend(inner),
                    node => nodes.push(node),
                }
            }
        }
        Ok(Node::concat(nodes))
    }

    /// A part without what repeats it; `None` for what stands for nothing (flags, comments).
    fn atom(&mut self, c: char) -> Result<Option<Node>, Bad> {
        let at = self.at;
        self.next();
        let any_case = self.flags.any_case;
        Ok(Some(match c {
            '(' => return self.group(at),
            '[' => Node::Class(class::brackets(self, at)?, any_case),
            '.' => Node::Any(self.flags.dot_all),
            '^' => Node::Place(if self.flags.multi_line { "(?m:^)" } else { "^" }),
            '$' => Node::Place(if self.flags.multi_line { "(?m:$)" } else { "$" }),
            '*' | '+' | '?' => {
                return bad(at, format!("{c} has nothing to repeat"), format!("write \\{c} for the character"));
            }
            '\\' => return self.escape(at),
            c => Node::Char(c, any_case),
        }))
    }

    fn escape(&mut self, at: usize) -> Result<Option<Node>, Bad> {
        let any_case = self.flags.any_case;
        if let Some(set) = class::shorthand(self, at)? {
            return Ok(Some(Node::Class(set, any_case)));
        }
        let place = match self.peek() {
            Some('A') => "^",
            Some('z' | 'Z') => r"\z",
            Some('b') => r"(?-u:\b)",
            Some('B') => r"(?-u:\B)",
            _ => "",
        };
        if !place.is_empty() {
            self.next();
            return Ok(Some(Node::Place(place)));
        }
        if self.take("Q") {
            let text = self.rest().split("\\E").next().unwrap_or_default();
            self.at += text.len();
            self.take("\\E");
            if text.chars().count() != 1 && self.rest().starts_with(['*', '+', '?', '{']) {
                return bad(self.at, "a repetition behind \\E", "put what repeats into a group");
            }
            return Ok(Some(Node::Concat(text.chars().map(|c| Node::Char(c, any_case)).collect())));
        }
        if self.take("E") {
            return Ok(None);
        }
        if self.take("R") {
            let pair = Node::Concat(vec![Node::Char('\r', false), Node::Char('\n', false)]);
            let one = Node::Class(r"[\x{A}-\x{D}\x{85}\x{2028}\x{2029}]".into(), false);
            return Ok(Some(Node::Alternatives(vec![pair, one])));
        }
        if let Some('1'..='9' | 'k' | 'g') = self.peek() {
            return bad(at, "a reference to a group has no equal in linear time", "spell out what it would match");
        }
        if let Some(c @ ('G' | 'K' | 'X' | 'C' | 'N')) = self.peek() {
            return bad(at, format!("\\{c} is not known"), "leave it out");
        }
        Ok(Some(Node::Char(class::escaped(self, at)?, any_case)))
    }

    /// What stands behind an opening parenthesis.
    fn group(&mut self, at: usize) -> Result<Option<Node>, Bad> {
        if !self.take("?") {
            self.groups += 1;
            let name = self.naming.of(None);
            let inner = self.inside(at)?;
            return Ok(Some(match name {
                Some(name) => Node::Named(name, Box::new(inner)),
                None => inner,
            }));
        }
        if self.take("#") {
            self.until(')', at)?;
            return Ok(None);
        }
        for spelt in [r"-u:\b)", r"-u:\B)"] {
            if self.take(spelt) {
                return Ok(Some(Node::Place(if spelt == r"-u:\b)" { r"(?-u:\b)" } else { r"(?-u:\B)" })));
            }
        }
        for (mark, behind, negative) in
            [("=", false, false), ("!", false, true), ("<=", true, false), ("<!", true, true)]
        {
            if self.take(mark) {
                let node = Box::new(self.inside(at)?);
                return Ok(Some(Node::Look { behind, negative, node, at }));
            }
        }
        if self.take(">") {
            return Ok(Some(Node::Atomic(Box::new(self.inside(at)?), at)));
        }
        for (open, close) in [("P<", '>'), ("<", '>'), ("'", '\'')] {
            if self.take(open) {
                let name_at = self.at;
                let name = self.until(close, at)?;
                // `name[2]`: another place of the same capture, as spelling writes it.
                let base = name.split_once('[').map_or(name, |(base, _)| base);
                if !is_name(base) {
                    return bad(name_at, format!("\"{name}\" cannot name a group"), "use letters, digits and _");
                }
                self.groups += 1;
                let name = self.naming.of(Some(base));
                let inner = self.inside(at)?;
                return Ok(Some(match name {
                    Some(name) => Node::Named(name, Box::new(inner)),
                    None => inner,
                }));
            }
        }
        if self.take("P=") || self.take("P>") || self.take("&") || self.take("R)") {
            return bad(at, "a reference to a group has no equal in linear time", "spell out what it would match");
        }
        if self.take("(") || self.take("|") {
            return bad(at, "conditional groups are not known", "write the alternatives out, or give two patterns");
        }
        self.flagged(at)
    }

    /// `(?i)`, `(?i-s:...)`, `(?:...)`.
    fn flagged(&mut self, at: usize) -> Result<Option<Node>, Bad> {
        let before = self.flags;
        let mut on = true;
        loop {
            let flag_at = self.at;
            match self.next() {
                Some('-') => on = false,
                Some('i') => self.flags.any_case = on,
                Some('m') => self.flags.multi_line = on,
                Some('s') => self.flags.dot_all = on,
                Some('x') => self.flags.verbose = on,
                // ASCII classes are what there is; `d` is about line ends, of which a record has none.
                Some('a' | 'd') if on => {}
                Some(')') => return Ok(None),
                Some(':') => {
                    let inner = self.inside(at)?;
                    self.flags = before;
                    return Ok(Some(inner));
                }
                _ => {
                    let hint = "known are (?:...), (?<name>...), (?P<name>...) and the flags i, m, s, x; for letters of any \
                                script write \\p{L}";
                    return bad(flag_at, "an unknown group or flag", hint);
                }
            }
        }
    }

    /// The alternatives up to the closing parenthesis; flags set inside end there.
    fn inside(&mut self, opened: usize) -> Result<Node, Bad> {
        if self.depth == MAX_DEPTH {
            return bad(opened, "groups nested too deep", format!("{MAX_DEPTH} levels are the limit"));
        }
        let before = self.flags;
        self.depth += 1;
        let node = self.alternatives()?;
        self.depth -= 1;
        self.flags = before;
        if !self.take(")") {
            return bad(opened, "( without )", "close the group, or write \\( for the character");
        }
        Ok(node)
    }

    /// The node with all that repeats it.
    fn repeated(&mut self, mut node: Node, at: usize) -> Result<Option<Node>, Bad> {
        for round in 0.. {
            let mark_at = self.at;
            let Some((min, max)) = self.counts()? else { break };
            if matches!(node, Node::Place(_) | Node::Look { .. }) || round == MAX_DEPTH {
                return bad(mark_at, "what repeats here has no text of its own", "leave the repetition out");
            }
            let possessive_at = self.at;
            let greed = match self.peek() {
                Some('?') => Greed::Lazy,
                Some('+') => Greed::Possessive,
                _ => Greed::Greedy,
            };
            if greed != Greed::Greedy {
                self.next();
            }
            let at = if greed == Greed::Possessive { possessive_at } else { at };
            node = Node::Repeat { node: Box::new(node), min, max, greed, at };
        }
        Ok(Some(node))
    }

    /// `*`, `+`, `?`, `{2}`, `{2,}`, `{2,5}`, `{,5}`.
    fn counts(&mut self) -> Result<Option<(u32, Option<u32>)>, Bad> {
        let at = self.at;
        let counts = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                let inner = self.rest()[1..].split_once('}').map(|(inner, _)| inner);
                let Some(inner) = inner.filter(|inner| is_count(inner)) else { return Ok(None) };
                self.at += inner.len() + 2;
                let number = |text: &str| -> Result<u32, Bad> {
                    match text.parse() {
                        Ok(number) if number <= 1000 => Ok(number),
                        _ => bad(at, "a repetition of more than 1000", "write + or * for many"),
                    }
                };
                let (min, max) = match inner.split_once(',') {
                    None => (number(inner)?, Some(number(inner)?)),
                    Some((min, max)) => (
                        if min.is_empty() { 0 } else { number(min)? },
                        if max.is_empty() { None } else { Some(number(max)?) },
                    ),
                };
                if max.is_some_and(|max| max < min) {
                    return bad(at, "a repetition of at most less than at least", "put the smaller number first");
                }
                return Ok(Some((min, max)));
            }
            _ => return Ok(None),
        };
        self.next();
        Ok(Some(counts))
    }
}

/// Whether `{inner}` repeats; else the brace stands for itself.
fn is_count(inner: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match inner.split_once(',') {
        None => !inner.is_empty() && digits(inner),
        Some((min, max)) => digits(min) && digits(max) && !(min.is_empty() && max.is_empty()),
    }
}
