mod variants;

use proptest::prelude::*;

use super::matcher::{self, Spans};
use super::*;
use crate::error::{Fault, Reason};
use crate::simd::{Level, Text};
use crate::split::{Framing, Unclosed};

fn capture(index: u16, class: Class, escapes: bool) -> Op {
    Op::Capture { index, class, escapes, lead: None }
}

fn literal(text: &str) -> Op {
    Op::Literal(text.as_bytes().into())
}

fn program(alternatives: Vec<Vec<Op>>, captures: usize) -> Program {
    Program {
        alternatives,
        captures,
        escapes: true,
        separator: b' ',
        rules: Rules { max_record_bytes: 1 << 20, ..Rules::default() },
    }
}

fn with_rules(mut program: Program, change: impl FnOnce(&mut Rules)) -> Program {
    change(&mut program.rules);
    program
}

fn with_extra(program: Program) -> Program {
    with_rules(program, |rules| rules.extra = true)
}

/// httpd's combined log.
fn combined() -> Program {
    let steps = vec![
        capture(0, Class::Word, false),
        literal(" "),
        capture(1, Class::Word, false),
        literal(" "),
        capture(2, Class::Any, false),
        literal(" ["),
        capture(3, Class::Spaces(1), false),
        literal("] \""),
        capture(4, Class::Any, true),
        literal("\" "),
        capture(5, Class::Word, false),
        literal(" "),
        capture(6, Class::Word, false),
        literal(" \""),
        capture(7, Class::Any, true),
        literal("\" \""),
        capture(8, Class::Any, true),
        literal("\""),
    ];
    program(vec![steps], 9)
}

const LINE: &str = r#"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 200 512 "-" "curl/8.9 (x)""#;

/// The text of each span of each row.
type Rows = Vec<Vec<Option<String>>>;

/// Spans of each record by the tokenizer, with what is malformed.
fn tokenized(program: &Program, text: &[u8], level: Level) -> (Rows, Vec<Malformed>, Tape) {
    let mut whole = text.to_vec();
    if whole.last() != Some(&b'\n') {
        whole.push(b'\n');
    }
    let text = Text::copied(&whole);
    let mut tokenizer = PatternTokenizer::new(program.clone(), level);
    let mut tape = Tape::default();
    tokenizer.tokenize(&text, 0, text.len(), 0, &mut tape);
    let show = |(start, end)| String::from_utf8_lossy(text.span(start, end)).into_owned();
    let rows = tape.rows.iter().map(|row| {
        let fields = tokenizer.fields().iter().chain([tokenizer.record()].iter()).copied().collect::<Vec<_>>();
        fields.iter().map(|field| field.span(&tape.positions, *row).map(show)).collect()
    });
    (rows.collect(), tape.malformed.clone(), tape)
}

/// The same by the exact parser alone.
fn exact(program: &Program, text: &[u8]) -> (Rows, Vec<(u32, Fault)>) {
    let (mut rows, mut malformed) = (vec![], vec![]);
    let lines = text.strip_suffix(b"\n").unwrap_or(text).split(|byte| *byte == b'\n');
    for (number, line) in lines.enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || program.rules.is_comment(line) {
            continue;
        }
        let mut spans = Spans::default();
        let show = |span: &(u32, u32)| {
            (span.0 <= span.1).then(|| String::from_utf8_lossy(&line[span.0 as usize..span.1 as usize]).into_owned())
        };
        match matcher::cut(program, line, &mut spans) {
            Ok(()) => {
                let mut row: Vec<_> = spans.spans[..program.captures].iter().map(show).collect();
                row.push(Some(String::from_utf8_lossy(line).into_owned()));
                rows.push(row);
            }
            Err(fault) => malformed.push((number as u32, fault)),
        }
    }
    (rows, malformed)
}

fn assert_agrees(program: &Program, text: &[u8]) {
    let (rows, malformed) = exact(program, text);
    for level in Level::available() {
        let (found, bad, _) = tokenized(program, text, level);
        assert_eq!(found, rows, "{level:?}: {:?}", String::from_utf8_lossy(text));
        assert_eq!(bad.iter().map(|bad| (bad.line, bad.fault)).collect::<Vec<_>>(), malformed, "{level:?}");
    }
}

