use proptest::prelude::*;

use super::super::{Framing, LineSplitter, Read};
use super::*;
use crate::error::Result;
use crate::simd::Text as Buffer;

fn values(keys: &[&str]) -> Values {
    let records = keys.iter().map(|key| key.as_bytes().into()).collect();
    Values { records, max_record_bytes: 1 << 20 }
}

/// What a text holds, in order: records, and faults with `!` before their text.
fn shown(values: &Values, bytes: &[u8]) -> Vec<String> {
    let (mut out, mut at) = (vec![], 0);
    while let Some(frame) = values.frame(&bytes[at..], true) {
        show(&frame, &bytes[at..], &mut out);
        at += frame.end;
    }
    assert_eq!(at, bytes.len(), "the frames are not all of {:?}", bytes.escape_ascii());
    out
}

/// The same of a chunk.
fn shown_in_chunk(values: &Values, text: &Buffer, skip: usize) -> Vec<String> {
    let (bytes, mut out, mut at) = (text.with_ahead(), vec![], skip);
    while at < text.len() {
        let frame = values.frame(&bytes[at..], !text.has_ahead()).expect("a chunk consists of whole frames");
        assert_eq!(values.frame_of_whole(&bytes[at..], text.len() - at, !text.has_ahead()), frame);
        show(&frame, &bytes[at..], &mut out);
        at += frame.end;
    }
    assert_eq!(at, text.len(), "the frames are not all of {:?}", text.as_bytes().escape_ascii());
    out
}

fn show(frame: &Frame, bytes: &[u8], out: &mut Vec<String>) {
    let text = |start: usize, end: usize| String::from_utf8_lossy(&bytes[start..end]).into_owned();
    let mut last = 0;
    if let Some((start, end)) = frame.record {
        assert!(start < end, "an empty record");
        out.push(text(start, end));
        last = end;
    }
    if let Some(fault) = frame.fault {
        assert!(last <= fault.start && fault.start <= fault.at && fault.at <= fault.end, "{fault:?}");
        out.push(format!("!{}", text(fault.start, fault.end)));
        last = fault.end;
    }
    assert!(last <= frame.end && frame.end > 0 && frame.end <= bytes.len(), "{frame:?}");
}

/// Gives `bytes` at most `step` at a time.
struct Pieces<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let len = self.step.min(self.bytes.len()).min(buf.len());
        buf[..len].copy_from_slice(&self.bytes[..len]);
        self.bytes = &self.bytes[len..];
        Ok(len)
    }
}

/// The same as [`shown`], through chunks.
fn shown_in_chunks(values: &Values, bytes: &[u8], chunk_bytes: usize, step: usize) -> Vec<String> {
    let framing = Framing::Values(values.clone());
    let mut splitter = LineSplitter::new(chunk_bytes, values.max_record_bytes).with_framing(framing);
    let (mut input, mut text, mut out) = (Pieces { bytes, step }, Buffer::default(), vec![]);
    let mut next = 0;
    while let Some(chunk) = splitter.next_chunk(&mut input, &mut text).unwrap() {
        assert_eq!(chunk.offset, next);
        next += (text.len() - chunk.added) as u64;
        out.extend(shown_in_chunk(values, &text, chunk.skip));
    }
    assert_eq!(next, bytes.len() as u64);
    out
}

fn check(keys: &[&str], cases: &[(&str, &[&str])]) {
    for (text, wanted) in cases {
        assert_eq!(shown(&values(keys), text.as_bytes()), *wanted, "{text:?}");
    }
}

