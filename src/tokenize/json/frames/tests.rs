use proptest::prelude::*;

use super::super::super::grammar::Rules;
use super::super::super::tape::Tokenize;
use super::super::{JsonGrammar, JsonNode, JsonTable, RECORD_SLOT, Want};
use super::*;

/// A grammar with a scalar, an object, a list and what is left over.
fn grammar(keys: &[&str], max_record_bytes: usize) -> JsonGrammar {
    let values = Values { records: keys.iter().map(|key| key.as_bytes().into()).collect(), max_record_bytes };
    let text = |capture| Want { text: JsonGrammar::slot(capture), ..Want::default() };
    let other = Want { is_extra: true, ..Want::default() };
    let member = |key: &str, want| (key.as_bytes().into(), want);
    JsonGrammar {
        root: JsonGrammar::ROOT,
        nodes: vec![
            JsonNode {
                members: vec![
                    member("a", text(0)),
                    member("b", Want { inside: JsonGrammar::slot(1), node: 1, ..Want::default() }),
                    member("c", Want { inside: JsonGrammar::slot(3), table: 0, ..Want::default() }),
                ],
                other,
            },
            JsonNode { members: vec![member("x", text(2))], other },
        ],
        tables: vec![JsonTable { item: Want { text: 0, ..Want::default() }, slots: 1, is_map: false }],
        captures: 4,
        ignore_case: false,
        keeps_extra: true,
        explode: None,
        skip: None,
        values: Some(values),
        rules: Rules { extra: true, max_record_bytes, ..Rules::default() },
    }
}

/// The slots of a record and its texts: the others count child rows, or are written as is convenient.
const SLOTS: [u16; 3] = [RECORD_SLOT, JsonGrammar::slot(0), JsonGrammar::slot(2)];

/// What a tape holds.
#[derive(Debug, Default, PartialEq)]
struct Found {
    /// Each row's line, whether it has escapes, and its spans.
    rows: Vec<(u32, bool, Vec<u32>)>,
    malformed: Vec<Malformed>,
    children: usize,
    conflicts: usize,
    counts: [u32; 4],
}

impl Found {
    fn add(&mut self, tape: &Tape) {
        for row in &tape.rows {
            let span = |slot: u16| tape.positions[row.base() + 2 * usize::from(slot)..][..2].to_vec();
            self.rows.push((row.line, row.has_escapes(), SLOTS.iter().flat_map(|slot| span(*slot)).collect()));
        }
        let rows_before = self.counts[0];
        self.malformed
            .extend(tape.malformed.iter().map(|bad| Malformed { rows_before: bad.rows_before + rows_before, ..*bad }));
        self.children += tape.children[0].len();
        self.conflicts += tape.conflicts.len();
        let counts = [tape.rows.len() as u32, tape.lines, tape.fast_rows, tape.duplicates];
        self.counts.iter_mut().zip(counts).for_each(|(all, more)| *all += more);
    }
}

fn found(grammar: &JsonGrammar, level: Level, bytes: &[u8]) -> Found {
    let text = Text::copied(bytes);
    let mut tokenizer = JsonTokenizer::new(grammar.clone(), level);
    let (mut tape, mut out, mut start) = (Tape::default(), Found::default(), 0);
    while start < text.len() {
        let block = tokenizer.tokenize(&text, start, text.len(), out.counts[1], &mut tape);
        assert!(block.start() == start && block.end() > start);
        out.add(&tape);
        start = block.end();
    }
    out
}

/// The same, where the end of each record is looked for, and none is walked through but by itself.
fn found_one_by_one(grammar: &JsonGrammar, bytes: &[u8]) -> Found {
    let text = Text::copied(bytes);
    let mut tokenizer = JsonTokenizer::new(grammar.clone(), Level::current());
    let mut tape = Tape::default();
    tape.children.resize_with(1, Vec::new);
    let values = grammar.values.clone().unwrap();
    let mut at = 0;
    let newlines = |end: usize| bytes[..end].iter().filter(|byte| **byte == b'\n').count() as u32;
    while let Some(frame) = values.frame(&bytes[at..], true) {
        if let Some((from, to)) = frame.record {
            let mut index = JsonIndex::default();
            json_index(Level::current(), &text, (at + from, at + to), false, &mut index);
            let places = ((at + from) as u32, (at + to) as u32, newlines(at + from));
            let cursor = &mut Cursor::default();
            JsonTokenizer::record(&mut tokenizer, &text, &index, places.0, places.1, places.2, cursor, &mut tape);
        }
        if let Some(fault) = frame.fault {
            tape.malformed.push(malformed(&fault, at as u32, newlines(at + fault.start), tape.rows.len() as u32));
        }
        at += frame.end;
    }
    tape.lines = newlines(bytes.len());
    let mut out = Found::default();
    out.add(&tape);
    out
}

