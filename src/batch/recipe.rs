//! What a plan tells every thread.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use super::path::PathRule;
use crate::decode::{RequestPart, Spec};
use crate::filter::Bound;
use crate::simd::Level;
use crate::split::{Framing, HeaderLines};
use crate::tokenize::Grammar;

/// Everything an [`super::Assembler`] needs; made once a scan.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Where records end.
    pub framing: Framing,
    /// Where a file names its fields, if it does.
    pub header: Option<HeaderLines>,
    /// Lines at the start of each file that are no records.
    pub skip_lines: u32,
    /// How records are cut.
    pub grammar: Grammar,
    /// What is decoded for rows that are given. **Shape**: their columns, in order, are `decoded`.
    pub tasks: Vec<Task>,
    /// The records inside those, which are decoded too. **Shape**: their columns, in order, follow those of the tasks.
    pub inner: Vec<InnerRecipe>,
    /// The decoded columns.
    pub decoded: SchemaRef,
    /// Which rows are given.
    pub predicate: Option<Predicate>,
    /// Columns computed from decoded ones, and from those computed before.
    pub derived: Vec<Derived>,
    /// Where each output column is found: among the decoded ones, which the derived ones follow.
    pub output: Vec<usize>,
    /// The output columns.
    pub schema: SchemaRef,
    /// What happens to malformed records and bad values.
    pub policy: Policy,
    /// How much of a reject's text is kept.
    pub reject_raw: RejectRaw,
    /// All rejects are wanted, not only the first.
    pub all_rejects: bool,
    /// Rows a batch, at most.
    pub batch_rows: usize,
    /// Which kernels run.
    pub level: Level,
    /// What the path of a source says.
    pub path: Arc<PathRule>,
}

impl Recipe {
    /// The same with each line a record.
    pub fn by_line(&self) -> Self {
        let mut recipe = self.clone();
        recipe.framing = Framing::Lines;
        recipe.grammar = recipe.grammar.by_line();
        recipe
    }
}

pub use crate::options::{OnError as Policy, RejectRaw};

/// One decoder: where its bytes come from and what it makes of them. The field in the spec is filled in by the
/// assembler, which knows where the tokenizer puts each span.
#[derive(Clone, Debug)]
pub struct Task {
    /// The bytes.
    pub input: Input,
    /// The column, or the one all parts share.
    pub spec: Spec,
    /// The parts of a request line; empty for a plain column.
    pub parts: Vec<RequestPart>,
    /// The captures that are joined, each with the text before it; empty for a column of one span.
    pub joined: Vec<(Box<[u8]>, usize)>,
    /// The names of its columns, for messages.
    pub names: Vec<Arc<str>>,
    /// The predicate reads it too, and has judged its cells.
    pub is_judged: bool,
}

/// The records that stand in a column, each row's text one.
#[derive(Clone, Debug)]
pub struct InnerRecipe {
    /// The texts; judged, if the predicate has read these records too.
    pub source: Task,
    /// The name of the column they are in, for messages.
    pub column: Arc<str>,
    /// The name of the format of the records, for messages.
    pub format: Arc<str>,
    /// How they are cut.
    pub grammar: Grammar,
    /// What is decoded of them.
    pub tasks: Vec<Task>,
    /// The records that stand in their columns.
    pub inner: Vec<InnerRecipe>,
}

/// Where a task's bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The capture with this number.
    Capture(usize),
    /// From the start of one capture to the end of another.
    Captures(usize, usize),
    /// Where the spec says itself.
    Member,
    /// The text behind the last known field.
    Extra,
    /// The whole record.
    Record,
    /// Not from the text.
    Provenance(Provenance),
}

/// Columns that say where a row comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// The source's name.
    Path,
    /// The part of it that the capture of this number holds.
    PathPart(usize),
    /// The value of the folder of it with the key of this number.
    Folder(usize),
    /// The line, from 1.
    Line,
    /// The byte, from 0.
    Offset,
}

/// Which rows are given: the columns it reads are decoded first, for all rows.
#[derive(Clone, Debug)]
pub struct Predicate {
    /// What it and its derived columns read.
    pub tasks: Vec<Task>,
    /// The same of records inside those.
    pub inner: Vec<InnerRecipe>,
    /// Those columns.
    pub schema: SchemaRef,
    /// The derived columns it stands on.
    pub derived: Vec<Derived>,
    /// The expression, bound to both.
    pub bound: Bound,
}

/// A column computed from those before it.
#[derive(Clone, Debug)]
pub struct Derived {
    /// The columns before it, and itself as the last.
    pub schema: SchemaRef,
    /// The expression, bound to the columns before it.
    pub bound: Bound,
}
