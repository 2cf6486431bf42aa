//! Lines that match beside lines that do not: `mismatch/<engine>/<road>/<variant>`, in nanoseconds a line.
//!
//! A line that fails must cost no more than one that matches, wherever it fails: at its first field (`early`) or at its
//! end (`late`), by the same number of bytes. `cut` is the tokenizer alone, on one block that fits the cache; `whole` is what
//! a scan does to a line, which is to cut and decode it, or to count it as a reject; `kept` is the same for one of the first
//! rejects, of which the text is kept. How many lines match is checked. Failing lines go to the exact parser, which has to
//! say what was expected and where.

use criterion::{Criterion, Throughput};
use logarrow::batch::{Assembler, Work};
use logarrow::simd::{Level, Pool, Text};
use logarrow::tokenize::Tape;
use logarrow::{Format, Options, Scan, Source, named};
use std::sync::Arc;

/// Lines of one block.
const LINES: usize = 512;

/// An engine with a format that runs on it, and a line that matches, fails late, fails early.
struct Case {
    engine: &'static str,
    format: Arc<Format>,
    lines: [&'static str; 3],
}

const COMBINED: [&str; 3] = [
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a/b?c=d HTTP/1.1" 200 512 "https://example.org/x" "Mozilla/5.0 (X11; Linux x86_64)""#,
    r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a/b?c=d HTTP/1.1" 200 512 "https://example.org/x" "Mozilla/5.0 (X11; Linux x86_64)_"#,
    r#"192.0.2.7_-_ana_[05/Mar/2026:10:00:01_+0900]_"GET_/a/b?c=d_HTTP/1.1"_200_512_"https://example.org/x"_"Mozilla/5.0_(X11;_Linux_x86_64)""#,
];
/// The quotes stand for themselves, and a last field of digits has no other end.
const REGEX: &str = r#"^(?P<host>.+?) (?P<ident>\S+) (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<request>[^"]*)" (?P<status>\d{3}) (?P<bytes>\d+|-) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)"$"#;

fn cases() -> Vec<Case> {
    let builtin = |name| named(name).expect("a builtin format");
    let made = |format: logarrow::Result<Format>| Arc::new(format.expect("a good pattern"));
    vec![
        Case { engine: "pattern", format: builtin("apache.combined"), lines: COMBINED },
        Case { engine: "regex", format: made(Format::regex(&[REGEX])), lines: COMBINED },
        Case { engine: "grok", format: made(Format::grok("^%{COMBINEDAPACHELOG}$")), lines: COMBINED },
        Case {
            engine: "syslog-5424",
            format: builtin("syslog.rfc5424"),
            lines: [
                r#"<165>1 2026-03-05T10:00:01.003Z web1.example.com shop 8710 ID47 [a@1 b="c" d="e f"] order 12 of the day placed"#,
                r#"<165>1 2026-03-05T10:00:01.003Z web1.example.com shop 8710 ID47 [a@1 b="c" d="e f"_ order 12 of the day placed"#,
                r#"_165_1_2026-03-05T10:00:01.003Z_web1.example.com shop 8710 ID47 [a@1 b="c" d="e f"] order 12 of the day placed"#,
            ],
        },
        Case {
            engine: "syslog-3164",
            format: builtin("syslog.rfc3164"),
            lines: [
                "<34>Oct 11 22:14:15 web1.example.com sshd[812]: Accepted publickey for ana from 192.0.2.7 port 1377 ssh2",
                "<34>Oct 11 22:14:1_ web1.example.com sshd[812]: Accepted publickey for ana from 192.0.2.7 port 1377 ssh2",
                "<_4>Oct 11 22:14:15 web1.example.com sshd[812]: Accepted publickey for ana from 192.0.2.7 port 1377 ssh2",
            ],
        },
        Case {
            engine: "pairs",
            format: builtin("logfmt"),
            lines: [
                r#"ts=2026-03-05T10:00:01Z level=info msg="request served" path=/a/b?c=d status=200 bytes=512 agent="curl/8.9 (x)""#,
                r#"ts=2026-03-05T10:00:01Z level=info msg="request served" path=/a/b?c=d status=200 bytes=512 agent="curl/8.9 (x)_"#,
                r#"=s=2026-03-05T10:00:01Z level=info msg="request served" path=/a/b?c=d status=200 bytes=512 agent="curl/8.9 (x)""#,
            ],
        },
        Case {
            engine: "delimited",
            format: made(Format::delimited(",", Some('"'), &["a", "b", "c", "d", "e", "f"])),
            lines: [
                r#"2026-03-05T10:00:01Z,web1.example.com,"GET /a/b?c=d, HTTP/1.1",200,512,"Mozilla/5.0 (X11; Linux x86_64)""#,
                r#"2026-03-05T10:00:01Z,web1.example.com,"GET /a/b?c=d, HTTP/1.1",200,512,"Mozilla/5.0 (X11; Linux x86_64)_"#,
                r#""026-03-05T10:00"01Z,web1.example.com,"GET /a/b?c=d, HTTP/1.1",200,512,"Mozilla/5.0 (X11; Linux x86_64)""#,
            ],
        },
    ]
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let level = Level::current();
    for Case { engine, format, lines } in cases() {
        let mut group = criterion.benchmark_group(format!("mismatch/{engine}"));
        group.throughput(Throughput::Elements(LINES as u64));
        // The columns of pairs are the keys of the first records.
        let first = format!("{}\n", lines[0]).into_bytes();
        let scan =
            Scan::new(Source::bytes("block", first), format).with_options(Options { threads: 1, ..Options::default() });
        let plan = scan.plan().expect("the options are good");
        let mut assembler = Assembler::new(plan.recipe().clone(), &Pool::default()).expect("the options are good");
        let name = "block".into();
        for (variant, line) in ["match", "late", "early"].into_iter().zip(lines) {
            assert_eq!(line.len(), lines[0].len(), "{engine}/{variant}");
            let text = Text::copied(format!("{line}\n").repeat(LINES).as_bytes());
            let mut tokenizer = plan.recipe().grammar.tokenizer(level);
            let mut tape = Tape::default();
            tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape);
            let matching = if variant == "match" { LINES } else { 0 };
            assert_eq!((tape.rows.len(), tape.malformed.len()), (matching, LINES - matching), "{engine}/{variant}");
            group.bench_function(format!("cut/{variant}"), |b| {
                b.iter(|| tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape))
            });
            for (road, counts_only) in [("whole", true), ("kept", false)] {
                let rejects = if counts_only { 0 } else { LINES - matching };
                if rejects == 0 && !counts_only {
                    continue;
                }
                let work = Work {
                    text: &text,
                    skip: 0,
                    passed: 0,
                    header: None,
                    offset: 0,
                    source: &name,
                    reference_us: 0,
                    limit: None,
                    counts_only,
                };
                group.bench_function(format!("{road}/{variant}"), |b| {
                    b.iter(|| {
                        let outcome = assembler.run(&work).expect("nothing refuses the lines");
                        let counts = &outcome.counts;
                        assert_eq!((counts.rows, counts.rejected), (matching as u64, (LINES - matching) as u64));
                        assert_eq!((outcome.rejects.len(), counts.bad_values), (rejects, 0));
                    })
                });
            }
        }
        group.finish();
    }
    criterion.final_summary();
}
