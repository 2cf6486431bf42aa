//! Patterns with optional groups and alternatives.

use proptest::prelude::*;

use super::*;

fn word(index: u16) -> Op {
    capture(index, Class::Word, false)
}

/// The steps, with optional groups where they say so.
fn steps(parts: &[Step]) -> Vec<Op> {
    let mut ops = Vec::new();
    for part in parts {
        match part {
            Step::Op(op) => ops.push(op.clone()),
            Step::Group(inner) => {
                let at = ops.len();
                ops.push(Op::Optional { end: 0 });
                // Ends inside are counted from the start of the whole.
                for op in steps(inner) {
                    ops.push(match op {
                        Op::Optional { end } => Op::Optional { end: end + at as u16 + 1 },
                        op => op,
                    });
                }
                ops[at] = Op::Optional { end: ops.len() as u16 };
            }
        }
    }
    ops
}

#[derive(Clone, Debug)]
enum Step {
    Op(Op),
    Group(Vec<Step>),
}

fn text(bytes: &str) -> Step {
    Step::Op(literal(bytes))
}

/// `<pri>time host tag[pid]: message`, with a priority and a process or without.
fn syslog() -> Program {
    let parts = [
        Step::Group(vec![text("<"), Step::Op(capture(0, Class::Digits, false)), text(">")]),
        Step::Op(capture(1, Class::Spaces(2), false)),
        text(" "),
        Step::Op(word(2)),
        text(" "),
        Step::Op(word(3)),
        Step::Group(vec![text("["), Step::Op(capture(4, Class::Digits, false)), text("]")]),
        text(": "),
        Step::Op(capture(5, Class::Any, false)),
    ];
    program(vec![steps(&parts)], 6)
}

/// A line that grew twice, and will again.
fn versions() -> Program {
    let quoted = |index| Step::Op(capture(index, Class::Any, true));
    let parts = [
        Step::Op(word(0)),
        text(" \""),
        quoted(1),
        text("\""),
        Step::Group(vec![
            text(" \""),
            quoted(2),
            text("\""),
            Step::Group(vec![text(" "), Step::Op(word(3)), text(" \""), quoted(4), text("\"")]),
        ]),
    ];
    with_extra(program(vec![steps(&parts)], 5))
}

fn fast_rows(program: &Program, text: &str) -> (usize, u32) {
    let (rows, _, tape) = tokenized(program, text.as_bytes(), Level::current());
    assert_agrees(program, text.as_bytes());
    (rows.len(), tape.fast_rows)
}

#[test]
fn optional_groups_take_the_fast_path() {
    let lines = [
        "<13>Mar  5 10:00:01 host cron[12]: a message: with [12]: in it",
        "Mar 15 10:00:01 host kernel: eth0 up",
        "<0>Mar 15 10:00:01 host sshd[1]: ",
        "Mar 15 10:00:01 host a.b/c[77]: x",
    ];
    let text = lines.iter().map(|line| line.replace("  ", " ")).collect::<Vec<_>>().join("\n");
    assert_eq!(fast_rows(&syslog(), &text), (4, 4));
}

#[test]
fn ways_of_others_are_left_to_the_exact_parser() {
    let lines = [
        "Mar 15 10:00:01 host a[b]: no process",
        "Mar 15 10:00:01 host a[1]b: x",
        "<a>Mar 15 10:00:01 host b: x",
        "<1Mar 15 10:00:01 host b: x",
        "<1>Mar 15 10:00:01 host b: [1]: x",
        "Mar 15 10:00:01 host b",
        "Mar 15 10:00:01 host [1]: x",
        "Mar 15 10:00:01 host b:c[1]: x",
        "Mar 15 10:00:01 host b[1]: x\r",
    ];
    assert_agrees(&syslog(), lines.join("\n").as_bytes());
}

#[test]
fn versions_and_growth_take_the_fast_path() {
    let lines = [
        r#"a "b""#,
        r#"a "b" "c""#,
        r#"a "b" "c" d "e""#,
        r#"a "b" "c" d "e" f"#,
        r#"a "b" "c" d "e" "f g" h "#,
        "a \"b\" \"c\" d \"e\" f\r",
        "a \"b\"\r",
    ];
    assert_eq!(fast_rows(&versions(), &lines.join("\n")), (7, 7));
    let odd = [
        r#"a "b" f"#,
        r#"a "b" "c" f"#,
        r#"a "b" "c" d "e"f"#,
        r#"a "b\" "c" d "e""#,
        r#"a "b" "c" d "e" "#,
        r#"a "b" "#,
        r#"a """#,
    ];
    for line in odd {
        assert_agrees(&versions(), line.as_bytes());
    }
    assert_agrees(&versions(), odd.join("\n").as_bytes());
}

