use proptest::prelude::*;

use super::exact::{Parts, cut_3164, cut_5424, structured_data};
use super::*;

fn texts(record: &str, parts: Parts) -> Vec<&str> {
    let Parts { priority, version, timestamp, hostname, app_name, procid, msgid, structured_data, message } = parts;
    [priority, version, timestamp, hostname, app_name, procid, msgid, structured_data, message]
        .iter()
        .map(|(start, end)| record.get(*start as usize..*end as usize).unwrap_or("?"))
        .collect()
}

#[test]
fn old_messages_are_cut_as_they_come() {
    let cases = [
        ("<34>Oct 11 22:14:15 box su: 'su' failed", "34 ? Oct 11 22:14:15 box su ? ? ? 'su' failed"),
        ("Oct  1 22:14:15 box a(b)[12]: x", "? ? Oct  1 22:14:15 box a(b) 12 ? ? x"),
        ("Oct 1 2026 22:14:15.5 box x y z", "? ? Oct 1 2026 22:14:15.5 box ? ? ? ? x y z"),
        ("2026-03-05T10:00:01.5+01:00 box a/b[1] x", "? ? 2026-03-05T10:00:01.5+01:00 box a/b 1 ? ? x"),
        ("<9>7: *Oct  1 22:14:15.123: %SYS-5: x", "9 ? Oct  1 22:14:15.123 ? %SYS-5 ? ? ? x"),
        ("Oct  1 22:14:15 app: x", "? ? Oct  1 22:14:15 ? app ? ? ? x"),
        ("Oct  1 22:14:15 box 2026/3/5 12:00 x", "? ? Oct  1 22:14:15 box ? ? ? ? 2026/3/5 12:00 x"),
        ("<6>kernel: up", "6 ? ? ? kernel ? ? ? up"),
        ("<166>%ASA-6-302014: x", "166 ? ? ? %ASA-6-302014 ? ? ? x"),
        ("<7>000045: Mar  1 18:46:11 UTC: %LINK-3: x", "7 ? Mar  1 18:46:11 UTC ? %LINK-3 ? ? ? x"),
        ("Aug 24 05:34:00 PST 1987 box a[1]: x", "? ? Aug 24 05:34:00 PST 1987 box a 1 ? ? x"),
        ("Aug 24 05:34:00 PST a: x", "? ? Aug 24 05:34:00 PST a ? ? ? x"),
        ("Oct  1 22:14:15 box", "? ? Oct  1 22:14:15 box ? ? ? ? ?"),
        ("Oct  1 22:14:15 box a:b", "? ? Oct  1 22:14:15 box a ? ? ? b"),
    ];
    for (record, want) in cases {
        let parts = cut_3164(record.as_bytes()).unwrap_or_else(|fault| panic!("{record}: {fault:?}"));
        assert_eq!(texts(record, parts).join(" "), want, "{record}");
    }
    for record in
        ["", "<", "<192>Oct  1 22:14:15 a b: c", "<1", "Oct 1 22:14", "Oct  1 22:14:15", "<01>Oct  1 22:14:15 a"]
    {
        cut_3164(record.as_bytes()).unwrap_err();
    }
}