#[test]
fn values_behind_one_another() {
    check(
        &[],
        &[
            ("", &[]),
            (" \n", &[]),
            ("{}", &["{}"]),
            ("\u{feff}{}\n", &["{}"]),
            ("{\"a\":1}{\"a\":2}", &["{\"a\":1}", "{\"a\":2}"]),
            ("\n {\"a\":1}\r\n\n{\"a\":2} ", &["{\"a\":1}", "{\"a\":2}"]),
            ("\u{1e}{\"a\":1}\n\u{1e}{\"a\":2}\n", &["{\"a\":1}", "{\"a\":2}"]),
            ("{\"a\":1},\n{\"a\":2},\n", &["{\"a\":1}", "{\"a\":2}"]),
            (
                "{\n  \"a\": [\n    {}\n  ]\n}\n{\n  \"b\": 1\n}\n",
                &["{\n  \"a\": [\n    {}\n  ]\n}", "{\n  \"b\": 1\n}"],
            ),
            ("1 -2.5e3 true null\"a\"\"\\\"\"[] {}", &["1", "-2.5e3", "true", "null", "\"a\"", "\"\\\"\"", "{}"]),
        ],
    );
}

#[test]
fn elements_of_a_top_level_array() {
    check(
        &[],
        &[
            ("[]", &[]),
            ("[{\"a\":1}]", &["{\"a\":1}"]),
            (" [ {\"a\":1} , {\"a\":2}\n]\n", &["{\"a\":1}", "{\"a\":2}"]),
            ("[1,[2,3],\"a\"][[4],{}]", &["1", "[2,3]", "\"a\"", "[4]", "{}"]),
            ("[1,2]\n[3]\n4 [5],\n[6]", &["1", "2", "3", "4", "5", "6"]),
            ("[\n  {\"a\": 1},\n  {\"a\": 2}\n]\n", &["{\"a\": 1}", "{\"a\": 2}"]),
        ],
    );
}

#[test]
fn elements_of_an_array_under_a_key() {
    check(
        &["Records"],
        &[
            ("{\"Records\":[{\"a\":1},{\"a\":2}]}", &["{\"a\":1}", "{\"a\":2}"]),
            (
                "{\"v\":{\"Records\":[0]},\"w\":\"}\",\"Records\": [ {\"a\":1}\n,\n2 ] ,\"x\":[3],\"y\":{}}\n{\"Records\":[4]}",
                &["{\"a\":1}", "2", "4"],
            ),
            ("{\"Records\":[]}{\"Records\":[ ] ,\"a\":1}", &[]),
            ("{\"Records\":[1],\"Records\":[2,3]}", &["1", "2", "3"]),
            ("{\"Records\":[],\"Records\":[2]}", &["2"]),
            ("{\"Records\":null} {} {\"a\":[1]} [1] 2", &["{\"Records\":null}", "{}", "{\"a\":[1]}", "[1]", "2"]),
            ("{\"Records\":[[1,2],\"a\"]}", &["[1,2]", "\"a\""]),
        ],
    );
    check(
        &["detail", "events"],
        &[
            (
                "{\"a\":1,\"detail\":{\"b\":[1],\"events\":[{\"c\":1},{\"c\":2}],\"d\":2},\"events\":[3]}{\"detail\":{\"events\":[4]}}",
                &["{\"c\":1}", "{\"c\":2}", "4"],
            ),
            ("{\"detail\":[{\"events\":[1]}]}", &["{\"detail\":[{\"events\":[1]}]}"]),
            ("{\"detail\":{},\"detail\":{\"events\":[1]}}", &["1"]),
        ],
    );
}

#[test]
fn what_is_broken_between_records() {
    check(
        &[],
        &[
            ("[1,]", &["1", "!,"]),
            ("[,1]", &["![", "1"]),
            ("[1,,2]", &["1", "!,", "2"]),
            ("[1}", &["!1}"]),
            ("[1 2]", &["1", "! ", "2", "!]"]),
            ("[1\n", &["1", "!\n"]),
            ("[", &["!["]),
            ("[1]]", &["1", "!]"]),
            ("]", &["!]"]),
            ("1}} ]{\"a\":1}", &["!1}} ]", "{\"a\":1}"]),
            ("{} }} ]{}", &["{}", "!}}", "!]", "{}"]),
            ("[\"a\"", &["\"a\""]),
            ("[\"a", &["!\"a"]),
            ("nul", &["!nul"]),
            ("012", &["!012"]),
            ("{\"a\":1}\nERROR no JSON [x]\n{\"a\":2}\n", &["{\"a\":1}", "!ERROR no JSON [x]", "{\"a\":2}"]),
        ],
    );
    check(
        &["Records"],
        &[
            ("{\"Records\":[1,]}", &["1", "!,"]),
            ("{\"Records\":[1]", &["1", "!]"]),
            ("{\"Records\":[1\n", &["1", "!\n"]),
            ("{\"Records\":[1],,}", &["1", "!],,}"]),
            ("{\"Records\"[1]}", &["!{\"Records\"[1]}"]),
            ("{\"Records\":[1]}]", &["1", "!]"]),
        ],
    );
}

