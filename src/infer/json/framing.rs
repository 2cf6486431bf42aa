//! How JSON values follow one another, from the head of a file.

use super::with_nodes;
use crate::format::Framing;

/// Keys under which AWS puts the records of a file or message, whatever stands beside them.
const CONTAINERS: [&str; 2] = ["Records", "logEvents"];
/// Keys under which others do; a record may have such an array too, so it counts only in a file of one value.
const USUAL_KEYS: [&str; 7] = ["records", "items", "events", "Events", "data", "value", "hits"];
/// Lines looked at.
const MAX_LINES: usize = 32;

/// How the values of a file follow one another, from its first bytes; `is_whole` if these are all.
///
/// - An array under a key holds the records, where the first value is an object with one array of objects, and either its
///   key is `Records` or `logEvents`; or it is the only key of a file of one value; or its key is `records`, `items`, `events`,
///   `Events`, `data`, `value` or `hits`, and it is the only key, or it is a file of one value whose other keys hold scalars.
/// - Values are lines where the first two whole lines, or at least half of the first 32, are a JSON value each; also a
///   single one. An array of objects is no line, but holds records.
/// - All else that begins as JSON are values that follow one another in any way: a top-level array, values over several
///   lines, values without a newline between them, and RFC 7464.
pub fn find_framing(head: &[u8], is_whole: bool) -> Framing {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    match text.first() {
        // The record separator of RFC 7464.
        Some(0x1e) => return Framing::Values(Vec::new()),
        Some(b'{') => {
            if let Some(key) = Object::of(text).container(text) {
                return Framing::Values(vec![key]);
            }
        }
        Some(b'[') if text[1..].trim_ascii_start().starts_with(b"{") => return Framing::Values(Vec::new()),
        _ => {}
    }
    let starts_container = text.starts_with(b"{") || text.starts_with(b"[");
    let mut lines = whole_lines(text, is_whole);
    if lines.is_empty() {
        return if starts_container { Framing::Values(Vec::new()) } else { Framing::Lines };
    }
    let has_one = lines.len() == 1 && is_whole;
    lines.truncate(MAX_LINES);
    let mut buf = Vec::new();
    let are_values: Vec<bool> = lines.iter().map(|line| with_nodes(line, &mut buf, |_| ()).is_some()).collect();
    let is_list = has_one && text.starts_with(b"[") && are_values[0];
    let starts_well = are_values[0] && are_values.get(1).is_none_or(|second| *second);
    let containers = lines.iter().zip(&are_values).filter(|(line, is)| **is && matches!(line[0], b'{' | b'[')).count();
    if !is_list && (starts_well || 2 * containers >= lines.len() || !starts_container && containers == 0) {
        return Framing::Lines;
    }
    Framing::Values(Vec::new())
}

/// Whether the first two values of a text have nothing between them, as Firehose leaves them.
pub(super) fn is_concatenated(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    text.starts_with(b"{") && value_len(text).is_some_and(|len| text.get(len) == Some(&b'{'))
}

/// The lines that are whole and not blank, without the space around them.
fn whole_lines(text: &[u8], is_whole: bool) -> Vec<&[u8]> {
    let end = if is_whole { text.len() } else { memchr::memrchr(b'\n', text).unwrap_or_default() };
    let lines = text[..end].split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty()).take(MAX_LINES + 1).collect()
}

/// The records of a text whose values follow one another so; a value without the array that holds records is one itself, and
/// one that breaks off at the end is none. Which of them are
/// right is not looked at.
pub(super) fn records<'t>(text: &'t [u8], framing: &Framing) -> Vec<&'t [u8]> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let Framing::Values(keys) = framing else {
        let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        return lines.filter(|line| !line.is_empty()).collect();
    };
    let mut out = Vec::new();
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(*byte, 0x1e | 0);
    let mut at = 0;
    while at < text.len() {
        at += text[at..].iter().take_while(|byte| is_between(byte)).count();
        let rest = &text[at..];
        let Some(len) = value_len(rest) else {
            // The records of an array that breaks off.
            out.extend(array(rest, keys).into_iter().flatten());
            break;
        };
        match array(&rest[..len], keys) {
            Some(items) => out.extend(items),
            None => out.push(&rest[..len]),
        }
        // What is no value, such as a bracket too many, is passed over.
        at += len.max(1);
    }
    out
}

