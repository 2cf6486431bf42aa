//! Attribute values of DynamoDB: `{"N": "1.5"}`, a value below the name of its type.
//!
//! In: the span of such an object. Out: a column of what it holds. Each value of a call is written without its wrappers into
//! one text, which the decoder of the column's own kind then reads: so a number keeps all its digits, and one that does not
//! fit is bad as anywhere.
//!
//! **Source**: Amazon DynamoDB API reference, `AttributeValue`.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::FieldRef;

use super::binary::base64;
use super::{Bad, Block, Decode, Escape, Findings, Kind, NullTexts, Spec, decoder, unescape};
use crate::error::Result;
use crate::simd::{Bits, Field, Pool, Row, Text, TextBlock};

/// Values within one another; the tokenizer takes no deeper ones.
const MAX_DEPTH: usize = 128;

/// Unwraps attribute values and hands them on.
pub(super) struct Attribute {
    field: Field,
    inner: Box<dyn Decode>,
    /// Bytes are decoded from base64; as text they stay as they are.
    is_binary: bool,
    list: Option<List>,
    scratch: Vec<u8>,
    /// The start and end of each value, and the rows that stand for them.
    positions: Vec<u32>,
    rows: Vec<Row>,
    /// The row of the call that each value is of.
    owners: Vec<u32>,
    found: Findings,
}

/// The lists so far, as of a column whose items the inner decoder reads.
struct List {
    item_field: FieldRef,
    /// Where each row's items end; one entry a row, and a first one.
    offsets: Vec<i32>,
    validity: Bits,
}

impl Attribute {
    /// **Errors**: those of the inner decoder.
    pub(super) fn new(spec: &Spec, kind: &Kind, pool: &Pool) -> Result<Self> {
        let (item, list) = match kind {
            Kind::List { item, .. } => {
                let item_field = Kind::item_field(item, spec.strings);
                (&**item, Some(List { item_field, offsets: vec![0], validity: Bits::default() }))
            }
            kind => (kind, None),
        };
        let field = Field { start_slot: 0, end_slot: 1, start_add: 0, end_add: 0 };
        // What is null says so itself.
        let null = NullTexts::default();
        let inner = Spec { field, kind: item.clone(), null, escape: Escape::None, ..spec.clone() };
        Ok(Self {
            field: spec.field,
            inner: decoder(&inner, pool)?,
            is_binary: matches!(item, Kind::Binary(_)),
            list,
            scratch: Vec::new(),
            positions: Vec::new(),
            rows: Vec::new(),
            owners: Vec::new(),
            found: Findings::default(),
        })
    }

    /// Writes the value of a row, or the items of one; false if it is none that the column can hold.
    fn write(&mut self, bytes: &[u8], owner: u32, line: u32) -> bool {
        let (scratch_len, values) = (self.scratch.len(), self.owners.len());
        let is_good = self.try_write(bytes, owner, line).is_some();
        if !is_good {
            self.scratch.truncate(scratch_len);
            self.positions.truncate(2 * values);
            self.rows.truncate(values);
            self.owners.truncate(values);
        }
        is_good
    }

    fn try_write(&mut self, bytes: &[u8], owner: u32, line: u32) -> Option<()> {
        let mut cursor = Cursor { bytes, at: 0, depth: 0 };
        let name = cursor.open()?;
        if self.list.is_none() {
            let start = self.scratch.len();
            let is_null = name == Name::Null;
            self.scalar(&mut cursor, name)?;
            cursor.close()?;
            self.push(if is_null { None } else { Some(start) }, owner, line);
            return Some(());
        }
        // The row itself is null; it is no item.
        if name == Name::Null {
            return Some(());
        }
        cursor.sign(b'[')?;
        if !cursor.take(b']') {
            loop {
                let start = self.scratch.len();
                let is_null = match name {
                    Name::Strings => self.scalar(&mut cursor, Name::String).map(|()| false)?,
                    Name::Numbers => self.scalar(&mut cursor, Name::Number).map(|()| false)?,
                    Name::Binaries => self.scalar(&mut cursor, Name::Binary).map(|()| false)?,
                    Name::List => {
                        let name = cursor.open()?;
                        self.scalar(&mut cursor, name)?;
                        cursor.close()?;
                        name == Name::Null
                    }
                    _ => return None,
                };
                self.push(if is_null { None } else { Some(start) }, owner, line);
                if !cursor.take(b',') {
                    break;
                }
            }
            cursor.sign(b']')?;
        }
        cursor.close()
    }

