//! The columns of JSON records, and how their values follow one another, from a sample.
//!
//! In: the records of a sample, spread over all files. Out: a column for each key of the records, in the order in which
//! the keys first appear; its type holds all values seen. The types, and which keys have a column, do not depend on the
//! order of the records. The rules:
//!
//! | seen under a key | type |
//! | --- | --- |
//! | only null, or no value | `utf8` |
//! | null beside other values | what they give |
//! | integers | `int64`; `decimal(38,0)` if one is beyond it; `utf8` if one has more than 38 digits |
//! | numbers with a point or exponent, perhaps integers too | `float64`; `utf8` if it would change an integer, or cannot hold a number |
//! | `true`, `false` | `bool` |
//! | strings | `timestamp` if each is a whole time of ISO 8601 with a zone; else `utf8` |
//! | scalars of several kinds | `utf8`: numbers and truth values as written |
//! | arrays | a list of what the elements give together; `json` if all are empty |
//! | objects | a struct of all their members; `json` if all are empty |
//! | objects whose keys are data | `map<utf8,T>` where the values together give a scalar or a struct; else `json` |
//! | arrays and scalars, objects and anything else | `json`, the value as written |
//! | more than 32 containers within one another | `json` for those farther in |
//!
//! Keys are data where there are more than 64 of them in the sample, and more than four times as many as an object has in
//! the median. Records have 1024 columns, those of the most frequent keys; the others are extra. A key that stands twice in an object has the last value, as for readers. Records
//! that are no objects are a column `value`, where most are such.
//!
//! `simd-json` takes the sample apart here, once a source: its tape holds all of a record, whatever its keys, which is what a
//! scan does not need (see `docs/json.md`).

mod attributes;
mod framing;
mod resolve;
mod shape;
mod sniff;

use simd_json::Node;

use crate::format::{Column, RESERVED};
use attributes::{attribute_columns, is_attribute};
pub use framing::find_framing;
pub(super) use resolve::resolve;
use shape::{MemberShape, Shape};
pub(super) use sniff::guess;

/// Columns a source has, at most.
const MAX_COLUMNS: usize = 1024;
/// The column of records that are no objects.
const VALUE: &str = "value";

/// The columns of these records, by the rules above; those that are no JSON are passed over. With `ignore_case`, keys that
/// differ in the case of ASCII letters are one.
///
/// **Cost**: a copy and a tape of each record, one at a time.
///
/// ```
/// use logarrow::infer::json_columns;
/// let records = [r#"{"id": 1, "at": "2026-03-05T10:00:01Z"}"#, r#"{"id": 2.5, "tags": ["a"]}"#];
/// let columns = json_columns(records.map(str::as_bytes), false);
/// let types: Vec<_> = columns.iter().map(|column| (&*column.name, &*column.dtype.name)).collect();
/// assert_eq!(types, [("id", "float64"), ("at", "timestamp"), ("tags", "list<utf8>")]);
/// ```
pub fn json_columns<'r>(records: impl IntoIterator<Item = &'r [u8]>, ignore_case: bool) -> Vec<Column> {
    let (mut objects, mut others) = (Shape::default(), Shape::default());
    let (mut object_count, mut other_count) = (0_u64, 0_u64);
    let mut buf = Vec::new();
    for record in records {
        with_nodes(record, &mut buf, |nodes| {
            let is_object = matches!(nodes.first(), Some(Node::Object { .. }));
            if is_object {
                object_count += 1;
                objects.add(nodes, 0, ignore_case);
            } else {
                other_count += 1;
                others.add(nodes, 1, ignore_case);
            }
        });
    }
    if other_count > object_count {
        others.merge(objects);
        return vec![Column::member(VALUE, Vec::new(), &others.dtype())];
    }
    let members = objects.into_members(MAX_COLUMNS);
    let names = shape::names(&members, &RESERVED);
    let column = |(member, name): (MemberShape, String)| Column::member(&name, vec![member.key], &member.shape.dtype());
    members.into_iter().zip(names).map(column).collect()
}

/// Runs `look` on the nodes of a JSON text; `None` if it is none.
fn with_nodes<R>(text: &[u8], buf: &mut Vec<u8>, mut look: impl FnMut(&[Node<'_>]) -> R) -> Option<R> {
    buf.clear();
    buf.extend_from_slice(text);
    if let Ok(tape) = simd_json::to_tape(buf) {
        return Some(look(&tape.0));
    }
    // The parser refuses numbers that it has no type for, which are JSON all the same. Here they are texts, since no
    // type of ours but text holds them.
    buf.clear();
    if !quote_numbers(text, buf) {
        return None;
    }
    simd_json::to_tape(buf).ok().map(|tape| look(&tape.0))
}

/// Copies a text with quotes around the numbers that neither an integer of 38 digits nor `float64` holds; tells whether
/// there are any.
fn quote_numbers(text: &[u8], out: &mut Vec<u8>) -> bool {
    let is_of_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let (mut found, mut at) = (false, 0);
    while at < text.len() {
        let rest = &text[at..];
        let len = match rest[0] {
            b'"' => framing::string_len(rest).unwrap_or(rest.len()),
            b'-' | b'0'..=b'9' => rest.iter().take_while(|byte| is_of_number(byte)).count(),
            _ => 1,
        };
        let token = &rest[..len];
        let is_odd = token[0] != b'"' && is_beyond(token);
        let quote: &[u8] = if is_odd { b"\"" } else { b"" };
        out.extend_from_slice(quote);
        out.extend_from_slice(token);
        out.extend_from_slice(quote);
        found |= is_odd;
        at += len;
    }
    found
}

fn is_beyond(token: &[u8]) -> bool {
    let digits = token.strip_prefix(b"-").unwrap_or(token);
    // What has a leading zero is no number.
    if digits.len() > 38 && digits[0] != b'0' && digits.iter().all(u8::is_ascii_digit) {
        return true;
    }
    let is_number = digits.first().is_some_and(u8::is_ascii_digit);
    let is_infinite = |text: &str| text.parse::<f64>().is_ok_and(f64::is_infinite);
    is_number && str::from_utf8(token).is_ok_and(is_infinite)
}

#[cfg(test)]
mod tests;