/// The elements of the array under these keys of a value, up to where the text breaks off; `None` if it has no such array.
fn array<'t>(value: &'t [u8], keys: &[String]) -> Option<Vec<&'t [u8]>> {
    let Some((first, rest)) = keys.split_first() else {
        return (value.first() == Some(&b'[')).then(|| elements(value));
    };
    let mut at = skip_space(value, 1);
    while value.first() == Some(&b'{')
        && let Some(len) = value.get(at..).and_then(string_len)
    {
        let is_first = value[at + 1..at + len - 1] == *first.as_bytes();
        at = skip_space(value, skip_space(value, at + len) + 1);
        let inner = value.get(at..).unwrap_or_default();
        let len = value_len(inner);
        if is_first {
            return array(&inner[..len.unwrap_or(inner.len())], rest);
        }
        at = skip_space(value, skip_space(value, at + len?) + 1);
    }
    None
}

/// The elements of an array, up to where the text breaks off.
fn elements(array: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let mut at = skip_space(array, 1);
    while let Some(len) = array.get(at..).and_then(value_len).filter(|len| *len > 0) {
        out.push(&array[at..at + len]);
        at = skip_space(array, at + len);
        if array.get(at) != Some(&b',') {
            break;
        }
        at = skip_space(array, at + 1);
    }
    out
}

/// What the members of an object are.
#[derive(Debug, Default)]
struct Object {
    keys: usize,
    /// The keys of arrays that hold objects, or nothing, and whether they hold nothing.
    arrays: Vec<(String, bool)>,
    /// A member besides them is an object, or another array.
    has_containers: bool,
    /// Where it ends; `None` if the text does before.
    end: Option<usize>,
}

impl Object {
    /// The object at the start of `text`, as far as it is there.
    fn of(text: &[u8]) -> Self {
        let mut out = Self::default();
        out.end = out.walk(text);
        out
    }

    fn walk(&mut self, text: &[u8]) -> Option<usize> {
        let mut at = skip_space(text, 1);
        if text.get(at) == Some(&b'}') {
            return Some(at + 1);
        }
        loop {
            let len = string_len(text.get(at..)?)?;
            let key = &text[at + 1..at + len - 1];
            at = skip_space(text, at + len);
            if text.get(at) != Some(&b':') {
                return None;
            }
            at = skip_space(text, at + 1);
            let first = *text.get(at)?;
            self.keys += 1;
            let inner = text.get(skip_space(text, at + 1));
            if first == b'[' && matches!(inner, Some(b'{' | b']')) {
                self.arrays.push((String::from_utf8_lossy(key).into_owned(), inner == Some(&b']')));
            } else {
                self.has_containers |= matches!(first, b'[' | b'{');
            }
            at = skip_space(text, at + value_len(&text[at..])?);
            match text.get(at)? {
                b'}' => return Some(at + 1),
                b',' => at = skip_space(text, at + 1),
                _ => return None,
            }
        }
    }

    /// The key of the array that holds the records, if there is one.
    fn container(&self, text: &[u8]) -> Option<String> {
        let [(key, is_empty)] = self.arrays.as_slice() else { return None };
        // Of a value that breaks off, what follows is unknown.
        let is_alone = self.end.is_none_or(|end| text[end..].trim_ascii().is_empty());
        let is_usual = USUAL_KEYS.contains(&key.as_str());
        let is_only = self.keys == 1 && !is_empty && (is_alone || is_usual);
        let is_file = is_usual && is_alone && !self.has_containers;
        (CONTAINERS.contains(&key.as_str()) || is_only || is_file).then(|| key.clone())
    }
}

fn skip_space(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// The length of the string at the start of `text`, with its quotes.
pub(super) fn string_len(text: &[u8]) -> Option<usize> {
    if text.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The length of the value at the start of `text`, which need not be right inside; `None` if it breaks off.
fn value_len(text: &[u8]) -> Option<usize> {
    let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
    match text.first()? {
        b'"' => string_len(text),
        b'{' | b'[' => {
            let (mut depth, mut at) = (0_usize, 0);
            loop {
                match text.get(at)? {
                    b'"' => {
                        at += string_len(&text[at..])?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        _ => text.iter().position(is_end),
    }
}