#[test]
fn structured_data_ends_where_it_should() {
    for (text, len) in [
        ("- x", Some(1)),
        ("[a]", Some(3)),
        ("[a b=\"c\"][d] x", Some(12)),
        (r#"[a b="\"]\\"] x"#, Some(13)),
        (r#"[a b="\x"]"#, Some(10)),
        ("[a b=c]", None),
        ("[a b=\"c]", None),
        ("[]", None),
        ("[a", None),
        ("x", None),
    ] {
        assert_eq!(structured_data(text.as_bytes()), len, "{text}");
    }
}

type Regular = fn(&mut Fast, &Text, u32, u32) -> Option<Places>;
type Exact = fn(&[u8]) -> Result<Parts, Fault>;

/// What stands before a record: damage, so that nothing is taken from it.
const BEFORE: &[u8] = b"<13>1 2026-03-05T10:00:01Z a b c d [e f=\"\n";

/// What the fast path says of a record, which stands between others.
fn between_others(kind: Regular, fast: &mut Fast, record: &[u8]) -> Option<Places> {
    let text = Text::copied(&[BEFORE, record, b"\n\"] [x y=\"z\"] more: text\n"].concat());
    let start = BEFORE.len() as u32;
    kind(fast, &text, start, start + record.len() as u32)
}

fn fast_is_exact(record: &[u8]) -> u32 {
    let exact: [Exact; 2] = [cut_5424, cut_3164];
    let fast: [Regular; 2] = [Fast::rfc5424, Fast::rfc3164];
    let start = BEFORE.len() as u32;
    let mut hits = 0;
    for (fast, exact) in fast.into_iter().zip(exact) {
        let mut seen = Fast::default();
        // Once with no date known, once with this one.
        for _ in 0..2 {
            if let Some(places) = between_others(fast, &mut seen, record) {
                let want = exact(record).map(|parts| Places::new(&parts, start));
                assert_eq!(want, Ok(places), "{:?}", String::from_utf8_lossy(record));
                hits += 1;
            }
        }
    }
    hits
}

#[test]
fn regular_messages_are_fast() {
    for record in [
        "<0>1 2026-03-05T10:00:01Z a b c d - x",
        "<191>1 2026-03-05 a b c d -",
        "<13>9 - - - - - - \u{feff}x",
        "<13>1 2026-03-05T10:00:01.123456+09:00 web-01.example.com shop 8710 ID47 [a@1 b=\"c\" d=\"\"][e] [f g=\"x\"]",
        "<13>1 - a b c d [e f=\"\\\"]\\\\\" g=\"a long value that reaches over the end of the first sixty-four bytes\"] x",
        "<13>1 - a-name-of-a-host-that-reaches-over-the-end-of-the-first.sixty-four.example.com b c d - x",
        "<34>Oct 11 22:14:15 box su: 'su' failed",
        "Oct  1 22:14:15 box a/b[12]: x: [y]",
        "<9>Oct  1 22:14:15 box a[b][12]: ",
        "<9>Oct  1 22:14:15 box []: x",
        "<9>Oct  1 22:14:15 box ]:",
        "<9>Oct 31 22:14:15 box a-tag-that-is-longer-than-sixty-four-bytes-in-all-which-none-of-them-ever-is: x",
    ] {
        assert_eq!(fast_is_exact(record.as_bytes()), 2, "{record}");
    }
    let rare = "<9>Oct 31 22:14:15 box a-tag-that-is-longer-than-sixty-four-bytes-in-all-which-none-of-them-ever[1]: x";
    assert_eq!(fast_is_exact(rare.as_bytes()), 0);
}

#[test]
fn what_is_irregular_is_left_to_the_exact_parser() {
    for record in [
        "<192>1 - a b c d - x",
        "<013>1 - a b c d - x",
        "<>1 - a b c d - x",
        "<1234>1 - a b c d - x",
        "<1a>1 - a b c d - x",
        "<13>0 - a b c d - x",
        "<13>12 - a b c d - x",
        "<13>1 x a b c d - x",
        "<13>1 - a b c d",
        "<13>1 - a b c d ",
        "<13>1 - a b  d - x",
        "<13>1 - a b c d -x",
        "<13>1 - a b c d [e]x",
        "<13>1 - a b c d [e f=\"x]",
        "<13>1 - a b c d [e f=\"x\\\"]",
        "<13>1 - a b c d [e  f=\"x\"]",
        "<13>1 - a b c d [e f=x]",
        "<13>1 - a b c d []",
        "<13>1 \0\0\0\0\0\0\0\0\0\0 a b c d - x",
        "Oct  1 22:14:15  box a: x",
        "Oct  1 22:14:15. box a: x",
        "Oct  1 22:14:15 box: x",
        "Oct  1 22:14:15 box x y",
        "Oct  1 22:14:15 box : y",
        "Oct  1 22-14:15 box a: y",
        "Oct 1 22:14:15 box a: y",
        "Oct  x 22:14:15 box a: y",
        "\0\0\0\0\0\0\0 22:14:15 box a: y",
        "",
    ] {
        assert_eq!(fast_is_exact(record.as_bytes()), 0, "{record}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Good messages with a byte changed, taken out or put in here and there.
    #[test]
    fn the_fast_path_gives_what_the_exact_parser_does(
        record in prop::sample::select(vec![
            "<13>1 2026-03-05T10:00:01.003Z web1 shop 8710 ID47 [a@1 b=\"c\" d=\"e f\"][g] order 12 placed",
            "<165>1 2026-03-05T10:00:01+09:00 web1.example.com shop 8710 ID47 [a b=\"a long \\\"value\\\" that goes over a block\"]",
            "<1>1 - - - - - - x", "<34>Oct 11 22:14:15 box su: 'su' failed", "Oct  1 22:14:15 box a/b[12]: x: [y]",
            "<9>Oct  1 22:14:15 box a[b][12]: ", "<9>7: *Oct  1 22:14:15.123: %SYS-5: x",
            "<13>2026-03-05T10:00:01Z box app[1]: x",
        ]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(b" :[]\"\\=<>-0159aM\0\xff\r".to_vec()), 0..3), 0..4),
    ) {
        let mut record = record.as_bytes().to_vec();
        for (at, byte, what) in changes {
            let at = at.index(record.len());
            match what {
                0 => record[at] = byte,
                1 => record.insert(at, byte),
                _ => _ = record.remove(at),
            }
            if record.is_empty() {
                break;
            }
        }
        fast_is_exact(&record);
    }

    /// What the walk over marks accepts is what the exact parser does, and its parts lie one behind the other.
    #[test]
    fn regular_elements_are_structured_data(parts in prop::collection::vec(prop::sample::select(vec![
        "[", "a", "a@1", " ", "b=\"c\"", " b=\"c d\"", "=", "\"", "]", "[a b=\"c\"]", "[a]", "\\", "\\\"", " d=\"\\\"\"", "é",
        " f=\"a value that is longer than the sixty-four bytes of which one mask is made, and so goes on\"",
    ]), 0..12)) {
        let data = parts.concat();
        let text = Text::copied(format!("{data} x=\"y\"]\n").as_bytes());
        let mut last = 0;
        let found = regular_elements(&text, 0, data.len() as u32, |part| {
            let places = match part {
                Part::Element(id) => vec![id],
                Part::Param { name, value, .. } => vec![name, value],
            };
            for (start, end) in places {
                assert!(last < start && start <= end, "{data}");
                last = end;
            }
        });
        if let Some(end) = found {
            prop_assert_eq!(structured_data(data.as_bytes()), Some(end as usize));
        }
    }
}

/// Each record would go on in the next one, were the walk let.
#[test]
fn damage_takes_linear_time() {
    let syslog = Syslog {
        rfc5424: true,
        rfc3164: true,
        counted: false,
        rules: Rules { max_record_bytes: 1 << 24, ..Rules::default() },
    };
    for line in
        ["<13>1 - a b c d [x y=\" z=\"\n", "<13>1 - a b c d [x y=\"\n", "<13>1 - a b c d [\n", "Oct  1 22:14:15 a [\n"]
    {
        let text = Text::copied(line.repeat((4 << 20) / line.len()).as_bytes());
        let mut tape = Tape::default();
        SyslogTokenizer::new(syslog.clone(), Level::current()).tokenize(&text, 0, text.len(), 0, &mut tape);
        assert_eq!(tape.rows.len() + tape.malformed.len(), tape.lines as usize);
    }
}
