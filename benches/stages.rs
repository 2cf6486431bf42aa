//! Each stage by itself, on one block that fits the cache. `stage/<name>/<variant>`.

#[path = "generate.rs"]
mod generate;

use criterion::{Criterion, Throughput};
use logarrow::decode::{Block, Findings, Spec, decoder, request_decoder};
use logarrow::simd::{Index, Level, Pool, Structurals, Text, index};
use logarrow::tokenize::Tape;
use logarrow::{Options, Scan, Source, named};

/// A sub-block: text and index fit the second-level cache.
const BLOCK_BYTES: usize = 128 << 10;
const SEED: u64 = 1;

fn main() {
    let mut bytes = generate::combined(BLOCK_BYTES, SEED);
    if bytes.last() != Some(&b'\n') {
        bytes.push(b'\n');
    }
    let text = Text::copied(&bytes);
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let scan = Scan::new(Source::bytes("block", bytes.clone()), named("apache.combined").expect("a builtin format"))
        .with_options(Options { threads: 1, ..Options::default() });
    let plan = scan.plan().expect("the options are good");
    let recipe = plan.recipe();

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("stage/index");
    group.throughput(Throughput::Bytes(text.len() as u64));
    let structurals = Structurals { delimiters: vec![b' '], quotes: true, escapes: true };
    for level in Level::available() {
        let mut found = Index::default();
        index(level, &text, 0, text.len(), &structurals, &mut found);
        let newlines = found.positions.iter().filter(|at| text.byte(**at) == b'\n').count();
        assert_eq!(newlines, lines);
        group.bench_function(level.name(), |b| b.iter(|| index(level, &text, 0, text.len(), &structurals, &mut found)));
    }
    group.finish();

    let mut group = criterion.benchmark_group("stage/tokenize");
    group.throughput(Throughput::Bytes(text.len() as u64));
    let mut tape = Tape::default();
    for level in Level::available() {
        let mut tokenizer = recipe.grammar.tokenizer(level);
        tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape);
        assert_eq!(tape.rows.len() + tape.malformed.len() + tape.skipped as usize, lines);
        group.bench_function(level.name(), |b| b.iter(|| tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape)));
    }
    group.finish();

    let level = Level::current();
    let mut tokenizer = recipe.grammar.tokenizer(level);
    let view = tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape);
    let block = Block { text: view, positions: &tape.positions, level, reference_us: 0 };
    let mut group = criterion.benchmark_group("stage/decode");
    group.throughput(Throughput::Bytes(text.len() as u64));
    for task in &recipe.tasks {
        let logarrow::batch::Input::Capture(capture) = task.input else { continue };
        let spec = Spec { field: tokenizer.fields()[capture], ..task.spec.clone() };
        let pool = Pool::default();
        let mut decoder = if task.parts.is_empty() {
            decoder(&spec, &pool).expect("a good spec")
        } else {
            request_decoder(&spec, &task.parts, &pool)
        };
        let name = task.names.join("+");
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut found = Findings::default();
                decoder.decode(&block, &tape.rows, &mut found);
                let columns = decoder.finish().expect("Arrow takes the column");
                assert!(found.bad.is_empty() && columns[0].len() == tape.rows.len());
            });
        });
    }
    group.finish();

    criterion.final_summary();
}
