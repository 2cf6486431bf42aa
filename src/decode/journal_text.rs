//! Fields of the systemd journal in JSON: text, or what stands in its place where a field is no text.
//!
//! **Source**: `https://systemd.io/JOURNAL_EXPORT_FORMATS/`, the JSON format: data with control characters or without UTF-8
//! are an array of the numbers of their bytes, data over a limit are null, and of a field that an entry has several times
//! the values are an array.

use arrow::array::ArrayRef;

use super::utf8::TextOut;
use super::{Bad, Block, Decode, Escape, Findings, Spec, unescape};
use crate::error::Result;
use crate::simd::{Field, Pool, Row};

/// Reads values as they are written. Several values of a field are one text, with newlines between.
pub(super) struct JournalText {
    field: Field,
    text: TextOut,
    scratch: Vec<u8>,
}

impl JournalText {
    pub(super) fn new(spec: &Spec, pool: &Pool) -> Self {
        Self { field: spec.field, text: TextOut::new(spec, pool), scratch: Vec::new() }
    }
}

impl Decode for JournalText {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        for (number, row) in rows.iter().enumerate() {
            let Some((start, end)) = self.field.span(block.positions, *row) else {
                self.text.push(None, false, found);
                continue;
            };
            let value = block.text.text().span(start, end);
            match value {
                [b'"', inner @ .., b'"'] if !row.has_escapes() => self.text.push(Some(inner), false, found),
                _ => {
                    self.scratch.clear();
                    let read = read_value(value, &mut self.scratch);
                    if read.is_none() {
                        found.bad.push(Bad { row: number as u32, column: 0, start, end });
                    }
                    let is_text = read == Some(true);
                    self.text.push(is_text.then_some(&self.scratch[..]), false, found);
                }
            }
        }
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.text.finish()?])
    }
}

/// Appends the text of a value of JSON; false if it is null, `None` if it is no field's.
fn read_value(value: &[u8], out: &mut Vec<u8>) -> Option<bool> {
    let Some(items) = value.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]")) else {
        return read_single(value, out);
    };
    let (mut rest, mut is_text) = (items.trim_ascii(), false);
    while !rest.is_empty() {
        let len = item_len(rest)?;
        let before = out.len();
        if is_text {
            out.push(b'\n');
        }
        match &rest[..len] {
            [b'0'..=b'9', ..] if !is_text => {
                // Numbers stand by themselves: they are one value's bytes.
                read_bytes(rest, out)?;
                return Some(true);
            }
            item @ [b'[', ..] => {
                let inner = item.get(1..item.len() - 1)?.trim_ascii();
                read_bytes(inner, out)?;
                is_text = true;
            }
            item => match read_single(item, out)? {
                true => is_text = true,
                false => out.truncate(before),
            },
        }
        rest = behind_comma(&rest[len..])?;
    }
    // An array of nothing is data of no bytes.
    Some(is_text || items.trim_ascii().is_empty())
}

/// A value that holds no others.
fn read_single(value: &[u8], out: &mut Vec<u8>) -> Option<bool> {
    match value {
        [b'"', inner @ .., b'"'] => {
            unescape(Escape::JsonText, inner, out);
            Some(true)
        }
        b"null" => Some(false),
        [b'{' | b'[', ..] => None,
        _ => {
            out.extend_from_slice(value);
            Some(true)
        }
    }
}

/// Appends the bytes with these numbers; `None` if there is another value.
fn read_bytes(numbers: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = numbers;
    while !rest.is_empty() {
        let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = rest[..len].iter().fold(0_u32, |number, digit| 10 * number.min(256) + u32::from(digit - b'0'));
        out.push(u8::try_from(number).ok().filter(|_| len > 0)?);
        rest = behind_comma(&rest[len..])?;
    }
    Some(())
}

/// What stands behind an item: nothing, or a comma and the next one.
fn behind_comma(rest: &[u8]) -> Option<&[u8]> {
    match rest.trim_ascii_start() {
        [] => Some(&[]),
        [b',', next @ ..] => Some(next.trim_ascii_start()),
        _ => None,
    }
}

/// How long the first item is: a string, an array without arrays, or up to a comma.
fn item_len(items: &[u8]) -> Option<usize> {
    match items.first()? {
        b'"' => {
            let mut at = 1;
            loop {
                match items.get(at)? {
                    b'"' => return Some(at + 1),
                    b'\\' => at += 2,
                    _ => at += 1,
                }
            }
        }
        b'[' => items.iter().position(|byte| *byte == b']').map(|at| at + 1),
        _ => {
            let len = items.iter().position(|byte| *byte == b',').unwrap_or(items.len());
            Some(items[..len].trim_ascii_end().len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_fields() {
        for (value, want) in [
            (r#""a \"b\"\u00e9\n""#, Some(Some("a \"b\"é\n"))),
            (r#""""#, Some(Some(""))),
            ("null", Some(None)),
            ("7", Some(Some("7"))),
            ("[104, 105,10 ]", Some(Some("hi\n"))),
            ("[ 104 ]", Some(Some("h"))),
            ("[]", Some(Some(""))),
            (r#"["a","b]\"",  "c"]"#, Some(Some("a\nb]\"\nc"))),
            (r#"["a", null, [98 , 99], ""]"#, Some(Some("a\nbc\n"))),
            ("[null, null]", Some(None)),
            ("[null,[104]]", Some(Some("h"))),
            (r#"[[],"x"]"#, Some(Some("\nx"))),
            ("[1,256]", None),
            ("[1,99999999999999999999]", None),
            ("[1,2.5]", None),
            ("[1,-1]", None),
            (r#"[1,"a"]"#, None),
            (r#"{"a":1}"#, None),
            (r#"["a",{}]"#, None),
            ("[[[1]]]", None),
        ] {
            let mut out = Vec::new();
            let read = read_value(value.as_bytes(), &mut out);
            let found = read.map(|is_text| is_text.then(|| String::from_utf8(out).unwrap()));
            assert_eq!(found, want.map(|text| text.map(str::to_owned)), "{value}");
        }
    }
}
