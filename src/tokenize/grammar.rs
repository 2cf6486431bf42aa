//! The choice of tokenizer.

use super::delimited::{Delimited, DelimitedTokenizer};
use super::journal::{Journal, JournalTokenizer};
use super::json::{JsonGrammar, JsonTokenizer};
use super::pairs::{PairsGrammar, PairsTokenizer};
use super::pattern::PatternTokenizer;
use super::program::Program;
use super::regex::{RegexProgram, RegexTokenizer};
use super::syslog::{Syslog, SyslogTokenizer};
use super::tape::Tokenize;
use crate::simd::Level;
use crate::split::StartRule;

/// How records are cut into captures: what a layout compiles to, one kind for each tokenizer.
#[derive(Clone, Debug, PartialEq)]
pub enum Grammar {
    /// A delimiter program.
    Pattern(Program),
    /// Key-value pairs, perhaps behind a delimiter program.
    Pairs(PairsGrammar),
    /// Regular expressions.
    Regex(RegexProgram),
    /// The parts of a syslog message.
    Syslog(Syslog),
    /// Entries of a journal.
    Journal(Journal),
    /// Fields between delimiters.
    Delimited(Box<Delimited>),
    /// JSON objects.
    Json(Box<JsonGrammar>),
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
    /// Which lines start a record; all of them without.
    pub starts: Option<StartRule>,
}

impl Grammar {
    /// What holds for its records.
    pub fn rules(&self) -> &Rules {
        match self {
            Self::Pattern(program) => &program.rules,
            Self::Pairs(grammar) => &grammar.rules,
            Self::Regex(program) => program.rules(),
            Self::Syslog(syslog) => &syslog.rules,
            Self::Journal(journal) => &journal.rules,
            Self::Delimited(delimited) => &delimited.rules,
            Self::Json(grammar) => &grammar.rules,
        }
    }

    /// The same where the lines that `starts` tells start a record, if it does; else each is a record of its own.
    #[must_use]
    pub fn with_starts(self, starts: Option<StartRule>) -> Self {
        let mut out = self.by_line();
        match &mut out {
            Self::Pattern(program) => program.rules.starts = starts,
            Self::Syslog(syslog) => syslog.rules.starts = starts,
            Self::Pairs(_) | Self::Regex(_) | Self::Delimited(_) | Self::Json(_) | Self::Journal(_) => {}
        }
        out
    }

    /// The same where each record is a line of its own.
    #[must_use]
    pub fn by_line(mut self) -> Self {
        match &mut self {
            Self::Pattern(program) => program.rules.starts = None,
            Self::Syslog(syslog) => (syslog.rules.starts, syslog.counted) = (None, false),
            Self::Journal(journal) => journal.by_line = true,
            Self::Json(grammar) => grammar.values = None,
            Self::Delimited(delimited) => delimited.newlines = false,
            Self::Pairs(_) | Self::Regex(_) => {}
        }
        self
    }

    /// A tokenizer whose kernels run at `level`.
    pub fn tokenizer(&self, level: Level) -> Box<dyn Tokenize> {
        match self {
            Self::Pattern(program) => Box::new(PatternTokenizer::new(program.clone(), level)),
            Self::Pairs(grammar) => Box::new(PairsTokenizer::new(grammar.clone(), level)),
            Self::Regex(program) => match program.lowered() {
                Ok(lowered) => Box::new(PatternTokenizer::lowered(lowered, program.clone(), level)),
                Err(_) => Box::new(RegexTokenizer::new(program.clone(), level)),
            },
            Self::Syslog(syslog) => Box::new(SyslogTokenizer::new(syslog.clone(), level)),
            Self::Journal(journal) => Box::new(JournalTokenizer::new(journal.clone())),
            Self::Json(grammar) => Box::new(JsonTokenizer::new((**grammar).clone(), level)),
            Self::Delimited(delimited) => Box::new(DelimitedTokenizer::new((**delimited).clone(), level)),
        }
    }
}

impl Rules {
    /// Whether a line is no record.
    #[inline(always)]
    pub fn is_comment(&self, line: &[u8]) -> bool {
        // The first byte tells for most lines.
        self.comments.iter().any(|comment| line.first() == comment.first() && line.starts_with(comment))
    }
}
