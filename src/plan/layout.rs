//! A format's layout to a grammar.

use crate::decode::Escape;
use crate::error::{Error, ErrorKind, Result};
use crate::format::{self, Extra, Format, From, Layout, Part, Pattern};
pub(super) use crate::tokenize::Rules;
use crate::tokenize::{self, Class, Grammar, Op, Program, Tail, TailPart};

/// The captures of a program, by name. The same name in two alternatives is one capture.
pub(super) struct Captures(Vec<(String, Escape)>);

impl Captures {
    /// The number of a capture and how its bytes are escaped.
    pub(super) fn find(&self, name: &str, column: &str) -> Result<(usize, Escape)> {
        let found = self.0.iter().enumerate().find(|(_, (known, _))| known == name);
        found.map(|(index, (_, escape))| (index, *escape)).ok_or_else(|| {
            let message = format!("column \"{column}\" reads \"{name}\", which no line of the format captures");
            Error::new(ErrorKind::FormatSyntax, message).with_hint(format!("add {{{name}}} to the format's line"))
        })
    }

    fn index_of(&mut self, capture: &format::Capture) -> u16 {
        let known = self.0.iter().position(|(name, _)| !name.is_empty() && *name == capture.name);
        let index = known.unwrap_or_else(|| {
            self.0.push((capture.name.clone(), escape_of(capture.escape)));
            self.0.len() - 1
        });
        index as u16
    }
}

/// Compiles a format's layout.
pub(super) fn grammar(format: &Format, extra: Extra, max_record_bytes: usize) -> Result<(Grammar, Captures)> {
    let comments = format.comments.iter().map(|comment| comment.as_bytes().into()).collect();
    let rules = Rules { extra: extra != Extra::Reject, comments, max_record_bytes };
    match &format.layout {
        Layout::Pattern(patterns) => {
            let (program, captures) = program(format, patterns, rules)?;
            Ok((Grammar::Pattern(program), captures))
        }
        Layout::Delimited(layout) => {
            let compiled = delimited(format, layout, rules);
            let escape = escape_of_field(layout);
            let captures = Captures(compiled.names.iter().map(|name| (name.clone(), escape)).collect());
            if captures.0.len() > 4096 {
                let message = format!("format \"{}\" has more than 4096 fields", format.name);
                return Err(Error::new(ErrorKind::FormatSyntax, message).with_hint("check the delimiter"));
            }
            Ok((Grammar::Delimited(Box::new(compiled)), captures))
        }
    }
}

/// Compiles a delimited layout.
pub(super) fn delimited(format: &Format, layout: &format::Delimited, rules: Rules) -> tokenize::Delimited {
    let mut names = layout.fields.clone();
    for column in &format.columns {
        let (From::Capture(name) | From::Request(name, _)) = &column.from;
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    tokenize::Delimited {
        delimiter: layout.delimiter.as_bytes().into(),
        quote: layout.quote,
        escape: layout.quote_escape,
        newlines: layout.newlines,
        backslashes: layout.escape != format::Escape::None,
        header: match layout.header {
            format::Header::None => None,
            format::Header::First => Some(tokenize::Header::First),
            format::Header::W3c => Some(tokenize::Header::W3c),
            format::Header::Zeek => Some(tokenize::Header::Zeek),
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
        (format::Escape::None, Some(escape), _) => Escape::Byte(escape),
        (format::Escape::None, None, Some(quote)) => Escape::Doubled(quote),
        (escape, ..) => escape_of(escape),
    }
}

fn program(format: &Format, patterns: &[Pattern], rules: Rules) -> Result<(Program, Captures)> {
    let mut captures = Captures(Vec::new());
    let mut alternatives = Vec::with_capacity(patterns.len());
    for pattern in patterns {
        let mut ops = Vec::new();
        compile(&pattern.parts, None, &mut captures, &mut ops);
        alternatives.push(ops);
    }
    let too_large = alternatives.iter().any(|ops| ops.len() > usize::from(u16::MAX)) || captures.0.len() > 4096;
    if alternatives.is_empty() || too_large {
        let message = format!("format \"{}\" has no pattern that can be run", format.name);
        return Err(Error::new(ErrorKind::FormatSyntax, message).with_hint("give it one line of at most 4096 captures"));
    }
    let program = Program {
        alternatives,
        captures: captures.0.len(),
        escapes: captures.0.iter().any(|(_, escape)| *escape != Escape::None),
        rules,
    };
    Ok((program, captures))
}

/// Appends the steps for `parts`; `behind` is what follows them.
fn compile(parts: &[Part], behind: Option<&Part>, captures: &mut Captures, ops: &mut Vec<Op>) {
    for (i, part) in parts.iter().enumerate() {
        let next = parts.get(i + 1).or(behind);
        match part {
            Part::Literal(bytes) => ops.push(Op::Literal(bytes.as_slice().into())),
            Part::Capture(capture) => {
                let index = captures.index_of(capture);
                // Only a quote is ever escaped; elsewhere a backslash ends nothing and hides nothing.
                let escapes = capture.escape != format::Escape::None && starts_with_quote(next);
                ops.push(Op::Capture { index, class: class_of(capture.class), escapes, lead: capture.lead });
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
        format::Class::Digits => Class::Digits,
        format::Class::Spaces(count) => Class::Spaces(count),
        format::Class::List => Class::List,
    }
}

fn escape_of(escape: format::Escape) -> Escape {
    match escape {
        format::Escape::None => Escape::None,
        format::Escape::Httpd => Escape::Httpd,
        format::Escape::Nginx => Escape::Nginx,
        format::Escape::Json => Escape::Json,
    }
}