#[test]
fn regular_records_take_the_fast_path() {
    let text = format!("{LINE}\n{LINE}\n\n{LINE}\n");
    let (rows, malformed, tape) = tokenized(&combined(), text.as_bytes(), Level::current());
    assert_eq!((rows.len(), malformed.len(), tape.skipped, tape.lines, tape.fast_rows), (3, 0, 1, 4, 3));
    let wanted = [
        "192.0.2.7",
        "-",
        "ana",
        "05/Mar/2026:10:00:01 +0900",
        "GET /a?b=1 HTTP/1.1",
        "200",
        "512",
        "-",
        "curl/8.9 (x)",
        LINE,
    ];
    assert_eq!(rows[2].iter().flatten().collect::<Vec<_>>(), wanted);
}

#[test]
fn padding_is_no_part_of_a_capture() {
    let padded = |class| program(vec![vec![capture(0, class, false), literal(" "), capture(1, Class::Any, false)]], 2);
    let cut = |class, text: &str| {
        let (rows, ..) = tokenized(&padded(class), text.as_bytes(), Level::current());
        rows.first().map(|row| [0, 1].map(|at: usize| row[at].clone().unwrap_or_default()))
    };
    let some = |first: &str, second: &str| Some([first.to_owned(), second.to_owned()]);
    assert_eq!(cut(Class::Padded(5), "INFO  go"), some("INFO", "go"));
    assert_eq!(cut(Class::Padded(5), "WARNING go"), some("WARNING", "go"));
    assert_eq!(cut(Class::Padded(5), "      go"), None);
    assert_eq!(cut(Class::Trimmed(8), "http 1   go on"), some("http 1", "go on"));
    assert_eq!(cut(Class::Trimmed(8), "  http 1 go on"), some("http 1", "go on"));
    assert_eq!(cut(Class::Trimmed(8), "         go on"), some("", "go on"));
    assert_eq!(cut(Class::Trimmed(8), "http-nio 12 go"), some("http-nio", "12 go"));
    assert_eq!(cut(Class::Trimmed(8), "http 1"), None);
    assert_eq!(cut(Class::Trimmed(0), "http 1 go"), some("http", "1 go"));
}

