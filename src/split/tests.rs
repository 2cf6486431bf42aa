//! Every way to cut the same bytes gives the same lines.

use proptest::prelude::*;

use super::*;
use crate::error::{Error, ErrorKind, Result};
use crate::simd::Text;

/// Gives `bytes` at most `step` at a time, then ends or breaks.
struct Pieces<'a> {
    bytes: &'a [u8],
    step: usize,
    breaks: Option<ErrorKind>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        if let (true, Some(kind)) = (self.bytes.is_empty(), self.breaks) {
            return Err(Error::new(kind, "the pieces broke"));
        }
        let len = self.step.min(self.bytes.len()).min(buf.len());
        buf[..len].copy_from_slice(&self.bytes[..len]);
        self.bytes = &self.bytes[len..];
        Ok(len)
    }
}

fn pieces(bytes: &[u8], step: usize) -> Pieces<'_> {
    Pieces { bytes, step, breaks: None }
}

/// The lines with the byte each starts at, and how many chunks there were.
type Lines = Vec<(u64, Vec<u8>)>;

/// Runs a splitter to its end. Checks what holds for every chunk: whole lines, offsets that follow one another, and the
/// very bytes of `source` (which the input may be a part of).
fn run(mut splitter: LineSplitter, input: &mut dyn Read, source: &[u8]) -> (Lines, Option<(Vec<u8>, Error)>) {
    let (mut text, mut out, mut damage, mut next) = (Text::default(), Lines::new(), None, 0);
    while let Some(chunk) = splitter.next_chunk(input, &mut text).unwrap() {
        assert!(damage.is_none(), "a chunk behind the damage");
        let bytes = text.as_bytes();
        assert!(bytes.is_empty() || bytes.ends_with(b"\n"));
        assert!(!bytes.is_empty() || chunk.damage.is_some(), "an empty chunk");
        assert!(chunk.offset >= next, "chunks go backwards");
        next = chunk.offset + bytes.len() as u64 - 1.min(bytes.len() as u64);
        let mut at = chunk.skip;
        for line in bytes[at..].split_inclusive(|byte| *byte == b'\n') {
            let start = chunk.offset + at as u64;
            let line_text = &line[..line.len() - 1];
            assert!(source[start as usize..].starts_with(line_text), "line at {start} is not there");
            out.push((start, line_text.to_vec()));
            at += line.len();
        }
        damage = chunk.damage;
    }
    assert!(splitter.next_chunk(input, &mut text).unwrap().is_none(), "a chunk behind the end");
    (out, damage)
}

fn plain_lines(source: &[u8]) -> Lines {
    let mut out = Lines::new();
    let mut at = if source.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    for line in source[at..].split_inclusive(|byte| *byte == b'\n') {
        out.push((at as u64, line.strip_suffix(b"\n").unwrap_or(line).to_vec()));
        at += line.len();
    }
    out
}

const TEXTS: [&[u8]; 12] = [
    b"",
    b"\n",
    b"\n\n\n",
    b"a",
    b"a\n",
    b"ab\ncd\r\n\r\nefg\n",
    b"ab\n\ncd",
    b"one line that is longer than the rest of them\nb\nc",
    b"\xef\xbb\xbfab\ncd\n",
    b"\xef\xbb\xbf\nab",
    b"a\rb\0\xff\r\r\n\r",
    b"x\nyy\nzzz\n1234\n12345\n",
];

#[test]
fn every_chunk_size_and_every_piece() {
    for source in TEXTS {
        for chunk_bytes in 1..=source.len() + 2 {
            for step in 1..=source.len() + 1 {
                let (lines, damage) = run(LineSplitter::new(chunk_bytes, 1000), &mut pieces(source, step), source);
                assert_eq!(lines, plain_lines(source), "{source:?} by {chunk_bytes}, pieces of {step}");
                assert!(damage.is_none());
            }
        }
    }
}