fn check(keys: &[&str], max_record_bytes: usize, bytes: &[u8]) -> Found {
    let grammar = grammar(keys, max_record_bytes);
    let wanted = found_one_by_one(&grammar, bytes);
    for level in Level::available() {
        let found = found(&grammar, level, bytes);
        assert_eq!(found, wanted, "{level:?}: {}", bytes[..bytes.len().min(2000)].escape_ascii());
    }
    wanted
}

#[test]
fn records_of_every_length_are_those_that_stand_alone() {
    let shapes: [(&[&str], &str, &str, &str); 6] = [
        (&[], "", "\n", "\n"),
        (&[], "", "", ""),
        (&[], "[", ",", "]\n"),
        (&[], "[\n", "\n ,\n", "\n]\n"),
        (&["k"], "{\"k\":[", ",", "],\"n\":\"\\\"\"}\n"),
        (&["k"], "{\"v\":1,\"k\": [\n", ",\r\n", "\n]}\n{\"k\":[]}{\"a\":1}\n"),
    ];
    for (keys, before, between, behind) in shapes {
        // Around what is indexed at once: less, about as much, and more.
        for len in [1, 1000, 5000, 30_000, 40_000, 70_000, 140_000] {
            let record = |id: usize| {
                let text = "\\\"{[ ".repeat((len * (id % 3)) / 8);
                format!("{{\"a\":{id},\"b\":{{\"x\":\"{text}\"}},\"c\":[1,\"2\"],\"d\":[{{}}]}}")
            };
            let count = (300_000 / len).clamp(6, 2000);
            let mut records: Vec<String> = (0..count).map(record).collect();
            let bytes = before.to_owned() + &records.join(between) + behind;
            let whole = check(keys, 1 << 20, bytes.as_bytes());
            assert!(whole.rows.len() >= count && whole.malformed.is_empty(), "{:?}", whole.malformed);
            // Good by its brackets, but no JSON; and not even that.
            records[count / 2] = records[count / 2].replacen("1,\"2\"", "1,,\"2\"", 1);
            records[count / 3] = records[count / 3].replacen("{\"x\":\"", "{\"x:\"", 1);
            let bytes = before.to_owned() + &records.join(between) + behind;
            let broken = check(keys, 1 << 20, bytes.as_bytes());
            assert!(broken.malformed.len() >= 2 && broken.rows.len() + 2 >= count, "{:?}", broken.malformed);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(5), ..ProptestConfig::default() })]

    #[test]
    fn broken_text_holds_the_records_that_stand_alone(
        parts in prop::collection::vec(prop_oneof![
            4 => prop::sample::select(vec!["{\"a\":1,\"b\":{\"x\":\"y\"}}", "{\"a\":\"\\\"\",\"c\":[1,{}]}", "{\"a\":1,\"a\":2,\"z\":[0]}"]),
            3 => prop::sample::select(vec![",", ", ", "\n", "\n,\n", "]\n[", "", "]}{\"k\":["]),
            1 => prop::sample::select(vec!["{", "\"", "}", "]", ",", "\\", "{\"a\":\"", "\u{1e}", "[", "x", " ", "1", "\n{\"",
                "{\"a\":tru}", "{\"a\":\"\\q\"}", "{\"a\":\"\t\"}", "}\n,{\"a", "\"k\":[", "{\"a\":1 2}", "1 "]),
        ], 0..40),
        before in prop::sample::select(vec!["", "[", "{\"k\":[", "\u{feff}"]),
        keyed in any::<bool>(),
        max_record_bytes in prop::sample::select(vec![10_usize, 25, 1 << 20]),
    ) {
        let text = before.to_owned() + &parts.concat() + "\n";
        check(if keyed { &["k"] } else { &[] }, max_record_bytes, text.as_bytes());
    }
}
