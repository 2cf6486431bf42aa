//! The spans of one sub-block, and the trait that fills them.

use crate::error::Fault;
use crate::simd::{Field, Row, Text, TextBlock};

/// The spans of one sub-block. Reused from one to the next.
///
/// **Shape**: each of `rows` points into `positions`; a [`Field`] says how its span follows from there. Rows that need
/// no correction point straight at what stage 1 found; the others at entries written behind it.
#[derive(Debug, Default)]
pub struct Tape {
    /// Positions in the text, in bytes from its start.
    pub positions: Vec<u32>,
    /// The records that fit, in order.
    pub rows: Vec<Row>,
    /// The records that do not, in order.
    pub malformed: Vec<Malformed>,
    /// The rows of the tables of a JSON grammar: elements of lists, and members of objects whose keys are data. The span of
    /// a list in its row counts them.
    pub children: Vec<Vec<Row>>,
    /// JSON values that are not of the kind their column wants, such as an object where a number is wanted.
    pub conflicts: Vec<Conflict>,
    /// Rows whose text goes on with that of another, each with where that one's positions begin; sorted by it, parts of the same
    /// row in their order.
    pub parts: Vec<(u32, Row)>,
    /// Keys that an object had before; the last of them counts.
    pub duplicates: u32,
    /// Lines that are no records: blank ones and comments.
    pub skipped: u32,
    /// All lines of the sub-block.
    pub lines: u32,
    /// Records that took the fast path; the rest went through the exact parser.
    pub fast_rows: u32,
}

impl Tape {
    /// Forgets the spans, keeps the memory.
    pub fn clear(&mut self) {
        self.positions.clear();
        self.rows.clear();
        self.malformed.clear();
        self.children.iter_mut().for_each(Vec::clear);
        self.conflicts.clear();
        self.parts.clear();
        (self.skipped, self.lines, self.fast_rows, self.duplicates) = (0, 0, 0, 0);
    }
}

/// A record that does not fit the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Its line, counted from the start of the chunk.
    pub line: u32,
    /// Where it starts in the text.
    pub start: u32,
    /// Where it ends, without its newline.
    pub end: u32,
    /// What is wrong, and where.
    pub fault: Fault,
    /// Rows of the sub-block before it.
    pub rows_before: u32,
}

/// A value of another kind than its column wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Where its row begins.
    pub base: u32,
    /// The slot it was meant for: the row's positions `2 * slot` and `2 * slot + 1`.
    pub slot: u16,
    /// Where it starts in the text.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
}

/// Cuts text into records and fields.
pub trait Tokenize: std::fmt::Debug + Send {
    /// Cuts `text[start..end]`, which consists of whole lines (each ends with a newline); `line` is the number of the
    /// first, counted from the start of the chunk. Fills `tape` and says what the bytes are, and where they end: before `end`
    /// where that costs less than to find a better end beforehand.
    fn tokenize<'t>(&mut self, text: &'t Text, start: usize, end: usize, line: u32, tape: &mut Tape) -> TextBlock<'t>;

    /// A chunk begins. `header` is what its source says of its fields before it; `None` if nothing stands before.
    fn start(&mut self, header: Option<&[u8]>) {
        let _ = header;
    }

    /// How the span of each capture follows from a row, in the program's order.
    fn fields(&self) -> &[Field];

    /// How the span of the whole record follows from a row.
    fn record(&self) -> Field;

    /// How the span of the text after the last field follows from a row.
    fn extra(&self) -> Field;

    /// What joins the pieces of extra text, where it is not in one place: then [`Tokenize::extra`] gives places in the
    /// tape's positions, between which the start and the end of each piece stand in turn.
    fn extra_joint(&self) -> Option<&[u8]> {
        None
    }

    /// For pairs whose separator a record says itself, how the span of what says it follows from a row.
    fn separator(&self) -> Option<Field> {
        None
    }

    /// Appends a row whose fields are all missing, for a malformed record, and gives it.
    fn null_row(&self, malformed: &Malformed, tape: &mut Tape) -> Row;

    /// What a fault means, for people: "expected ...".
    fn describe(&self, fault: Fault) -> String;

    /// How the work is done, in a line, for `explain()`.
    fn explain(&self) -> String;
}