#[test]
fn a_broken_record_costs_itself() {
    let first = "{\"id\":1,\"a\":[{\"x\":1},{\"x\":2}],\"s\":\"t\"}";
    let last = first.replace(":1", ":3");
    let broken = [
        "{\"id\":2,\"a\":[{\"x\":1},{\"x\":2}],\"s\":\"t}",
        "{\"id\":2,\"a\":[{\"x\":1},{\"x\":2}],\"s:\"t\"}",
        "{\"id\":2,\"a\":[{\"x\":1},{\"x\":2}],\"s\":\"t\"",
        "{\"id\":2,\"a\":[{\"x\":1},{\"x\":2},\"s\":\"t\"}",
        "{\"id\":2,\"a\":[{\"x\":1,{\"x\":2}],\"s\":\"t\"}",
        "{\"id\":2,\"a\":{\"x\":1},{\"x\":2}],\"s\":\"t\"}",
        "{\"id\":2,\"a\":[{\"x\":1},{\"x\":2}]]\"s\":\"t\"}",
        "{\"id\":2,\"a\":[{\"x\":1},{\"x\":2}]}\"s\":\"t\"}",
        "{\"id\":2}}a\":[{\"x\":1},{\"x\":2}],\"s\":\"t\"}",
    ];
    // In a line of elements, what is within a record without a first key looks like the next one.
    let keyless = "{\"id:2,\"a\":[{\"x\":1},{\"x\":2}],\"s\":\"t\"}";
    let shapes: [(&[&str], &str, &str, &str); 7] = [
        (&[], "", "\n", "\n"),
        (&[], "", "", ""),
        (&[], "[", ",", "]"),
        (&[], "[\n", ",\n", "\n]\n"),
        (&[], "\u{1e}", "\n\u{1e}", "\n"),
        (&["Records"], "{\"Records\":[", ",", "]}\n"),
        (&["Records"], "{\"Records\": [\n    ", ",\n    ", "\n  ]\n}\n"),
    ];
    for (keys, before, between, behind) in shapes {
        for broken in broken.into_iter().chain((between != ",").then_some(keyless)) {
            let text = [before, first, between, broken, between, &last, between, first, behind].concat();
            let wanted = [first.to_owned(), format!("!{broken}"), last.clone(), first.to_owned()];
            assert_eq!(shown(&values(keys), text.as_bytes()), wanted, "{text:?}");
        }
    }
}

#[test]
fn newlines_in_strings_end_no_record_by_themselves() {
    check(
        &[],
        &[
            ("{\"a\":\"b\nc\"}\n{}\n", &["{\"a\":\"b\nc\"}", "{}"]),
            ("{\"a\":\"b\n{\"a\":1}\n", &["!{\"a\":\"b", "{\"a\":1}"]),
            ("{\"a\":\"b\n{c}\n\"}\n", &["{\"a\":\"b\n{c}\n\"}"]),
            ("\"a\nb\"\n", &["\"a\nb\""]),
        ],
    );
}