#[test]
fn chunks_are_about_as_large_as_asked() {
    let source = b"0123456789\n".repeat(100);
    for chunk_bytes in [1, 11, 100, 500, 2000] {
        let mut splitter = LineSplitter::new(chunk_bytes, 1000);
        let (mut text, mut input, mut chunks) = (Text::default(), pieces(&source, 7), 0);
        while splitter.next_chunk(&mut input, &mut text).unwrap().is_some() {
            assert!(text.len() <= chunk_bytes.max(11) + 7, "{} of {chunk_bytes}", text.len());
            chunks += 1;
        }
        assert!(chunks >= source.len() / (chunk_bytes.max(11) + 7), "{chunks} of {chunk_bytes}");
        assert_eq!(splitter.offset(), source.len() as u64);
    }
}

/// The lines of `start..end`, read as a byte-range task would.
fn range(source: &[u8], start: usize, end: usize, chunk_bytes: usize, step: usize) -> Lines {
    let splitter = LineSplitter::new(chunk_bytes, 1000).with_range(start as u64, end as u64);
    run(splitter, &mut pieces(&source[start.saturating_sub(1)..], step), source).0
}

#[test]
fn every_pair_of_cuts_gives_every_line_once() {
    for source in TEXTS {
        let len = source.len();
        for first in 0..=len {
            for second in first..=len {
                for (chunk_bytes, step) in [(1, 1), (1, 100), (4, 3), (1000, 2), (1000, 1000)] {
                    let cut = |start, end| range(source, start, end, chunk_bytes, step);
                    let parts = [cut(0, first), cut(first, second), cut(second, len)];
                    let what = format!("{source:?} cut at {first} and {second}, chunks of {chunk_bytes} by {step}");
                    assert_eq!(parts.concat(), plain_lines(source), "{what}: {parts:?}");
                    // A line belongs to the range its first byte is in; one behind a mark to that of the mark.
                    let has_mark = source.starts_with(b"\xef\xbb\xbf");
                    let at_home = |start: &u64, from: usize, to: usize| {
                        let start = if has_mark && *start == 3 { 0 } else { *start };
                        (from as u64..to as u64).contains(&start)
                    };
                    assert!(parts[1].iter().all(|(start, _)| at_home(start, first, second)), "{what}: {parts:?}");
                }
            }
        }
    }
}

#[test]
fn overlong_records_give_their_start_and_nothing_else() {
    let source = b"ab\n0123456789012345678901234567890123456789\r\ncd\nef\n01234567890123456789";
    for max_record_bytes in [8, 12, 19, 20] {
        for chunk_bytes in 1..=source.len() + 1 {
            for step in 1..=source.len() {
                let splitter = LineSplitter::new(chunk_bytes, max_record_bytes);
                let (lines, _) = run(splitter, &mut pieces(source, step), source);
                let what = format!("at most {max_record_bytes}, chunks of {chunk_bytes} by {step}");
                let plain = plain_lines(source);
                assert_eq!(lines.len(), plain.len(), "{what}: {lines:?}");
                for (line, plain) in lines.iter().zip(&plain) {
                    let (start, text) = (line.0, line.1.strip_suffix(b"\r").unwrap_or(&line.1));
                    let whole = plain.1.strip_suffix(b"\r").unwrap_or(&plain.1);
                    assert_eq!(start, plain.0, "{what}");
                    let kept = text == whole || whole.len() > max_record_bytes && text.len() > max_record_bytes;
                    assert!(kept, "{what}: {text:?} of {whole:?}");
                }
            }
        }
    }
}

/// The end of a line and a mark do not count: a record of just the limit is whole whatever the pieces.
#[test]
fn the_limit_counts_the_record_alone() {
    for source in [&b"01234567\r\n01234567\n"[..], b"\xef\xbb\xbf01234567\r\n8\n", b"01234567", b"01234567\rx\nab\n"] {
        for step in 1..=source.len() {
            let (lines, _) = run(LineSplitter::new(1, 8), &mut pieces(source, step), source);
            let plain = plain_lines(source);
            assert_eq!(lines.len(), plain.len());
            for ((_, line), (_, whole)) in lines.iter().zip(&plain) {
                let is_long = whole.strip_suffix(b"\r").unwrap_or(whole).len() > 8;
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                assert!(line.len() > 8 || !is_long, "{source:?} by {step}: {line:?} passes for a record");
                assert!(
                    is_long || line == whole.strip_suffix(b"\r").unwrap_or(whole),
                    "{source:?} by {step}: {line:?}"
                );
            }
        }
    }
}