#[test]
fn alternatives_take_the_fast_path_where_they_begin_apart() {
    let first = vec![literal("a "), word(0), literal(" "), word(1)];
    let second = vec![literal("b "), word(1), literal(" "), capture(2, Class::Any, false)];
    let both = program(vec![first, second], 3);
    assert_eq!(fast_rows(&both, "a x y\nb x y z\nb x y\na x y"), (4, 4));
    assert_agrees(&both, b"a x\nb x\nc x y\nb a x y\n");
    let alike = program(
        vec![vec![capture(0, Class::Any, false), literal(" x "), word(1)], vec![word(0), literal(" "), word(1)]],
        2,
    );
    assert_eq!(fast_rows(&alike, "a b\na x b").1, 0);
}

/// Groups of text and captures, up to two levels deep.
fn step(depth: u32) -> BoxedStrategy<Vec<Step>> {
    let class = prop::sample::select(vec![Class::Any, Class::Word, Class::Bare, Class::Digits, Class::Spaces(1)]);
    let pair = (r#"[a \-":|]{1,3}"#, class, any::<bool>())
        .prop_map(|(before, class, escapes)| vec![text(&before), Step::Op(capture(0, class, escapes))]);
    if depth == 0 {
        return pair.boxed();
    }
    let group = (prop::collection::vec(step(depth - 1), 1..3), r#"[a \-":|]{0,2}"#).prop_map(|(inner, end)| {
        let mut parts = inner.concat();
        if !end.is_empty() {
            parts.push(text(&end));
        }
        vec![Step::Group(parts)]
    });
    prop_oneof![2 => pair, 1 => group].boxed()
}

/// Numbers the captures, and gives escapes to those before a quote alone.
fn number(parts: &mut [Step], captures: &mut u16, escaped: bool) {
    for at in 0..parts.len() {
        let quoted = matches!(parts.get(at + 1), Some(Step::Op(Op::Literal(next))) if next[0] == b'"');
        match &mut parts[at] {
            Step::Op(Op::Capture { index, escapes, .. }) => {
                *index = *captures;
                *captures += 1;
                *escapes &= quoted && escaped;
            }
            Step::Op(_) => {}
            Step::Group(inner) => number(inner, captures, escaped),
        }
    }
}

/// A line as the pattern would write it.
fn write(parts: &[Step], values: &mut impl Iterator<Item = (String, bool)>, out: &mut String) {
    for part in parts {
        match part {
            Step::Op(Op::Literal(bytes)) => out.push_str(&String::from_utf8_lossy(bytes)),
            Step::Op(_) => out.push_str(&values.next().unwrap_or_default().0),
            Step::Group(inner) => {
                if values.next().is_some_and(|(_, there)| there) {
                    write(inner, values, out);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn random_choices_agree_with_the_exact_parser(
        alternatives in prop::collection::vec(prop::collection::vec(step(2), 1..4), 1..3),
        leads in any::<bool>(),
        (escapes, extra) in any::<(bool, bool)>(),
        noise in prop::collection::vec(r#"[a7 \-":|\\\r]{0,16}"#, 1..5),
        values in prop::collection::vec((r#"[a7 \-":|\\]{0,3}"#, any::<bool>()), 120),
    ) {
        let mut captures = 0;
        let mut patterns: Vec<Vec<Step>> = alternatives.into_iter().map(|parts| parts.concat()).collect();
        for parts in &mut patterns {
            if leads {
                parts.insert(0, Step::Op(capture(0, Class::Word, false)));
            }
            number(parts, &mut captures, escapes);
        }
        let mut program = program(patterns.iter().map(|parts| steps(parts)).collect(), usize::from(captures));
        (program.escapes, program.rules.extra) = (escapes, extra);
        let mut values = values.into_iter();
        let mut lines = noise;
        for at in 0..12 {
            let mut line = String::new();
            write(&patterns[at % patterns.len()], &mut values, &mut line);
            lines.push(line);
        }
        assert_agrees(&program, lines.join("\n").as_bytes());
    }
}