#[test]
fn lengths_are_limited() {
    let values = Values { max_record_bytes: 40, ..values(&["Records"]) };
    let long = |len: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(len - 8));
    let text = format!("{}\n{}\n{{\"b\":1}}\n", long(40), long(41));
    for step in [1, 7, 1000] {
        let found = shown_in_chunks(&values, text.as_bytes(), 10, step);
        assert_eq!(found, [long(40), format!("!{}", long(41)), "{\"b\":1}".into()]);
    }
    let damage =
        |bytes: &[u8], is_all| values.frame(bytes, is_all).and_then(|frame| frame.fault).map(|fault| fault.damage);
    assert_eq!(damage(long(200).as_bytes(), false), Some(Damage::TooLong));
    assert_eq!(damage(&long(200).as_bytes()[..40], false), None);
    assert_eq!(damage(&long(200).as_bytes()[..39], true), Some(Damage::Unclosed));
    for len in [60, 1000, 5000] {
        for (before, behind) in
            [(" ".repeat(len), String::new()), (format!("{{\"a\":\"{}\"}}", "x".repeat(len)), "\n".repeat(len))]
        {
            let text = format!("{before}{behind}{{\"b\":1}}\n");
            let found = shown_in_chunks(&values, text.as_bytes(), 10, 7);
            assert_eq!(found.last().map(String::as_str), Some("{\"b\":1}"), "{found:?}");
        }
    }
}

/// Where a broken record ends may show only behind what was read.
#[test]
fn what_was_not_read_yet_is_not_guessed() {
    // A brace begins an object if a quote follows, but not behind more white space than a record may be long.
    let far = format!("{{\"a\":\"{}\"}}\n{{{}\"a\":1}}\n", "x".repeat(32), " ".repeat(30));
    let mut cases = vec![(far, 20)];
    // The object with the first key of the broken record is the next one, though others are nearer; up to a distance.
    for pad in 4050..4100 {
        let next = format!("{{\"x\":\"{}\"}},{{\"first\":3}}]\n", "x".repeat(pad));
        cases.push((format!("[{{\"first\":{{\"a\":[}},{next}"), 1 << 20));
    }
    for (text, max_record_bytes) in cases {
        let values = Values { max_record_bytes, ..values(&[]) };
        let bytes = text.as_bytes();
        let whole = shown(&values, bytes);
        assert!(whole.iter().any(|part| part.starts_with('!')), "{whole:?}");
        for end in bytes.len().saturating_sub(100)..bytes.len() {
            let mut at = 0;
            while let Some(frame) = values.frame(&bytes[at..end], false) {
                assert_eq!(values.frame(&bytes[at..], true), Some(frame), "{end} bytes of {text:?}");
                at += frame.end;
            }
        }
        assert_eq!(shown_in_chunks(&values, bytes, 1, 1), whole, "{text:?}");
    }
}