    /// A value that is a cell, or an item of one: texts and numbers are as they are, all else is JSON.
    fn scalar(&mut self, cursor: &mut Cursor<'_>, name: Name) -> Option<()> {
        match name {
            Name::Binary if self.is_binary => {
                let mut out = Vec::new();
                let text = cursor.string()?;
                if !text.is_empty() && !base64(text, &mut out) {
                    return None;
                }
                self.scratch.extend_from_slice(&out);
            }
            _ if self.is_binary && name != Name::Null => return None,
            Name::String => {
                let text = cursor.string()?;
                unescape(Escape::JsonText, text, &mut self.scratch);
            }
            Name::Number | Name::Binary => self.scratch.extend_from_slice(cursor.string()?),
            Name::Null => {
                cursor.word()?;
            }
            _ => cursor.unwrap(name, &mut self.scratch)?,
        }
        Some(())
    }

    /// Ends a value that begins at `start`, or adds one that is null.
    fn push(&mut self, start: Option<usize>, owner: u32, line: u32) {
        let (start, end) = start.map_or((1, 0), |start| (start as u32, self.scratch.len() as u32));
        self.positions.extend([start, end]);
        self.rows.push(Row::new(2 * self.rows.len() as u32, line));
        self.owners.push(owner);
    }
}

impl Decode for Attribute {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        self.scratch.clear();
        self.positions.clear();
        self.rows.clear();
        self.owners.clear();
        for (number, row) in rows.iter().enumerate() {
            let owner = number as u32;
            let span = self.field.span(block.positions, *row);
            let before = self.owners.len();
            let mut is_null = span.is_none();
            if let Some((start, end)) = span {
                let bytes = block.text.text().span(start, end);
                // A plain null has no value, as an attribute that is not there.
                is_null = bytes == b"null";
                if !is_null && !self.write(bytes, owner, row.line) {
                    found.bad.push(Bad { row: owner, column: 0, start, end });
                    is_null = true;
                } else if self.list.is_some() {
                    is_null = is_null || Cursor { bytes, at: 0, depth: 0 }.open() == Some(Name::Null);
                }
            }
            match &mut self.list {
                Some(list) => {
                    let items = (self.owners.len() - before) as i32;
                    list.offsets.push(list.offsets.last().copied().unwrap_or_default().saturating_add(items));
                    list.validity.push(!is_null);
                }
                None if is_null && self.owners.len() == before => self.push(None, owner, row.line),
                None => {}
            }
        }
        let text = Text::copied(&self.scratch);
        let text = TextBlock::new(&text, 0, text.len());
        let inner = Block { text, positions: &self.positions, children: &[], conflicts: &[], parts: &[], ..*block };
        self.inner.decode(&inner, &self.rows, &mut self.found);
        found.replaced += std::mem::take(&mut self.found.replaced);
        for bad in self.found.bad.drain(..) {
            let owner = self.owners.get(bad.row as usize).copied().unwrap_or_default();
            let span = rows.get(owner as usize).and_then(|row| self.field.span(block.positions, *row));
            let (start, end) = span.unwrap_or_default();
            found.bad.push(Bad { row: owner, column: 0, start, end });
        }
        found.bad.sort_by_key(|bad| bad.row);
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let values = self.inner.finish()?;
        let Some(list) = &mut self.list else { return Ok(values) };
        let offsets = std::mem::replace(&mut list.offsets, vec![0]);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let validity = list.validity.finish();
        let items =
            values.into_iter().next().unwrap_or_else(|| arrow::array::new_empty_array(list.item_field.data_type()));
        Ok(vec![Arc::new(ListArray::try_new(list.item_field.clone(), offsets, items, validity)?)])
    }
}

/// The names of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    String,
    Number,
    Binary,
    Bool,
    Null,
    Strings,
    Numbers,
    Binaries,
    Map,
    List,
}

impl Name {
    fn of(text: &[u8]) -> Option<Self> {
        Some(match text {
            b"S" => Self::String,
            b"N" => Self::Number,
            b"B" => Self::Binary,
            b"BOOL" => Self::Bool,
            b"NULL" => Self::Null,
            b"SS" => Self::Strings,
            b"NS" => Self::Numbers,
            b"BS" => Self::Binaries,
            b"M" => Self::Map,
            b"L" => Self::List,
            _ => return None,
        })
    }
}

