//! Texts, each of which is a record, as the lines that tokenizers cut.

use crate::tokenize::{Grammar, Rules};

/// How texts of a grammar become lines.
#[derive(Clone, Debug)]
pub struct TextRules {
    rules: Rules,
    /// White space between tokens means nothing: newlines there are read as carriage returns, which are such space too, and
    /// which strings may no more hold than newlines.
    folds: bool,
}

/// Why a text is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// There is nothing in it.
    Blank,
    /// It is a comment.
    Comment,
    /// It is longer than so many bytes.
    TooLong(usize),
    /// It has a newline at this byte, and is no record of several lines.
    Newline(usize),
    /// It does not start as records do.
    Start,
}

impl Unfit {
    /// The same for people.
    pub fn describe(self) -> String {
        match self {
            Self::Blank => "the value is empty".into(),
            Self::Comment => "a comment, which is no record".into(),
            Self::TooLong(limit) => format!("the record is longer than {limit} bytes"),
            Self::Newline(at) => format!("a newline at byte {at}: the value is more than one line"),
            Self::Start => "the value does not start as records do".into(),
        }
    }

    /// Whether no record is there that could be malformed.
    pub fn is_nothing(self) -> bool {
        matches!(self, Self::Blank | Self::Comment)
    }
}

impl TextRules {
    /// Of a grammar that [`Self::grammar`] gives.
    pub fn new(grammar: &Grammar) -> Self {
        Self { rules: grammar.rules().clone(), folds: matches!(grammar, Grammar::Json(_)) }
    }

    /// The grammar for lines made of texts: those of a record of several lines are told apart by how it starts, any other
    /// is one line.
    pub fn grammar(grammar: &Grammar) -> Grammar {
        let starts = grammar.rules().starts.clone().filter(|rule| !rule.has_leads());
        grammar.clone().with_starts(starts)
    }

    /// Makes the text at the end of `out`, from `start`, a line, or several, and gives how many; leaves it there if it is no
    /// record. One line end at its end is no part of it.
    #[inline]
    pub fn close(&self, out: &mut Vec<u8>, start: usize) -> Result<u32, Unfit> {
        if out.len() > start && out.last() == Some(&b'\n') {
            out.pop();
        }
        let text = &mut out[start..];
        let lines = match memchr::memchr(b'\n', text) {
            None => 1,
            Some(at) if self.folds => {
                text[at..].iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b'\r');
                1
            }
            Some(_) => 1 + memchr::memchr_iter(b'\n', text).count() as u32,
        };
        match self.unfit(&out[start..], lines) {
            None => {
                out.push(b'\n');
                Ok(lines)
            }
            Some(unfit) => Err(unfit),
        }
    }

    fn unfit(&self, text: &[u8], lines: u32) -> Option<Unfit> {
        let is_blank = match text {
            [] | [b'\r'] => true,
            [b'\t' | b'\n' | b'\r' | b' ', ..] if self.folds => text.trim_ascii().is_empty(),
            _ => false,
        };
        if is_blank {
            return Some(Unfit::Blank);
        }
        if self.rules.is_comment(text) {
            return Some(Unfit::Comment);
        }
        if text.len() > self.rules.max_record_bytes {
            return Some(Unfit::TooLong(self.rules.max_record_bytes));
        }
        match &self.rules.starts {
            None if lines == 1 => None,
            None => memchr::memchr(b'\n', text).map(Unfit::Newline),
            Some(rule) if !rule.starts(text) => Some(Unfit::Start),
            Some(rule) => {
                let starts = memchr::memchr_iter(b'\n', text).find(|at| rule.starts(&text[at + 1..]));
                starts.map(Unfit::Newline)
            }
        }
    }
}
