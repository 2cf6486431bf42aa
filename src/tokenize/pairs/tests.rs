use super::*;
use crate::tokenize::{Class, Op};
use proptest::prelude::*;

fn logfmt() -> Dialect {
    Dialect {
        separators: b" ".to_vec(),
        assign: b'=',
        quotes: b"\"".to_vec(),
        nested: None,
        escapes: true,
        until_key: false,
        bare: true,
        strict: true,
        labels: false,
    }
}

fn ltsv() -> Dialect {
    let (separators, quotes) = (b"\t".to_vec(), Vec::new());
    Dialect { separators, assign: b':', quotes, escapes: false, bare: false, labels: true, ..logfmt() }
}

fn cef() -> Dialect {
    Dialect { quotes: Vec::new(), until_key: true, strict: false, ..logfmt() }
}

fn audit() -> Dialect {
    let (separators, quotes) = (b" \x1d".to_vec(), b"\"'".to_vec());
    Dialect { separators, quotes, nested: Some(b'\''), escapes: false, strict: false, ..logfmt() }
}

/// Pairs as `key=value`, keys alone as they are.
fn pairs(dialect: &Dialect, text: &str) -> Result<Vec<String>, Fault> {
    let mut cursor = Cursor::default();
    let mut out = Vec::new();
    let span = |(start, end): (u32, u32)| &text[start as usize..end as usize];
    while let Some(pair) = dialect.next(text.as_bytes(), &mut cursor)? {
        out.push(match pair.value {
            Some(value) => format!("{}={}", span(pair.key), span(value)),
            None => span(pair.key).to_owned(),
        });
    }
    Ok(out)
}

#[test]
fn what_pairs_are() {
    let cases: &[(Dialect, &str, &[&str])] = &[
        (logfmt(), "a=1 b=\"x \\\" y\"  c= d e=f=g ", &["a=1", "b=x \\\" y", "c=", "d", "e=f=g"]),
        (logfmt(), "a=\"\" b=x\"y c=\\\"", &["a=", "b=x\"y", "c=\\\""]),
        (logfmt(), "   ", &[]),
        (ltsv(), "a:1\t\tb-c.d:x y:z \te:", &["a=1", "b-c.d=x y:z ", "e="]),
        (cef(), "src=1 msg=two words b=c\\=d  x\\ y=z  ", &["src=1", "msg=two words", "b=c\\=d  x\\ y=z"]),
        (cef(), "lost words a=  b= c=https://x/?q=1&r=2 d", &["lost words", "a=", "b=", "c=https://x/?q=1&r=2 d"]),
        (cef(), "a=b=c =d e.f[0]=g", &["a=b=c =d", "e.f[0]=g"]),
        (cef(), "", &[]),
        (cef(), " only words ", &["only words"]),
        (audit(), "a=1 msg='b=\"x y\" c=d'\x1dE=\"f\"", &["a=1", "msg=b=\"x y\" c=d", "b=x y", "c=d", "E=f"]),
        (audit(), "a=\"never closed b=1 c=\"x", &["a=\"never", "closed", "b=1", "c=\"x"]),
        (audit(), "msg='never b=c", &["msg='never", "b=c"]),
        (audit(), "msg='it's b=c' d=e", &["msg=it's b=c", "it's", "b=c", "d=e"]),
        (audit(), "=a =b c", &["=a", "=b", "c"]),
        (
            Dialect { separators: b",".to_vec(), ..logfmt() },
            "a=1, b=\"x, y\" ,c=2 3",
            &["a=1", "b=\"x", "y\" ", "c=2 3"],
        ),
    ];
    for (dialect, text, want) in cases {
        let dialect = Dialect { strict: dialect.strict && !text.contains(','), ..dialect.clone() };
        assert_eq!(pairs(&dialect, text).unwrap(), *want, "{text}");
    }
}

#[test]
fn what_pairs_are_not() {
    let fault = |dialect: &Dialect, text: &str| {
        let fault = pairs(dialect, text).unwrap_err();
        (fault.reason, fault.at)
    };
    assert_eq!(fault(&logfmt(), "a=1 b=\"x"), (Reason::ExpectedQuote, 8));
    assert_eq!(fault(&logfmt(), "a=1 b=\"x\\\""), (Reason::ExpectedQuote, 10));
    assert_eq!(fault(&logfmt(), "a=\"x\"y"), (Reason::ExpectedLiteral(dialect::EXPECTED_SEPARATOR), 5));
    assert_eq!(fault(&logfmt(), "a =1"), (Reason::ExpectedLiteral(dialect::EXPECTED_KEY), 2));
    assert_eq!(fault(&logfmt(), "a\"b=1"), (Reason::ExpectedLiteral(dialect::EXPECTED_KEY), 1));
    assert_eq!(fault(&ltsv(), "a:1\tb"), (Reason::ExpectedLiteral(dialect::EXPECTED_PAIR), 4));
    assert_eq!(fault(&ltsv(), "a:1\tb c:2"), (Reason::ExpectedLiteral(dialect::EXPECTED_KEY), 5));
}

fn grammar(dialect: Dialect, extra: bool) -> PairsGrammar {
    let capture = Op::Capture { index: 0, class: Class::Any, escapes: false, lead: None };
    let rules = Rules { extra, max_record_bytes: 200, comments: vec![b"#".as_slice().into()], ..Rules::default() };
    let prefix = Program {
        alternatives: vec![vec![capture]],
        captures: 1,
        separator: b' ',
        escapes: false,
        rules: Rules { extra: false, ..rules.clone() },
    };
    let keys = ["a", "bb", "level", "msg", "longer.than.eight", "longer.than.nine"];
    let keys = keys.iter().map(|key| key.as_bytes().into()).collect();
    PairsGrammar { prefix, pairs: 0, separator_from: None, dialect, keys, open: false, nonempty: true, rules }
}

