//! What the tests of all decoders use: cells in, arrays and bad cells out.

mod escape;
mod int;
mod list;
mod maps;
mod number;
mod other;
mod request;
mod time;
mod time_fuzz;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};

use super::{Bad, Block, Decode, Escape, Findings, Kind, KindOptions, NullTexts, Spec, Strings, decoder};
use crate::simd::{Field, Level, Pool, Row, Text, TextBlock};

/// Cells side by side in a text, each with a byte before and behind it that belongs to no cell.
pub(super) struct Cells {
    pub(super) text: Text,
    positions: Vec<u32>,
    rows: Vec<Row>,
}

impl Cells {
    pub(super) fn new<C: AsRef<[u8]>>(cells: &[C]) -> Self {
        let mut out = Self { text: Text::default(), positions: Vec::new(), rows: Vec::new() };
        for cell in cells {
            out.text.extend_from_slice(b"7");
            let start = out.text.len() as u32;
            out.text.extend_from_slice(cell.as_ref());
            out.push(start, out.text.len() as u32, cell.as_ref().contains(&b'\\'));
        }
        out.text.extend_from_slice(b"7");
        out
    }

    fn push(&mut self, start: u32, end: u32, has_escapes: bool) {
        let base = self.positions.len() as u32;
        self.positions.extend_from_slice(&[start, end]);
        self.rows.push(Row::new(base, self.rows.len() as u32).with_escapes(has_escapes));
    }

    /// Adds a row whose field is not there, and one of a malformed record.
    fn with_missing(mut self) -> Self {
        self.push(1, 0, false);
        let base = self.positions.len() as u32;
        self.positions.extend_from_slice(&[1, 0]);
        self.rows.push(Row::new(base, 0).all_null());
        self
    }

    /// Decodes all rows, in calls of at most `rows` rows.
    pub(super) fn decode(&self, decoder: &mut dyn Decode, rows: usize, reference_us: i64) -> Vec<Bad> {
        let mut bad = Vec::new();
        for (call, rows_of_call) in self.rows.chunks(rows).enumerate() {
            let block = Block {
                text: TextBlock::new(&self.text, 0, self.text.len()),
                positions: &self.positions,
                children: &[],
                conflicts: &[],
                parts: &[],
                level: Level::current(),
                reference_us,
            };
            let mut found = Findings::default();
            decoder.decode(&block, rows_of_call, &mut found);
            let first = (call * rows) as u32;
            bad.extend(found.bad.iter().map(|bad| Bad { row: first + bad.row, ..*bad }));
        }
        bad
    }
}

/// 2026-03-05T12:00:00Z
pub(super) const REFERENCE_US: i64 = 1_772_712_000_000_000;

pub(super) const FIELD: Field = Field { start_slot: 0, end_slot: 1, start_add: 0, end_add: 0 };

/// A column of `kind` whose null text is `-`.
pub(super) fn spec(kind: Kind) -> Spec {
    let (escape, strings) = (Escape::Httpd, Strings::Utf8);
    Spec { field: FIELD, kind, null: NullTexts::new(&["-"]), escape, joined: vec![], strings }
}

pub(super) fn kind(name: &str, format: Option<&str>) -> Kind {
    let separators = [", ".to_owned(), " : ".to_owned()];
    Kind::parse(name, &KindOptions { format, separators: &separators, ..KindOptions::default() }).unwrap()
}

/// The column of these cells, and the rows that are bad.
///
/// Each call also holds a field that is not there and a malformed record; they are checked and cut off here, as are the
/// spans of bad cells, the Arrow type, and that two calls give what one gives.
pub(super) fn column<C: AsRef<[u8]>>(spec: &Spec, cells: &[C]) -> (ArrayRef, Vec<usize>) {
    column_at(spec, cells, REFERENCE_US)
}

/// [`column`], with times without a year held against `reference_us`.
pub(super) fn column_at<C: AsRef<[u8]>>(spec: &Spec, cells: &[C], reference_us: i64) -> (ArrayRef, Vec<usize>) {
    let all = Cells::new(cells).with_missing();
    let mut decoder = decoder(spec, &Pool::default()).unwrap();
    let bad = all.decode(&mut *decoder, usize::MAX, reference_us);
    let array = decoder.finish().unwrap().remove(0);
    let again = all.decode(&mut *decoder, 3, reference_us);
    assert_eq!(decoder.finish().unwrap().remove(0).as_ref(), array.as_ref(), "in calls of three rows");
    assert_eq!(again, bad);
    assert_eq!(array.data_type(), &spec.kind.data_type(spec.strings));
    assert_eq!(array.len(), cells.len() + 2);
    assert!(array.is_null(cells.len()) && array.is_null(cells.len() + 1));
    for bad in &bad {
        assert_eq!(all.text.span(bad.start, bad.end), cells[bad.row as usize].as_ref());
        assert!(array.is_null(bad.row as usize) || matches!(array.data_type(), DataType::List(_)));
    }
    let bad = bad.iter().map(|bad| bad.row as usize).collect();
    (array.slice(0, cells.len()), bad)
}

/// A runner of `cases` random cases that are the same in every run.
pub(super) fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(7), ..Config::default() };
    assert_eq!(config.rng_algorithm, RngAlgorithm::ChaCha);
    TestRunner::new(config)
}

#[test]
fn unknown_types_are_refused_with_all_names() {
    let err = Kind::parse("int9", &KindOptions::default()).unwrap_err();
    assert_eq!(err.message(), "\"int9\" is no column type");
    let hint = err.hint().unwrap();
    for name in ["utf8", "binary", "bool", "int16", "float32", "decimal", "timestamp", "date", "duration", "hex", "ip"]
    {
        assert!(hint.contains(name), "{name}");
    }
    for bad in [
        "decimal",
        "decimal()",
        "decimal(39,0)",
        "decimal(3,4)",
        "decimal(0,0)",
        "decimal(3,-1)",
        "list",
        "list<>x",
        "list<list<int16>>",
        "list<int9>",
        "\u{1b}[0m",
    ] {
        assert!(Kind::parse(bad, &KindOptions::default()).is_err(), "{bad}");
    }
    assert!(Kind::parse("duration", &KindOptions { format: Some("h"), ..KindOptions::default() }).is_err());
}