#[test]
fn odd_records_are_cut_like_the_exact_parser_does() {
    let lines = [
        LINE.to_owned(),
        LINE.replace("ana", "ana maria"),
        LINE.replace("GET /a?b=1 HTTP/1.1", r#"GET /a\"b HTTP/1.1"#),
        LINE.replace("GET /a?b=1 HTTP/1.1", r"\x16\x03\x01"),
        LINE.replace("curl", r#"cu"rl"#),
        LINE.replace("curl", r#"cu" rl"#),
        LINE.replace("(x)", r"(x)\\"),
        LINE.replace("(x)", r"(x)\"),
        LINE.replace("GET /a?b=1 HTTP/1.1", ""),
        LINE[..60].to_owned(),
        format!("{LINE} more"),
        format!("{LINE}\r"),
        "\r".to_owned(),
        String::new(),
        "\"".to_owned(),
        LINE.replace(' ', ""),
        LINE.replace("10:00:01 +0900", "10:00:01"),
    ];
    assert_agrees(&combined(), lines.join("\n").as_bytes());
    for line in &lines {
        assert_agrees(&combined(), line.as_bytes());
    }
}

#[test]
fn a_broken_quote_damages_its_own_line_only() {
    let text = format!("{LINE}\n{}\n{LINE}\n", LINE.replacen('"', "", 1));
    let (rows, malformed, tape) = tokenized(&combined(), text.as_bytes(), Level::current());
    assert_eq!((rows.len(), malformed.len(), tape.fast_rows), (2, 1, 2));
}

#[test]
fn patterns_of_every_shape_agree_with_the_exact_parser() {
    let word = |index| capture(index, Class::Word, false);
    let shapes = [
        // A port behind a host, an IPv6 address among them.
        program(
            vec![vec![
                capture(0, Class::Any, false),
                literal(":"),
                capture(1, Class::Digits, false),
                literal(" "),
                word(2),
            ]],
            3,
        ),
        // A tail.
        program(
            vec![vec![literal("["), capture(0, Class::Spaces(1), false), literal("] "), capture(1, Class::Any, false)]],
            2,
        ),
        // An end without a structural byte.
        program(vec![vec![word(0), literal(" ["), word(1), literal("]")]], 2),
        // Optional groups, one inside the other.
        program(
            vec![vec![
                word(0),
                literal(" "),
                Op::Optional { end: 7 },
                literal("<"),
                word(1),
                Op::Optional { end: 7 },
                literal("> "),
                capture(2, Class::Any, false),
            ]],
            3,
        ),
        // Alternatives.
        program(
            vec![vec![word(0), literal("|"), word(1)], vec![capture(0, Class::Any, false), literal(","), word(1)]],
            2,
        ),
        // Text behind the last field.
        with_extra(program(vec![vec![word(0), literal(" "), word(1)]], 2)),
        // Comments.
        with_rules(program(vec![vec![word(0), literal(" "), word(1)]], 2), |rules| {
            rules.comments = vec![b"#".as_slice().into()];
        }),
        // A list.
        program(vec![vec![capture(0, Class::List, false), literal(" "), word(1)]], 2),
    ];
    let texts = [
        "a:1 b",
        "a:b:2 c",
        "a:x b",
        "::1:80 z",
        "[a b] c d",
        "[a b]",
        "[a] b",
        "[a b] ",
        "x [y]",
        "x [y] ",
        "x [y]]",
        "a <b> c d",
        "a <b",
        "a b",
        "a|b",
        "a,b",
        "a,b|c",
        "a b c d",
        "a b ",
        "#a b",
        "1, 2 : 3 x",
        "1, 2",
        "1 : 2 x",
        "",
        " ",
        "  ",
    ];
    for shape in &shapes {
        assert_agrees(shape, texts.join("\n").as_bytes());
        assert_agrees(shape, texts.join("\r\n").as_bytes());
    }
}

#[test]
fn literals_that_would_share_a_byte_are_refused_on_both_paths() {
    let any = |index| capture(index, Class::Any, false);
    let around_spaces = program(vec![vec![any(0), literal(" -"), any(1), literal("- "), any(2)]], 3);
    let at_the_end = program(vec![vec![any(0), literal(" '"), any(1), literal("'")]], 2);
    let at_the_start = program(vec![vec![literal("ab"), any(0), literal("bc")]], 1);
    for end in ["\n", "\r\n"] {
        for (program, line) in [(&around_spaces, "a - c"), (&at_the_end, "a '"), (&at_the_start, "abc")] {
            let (rows, malformed, _) = tokenized(program, format!("{line}{end}").as_bytes(), Level::current());
            assert_eq!((rows.len(), malformed.len()), (0, 1), "{line}");
        }
        for (program, line) in [(&around_spaces, "a -- c"), (&at_the_end, "a ''"), (&at_the_start, "abbc")] {
            let (rows, _, tape) = tokenized(program, format!("{line}{end}").as_bytes(), Level::current());
            assert_eq!((rows.len(), tape.fast_rows), (1, 1), "{line}");
        }
    }
}

#[test]
fn a_last_capture_of_any_text_leaves_nothing_behind_on_both_paths() {
    let last = capture(1, Class::Any, false);
    let steps = vec![capture(0, Class::Any, false), literal(" [] "), last.clone()];
    for alternatives in [vec![steps.clone()], vec![steps.clone(), steps]] {
        let program = with_extra(program(alternatives, 2));
        // Spaces in the first capture make the record irregular.
        for line in ["a [] b c d", "a a [] b c d"] {
            let (rows, ..) = tokenized(&program, line.as_bytes(), Level::current());
            assert_eq!(rows[0][1].as_deref(), Some("b c d"), "{line}");
        }
    }
}

#[test]
fn text_behind_a_last_literal_is_no_part_of_the_field() {
    let any = |index| capture(index, Class::Any, false);
    let steps = vec![any(0), literal("|"), any(1), literal("]")];
    let open_quote = vec![any(0), literal("\""), any(1), literal(" ")];
    for steps in [steps, open_quote] {
        let program = with_extra(program(vec![steps], 2));
        assert_agrees(&program, b"a|b]\na|b] c]\n\"a  ");
    }
}

/// As nginx has it, shorter.
fn tail() -> Program {
    let part = |index, before: &str, class, behind: &str| TailPart {
        before: before.as_bytes().into(),
        index,
        class,
        behind: behind.as_bytes().into(),
    };
    let parts = vec![
        part(2, ", c: ", Class::Word, ""),
        part(3, ", s: ", Class::Word, ""),
        part(4, ", r: \"", Class::Any, "\""),
        part(5, ", h: \"", Class::Any, "\""),
    ];
    let tail = Op::Tail(Tail::new(parts).unwrap());
    let steps = vec![capture(0, Class::Digits, false), literal(" "), capture(1, Class::Any, false), tail];
    Program { escapes: false, ..with_extra(program(vec![steps], 6)) }
}

/// The spans of one record, joined; the extra text behind them.
fn parts(program: &Program, line: &str) -> Option<String> {
    let mut spans = Spans::default();
    matcher::cut(program, line.as_bytes(), &mut spans).ok()?;
    let show = |(start, end): &(u32, u32)| line.get(*start as usize..*end as usize).unwrap_or("-").to_owned();
    Some(spans.spans[1..].iter().map(show).collect::<Vec<_>>().join("|"))
}

#[test]
fn a_tail_is_found_from_the_right() {
    let cases = [
        ("1 m", "m|-|-|-|-|-"),
        ("1 m, c: a", "m|a|-|-|-|-"),
        ("1 , c: ", "||-|-|-|-"),
        ("1 m, c: a, s: b, r: \"q\", h: \"x\"", "m|a|b|q|x|-"),
        ("1 m, c: a, h: \"x\"", "m|a|-|-|x|-"),
        // Without the first part there is none; nor in another order.
        ("1 m, s: b, h: \"x\"", "m, s: b, h: \"x\"|-|-|-|-|-"),
        ("1 m, c: a, h: \"x\", r: \"q\"", "m|a|-|-|x\", r: \"q|-"),
        // Text of the message that looks like a tail.
        ("1 m, c: f, s: g, c: a, s: b", "m, c: f, s: g|a|b|-|-|-"),
        ("1 m, c: f, r: \"q\" x, c: a, s: b", "m, c: f, r: \"q\" x|a|b|-|-|-"),
        ("1 \"m, c: f, s: g, r: \"q\" n, c: a, s: b, r: \"p\"", "\"m, c: f, s: g, r: \"q\" n|a|b|p|-|-"),
        // Text between quotes that looks like one, and does not fit as such.
        ("1 m, c: a, h: \"x, c: f\"", "m|a|-|-|x, c: f|-"),
        ("1 m, c: a, r: \"q\", h: \"x, h: \"y\"", "m|a|-|q|x, h: \"y|-"),
        ("1 m, c: a, r: \"q\", h: \"x\" y\", h: \"z\"", "m|a|-|q\", h: \"x\" y|z|-"),
        // Parts of other names.
        ("1 m, c: a, l: \"u\"", "m|a|-|-|-|l: \"u\""),
        ("1 m, c: a, s: b, h: \"x\", to/from a:0/0, to b:1", "m|a|b|-|x|to/from a:0/0, to b:1"),
        ("1 m, c: a, l: \"u\", h: \"x\"", "m|a|-|-|-|l: \"u\", h: \"x\""),
        ("1 m, l: u, c: a, h: \"x\"", "m, l: u|a|-|-|x|-"),
        // Cut off.
        ("1 m, c: a, r: \"q, z", "m|a|-|q, z|-|-"),
        ("1 m, c: a, r: \"q\", h: \"x", "m|a|-|q|x|-"),
        ("1 m, c: a b", "m, c: a b|-|-|-|-|-"),
    ];
    for (line, want) in cases {
        assert_eq!(parts(&tail(), line).as_deref(), Some(want), "{line}");
        assert_agrees(&tail(), line.as_bytes());
    }
    let strict = with_rules(tail(), |rules| rules.extra = false);
    assert_eq!(parts(&strict, "1 m, c: a, l: u"), None);
    assert_eq!(parts(&strict, "1 m, c: a").as_deref(), Some("m|a|-|-|-|-"));
    let (_, malformed, _) = tokenized(&strict, b"1 m, c: a, l: u", Level::current());
    assert_eq!(malformed[0].fault, crate::error::Fault { reason: Reason::TrailingText, at: 11 });
}

#[test]
fn a_hostile_tail_takes_no_longer_than_a_bound() {
    for piece in [", c: a, s: b, r: \"q\"", ", h: \"", ", c: ", ", s: x, r: \""] {
        let line = format!("1 {} end", piece.repeat(50_000));
        assert!(parts(&tail(), &line).is_some(), "{piece}");
    }
}

#[test]
fn faults_say_what_was_expected_and_where() {
    let cases = [
        (&LINE[..62], "expected a closing \"", 62),
        ("1.2.3.4", "expected \" \"", 0),
        (&LINE.replacen("\" 200", "\"200", 1)[..], "expected \"\\\" \"", 65),
        (&LINE.replace("] \"", "]\"")[..], "expected \"] \\\"\"", 17),
        (&format!("{LINE} x")[..], "expected the end of the record", LINE.len()),
    ];
    for (line, what, at) in cases {
        let (_, malformed, _) = tokenized(&combined(), line.as_bytes(), Level::current());
        let [bad] = malformed[..] else { panic!("{line} is not malformed") };
        let tokenizer = PatternTokenizer::new(combined(), Level::current());
        assert_eq!((tokenizer.describe(bad.fault).as_str(), bad.fault.at as usize), (what, at), "{line}");
    }
}

#[test]
fn overlong_records_are_refused_on_both_paths() {
    let program = with_rules(combined(), |rules| rules.max_record_bytes = 50);
    let (rows, malformed, _) = tokenized(&program, format!("{LINE}\n{LINE}x").as_bytes(), Level::current());
    assert_eq!(rows.len(), 0);
    assert!(malformed.iter().all(|bad| bad.fault.reason == Reason::TooLong) && malformed.len() == 2);
}

/// All ways to end `line[..end]` with some of the first `count` parts, the one whose parts begin farthest right first.
fn ways(line: &str, end: usize, count: usize) -> Vec<Vec<(usize, usize, usize, usize)>> {
    const PARTS: [(&str, &str); 4] = [(", c: ", ""), (", s: ", ""), (", r: \"", "\""), (", h: \"", "\"")];
    let mut out = Vec::new();
    for at in (2..end).rev() {
        for (number, (before, behind)) in PARTS.iter().enumerate().take(count) {
            let Some(value) = line[at..end].strip_prefix(before).and_then(|rest| rest.strip_suffix(behind)) else {
                continue;
            };
            if behind.is_empty() && value.contains([' ', '"']) {
                continue;
            }
            let part = (number, at, at + before.len(), at + before.len() + value.len());
            if number == 0 {
                out.push(vec![part]);
            } else {
                out.extend(ways(line, at, number).into_iter().map(|way| [way, vec![part]].concat()));
            }
        }
    }
    out
}

/// What the first of these ways gives, written as [`parts`] does.
fn rightmost(line: &str) -> Option<String> {
    let way = ways(line, line.len(), 4).into_iter().next()?;
    let mut shown = vec![line[2..way[0].1].to_owned()];
    for number in 0..4 {
        let part = way.iter().find(|part| part.0 == number);
        shown.push(part.map_or("-".into(), |(_, _, start, end)| line[*start..*end].to_owned()));
    }
    shown.push("-".into());
    Some(shown.join("|"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn random_patterns_agree_with_the_exact_parser(
        literals in prop::collection::vec(r#"[a \-":|]{1,4}"#, 1..5),
        classes in prop::collection::vec(0..8_usize, 5),
        (leads, ends, escapes, extra) in any::<(bool, bool, bool, bool)>(),
        lines in prop::collection::vec(r#"[a7 \-":|{\\\r]{0,20}"#, 1..8),
        values in prop::collection::vec(r#"[a7 \-":|{\\]{0,3}|7777-a?|\{[a -]"#, 30),
    ) {
        let class = |i: usize| [Class::Any, Class::Word, Class::Digits, Class::Spaces(1), Class::List, Class::Bare, Class::Object, Class::Dated][classes[i]];
        let mut steps = Vec::new();
        for (i, text) in literals.iter().enumerate() {
            if i > 0 || !leads {
                // Only a capture before a quote has escapes.
                steps.push(capture(steps.len() as u16, class(i), escapes && text.starts_with('"')));
            }
            steps.push(literal(text));
        }
        if ends {
            steps.push(capture(0, class(4), false));
        }
        let mut captures = 0;
        for step in &mut steps {
            if let Op::Capture { index, .. } = step {
                *index = captures;
                captures += 1;
            }
        }
        if captures == 0 {
            return Ok(());
        }
        let mut program = program(vec![steps.clone()], usize::from(captures));
        (program.escapes, program.rules.extra) = (escapes, extra);
        // Lines of noise fit few patterns; so some are written by the pattern itself.
        let mut values = values.iter();
        let written = |_| steps.iter().map(|step| match step {
            Op::Literal(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => values.next().cloned().unwrap_or_default(),
        }).collect::<String>();
        let written: Vec<_> = (0..6).map(written).collect();
        assert_agrees(&program, [lines, written].concat().join("\n").as_bytes());
    }

    #[test]
    fn tails_are_the_rightmost_that_fit(
        pieces in prop::collection::vec(prop::sample::select(vec![", c: ", ", s: ", ", r: \"", ", h: \"", "\"", "a", " ", ","]), 0..12),
    ) {
        let line = format!("1 {}", pieces.concat());
        let found = parts(&tail(), &line).unwrap();
        if let Some(best) = rightmost(&line) {
            prop_assert_eq!(found, best, "{}", line);
        }
        assert_agrees(&tail(), line.as_bytes());
    }

    #[test]
    fn damaged_records_agree_with_the_exact_parser(
        lines in prop::collection::vec(prop::collection::vec((0_usize..110, prop::sample::select(b" \"\\[]\na\r".to_vec())), 0..4), 1..6),
    ) {
        let mut text = Vec::new();
        for damage in lines {
            let mut line = LINE.as_bytes().to_vec();
            for (at, byte) in damage {
                let at = at % line.len();
                match at % 3 {
                    0 => line[at] = byte,
                    1 => line.insert(at, byte),
                    _ => line.truncate(at.max(1)),
                }
            }
            text.extend(line);
            text.push(b'\n');
        }
        assert_agrees(&combined(), &text);
    }

    /// A line whose quotes are all closed is a record, and the end of another is looked for from its open quote.
    #[test]
    fn records_end_where_their_framing_says(
        text in "([ab\\\\;]|\"|\"\"|\n|,|,\"|;;\"|\",|\"\n|\r\n){0,40}", escape in 0..3_usize, is_short in any::<bool>(), wide in any::<bool>(),
    ) {
        let delimited = Delimited {
            delimiter: if wide { b";;".as_slice() } else { b"," }.into(),
            quote: Some(b'"'),
            escape: [None, Some(b'\\'), Some(b'"')][escape],
            newlines: true,
            rules: Rules { max_record_bytes: if is_short { 6 } else { 1000 }, ..Rules::default() },
            ..Delimited::default()
        };
        let Framing::Quoted(quoting) = delimited.framing() else { panic!("quotes hold newlines") };
        let bytes = format!("{text}\n").into_bytes();
        let line = memchr::memchr(b'\n', &bytes).unwrap_or_default();
        let record = bytes[..line].strip_suffix(b"\r").unwrap_or(&bytes[..line]);
        let mut spans = Vec::new();
        let end = quoting.first_end_of(&bytes, true, &mut Unclosed::default());
        match delimited.cut(record, &mut spans) {
            Ok(_) => prop_assert_eq!(end, Some(line + 1)),
            Err(Fault { reason: Reason::ExpectedQuote, .. }) => {
                let from = spans[spans.len() - 1].0 as usize;
                prop_assert_eq!(quoting.first_end_from(&bytes, from, true, &mut Unclosed::default()), end);
            }
            Err(_) => {}
        }
    }
}
