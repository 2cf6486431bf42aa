//! A pattern to text and conversions.

use super::conversion::{is_composite, known_prefix, likely};
use super::{error, lookup};
use crate::error::Result;

/// Groups in groups; the tree is walked by recursion.
const MAX_DEPTH: usize = 32;

/// A part of a pattern.
#[derive(Debug, PartialEq)]
pub(super) enum Node<'t> {
    Text(String),
    Conversion(Conversion<'t>),
}

/// `%-30.30word{option}{option}`, or `%-30(group)`.
#[derive(Debug, PartialEq)]
pub(super) struct Conversion<'t> {
    /// Empty for a bare group.
    pub(super) word: &'t str,
    pub(super) options: Vec<&'t str>,
    /// What stands between parentheses.
    pub(super) group: Option<Vec<Node<'t>>>,
    /// The least width, and whether padding stands before the value.
    pub(super) width: Option<u8>,
    pub(super) is_right: bool,
    pub(super) at: usize,
}

/// Reads a whole pattern.
pub(super) fn parse(text: &str) -> Result<Vec<Node<'_>>> {
    Parser { text, at: 0 }.nodes(0)
}

/// Reads a pattern that is an option of a conversion; errors point into `text`, of which it is a part.
pub(super) fn parse_option<'t>(text: &'t str, option: &'t str, depth: usize) -> Result<Vec<Node<'t>>> {
    if depth > MAX_DEPTH {
        return Err(error(
            text,
            place(text, option),
            "patterns nested too deep",
            format!("{MAX_DEPTH} levels are the limit"),
        ));
    }
    // Read in place, so that what is in it knows where it stands.
    let start = place(text, option);
    let mut parser = Parser { text: &text[..start + option.len()], at: start };
    parser.nodes(0)
}

/// Where a part of a text stands in it.
pub(super) fn place(text: &str, part: &str) -> usize {
    (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize).filter(|at| *at <= text.len()).unwrap_or(0)
}

/// Whether the letters behind a conversion are text, as in `%rms`: a word is rather a conversion that nobody knows.
fn is_text(letters: &str, word: &str, goes_on: bool) -> bool {
    let rest = &letters[word.len()..];
    !goes_on && (rest.len() < 3 || rest.starts_with(|c: char| c.is_ascii_uppercase()))
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Reads up to the end, or to the parenthesis that closes the group of this depth.
    fn nodes(&mut self, depth: usize) -> Result<Vec<Node<'t>>> {
        let mut nodes = Vec::new();
        let mut text = String::new();
        while let Some(c) = self.rest().chars().next() {
            match c {
                ')' if depth > 0 => break,
                '\\' => {
                    let next = self.rest()[1..].chars().next();
                    let meant = match next {
                        Some('n') => "\n",
                        Some('r') => "\r",
                        Some('t') => "\t",
                        // Ends a conversion's name, and is nothing itself.
                        Some('_') => "",
                        Some('(') => "(",
                        Some(')') => ")",
                        Some('%') => "%",
                        Some('\\') => "\\",
                        _ => {
                            text.push('\\');
                            self.at += 1;
                            continue;
                        }
                    };
                    text += meant;
                    self.at += 2;
                }
                '%' if self.rest().starts_with("%%") => {
                    text.push('%');
                    self.at += 2;
                }
                '%' => {
                    let conversion = self.conversion(depth)?;
                    if !text.is_empty() {
                        nodes.push(Node::Text(std::mem::take(&mut text)));
                    }
                    nodes.push(Node::Conversion(conversion));
                }
                c => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        if !text.is_empty() {
            nodes.push(Node::Text(text));
        }
        Ok(nodes)
    }

    fn conversion(&mut self, depth: usize) -> Result<Conversion<'t>> {
        let at = self.at;
        self.at += 1;
        let (width, is_right) = self.width();
        let mut found = Conversion { word: "", options: Vec::new(), group: None, width, is_right, at };
        let letters = self.rest().find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest().len());
        let letters = &self.rest()[..letters];
        if letters.is_empty() {
            if !self.rest().starts_with('(') {
                return Err(error(self.text, at, "% without a conversion", "write %% for a percent sign"));
            }
            found.group = Some(self.group(at, depth)?);
            return Ok(found);
        }
        let behind = self.rest()[letters.len()..].starts_with('_');
        let Some(word) = known_prefix(letters).filter(|word| *word == letters || is_text(letters, word, behind)) else {
            let hint = likely(letters).unwrap_or_else(|| {
                format!("see {}; for a conversion of your own write %property{{{letters}}}", super::SOURCE)
            });
            return Err(error(self.text, at, format!("unknown conversion %{letters}"), hint));
        };
        found.word = word;
        self.at += word.len();
        if is_composite(word) && word == letters && self.rest().starts_with('(') {
            found.group = Some(self.group(at, depth)?);
        }
        // A line end has no options: what follows it is text.
        while word != "n" && self.rest().starts_with('{') {
            let Some(end) = lookup::closing(self.rest()) else {
                return Err(error(self.text, self.at, "{ without }", "close the option with }"));
            };
            found.options.push(&self.rest()[1..end]);
            self.at += end + 1;
        }
        Ok(found)
    }

    /// `-30.30`: the least width, and whether spaces stand before the value.
    fn width(&mut self) -> (Option<u8>, bool) {
        let is_left = self.rest().starts_with('-');
        self.at += usize::from(is_left);
        let least = self.digits();
        if self.rest().starts_with('.') {
            self.at += 1;
            self.at += usize::from(self.rest().starts_with('-'));
            self.digits();
        }
        let width = least.parse::<usize>().ok().filter(|width| *width > 0);
        (width.map(|width| u8::try_from(width).unwrap_or(u8::MAX)), !is_left)
    }

    fn digits(&mut self) -> &'t str {
        let len = self.rest().find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest().len());
        let digits = &self.rest()[..len];
        self.at += len;
        digits
    }

    fn group(&mut self, at: usize, depth: usize) -> Result<Vec<Node<'t>>> {
        if depth == MAX_DEPTH {
            return Err(error(self.text, at, "groups nested too deep", format!("{MAX_DEPTH} levels are the limit")));
        }
        self.at += 1;
        let nodes = self.nodes(depth + 1)?;
        if !self.rest().starts_with(')') {
            return Err(error(self.text, at, "( without )", "close the group with )"));
        }
        self.at += 1;
        Ok(nodes)
    }
}
