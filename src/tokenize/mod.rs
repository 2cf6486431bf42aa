//! Records to spans.
//!
//! In: a block of text that consists of whole lines. Out: a [`Tape`], which says for each record where each field
//! lies, and a list of the records that do not fit. A tokenizer never opens a file, never names an Arrow type, and
//! allocates nothing per record.

mod delimited;
mod grammar;
mod header;
mod matcher;
mod pattern;
mod program;
mod signature;
mod tail;
mod tape;

#[cfg(test)]
mod tests;

pub use delimited::{Delimited, DelimitedTokenizer};
pub use grammar::{Grammar, Rules};
pub(crate) use header::split as split_at;
pub use header::{Header, Names};
pub use pattern::PatternTokenizer;
pub use program::{Class, Op, Program};
pub use tail::{Tail, TailPart};
pub use tape::{Malformed, Tape, Tokenize};
