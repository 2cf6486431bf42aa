//! Each stage by itself, on one block of each format that fits the cache: `stage/<name>/<format>/<variant>`.

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

/// Each format with a generated log.
const FORMATS: [(&str, generate::Format); 9] = [
    ("apache.combined", generate::Format::Combined),
    ("aws.alb", generate::Format::Alb),
    ("aws.cloudfront", generate::Format::Cloudfront),
    ("aws.vpc_flow", generate::Format::VpcFlow),
    ("syslog.rfc5424", generate::Format::Rfc5424),
    ("syslog.rfc3164", generate::Format::Rfc3164),
    ("logfmt", generate::Format::Logfmt),
    ("ltsv", generate::Format::Ltsv),
    ("log4j", generate::Format::Log4j),
];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    index_stage(&mut criterion);
    for (name, kind) in FORMATS {
        format_stages(&mut criterion, name, kind);
    }
    criterion.final_summary();
}

fn log(kind: generate::Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    generate::write(&mut bytes, kind, BLOCK_BYTES as u64, SEED).expect("memory takes all");
    bytes
}

fn index_stage(criterion: &mut Criterion) {
    let bytes = log(generate::Format::Combined);
    let text = Text::copied(&bytes);
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
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
}

/// Tokenizing at each level, and decoding of each column.
fn format_stages(criterion: &mut Criterion, name: &str, kind: generate::Format) {
    let bytes = log(kind);
    let text = Text::copied(&bytes);
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
    let scan = Scan::new(Source::bytes("block", bytes), named(name).expect("a builtin format"))
        .with_options(Options { threads: 1, ..Options::default() });
    let plan = scan.plan().expect("the options are good");
    let recipe = plan.recipe();

    let mut group = criterion.benchmark_group(format!("stage/tokenize/{name}"));
    group.throughput(Throughput::Bytes(text.len() as u64));
    let mut tape = Tape::default();
    for level in Level::available() {
        let mut tokenizer = recipe.grammar.tokenizer(level);
        tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape);
        assert!(tape.lines as usize == lines && tape.malformed.len() <= lines / 1000);
        group.bench_function(level.name(), |b| b.iter(|| tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape)));
    }
    group.finish();

    let level = Level::current();
    let mut tokenizer = recipe.grammar.tokenizer(level);
    let view = tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape);
    let block = Block {
        text: view,
        positions: &tape.positions,
        children: &[],
        conflicts: &[],
        parts: &[],
        level,
        reference_us: 0,
    };
    let mut group = criterion.benchmark_group(format!("stage/decode/{name}"));
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
        let columns = task.names.join("+");
        group.bench_function(columns, |b| {
            b.iter(|| {
                let mut found = Findings::default();
                decoder.decode(&block, &tape.rows, &mut found);
                let columns = decoder.finish().expect("Arrow takes the column");
                assert!(found.bad.is_empty() && columns[0].len() == tape.rows.len());
            });
        });
    }
    group.finish();
}
