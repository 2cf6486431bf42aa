//! A format's layout to a grammar.

mod json;
mod lowered;
mod pairs;

use std::collections::HashMap;
use std::sync::Arc;

use crate::batch::Input;
use crate::decode::Escape;
use crate::error::{Error, ErrorKind, Result};
use crate::format::{self, Extra, Format, From, Layout, Part, Pattern, Regexes};
use crate::split::{self, PartKind, StartRule};
pub(super) use crate::tokenize::Rules;
use crate::tokenize::{
    self, Anchored, Class, Dialect, Grammar, Journal, Op, Program, RegexProgram, SYSLOG_CAPTURES, Syslog, Tail,
    TailPart,
};

/// The captures of a program, by name. The same name in two alternatives is one capture.
#[derive(Default)]
pub(super) struct Captures {
    captures: Vec<(String, Escape)>,
    /// For each capture that another follows in every record: that one, and the literal between them.
    followers: Vec<(usize, Vec<u8>, usize)>,
    /// Keys of pairs, which are numbered behind the captures.
    keys: Vec<(String, Escape)>,
    /// How pairs are written, for maps of them.
    pub(super) pairs: Option<Arc<Dialect>>,
    /// Where the values of JSON columns are written to, by column.
    pub(super) places: HashMap<String, json::Place>,
    /// The keys that lead to each kind of JSON object.
    pub(super) prefixes: Arc<[Box<str>]>,
}

/// The capture of pairs without a name; no line can name one so.
const PAIRS: &str = "{pairs}";

/// Captures with the text before each.
type Parts = Vec<(Box<[u8]>, usize)>;

impl Captures {
    /// The number of a capture and how its bytes are escaped.
    pub(super) fn find(&self, name: &str, column: &str) -> Result<(usize, Escape)> {
        let found = self.captures.iter().enumerate().find(|(_, (known, _))| known == name);
        found.map(|(index, (_, escape))| (index, *escape)).ok_or_else(|| {
            let message = format!("column \"{column}\" reads \"{name}\", which no line of the format captures");
            Error::new(ErrorKind::FormatSyntax, message).with_hint(format!("add {{{name}}} to the format's line"))
        })
    }

    /// The number of a key's field and how its value is escaped.
    pub(super) fn find_key(&self, key: &str, column: &str) -> Result<(usize, Escape)> {
        let found = self.keys.iter().enumerate().find(|(_, (known, _))| known == key);
        found.map(|(index, (_, escape))| (self.captures.len() + index, *escape)).ok_or_else(|| {
            let message = format!("column \"{column}\" reads key \"{key}\", but no line of the format has pairs");
            Error::new(ErrorKind::FormatSyntax, message).with_hint("end the format's line with {:pairs}")
        })
    }

    /// What a column of several captures reads: one span, where the text between them is what the record has there,
    /// or parts to be joined.
    pub(super) fn join(&self, parts: &[(String, String)], column: &str) -> Result<(Input, Parts)> {
        let mut joined: Parts = Vec::with_capacity(parts.len());
        for (before, name) in parts {
            joined.push((before.as_bytes().into(), self.find(name, column)?.0));
        }
        let (Some((before, first)), Some((_, last))) = (joined.first(), joined.last()) else {
            return Err(Error::new(ErrorKind::FormatSyntax, format!("column \"{column}\" joins nothing")));
        };
        let follows = |pair: &[(Box<[u8]>, usize)]| {
            self.followers
                .iter()
                .any(|(from, between, to)| (*from, between.as_slice(), *to) == (pair[0].1, &*pair[1].0, pair[1].1))
        };
        let is_span = before.is_empty() && joined.windows(2).all(follows);
        let input = if is_span { Input::Captures(*first, *last) } else { Input::Capture(*first) };
        Ok((input, if is_span { Vec::new() } else { joined }))
    }

    fn index_of(&mut self, capture: &format::Capture) -> u16 {
        self.index_of_name(&capture.name, capture.escape) as u16
    }

    fn index_of_name(&mut self, name: &str, escape: format::Escape) -> usize {
        let known = self.captures.iter().position(|(known, _)| !known.is_empty() && known == name);
        known.unwrap_or_else(|| {
            self.captures.push((name.to_owned(), escape_of(escape)));
            self.captures.len() - 1
        })
    }
}