/// A place in a JSON text that the tokenizer has checked.
struct Cursor<'t> {
    bytes: &'t [u8],
    at: usize,
    depth: usize,
}

impl<'t> Cursor<'t> {
    fn next(&mut self) -> Option<u8> {
        let rest = self.bytes.get(self.at..)?;
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, sign: u8) -> bool {
        let is_next = self.next() == Some(sign);
        self.at += usize::from(is_next);
        is_next
    }

    fn sign(&mut self, sign: u8) -> Option<()> {
        self.take(sign).then_some(())
    }

    /// What stands between the quotes of a string.
    fn string(&mut self) -> Option<&'t [u8]> {
        self.sign(b'"')?;
        let start = self.at;
        loop {
            let rest = self.bytes.get(self.at..)?;
            self.at += memchr::memchr2(b'"', b'\\', rest)?;
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                return self.bytes.get(start..self.at - 1);
            }
            self.at += 2;
        }
    }

    /// `true`, `false` or `null`.
    fn word(&mut self) -> Option<&'t [u8]> {
        self.next()?;
        let start = self.at;
        self.at += self.bytes[start..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        Some(&self.bytes[start..self.at]).filter(|word| !word.is_empty())
    }

    /// The start of an attribute value, up to the value below its type.
    fn open(&mut self) -> Option<Name> {
        self.sign(b'{')?;
        let name = Name::of(self.string()?)?;
        self.sign(b':')?;
        Some(name)
    }

    /// Its end: it has one member.
    fn close(&mut self) -> Option<()> {
        self.sign(b'}')
    }

    /// Writes a value as JSON, without the wrappers in it.
    fn unwrap(&mut self, name: Name, out: &mut Vec<u8>) -> Option<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        match name {
            Name::String | Name::Binary => quote(self.string()?, out),
            Name::Number => number(self.string()?, out),
            Name::Bool => out.extend_from_slice(self.word()?),
            Name::Null => {
                self.word()?;
                out.extend_from_slice(b"null");
            }
            Name::Strings | Name::Binaries => {
                self.items(out, |cursor, out| cursor.string().map(|text| quote(text, out)))?
            }
            Name::Numbers => self.items(out, |cursor, out| cursor.string().map(|text| number(text, out)))?,
            Name::List => self.items(out, Self::unwrap_one)?,
            Name::Map => {
                self.sign(b'{')?;
                out.push(b'{');
                let mut is_open = !self.take(b'}');
                while is_open {
                    quote(self.string()?, out);
                    self.sign(b':')?;
                    out.push(b':');
                    self.unwrap_one(out)?;
                    is_open = self.take(b',');
                    if is_open {
                        out.push(b',');
                    } else {
                        self.sign(b'}')?;
                    }
                }
                out.push(b'}');
            }
        }
        self.depth -= 1;
        Some(())
    }

    fn unwrap_one(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let name = self.open()?;
        self.unwrap(name, out)?;
        self.close()
    }

    fn items(&mut self, out: &mut Vec<u8>, mut item: impl FnMut(&mut Self, &mut Vec<u8>) -> Option<()>) -> Option<()> {
        self.sign(b'[')?;
        out.push(b'[');
        let mut is_open = !self.take(b']');
        while is_open {
            item(self, out)?;
            is_open = self.take(b',');
            if is_open {
                out.push(b',');
            } else {
                self.sign(b']')?;
            }
        }
        out.push(b']');
        Some(())
    }
}

/// A string as it is written.
fn quote(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

/// A number with all its digits; between quotes, if it is none of JSON's.
fn number(text: &[u8], out: &mut Vec<u8>) {
    if is_number(text) { out.extend_from_slice(text) } else { quote(text, out) }
}

fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(text);
    if whole == 0 || whole > 1 && text[0] == b'0' {
        return false;
    }
    let mut rest = &text[whole..];
    if let Some(part) = rest.strip_prefix(b".") {
        let len = digits(part);
        if len == 0 {
            return false;
        }
        rest = &part[len..];
    }
    if let [b'e' | b'E', power @ ..] = rest {
        let power = power.strip_prefix(b"+").or(power.strip_prefix(b"-")).unwrap_or(power);
        return !power.is_empty() && digits(power) == power.len();
    }
    rest.is_empty()
}
