//! The delimiter program: what a pattern layout compiles to.

use super::grammar::Rules;
use super::tail::Tail;
use crate::error::{Fault, Reason, quoted};

/// One step of a [`Program`].
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// These bytes stand here.
    Literal(Box<[u8]>),
    /// A span, up to the earliest place from which the rest fits.
    Capture {
        /// Its number.
        index: u16,
        /// Which bytes it may hold.
        class: Class,
        /// It stands before a quote, and a backslash in it takes the byte behind it along: it ends at the first quote
        /// that is not escaped.
        escapes: bool,
        /// It is empty or starts with this byte.
        lead: Option<u8>,
    },
    /// The steps up to `end` are done if the rest fits with them, else left out.
    Optional {
        /// The step behind the group.
        end: u16,
    },
    /// Parts at the end of the record, if they are there; the last step, behind a capture of any text.
    Tail(Tail),
    /// These bytes as often as they stand here; right behind the same literal.
    Again(Box<[u8]>),
}

/// Which bytes a capture may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Any.
    Any,
    /// No space.
    Word,
    /// No space and no double quote.
    Bare,
    /// Digits, at least one.
    Digits,
    /// This many spaces.
    Spaces(u8),
    /// Items with `, ` or ` : ` between them, and no other space.
    List,
    /// Any; a backslash takes the byte behind it along.
    Escaped,
    /// At least so many bytes: one word, and spaces at its ends that are padding and no part of it.
    Padded(u8),
    /// At least so many bytes; spaces at its ends are no part of it.
    Trimmed(u8),
    /// Exactly so many bytes.
    Bytes(u8),
    /// Begins with a brace.
    Object,
    /// No space and no double quote, and four digits and a hyphen at its start.
    Dated,
}

impl Class {
    /// Whether `span` may be a capture of this class when `behind` follows it.
    #[inline]
    pub fn holds(self, span: &[u8], behind: &[u8]) -> bool {
        match self {
            Self::List => !span.ends_with(b",") && !behind.starts_with(b" : ") && parts_items(span),
            Self::Any => true,
            Self::Trimmed(width) => span.len() >= usize::from(width),
            Self::Padded(width) => {
                let word = span.trim_ascii();
                span.len() >= usize::from(width) && !word.is_empty() && memchr::memchr(b' ', word).is_none()
            }
            Self::Bytes(count) => span.len() == usize::from(count),
            Self::Object => span.first() == Some(&b'{'),
            Self::Dated => {
                span.get(4) == Some(&b'-') && span[..4].iter().all(u8::is_ascii_digit) && Self::Bare.holds(span, &[])
            }
            Self::Escaped => span.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0,
            Self::Word => memchr::memchr(b' ', span).is_none(),
            Self::Bare => memchr::memchr2(b' ', b'"', span).is_none(),
            Self::Digits => !span.is_empty() && span.iter().all(u8::is_ascii_digit),
            Self::Spaces(count) => span.iter().filter(|byte| **byte == b' ').count() == usize::from(count),
        }
    }

    /// Whether no span of this class goes over `byte`.
    #[inline]
    pub(super) fn ends_before(self, byte: u8) -> bool {
        match self {
            Self::Word => byte == b' ',
            Self::Bare | Self::Dated => byte == b' ' || byte == b'"',
            Self::Digits => !byte.is_ascii_digit(),
            _ => false,
        }
    }

    /// Whether a longer span can be of this class when `span` is not.
    #[inline]
    pub fn may_grow(self, span: &[u8]) -> bool {
        match self {
            // An empty one may yet begin so.
            Self::Object => span.is_empty() || self.holds(span, &[]),
            Self::Dated => span.len() < 5 || self.holds(span, &[]),
            Self::Any | Self::List | Self::Escaped | Self::Trimmed(_) => true,
            Self::Padded(_) => memchr::memchr(b' ', span.trim_ascii()).is_none(),
            Self::Bytes(count) => span.len() <= usize::from(count),
            Self::Word | Self::Bare => self.holds(span, &[]),
            Self::Digits => span.iter().all(u8::is_ascii_digit),
            Self::Spaces(count) => span.iter().filter(|byte| **byte == b' ').count() <= usize::from(count),
        }
    }
}

/// Whether each space of `span` belongs to a `, ` or a ` : `.
fn parts_items(span: &[u8]) -> bool {
    memchr::memchr_iter(b' ', span).all(|at| {
        let (before, behind) = (&span[..at], &span[at + 1..]);
        before.ends_with(b",") || behind.starts_with(b": ") || before.ends_with(b" :")
    })
}

/// Alternatives of steps, tried in order on each record.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    /// The alternatives.
    pub alternatives: Vec<Vec<Op>>,
    /// How many captures there are, over all alternatives.
    pub captures: usize,
    /// A backslash means something in some capture: rows that hold one are marked.
    pub escapes: bool,
    /// What stands between fields: a space or a tab. Text behind the last step is extra if this stands before it.
    pub separator: u8,
    /// What holds for all records.
    pub rules: Rules,
}

impl Program {
    /// What a fault means: literals are numbered through all alternatives.
    pub(crate) fn describe(&self, fault: Fault) -> String {
        match fault.reason {
            Reason::ExpectedLiteral(number) => match self.literals().nth(usize::from(number)) {
                Some(literal) => format!("expected {}", quoted(literal)),
                None => "expected the end of the record".into(),
            },
            Reason::ExpectedQuote => "expected a closing \"".into(),
            Reason::TrailingText | Reason::NoMatch => "expected the end of the record".into(),
            Reason::TooLong => format!("the record is longer than {} bytes", self.rules.max_record_bytes),
            Reason::Corrupt => "the compressed stream is damaged here".into(),
            Reason::BadValue => "not a value of the column's type".into(),
        }
    }

    fn literals(&self) -> impl Iterator<Item = &[u8]> {
        self.alternatives.iter().flatten().filter_map(|op| match op {
            Op::Literal(bytes) => Some(&**bytes),
            _ => None,
        })
    }

    /// The number of a step's literal, or of the literal that follows first.
    pub(crate) fn literal_number(&self, alternative: usize, step: usize) -> u16 {
        let is_literal = |op: &&Op| matches!(op, Op::Literal(_));
        let before: usize =
            self.alternatives[..alternative].iter().map(|ops| ops.iter().filter(is_literal).count()).sum();
        (before + self.alternatives[alternative][..step].iter().filter(is_literal).count()) as u16
    }
}