#[test]
fn damage_comes_behind_the_whole_lines_before_it() {
    for source in TEXTS {
        for broken_at in 0..=source.len() {
            for (chunk_bytes, step) in [(1, 1), (1, 100), (4, 3), (1000, 2)] {
                let what = format!("{source:?} breaks at {broken_at}, chunks of {chunk_bytes} by {step}");
                let before = &source[..broken_at];
                let mut input = Pieces { bytes: before, step, breaks: Some(ErrorKind::Corrupt) };
                let (lines, damage) = run(LineSplitter::new(chunk_bytes, 1000), &mut input, source);
                let (rest, err) = damage.unwrap_or_else(|| panic!("{what}: the damage is lost"));
                assert_eq!(err.kind(), ErrorKind::Corrupt);
                let whole = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                assert_eq!(rest, &before[whole..], "{what}");
                assert_eq!(lines, plain_lines(&before[..whole]), "{what}");
            }
        }
    }
}

#[test]
fn damage_in_an_overlong_record_keeps_its_offset() {
    let source = b"ab\n0123456789012345678901234567890123456789";
    for step in 1..=source.len() {
        let mut input = Pieces { bytes: source, step, breaks: Some(ErrorKind::Corrupt) };
        let mut splitter = LineSplitter::new(1, 10);
        let (mut text, mut last) = (Text::default(), None);
        while let Some(chunk) = splitter.next_chunk(&mut input, &mut text).unwrap() {
            last = Some((chunk.offset + text.len() as u64, chunk.damage));
        }
        let (end, damage) = last.unwrap();
        assert!(damage.is_some());
        assert!(end <= source.len() as u64, "byte {end} is behind the end");
    }
}

#[test]
fn trouble_that_is_no_damage_stops_the_scan() {
    let kind = ErrorKind::Io(std::io::ErrorKind::PermissionDenied);
    let mut input = Pieces { bytes: b"ab\n", step: 1, breaks: Some(kind) };
    let mut splitter = LineSplitter::new(1000, 1000);
    let err = splitter.next_chunk(&mut input, &mut Text::default()).unwrap_err();
    assert_eq!(err.kind(), kind);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn random_texts_random_cuts(
        source in proptest::collection::vec(proptest::sample::select(b"ab\n\n\r\xef\xbb\xbf".to_vec()), 0..60),
        cuts in proptest::collection::vec(0_usize..60, 0..6),
        chunk_bytes in 1_usize..40,
        step in 1_usize..40,
    ) {
        let whole = run(LineSplitter::new(chunk_bytes, 1000), &mut pieces(&source, step), &source).0;
        prop_assert_eq!(&whole, &plain_lines(&source));
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| (*cut).min(source.len())).collect();
        cuts.extend([0, source.len()]);
        cuts.sort();
        let parts: Vec<Lines> = cuts.windows(2).map(|cut| range(&source, cut[0], cut[1], chunk_bytes, step)).collect();
        prop_assert_eq!(parts.concat(), whole);
    }
}

/// What was found in the text before changes no end, and each record behind a quote that is not closed takes its own
/// bytes only: from each to the end of the text, this would take minutes.
#[test]
fn quotes_that_never_close_take_linear_time() {
    let quoting = Quoting { delimiter: b",".as_slice().into(), quote: b'"', escape: None, max_record_bytes: 1 << 24 };
    for line in ["a,\"b, c\",\"d\n", "\"a\n", "\"\"\"a,\"b\n", "a,\"b\"\"\n", "\"a\",b\n"] {
        let ends = |text: &str, knows: bool| {
            let (mut ends, mut end, mut unclosed) = (vec![], 0, Unclosed::default());
            while let Some(len) = quoting.first_end_of(&text.as_bytes()[end..], true, &mut unclosed) {
                if !knows {
                    unclosed = Unclosed::default();
                }
                end += len;
                ends.push(end);
            }
            ends
        };
        for odd in ["", "\"x\n", "x,\"\"\n"] {
            let text = format!("{}{odd}{}", line.repeat(7), line.repeat(8));
            assert_eq!(ends(&text, true), ends(&text, false), "{text}");
        }
        _ = ends(&line.repeat((4 << 20) / line.len()), true);
    }
}