/// The text of a JSON value.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "null",
        "-1.5e7",
        "true",
        "\"\"",
        "\"é\\n\"",
        r#""}{\"""#,
        r#""},{\"a""#,
        r#""\\""#,
        r#""\\\"""#,
        "\"[\"",
        "\"]}\"",
        r#""{\"a\":1}""#,
        "{}",
        "[ ]",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 4, |inner| {
        let blank = prop::sample::select(vec!["", "", " ", "\n", "\r\n    "]);
        let key = prop::sample::select(vec![r#""a""#, r#""b\"""#, r#""c}{""#]);
        let elements = prop::collection::vec(inner.clone(), 1..4);
        let members = prop::collection::vec((key, inner), 1..4);
        prop_oneof![
            (elements, blank.clone()).prop_map(|(elements, blank)| {
                format!("[{blank}{}{blank}]", elements.join(&format!("{blank},{blank}")))
            }),
            (members, blank).prop_map(|(members, blank)| {
                let members: Vec<_> =
                    members.iter().map(|(key, value)| format!("{key}{blank}:{blank}{value}")).collect();
                format!("{{{blank}{}{blank}}}", members.join(&format!(",{blank}")))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(11), ..ProptestConfig::default() })]

    #[test]
    fn every_way_to_write_and_to_cut_gives_the_records(
        records in prop::collection::vec(value(), 1..8),
        shape in 0..5,
        chunk_bytes in 1_usize..100,
        step in 1_usize..60,
    ) {
        let (keys, text): (&[&str], _) = match shape {
            // Arrays between documents are not records.
            0 => (&["k"], records.join("\n")),
            1 => (&[], format!("[{}]", records.join(","))),
            2 => (&[], format!("[\n{}\n]\n[ ]", records.join(" ,\n"))),
            3 => (&["k"], format!("{{\"a\":{{\"k\":[1]}},\"k\":[{}],\"b\":[0]}}", records.join(","))),
            _ => (&["k"], format!("{{\"a\": [],\n \"k\": [\n{}\n]\n}}\n\n{{\"k\":[]}}", records.join(",\n"))),
        };
        prop_assert_eq!(&shown(&values(keys), text.as_bytes()), &records, "{}", text);
        let found = shown_in_chunks(&values(keys), text.as_bytes(), chunk_bytes, step);
        prop_assert_eq!(&found, &records, "{}", text);
    }

    #[test]
    fn every_way_to_cut_broken_text_gives_the_same(
        parts in prop::collection::vec(prop_oneof![
            3 => Just("{\"k\":[{\"a\":1},{\"a\":\"b\"}]}"),
            2 => prop::sample::select(vec!["{\"a\":1}", ",{\"a\":[{\"a\":2}]}", "\n", "\n{\"a\":1}\n"]),
            2 => prop::sample::select(vec!["{", "\"", "}", "]", ",", "\\", "{\"a\":\"", "\u{1e}", "[", "x", " ", "1", "\n{\"", "}\n,{\"a"]),
        ], 0..30),
        keyed in any::<bool>(),
        chunk_bytes in 1_usize..100,
        step in 1_usize..60,
    ) {
        let values = values(if keyed { &["k"] } else { &[] });
        // The reader adds a newline to the last line.
        let text = parts.concat() + "\n";
        let whole = shown(&values, text.as_bytes());
        prop_assert_eq!(shown_in_chunks(&values, text.as_bytes(), chunk_bytes, step), whole, "{}", text);
    }

    #[test]
    fn random_bytes_are_framed_alike(
        bytes in prop::collection::vec(prop_oneof![
            5 => prop::sample::select(b"{}[]\",:\\ \n\x1e1ak".to_vec()), 1 => any::<u8>()], 0..200),
        keyed in any::<bool>(),
        max_record_bytes in 1_usize..50,
        step in 1_usize..60,
    ) {
        let values = Values { max_record_bytes, ..values(if keyed { &["k"] } else { &[] }) };
        let line = [&bytes[..], b"\n"].concat();
        let bytes = if bytes.last() == Some(&b'\n') { bytes } else { line };
        let whole = shown(&values, &bytes);
        for end in 0..=bytes.len() {
            let mut out = vec![];
            if let Some(frame) = values.frame(&bytes[..end], false) {
                show(&frame, &bytes, &mut out);
                // What was known without the rest stays so.
                prop_assert_eq!(values.frame(&bytes, true), Some(frame), "{} bytes", end);
            }
        }
        prop_assert_eq!(shown_in_chunks(&values, &bytes, 20, step), whole, "{}", bytes.escape_ascii());
    }
}

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Keys, what stands before, between and behind records, and how many per thousand broken ones may be lost or invented.
type Shape = (&'static [&'static str], &'static str, &'static str, &'static str, usize, usize);

/// One record in twenty is damaged. The others come out; in a line of elements, a few parts of broken ones do as well.
#[test]
fn records_around_damage_come_out() {
    let shapes: [Shape; 6] = [
        (&[], "", "\n", "\n", 0, 0),
        (&[], "", "", "", 4, 0),
        (&[], "[\n  ", ",\n  ", "\n]\n", 0, 3),
        (&["Records"], "{\"Records\":[\n", ",\n", "\n]}\n", 0, 0),
        (&[], "[", ",", "]", 0, 40),
        (&["Records"], "{\"v\":1,\"Records\":[", ",", "]}", 0, 40),
    ];
    for (keys, before, between, behind, may_lose, may_invent) in shapes {
        let mut random = Random(42);
        let (mut text, mut whole, mut broken) = (before.as_bytes().to_vec(), vec![], 0);
        for id in 0..20_000 {
            let mut record = format!(
                "{{\"id\":{id},\"user\":{{\"name\":\"a\\\"b \\\\{}\",\"tags\":[\"x\",\"y\"]}},\"items\":[{{\"n\":1,\"t\":\"{{[}}]\"}},{{\"n\":2,\"t\":\"\"}}],\"ok\":true,\"message\":\"it, was: {}\"}}",
                random.below(1000),
                random.below(1000),
            )
            .into_bytes();
            if random.below(20) == 0 {
                let at = random.below(record.len());
                let byte =
                    if random.below(2) == 0 { b"{}[]\",:\\ x\n"[random.below(11)] } else { random.below(256) as u8 };
                if record[at] != byte {
                    record[at] = byte;
                    broken += 1;
                }
            } else {
                whole.push(String::from_utf8(record.clone()).unwrap());
            }
            if id > 0 {
                text.extend_from_slice(between.as_bytes());
            }
            text.extend_from_slice(&record);
        }
        text.extend_from_slice(behind.as_bytes());
        let found: Vec<String> = shown(&values(keys), &text);
        let set: std::collections::HashSet<_> = found.iter().collect();
        let lost = whole.iter().filter(|record| !set.contains(record)).count();
        // Records within one another are not told from records.
        let invented = found.iter().filter(|text| text.starts_with("{\"n\"")).count();
        assert!(lost * 1000 <= may_lose * broken, "{between:?} in {before:?}: {lost} lost");
        assert!(invented * 1000 <= may_invent * broken, "{between:?} in {before:?}: {invented} invented");
    }
}

/// A megabyte of what makes a search start over and over: from each place to the end, this would take hours.
#[test]
fn hostile_text_takes_linear_time() {
    let len = 1 << 20;
    for part in [
        "[",
        "{",
        "{\"a\":",
        "[{\"a\":",
        "\"",
        "\\",
        "{\"a\":\"",
        "]",
        "}",
        ",",
        " ",
        "\n",
        "\n{\"",
        "},{\"",
        "}{\"",
        "x",
        "1",
        "1,",
        "{\"a\":\"\n",
        "\u{1e}",
        "{\"Records\":[",
        "{\"Records\":[{\"a\":1}",
        "{\"a\":[{\"a\":1},",
        "{\"a\":[{\"b\":1}],",
        ",{\"a\"",
        "{\"a\":\"\n{\"",
        "[1,",
        "[\"\n",
        "{\"a\" : \n",
    ] {
        for before in ["", "{\"Records\":[{\"a\":\"", "{\"Records\":[{\"a\":[", "{\"x"] {
            for keys in [&[][..], &["Records"]] {
                let text = before.to_owned() + &part.repeat(len / part.len());
                let values = Values { max_record_bytes: 1 << 24, ..values(keys) };
                let mut at = 0;
                while let Some(frame) = values.frame(&text.as_bytes()[at..], true) {
                    at += frame.end;
                }
                assert_eq!(at, text.len());
            }
        }
    }
}

/// One line of any length is cut between its elements: what is held in memory does not grow with it.
#[test]
fn a_long_line_comes_in_small_chunks() {
    let text = format!("{{\"v\":1,\"Records\":[{}]}}", vec!["{\"a\":[{\"b\":\"c\"}]}"; 200_000].join(","));
    let values = Values { max_record_bytes: 16 << 20, ..values(&["Records"]) };
    let mut splitter = LineSplitter::new(64 << 10, values.max_record_bytes).with_framing(Framing::Values(values));
    let (mut input, mut buffer) = (Pieces { bytes: text.as_bytes(), step: 10_000 }, Buffer::default());
    while splitter.next_chunk(&mut input, &mut buffer).unwrap().is_some() {
        assert!(buffer.len() <= 128 << 10, "{} bytes", buffer.len());
    }
    assert_eq!(splitter.offset(), text.len() as u64);
}

/// Each search for the end of a record starts at its front.
#[test]
fn a_long_record_is_not_searched_for_with_every_read() {
    let framing = Framing::Values(values(&[]));
    let (mut searched, mut all) = (0, 0);
    for len in (1 << 20..=64 << 20).step_by(64 << 10) {
        if framing.is_worth_searching(searched, len, 16 << 20) {
            (searched, all) = (len, all + len);
        }
    }
    assert!(all <= 3 * (64 << 20), "{all} bytes were looked through");
}