/// Compiles a format's layout.
pub(super) fn grammar(
    format: &Format,
    extra: Extra,
    max_record_bytes: usize,
    needed: &dyn Fn(&str) -> bool,
) -> Result<(Grammar, Captures)> {
    let comments = format.comments.iter().map(|comment| comment.as_bytes().into()).collect();
    let parts = parts(format, max_record_bytes)?;
    let rules = Rules { extra: extra != Extra::Reject, comments, max_record_bytes, starts: starts(format)?, parts };
    let is_joined =
        format.pairs().is_some() || matches!(format.layout, Layout::Regex(_) | Layout::Delimited(_) | Layout::Journal);
    if is_joined && rules.starts.is_some() {
        let message = format!(
            "format \"{}\": pairs, regular expressions and delimited fields are lines, not several",
            format.name
        );
        return Err(Error::new(ErrorKind::FormatSyntax, message).with_hint("leave multiline out, or write a line"));
    }
    match &format.layout {
        Layout::Pattern(patterns) => {
            if let Some(own) = format.pairs() {
                return pairs::grammar(format, own, patterns, rules);
            }
            let (program, captures) = program(format, patterns, rules)?;
            Ok((Grammar::Pattern(program), captures))
        }
        Layout::Regex(regexes) => regex(format, regexes, rules),
        Layout::Delimited(layout) => {
            let compiled = delimited(format, layout, rules);
            let escape = escape_of_field(layout);
            let names = compiled.names.iter().map(|name| (name.clone(), escape));
            let captures = Captures { captures: names.collect(), ..Captures::default() };
            if captures.captures.len() > 4096 {
                let message = format!("format \"{}\" has more than 4096 fields", format.name);
                return Err(Error::new(ErrorKind::FormatSyntax, message).with_hint("check the delimiter"));
            }
            Ok((Grammar::Delimited(Box::new(compiled)), captures))
        }
        Layout::Journal => {
            let mut captures = Captures::default();
            for column in &format.columns {
                if let From::Key(key) = &column.from
                    && !captures.keys.iter().any(|(known, _)| known == key)
                {
                    captures.keys.push((key.clone(), Escape::None));
                }
            }
            let keys = captures.keys.iter().map(|(key, _)| key.as_bytes().into()).collect();
            Ok((Grammar::Journal(Journal { keys, by_line: false, rules }), captures))
        }
        Layout::Json(layout) => json::grammar(format, layout, rules, needed),
        Layout::Syslog(dialects) => {
            let names = SYSLOG_CAPTURES.iter().map(|name| ((*name).to_owned(), Escape::None));
            let counted = format.framing == format::Framing::Octets;
            let syslog = Syslog { rfc5424: dialects.rfc5424, rfc3164: dialects.rfc3164, counted, rules };
            Ok((Grammar::Syslog(syslog), Captures { captures: names.collect(), ..Captures::default() }))
        }
    }
}

