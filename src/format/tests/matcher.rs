//! The obvious matcher, to see that the samples fit their layouts and cut where they should.

use std::collections::BTreeMap;

use crate::format::*;

type Spans = BTreeMap<String, String>;

/// What the captures of the first alternative that fits hold, as written.
fn spans(format: &Format, record: &str) -> Option<Spans> {
    let Layout::Pattern(patterns) = &format.layout else { panic!("no pattern") };
    patterns.iter().find_map(|pattern| {
        let parts: Vec<&Part> = pattern.parts.iter().collect();
        let mut spans = Spans::new();
        fit(&parts, record, &mut spans).then_some(spans)
    })
}

fn fit(parts: &[&Part], rest: &str, spans: &mut Spans) -> bool {
    let Some((part, tail)) = parts.split_first() else { return rest.is_empty() };
    match part {
        Part::Pairs(_) => panic!("key-value pairs have tests of their own"),
        Part::Literal(bytes) => rest.as_bytes().starts_with(bytes) && fit(tail, &rest[bytes.len()..], spans),
        Part::Optional(inner) => {
            let with: Vec<&Part> = inner.iter().chain(tail.iter().copied()).collect();
            fit(&with, rest, spans) || fit(tail, rest, spans)
        }
        Part::Tail(_) => rest.is_empty(),
        Part::Again => panic!("no built-in format has it"),
        Part::Capture(capture) if let [Part::Tail(inner)] = tail => {
            // From the right; whole, then with other parts behind it; else there is none.
            let inner: Vec<&Part> = inner.iter().collect();
            let starts: Vec<usize> = rest.rmatch_indices(", ").map(|(at, _)| at).collect();
            let others = starts.iter().filter(|at| rest[**at + 2..].contains(':')).copied();
            let ends = std::iter::once(rest.len()).chain(others);
            let found = ends.flat_map(|end| starts.iter().map(move |at| (*at, end))).find(|(at, end)| {
                let mut found = Spans::new();
                // No sample has quotes in its parts; where quotes are is what tells apart those that have some.
                let quoteless = |found: &Spans| found.values().all(|value| !value.contains('"'));
                at < end && fit(&inner, &rest[*at..*end], &mut found) && quoteless(&found)
            });
            let (start, end) = found.unwrap_or((rest.len(), rest.len()));
            spans.insert(capture.name.clone(), rest[..start].to_owned());
            start == end || fit(&inner, &rest[start..end], spans)
        }
        Part::Capture(capture) => {
            let quoted = matches!(tail.first(), Some(Part::Literal(next)) if next.starts_with(b"\""));
            (0..=rest.len()).filter(|len| rest.is_char_boundary(*len)).any(|len| {
                let escaped = rest[..len].bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
                let stops = quoted && capture.escape != Escape::None && escaped;
                if stops || !holds(capture, &rest[..len], &rest[len..]) || !fit(tail, &rest[len..], spans) {
                    return false;
                }
                spans.insert(capture.name.clone(), rest[..len].to_owned());
                true
            })
        }
    }
}

fn holds(capture: &Capture, text: &str, after: &str) -> bool {
    let lead = capture.lead.is_none_or(|lead| text.is_empty() || text.as_bytes()[0] == lead);
    lead && match capture.class {
        Class::Any => true,
        Class::Word => !text.contains(' '),
        Class::Bare => !text.contains([' ', '"']),
        Class::Digits => !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()),
        Class::Spaces(count) => text.matches(' ').count() == usize::from(count),
        Class::Escaped => (text.len() - text.trim_end_matches('\\').len()).is_multiple_of(2),
        Class::Padded(_) | Class::Trimmed(_) | Class::Bytes(_) | Class::Object | Class::Dated => {
            unreachable!("no web log has these")
        }
        Class::List => {
            let items = text.replace(", ", "").replace(" : ", "");
            !items.contains(' ') && !text.ends_with(',') && !after.starts_with(" : ")
        }
    }
}

/// What a column must give, with its null texts and escapes done in the plainest way.
fn cell(column: &Column, spans: &Spans) -> Option<String> {
    let (From::Capture(name) | From::Request(name, _) | From::Key(name)) = &column.from else {
        panic!("no built-in format joins")
    };
    let span = spans.get(name)?.as_str();
    let text = match &column.from {
        From::Capture(_) | From::Key(_) | From::Joined(_) => span,
        From::Path(..) | From::Folder(_) | From::Member(_) => return None,
        From::Request(_, part) => {
            let words: Vec<&str> = span.split(' ').collect();
            // Without a version it is no request line.
            let words = words.as_slice();
            let words = if words.last().is_some_and(|last| last.contains('/')) { words } else { &[] };
            match (words, part) {
                ([method, _, _], RequestPart::Method) => method,
                ([_, target, _], RequestPart::Path) => target,
                ([_, _, protocol], RequestPart::Protocol) => protocol,
                ([_, target, _], RequestPart::Query) => target.split_once('?')?.1,
                (_, RequestPart::Path) => span,
                _ => return None,
            }
        }
    };
    if column.null.iter().any(|null| null == text) { None } else { Some(text.to_owned()) }
}

#[test]
fn samples_fit_and_rejects_do_not() {
    let is_web = |format: &&std::sync::Arc<Format>| {
        !format.is_json() && ["apache.", "nginx."].iter().any(|family| format.name.starts_with(family))
    };
    for format in builtin_formats().iter().filter(is_web) {
        for sample in &format.samples {
            let spans = spans(format, &sample.line).unwrap_or_else(|| panic!("{}: {}", format.name, sample.line));
            for column in format.columns.iter().filter(|c| !c.on_demand || sample.row.contains_key(&c.name)) {
                let (found, expected) = (cell(column, &spans), sample.row.get(&column.name));
                let place = format!("{} {}: {}", format.name, column.name, sample.line);
                match (found, expected) {
                    (None, None) => {}
                    // Other types, and escaped text, are for the decoders to compare.
                    (Some(text), Some(toml::Value::String(value))) if column.dtype.is_text() => {
                        assert!(text == *value || text.contains('\\'), "{place}: {text:?}");
                    }
                    (Some(_), Some(_)) => {}
                    (found, expected) => panic!("{place}: {found:?}, expected {expected:?}"),
                }
            }
        }
        for reject in &format.rejects {
            assert_eq!(spans(format, &reject.line), None, "{}: {}", format.name, reject.line);
        }
    }
}

/// The named spans of a record, for the tests of other files.
pub(super) fn cut(format: &Format, record: &str) -> Vec<(String, String)> {
    let spans = spans(format, record).unwrap_or_else(|| panic!("{record}\n{}", format.explain_layout()));
    let shown = format.columns.iter().filter(|column| !column.on_demand);
    shown.filter_map(|column| Some((column.name.clone(), cell(column, &spans)?))).collect()
}
