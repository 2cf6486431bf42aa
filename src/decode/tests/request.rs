//! Request lines: the quick cut against the exact one.

use arrow::array::{Array, AsArray};
use proptest::prelude::*;

use super::{Cells, kind, runner, spec};
use crate::decode::{Decode, RequestPart, request_decoder, split_request};
use crate::simd::Pool;

const PARTS: [RequestPart; 4] = [RequestPart::Method, RequestPart::Path, RequestPart::Protocol, RequestPart::Query];

/// The four parts of each line, by the decoder.
fn parts<C: AsRef<[u8]>>(lines: &[C]) -> Vec<[Option<String>; 4]> {
    let mut decoder: Box<dyn Decode> = request_decoder(&spec(kind("utf8", None)), &PARTS, &Pool::default());
    let bad = Cells::new(lines).decode(&mut *decoder, usize::MAX, 0);
    assert_eq!(bad, []);
    let columns = decoder.finish().unwrap();
    let cell = |part: usize, row| {
        let column = columns[part].as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    (0..lines.len()).map(|row| std::array::from_fn(|part| cell(part, row))).collect()
}

/// The same by `split_request`, for text without escapes.
fn expected(line: &[u8]) -> [Option<String>; 4] {
    let text = |bytes: &[u8]| Some(String::from_utf8_lossy(bytes).into_owned()).filter(|text| text != "-");
    let (method, path, protocol) = match split_request(line) {
        Some((method, path, protocol)) => (text(method), path, text(protocol)),
        None => (None, line, None),
    };
    let query = path.iter().position(|byte| *byte == b'?').and_then(|at| text(&path[at + 1..]));
    [method, text(path), protocol, query]
}

#[test]
fn request_lines() {
    let lines: [&[u8]; 20] = [
        b"GET / HTTP/1.1",
        b"GET /a?b=1 HTTP/1.1",
        b"GET /a b HTTP/1.0",
        b"GET  HTTP/1.1",
        b"GET HTTP/1.1",
        b"GET /",
        b"",
        b"-",
        b"get / HTTP/1.1",
        b"PROPFIND /a?? HTTP/1.1",
        b"PRI * HTTP/2.0",
        b"PRI * HTTP/2",
        b"GET / HTTP/1.1 ",
        b" GET / HTTP/1.1",
        b"GET / HTTP/11",
        b"GET / HTTP/1.x",
        b"GET\t/ HTTP/1.1",
        b"M-SEARCH * HTTP/1.1",
        b"G\xc3T / HTTP/1.1",
        b"OPTIONS rtsp://x RTSP/1.0",
    ];
    for (line, got) in lines.iter().zip(parts(&lines)) {
        assert_eq!(got, expected(line), "{}", String::from_utf8_lossy(line));
    }
    let [method, path, protocol, query] = expected(b"GET /a?b=1 HTTP/1.1").map(Option::unwrap);
    assert_eq!([method, path, protocol, query], ["GET", "/a?b=1", "HTTP/1.1", "b=1"]);
    assert_eq!(expected(b"\x16\x03\x01"), [None, Some("\u{16}\u{3}\u{1}".into()), None, None]);
}

#[test]
fn the_quick_cut_agrees_with_the_exact_one() {
    let method = prop_oneof!["[A-Z]{1,9}", "[A-Z\\[@a`z!~-]{0,8}", Just("GET".to_owned())];
    let path = prop_oneof!["/[a-z?/ ]{0,12}", "[ /a?]{0,4}"];
    let protocol = prop_oneof![3 => "HTTP/[0-9]\\.[0-9]", 1 => "[A-Z]{3,5}/[0-9.]{1,4}", 1 => "HTTP/[/:0-9.]{3}"];
    let line = (method, path, protocol)
        .prop_map(|(method, path, protocol)| format!("{method} {path} {protocol}").into_bytes());
    let byte = prop_oneof![
        Just(b' '),
        Just(b'/'),
        Just(b'.'),
        Just(b'?'),
        any::<u8>().prop_filter("escape", |byte| *byte != b'\\')
    ];
    let change = prop_oneof![1 => Just(None), 2 => (any::<prop::sample::Index>(), byte).prop_map(Some)];
    let mutated = (line, change).prop_map(|(mut line, change)| {
        if let Some((at, byte)) = change {
            let at = at.index(line.len());
            line[at] = byte;
        }
        line
    });
    runner(3000)
        .run(&prop::collection::vec(mutated, 1..8), |lines| {
            for (line, got) in lines.iter().zip(parts(&lines)) {
                prop_assert_eq!(got, expected(line), "{}", String::from_utf8_lossy(line));
            }
            Ok(())
        })
        .unwrap();
}
