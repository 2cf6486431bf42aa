//! Chunks to record batches.
//!
//! In: a chunk of whole records and a [`Recipe`]. Out: record batches, the rejects, and counts that add up. An
//! [`Assembler`] belongs to one thread; it works through sub-blocks that fit the cache: cut, filter, decode.

mod assembler;
mod faults;
mod folder;
mod inner;
mod path;
mod provenance;
mod recipe;
mod rejects;
mod stage;
mod texts;

#[cfg(test)]
mod tests;

pub use assembler::{Assembler, Outcome, Work};
pub use path::{PathPiece, PathRule};
pub use recipe::{Derived, InnerRecipe, Input, Policy, Predicate, Provenance, Recipe, RejectRaw, Task};
pub use rejects::{RejectLog, reject_schema};
pub use texts::{TextRules, Unfit};
