//! Records to spans.
//!
//! In: a block of text that consists of whole lines. Out: a [`Tape`], which says for each record where each field
//! lies, and a list of the records that do not fit. A tokenizer never opens a file, never names an Arrow type, and
//! allocates nothing per record.

mod automaton;
mod delimited;
mod expression;
mod grammar;
mod guards;
mod header;
mod journal;
mod json;
mod lowered;
mod matcher;
mod pairs;
mod parts;
mod pattern;
mod prefix;
mod program;
mod regex;
mod signature;
mod syslog;
mod tail;
mod tape;
mod variants;

#[cfg(test)]
mod tests;

pub use delimited::{Delimited, DelimitedTokenizer};
pub use grammar::{Grammar, Rules};
pub(crate) use header::split as split_at;
pub use header::{Header, Names};
pub use journal::{Journal, JournalTokenizer};
pub use json::{Explode, JsonGrammar, JsonNode, JsonTable, NONE, PIECE_POSITIONS, Want};
pub use lowered::{Branch, Holds, Lowered, LoweredPart};
pub use pairs::{Cursor, Dialect, Pair, PairsGrammar, PairsTokenizer};
pub use pattern::PatternTokenizer;
pub use program::{Class, Op, Program};
pub use regex::{Anchored, RegexProgram, RegexTokenizer};
pub use syslog::{Part, SYSLOG_CAPTURES, Syslog, regular_elements};
pub use tail::{Tail, TailPart};
pub use tape::{Conflict, Malformed, Tape, Tokenize};
