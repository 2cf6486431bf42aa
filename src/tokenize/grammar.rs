//! The choice of tokenizer.

use super::delimited::{Delimited, DelimitedTokenizer};
use super::pattern::PatternTokenizer;
use super::program::Program;
use super::tape::Tokenize;
use crate::simd::Level;

/// How records are cut into captures: what a layout compiles to, one kind for each tokenizer.
#[derive(Clone, Debug, PartialEq)]
pub enum Grammar {
    /// A delimiter program.
    Pattern(Program),
    /// Fields between delimiters.
    Delimited(Box<Delimited>),
}

/// What holds for the records of any layout.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// Text behind the last known field is allowed.
    pub extra: bool,
    /// Lines that start with one of these are no records.
    pub comments: Vec<Box<[u8]>>,
    /// Longer records are refused.
    pub max_record_bytes: usize,
}

impl Grammar {
    /// What holds for its records.
    pub fn rules(&self) -> &Rules {
        match self {
            Self::Pattern(program) => &program.rules,
            Self::Delimited(delimited) => &delimited.rules,
        }
    }

    /// A tokenizer whose kernels run at `level`.
    pub fn tokenizer(&self, level: Level) -> Box<dyn Tokenize> {
        match self {
            Self::Pattern(program) => Box::new(PatternTokenizer::new(program.clone(), level)),
            Self::Delimited(delimited) => Box::new(DelimitedTokenizer::new((**delimited).clone(), level)),
        }
    }
}

impl Rules {
    /// Whether a line is no record.
    #[inline(always)]
    pub fn is_comment(&self, line: &[u8]) -> bool {
        self.comments.iter().any(|comment| line.starts_with(comment))
    }
}