/// Compiles a delimited layout.
pub(super) fn delimited(format: &Format, layout: &format::Delimited, rules: Rules) -> tokenize::Delimited {
    let mut names = layout.fields.clone();
    for column in &format.columns {
        let (From::Capture(name) | From::Request(name, _)) = &column.from else { continue };
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    tokenize::Delimited {
        delimiter: layout.delimiter.as_bytes().into(),
        quote: layout.quote,
        escape: layout.quote_escape,
        opencsv: layout.escaping == format::Escaping::Opencsv,
        newlines: layout.newlines,
        backslashes: layout.escape.has_backslashes(),
        header: match layout.header {
            format::Header::None => None,
            format::Header::First => Some(tokenize::Header::First),
            format::Header::W3c => Some(tokenize::Header::W3c),
            format::Header::Zeek => Some(tokenize::Header::Zeek),
            format::Header::Vpc => Some(tokenize::Header::Known),
        },
        known: match layout.header {
            format::Header::Vpc => format::vpc_flow_fields().chain(names.iter().cloned()).collect(),
            _ => std::collections::BTreeSet::new(),
        },
        count: layout.fields.len(),
        names,
        exact: layout.exact,
        rules,
    }
}

/// How the fields of a delimited layout are decoded.
fn escape_of_field(layout: &format::Delimited) -> Escape {
    match (layout.escape, layout.quote_escape, layout.quote) {
        (format::Escape::None, Some(escape), quote) => match (layout.escaping, quote) {
            (format::Escaping::Opencsv, Some(quote)) => Escape::Opencsv { quote, escape },
            (format::Escaping::Lazy, _) => Escape::Lazy(escape),
            _ => Escape::Byte(escape),
        },
        (format::Escape::None, None, Some(quote)) => Escape::Doubled(quote),
        (escape, ..) => escape_of(escape),
    }
}

/// How the messages of a format go on in other lines.
fn parts(format: &Format, max_record_bytes: usize) -> Result<Option<split::Parts>> {
    let format::Framing::Parts(marks, column) = &format.framing else { return Ok(None) };
    let is_fit = matches!(format.layout, Layout::Pattern(_) | Layout::Json(_)) && format.pairs().is_none();
    if !is_fit || !format.columns.iter().any(|known| known.name == *column) {
        let message = format!("format \"{}\": the parts of \"{column}\" cannot be joined", format.name);
        let hint = "lines with a column of this name have parts, and JSON objects, but no pairs or expressions";
        return Err(Error::new(ErrorKind::FormatSyntax, message).with_hint(hint));
    }
    let kind = match marks {
        format::PartMarks::Cri => PartKind::Cri,
        format::PartMarks::Docker => PartKind::Docker,
    };
    // Half, so that what is given up is still less than what a chunk must be able to hold.
    Ok(Some(split::Parts { kind, max_bytes: max_record_bytes / 2 }))
}

/// The rule of a format whose records may be longer than a line.
fn starts(format: &Format) -> Result<Option<StartRule>> {
    match &format.framing {
        format::Framing::Lines | format::Framing::Octets | format::Framing::Values(_) | format::Framing::Parts(..) => {
            Ok(None)
        }
        format::Framing::Start(regex) => StartRule::new(regex, false).map(Some),
        format::Framing::Led(regex, leads) => StartRule::new(regex, false)?.with_leads(leads).map(Some),
        format::Framing::Continue(regex) => StartRule::new(regex, true).map(Some),
    }
}

fn regex(format: &Format, regexes: &Regexes, rules: Rules) -> Result<(Grammar, Captures)> {
    let mut captures = Captures::default();
    let anchored = match regexes.anchored {
        format::Anchored::No => Anchored::No,
        format::Anchored::Start => Anchored::Start,
        format::Anchored::Full => Anchored::Full,
    };
    let capture = |name: &str| captures.index_of_name(name, format::Escape::None);
    let program = RegexProgram::new(&regexes.patterns, anchored, capture, rules).map_err(|why| {
        let message = format!("format \"{}\": {}", format.name, why.replace('\n', " "));
        Error::new(ErrorKind::FormatSyntax, message).with_hint("shorten the expression, or repeat less of it")
    })?;
    if captures.captures.len() > 4096 {
        let message = format!("format \"{}\" has too many groups", format.name);
        return Err(Error::new(ErrorKind::FormatSyntax, message).with_hint("4096 is the limit"));
    }
    let lowered = lowered::program(regexes, program.rules(), &captures);
    Ok((Grammar::Regex(program.with_lowered(lowered)), captures))
}

fn program(format: &Format, patterns: &[Pattern], rules: Rules) -> Result<(Program, Captures)> {
    let mut captures = Captures::default();
    let mut alternatives = Vec::with_capacity(patterns.len());
    for pattern in patterns {
        let mut ops = Vec::new();
        compile(&pattern.parts, None, &mut captures, &mut ops);
        if let [_] = patterns {
            captures.followers = followers(&ops);
        }
        alternatives.push(ops);
    }
    let too_large = alternatives.iter().any(|ops| ops.len() > usize::from(u16::MAX)) || captures.captures.len() > 4096;
    if alternatives.is_empty() || too_large {
        let message = format!("format \"{}\" has no pattern that can be run", format.name);
        return Err(Error::new(ErrorKind::FormatSyntax, message).with_hint("give it one line of at most 4096 captures"));
    }
    let program = Program {
        alternatives,
        captures: captures.captures.len(),
        escapes: captures.captures.iter().any(|(_, escape)| !matches!(escape, Escape::None | Escape::Percent)),
        separator: separator(patterns),
        rules,
    };
    Ok((program, captures))
}

/// Captures that stand side by side in every record, with the literal between them.
fn followers(ops: &[Op]) -> Vec<(usize, Vec<u8>, usize)> {
    let neighbours = ops.windows(3).filter_map(|ops| match ops {
        [Op::Capture { index: from, .. }, Op::Literal(between), Op::Capture { index: to, .. }] => {
            Some((usize::from(*from), between.to_vec(), usize::from(*to)))
        }
        _ => None,
    });
    // In optional parts a capture may be missing.
    if ops.iter().any(|op| matches!(op, Op::Optional { .. } | Op::Tail(_))) { Vec::new() } else { neighbours.collect() }
}

/// What stands between fields: a tab, if there is one in any text of the pattern.
fn separator(patterns: &[Pattern]) -> u8 {
    fn has_tab(parts: &[Part]) -> bool {
        parts.iter().any(|part| match part {
            Part::Literal(bytes) => bytes.contains(&b'\t'),
            Part::Capture(_) | Part::Again | Part::Pairs(_) => false,
            Part::Optional(parts) | Part::Tail(parts) => has_tab(parts),
        })
    }
    if patterns.iter().any(|pattern| has_tab(&pattern.parts)) { b'\t' } else { b' ' }
}

/// Appends the steps for `parts`; `behind` is what follows them.
fn compile(parts: &[Part], behind: Option<&Part>, captures: &mut Captures, ops: &mut Vec<Op>) {
    for (i, part) in parts.iter().enumerate() {
        let next = parts.get(i + 1).or(behind);
        match part {
            Part::Literal(bytes) => ops.push(Op::Literal(bytes.as_slice().into())),
            Part::Again => {
                if let Some(Op::Literal(bytes)) = ops.last() {
                    ops.push(Op::Again(bytes.clone()));
                }
            }
            Part::Capture(capture) => {
                let index = captures.index_of(capture);
                // Only a quote is ever escaped; elsewhere a backslash ends nothing and hides nothing.
                let escapes = capture.escape.has_backslashes() && starts_with_quote(next);
                ops.push(Op::Capture { index, class: class_of(capture.class), escapes, lead: capture.lead });
            }
            Part::Pairs(own) => {
                let name = if own.name.is_empty() { PAIRS } else { &own.name };
                let escape = own.escape;
                let capture = format::Capture { name: name.to_owned(), escape, ..format::Capture::default() };
                let index = captures.index_of(&capture);
                ops.push(Op::Capture { index, class: Class::Any, escapes: false, lead: None });
            }
            Part::Optional(group) => {
                let start = ops.len();
                ops.push(Op::Optional { end: 0 });
                compile(group, next, captures, ops);
                ops[start] = Op::Optional { end: ops.len() as u16 };
            }
            Part::Tail(group) => {
                let mut parts = Vec::new();
                tail_parts(group, captures, &mut parts);
                ops.extend(Tail::new(parts).map(Op::Tail));
            }
        }
    }
}

/// The parts of a tail, whose shape the format has checked.
fn tail_parts(group: &[Part], captures: &mut Captures, parts: &mut Vec<TailPart>) {
    if let [Part::Literal(before), Part::Capture(capture), rest @ ..] = group {
        let (behind, rest) = match rest {
            [Part::Literal(behind), rest @ ..] => (behind.as_slice(), rest),
            rest => (&[][..], rest),
        };
        parts.push(TailPart {
            before: before.as_slice().into(),
            index: captures.index_of(capture),
            class: class_of(capture.class),
            behind: behind.into(),
        });
        for part in rest {
            if let Part::Optional(group) = part {
                tail_parts(group, captures, parts);
            }
        }
    }
}

fn starts_with_quote(part: Option<&Part>) -> bool {
    match part {
        Some(Part::Literal(bytes)) => bytes.first() == Some(&b'"'),
        Some(Part::Optional(group)) => starts_with_quote(group.first()),
        _ => false,
    }
}

fn class_of(class: format::Class) -> Class {
    match class {
        format::Class::Any => Class::Any,
        format::Class::Word => Class::Word,
        format::Class::Bare => Class::Bare,
        format::Class::Digits => Class::Digits,
        format::Class::Spaces(count) => Class::Spaces(count),
        format::Class::List => Class::List,
        format::Class::Escaped => Class::Escaped,
        format::Class::Padded(width) => Class::Padded(width),
        format::Class::Trimmed(width) => Class::Trimmed(width),
        format::Class::Bytes(count) => Class::Bytes(count),
        format::Class::Object => Class::Object,
        format::Class::Dated => Class::Dated,
    }
}

fn escape_of(escape: format::Escape) -> Escape {
    match escape {
        format::Escape::None => Escape::None,
        format::Escape::Httpd => Escape::Httpd,
        format::Escape::Nginx => Escape::Nginx,
        format::Escape::Json => Escape::Json,
        format::Escape::Cef => Escape::Cef,
        format::Escape::Percent => Escape::Percent,
    }
}