/// Every span of every row, and what is wrong with the others.
type Cut = (Vec<Vec<Option<(u32, u32)>>>, Vec<Vec<u32>>, Vec<Malformed>, u32, u32);

fn cut(grammar: &PairsGrammar, level: Level, is_fast: bool, text: &Text) -> (Cut, u32) {
    let mut tokenizer = PairsTokenizer::new(grammar.clone(), level);
    if !is_fast {
        tokenizer.structurals = Err("asked not to");
    }
    let mut tape = Tape::default();
    tokenizer.tokenize(text, 0, text.len(), 0, &mut tape);
    let all = |row: &Row| {
        let fields = tokenizer.fields().iter().chain([&tokenizer.record]);
        fields.map(|field| field.span(&tape.positions, *row)).collect()
    };
    let rows = tape.rows.iter().map(all).collect();
    let pieces = |row: &Row| match tokenizer.extra().span(&tape.positions, *row) {
        Some((start, end)) => tape.positions[start as usize..end as usize].to_vec(),
        None => Vec::new(),
    };
    let extra = tape.rows.iter().map(pieces).collect();
    ((rows, extra, tape.malformed.clone(), tape.skipped, tape.lines), tape.fast_rows)
}

fn fast_is_exact(dialect: &Dialect, text: &str) -> u32 {
    let text = Text::copied(format!("{text}\n").as_bytes());
    let mut fast_rows = 0;
    for extra in [true, false] {
        let grammar = grammar(dialect.clone(), extra);
        let (want, _) = cut(&grammar, Level::Portable, false, &text);
        for level in Level::available() {
            let (got, fast) = cut(&grammar, level, true, &text);
            assert_eq!(got, want, "{level:?} {:?}", String::from_utf8_lossy(text.as_bytes()));
            fast_rows += fast;
        }
    }
    fast_rows
}

#[test]
fn regular_records_are_fast() {
    let text = "level=info msg=\"two words\" a=1\nlevel=warn  msg=x longer.than.eight=\"\\\"\"\r\n";
    assert!(fast_is_exact(&logfmt(), text) >= 4);
    assert!(fast_is_exact(&ltsv(), "level:info\tmsg:two words\ta:\nlevel:\"\tx:y\n") >= 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    /// Parts of records in any order: mostly regular, now and then damaged.
    #[test]
    fn the_fast_path_gives_what_the_exact_parser_does(parts in prop::collection::vec(prop::sample::select(vec![
        "a=", "bb=", "level=info ", "level=info ", "msg=\"two words\" ", "msg=\"x \\\" = y\" ", "msg=\"c:\\\\\" ", "other=1 ",
        "longer.than.eight=1 ", "longer.than.nine=\"\" ", "msg=", " ", "\"", "\\", "=", "\n", "\r\n", "\r", "a", "x y ", "é",
        "#", "\\\"", "a=\"b\"", "msg=\"unclosed ", "path=/a?b=c ", "\n", "msg=\"end\"\n", "msg=\"end\"\r\n",
        "level=info msg=\"a long message that goes over more than one block of sixty-four bytes\" a=1\n",
    ]), 0..40)) {
        fast_is_exact(&logfmt(), &parts.concat());
    }

    #[test]
    fn the_same_for_labels(parts in prop::collection::vec(prop::sample::select(vec![
        "a:", "bb:1\t", "level:info\t", "level:info\t", "msg:two words\t", "msg:\"x\t", "longer.than.eight:1\t", "other:1\t",
        "longer.than.nine:", "\t", " ", ":", "\n", "\r\n", "\r", "a", "é", "#", "\\", "x y:1\t", "level:info\tmsg:x\n",
    ]), 0..40)) {
        fast_is_exact(&ltsv(), &parts.concat());
    }

    /// Whatever the bytes: no panic, spans in the text and in order.
    #[test]
    fn pairs_stay_in_their_text(text in prop::collection::vec(prop::sample::select(b"ab=: \t\"'\\\x1d,.\xff".to_vec()), 0..60)) {
        for dialect in [logfmt(), ltsv(), cef(), audit(), Dialect { strict: false, ..logfmt() }] {
            let mut cursor = Cursor::default();
            let mut count = 0;
            while let Ok(Some(pair)) = dialect.next(&text, &mut cursor) {
                prop_assert!(pair.key.0 <= pair.key.1 && pair.key.1 <= pair.end && pair.end as usize <= text.len());
                if let Some((start, end)) = pair.value {
                    prop_assert!(pair.key.1 < start && start <= end && end <= pair.end);
                }
                count += 1;
                prop_assert!(count <= text.len());
            }
        }
    }
}

/// Were a search begun anew at each pair, this would take hours.
#[test]
fn damage_takes_linear_time() {
    for dialect in [logfmt(), cef(), audit(), Dialect { strict: false, ..logfmt() }] {
        for piece in ["a=\"b ", "a='b ", "a='b'c ", "a=b", "a\\=", "=", "\"", "a=\"b\"c "] {
            let text = piece.repeat((1 << 20) / piece.len());
            _ = pairs(&dialect, &text);
        }
    }
}
