//! The columns of a JSON format to what is wanted of its records.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Captures, Rules};
use crate::decode::{Escape, Kind, Nested, NullTexts, Spec, Strings};
use crate::error::{Error, ErrorKind, Result};
use crate::format::{Column, Format, Framing, From, Json, JsonType, TypeSpec};
use crate::plan::columns::EXTRA_COLUMN;
use crate::split::Values;
use crate::tokenize::{Explode, Grammar, JsonGrammar, JsonNode, JsonTable, NONE, Want};

/// Where the value of a column, or of a part of one, is written to.
#[derive(Clone, Debug)]
pub(in crate::plan) enum Place {
    /// A scalar, or a value as it is written.
    Scalar { slot: u16, is_raw: bool, dtype: TypeSpec },
    /// An object, and its members by name.
    Struct { slot: u16, members: Vec<(String, Place)> },
    /// An array, and its elements in a table.
    List { slot: u16, table: usize, item: Box<Place> },
    /// An object whose keys are data, and its members' values in a table.
    Map { slot: u16, table: usize, value: Box<Place> },
}

/// Slots that a row may have; each takes two positions, which are counted in 16 bits.
const MAX_SLOTS: usize = 1 << 14;

/// Compiles a JSON layout; what only columns that are not `needed` ask for is checked, and known, but written nowhere.
pub(super) fn grammar(
    format: &Format,
    json: &Json,
    rules: Rules,
    needed: &dyn Fn(&str) -> bool,
) -> Result<(Grammar, Captures)> {
    let mut draft = Draft {
        nodes: vec![Node::default()],
        tables: Vec::new(),
        root: JsonGrammar::ROOT,
        slots: vec![usize::from(JsonGrammar::slot(0))],
        ignore_case: json.ignore_case,
    };
    let mut places = HashMap::new();
    let mut columns = |draft: &mut Draft, row: &RowOf, is_inside: bool| -> Result<()> {
        for column in &format.columns {
            let From::Member(keys) = &column.from else { continue };
            if is_inside != exploded_keys(json, keys)?.is_some() {
                continue;
            }
            let own = if is_inside { &keys[json.explode.len()..] } else { keys };
            let place = draft.column(column, own, row, needed(&column.name));
            places.insert(column.name.clone(), place.map_err(|err| err.with_column(&column.name))?);
        }
        Ok(())
    };
    columns(&mut draft, &RowOf::default(), false)?;
    let skip = match &json.skip {
        Some(skip) => Some((draft.skip(&skip.member)?, skip.value.as_bytes().into())),
        None => None,
    };
    let mut explode = None;
    if !json.explode.is_empty() {
        let (row, found) = draft.explode(&json.explode)?;
        columns(&mut draft, &row, true)?;
        explode = Some(found);
    }
    if draft.slots.iter().any(|slots| *slots > MAX_SLOTS) {
        let message = format!("format \"{}\" has more than {MAX_SLOTS} JSON members", format.name);
        return Err(Error::new(ErrorKind::FormatSyntax, message).with_hint("read the larger objects as json"));
    }
    let is_extra = rules.extra;
    let values = match &format.framing {
        Framing::Values(keys) => Some(Values {
            records: keys.iter().map(|key| key.as_bytes().into()).collect(),
            max_record_bytes: rules.max_record_bytes,
        }),
        _ => None,
    };
    let nodes = draft.nodes.iter().map(|node| JsonNode {
        members: node.members.iter().map(|(key, want)| (key.as_bytes().into(), *want)).collect(),
        other: Want { is_extra, ..Want::default() },
    });
    let prefixes: Arc<[Box<str>]> = draft.nodes.iter().map(|node| prefix(&node.path)).collect();
    let tables = draft.tables.iter().zip(&draft.slots[1..]);
    let row = explode.map_or(0, |explode: Explode| usize::from(explode.table) + 1);
    let grammar = JsonGrammar {
        root: draft.root,
        nodes: nodes.collect(),
        tables: tables.map(|(table, slots)| JsonTable { slots: *slots as u16, ..table.clone() }).collect(),
        captures: draft.slots[row] - usize::from(JsonGrammar::slot(0)),
        ignore_case: json.ignore_case,
        // The rows of an array share what stands outside of it: which of them have extra members, their texts tell.
        keeps_extra: is_extra && (needed(EXTRA_COLUMN) || explode.is_some() || skip.is_some()),
        values,
        explode,
        skip,
        rules,
    };
    Ok((Grammar::Json(Box::new(grammar)), Captures { places, prefixes, ..Captures::default() }))
}

/// The keys of a column within the elements that are rows; `None` if it is outside of them.
///
/// **Errors**: if it holds the array of the elements, which each row would repeat.
fn exploded_keys<'k>(json: &Json, keys: &'k [String]) -> Result<Option<&'k [String]>> {
    let explode = &json.explode[..];
    let is_same = |(a, b): (&String, &String)| if json.ignore_case { a.eq_ignore_ascii_case(b) } else { a == b };
    if explode.is_empty() || !keys.iter().zip(explode).all(is_same) {
        return Ok(None);
    }
    keys.get(explode.len()..).filter(|keys| !keys.is_empty()).map(Some).ok_or_else(|| {
        let message = format!("a column holds \"{}\", whose elements are a row each", explode.join("."));
        Error::new(ErrorKind::FormatSyntax, message).with_hint("name what is in an element, or what stands beside them")
    })
}

/// The keys that lead to an object as they stand in a JSON string, each with a dot behind it.
fn prefix(path: &[String]) -> Box<str> {
    let mut out = String::new();
    for key in path {
        for c in key.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => out.push(c),
            }
        }
        out.push('.');
    }
    out.into()
}

#[derive(Default)]
struct Node {
    path: Vec<String>,
    members: Vec<(String, Want)>,
}

/// A grammar under way.
struct Draft {
    nodes: Vec<Node>,
    tables: Vec<JsonTable>,
    root: Want,
    /// Slots used so far: of records, then of the rows of each table.
    slots: Vec<usize>,
    ignore_case: bool,
}

/// The value under way: the rows it is part of, whether it is needed, and the keys that lead to it.
#[derive(Clone)]
struct Around {
    rows: usize,
    needed: bool,
    path: Vec<String>,
}

/// What a row is of: a record, or an element of an array in it.
#[derive(Clone, Default)]
struct RowOf {
    /// The kind of object it is, and where its slots are counted.
    node: u16,
    rows: usize,
    path: Vec<String>,
}

impl Draft {
    fn column(&mut self, column: &Column, keys: &[String], row: &RowOf, needed: bool) -> Result<Place> {
        let dtype = JsonType::parse(&column.dtype)?;
        let around = Around { rows: row.rows, needed, path: row.path.clone() };
        let Some((last, outer)) = keys.split_last() else {
            let mut root = self.root;
            let place = self.value(&dtype, &mut root, &around)?;
            self.root = root;
            return Ok(place);
        };
        self.at(row.node, (outer, last), around, |draft, want, around| draft.value(&dtype, want, around))
    }

    /// Enters what the value under these keys of an object is wanted for.
    fn at<R>(
        &mut self,
        node: u16,
        (outer, last): (&[String], &String),
        mut around: Around,
        enter: impl FnOnce(&mut Self, &mut Want, &Around) -> Result<R>,
    ) -> Result<R> {
        let mut node = node;
        for key in outer {
            let mut want = self.member(node, key);
            around.path.push(key.clone());
            let inner = self.node(&mut want, &around)?;
            self.set_member(node, key, want);
            node = inner;
        }
        around.path.push(last.clone());
        let mut want = self.member(node, last);
        let entered = enter(self, &mut want, &around)?;
        self.set_member(node, last, want);
        Ok(entered)
    }

    /// The slot of the text that tells records to be skipped.
    fn skip(&mut self, keys: &[String]) -> Result<u16> {
        let Some((last, outer)) = keys.split_last() else { return Ok(NONE) };
        let around = Around { rows: 0, needed: true, path: Vec::new() };
        self.at(0, (outer, last), around, |draft, want, around| Ok(draft.slot(&mut want.text, around)))
    }

    /// Makes rows of the elements of the array under these keys; all that is outside of them has its slots by now, which
    /// their rows begin with.
    fn explode(&mut self, keys: &[String]) -> Result<(RowOf, Explode)> {
        let Some((last, outer)) = keys.split_last() else { return Err(twice(keys)) };
        let around = Around { rows: 0, needed: true, path: Vec::new() };
        let (table, rows, raw) = self.at(0, (outer, last), around, |draft, want, around| {
            let table = draft.table(want, around, false)?;
            Ok((table, want.inside, draft.slot(&mut want.raw, around)))
        })?;
        let outer = self.slots[0];
        self.slots[table + 1] = outer;
        let around = Around { rows: table + 1, needed: true, path: keys.to_vec() };
        let first_node = self.nodes.len() as u16;
        let mut item = Want { raw: JsonGrammar::RECORD_SLOT, ..Want::default() };
        let node = self.node(&mut item, &around)?;
        self.tables[table].item = item;
        let found = Explode { table: table as u16, rows, raw, outer: outer as u16, item: item.inside, first_node };
        Ok((RowOf { node, rows: table + 1, path: around.path }, found))
    }

    fn is_same(&self, a: &str, b: &str) -> bool {
        if self.ignore_case { a.eq_ignore_ascii_case(b) } else { a == b }
    }

    fn member(&self, node: u16, key: &str) -> Want {
        let members = &self.nodes[usize::from(node)].members;
        members.iter().find(|(known, _)| self.is_same(known, key)).map(|(_, want)| *want).unwrap_or_default()
    }

    fn set_member(&mut self, node: u16, key: &str, want: Want) {
        let at = self.nodes[usize::from(node)].members.iter().position(|(known, _)| self.is_same(known, key));
        let members = &mut self.nodes[usize::from(node)].members;
        match at {
            Some(at) => members[at].1 = want,
            None => members.push((key.to_owned(), want)),
        }
    }

    /// A slot: the one at hand, or a new one.
    fn slot(&mut self, slot: &mut u16, around: &Around) -> u16 {
        if *slot == NONE && around.needed {
            let next = &mut self.slots[around.rows];
            *slot = (*next).min(usize::from(NONE) - 1) as u16;
            *next += 1;
        }
        *slot
    }

    /// The kind of object that a value is.
    fn node(&mut self, want: &mut Want, around: &Around) -> Result<u16> {
        if want.table != NONE {
            return Err(twice(&around.path));
        }
        if want.node == NONE {
            want.node = self.nodes.len().min(usize::from(NONE) - 1) as u16;
            self.nodes.push(Node { path: around.path.clone(), members: Vec::new() });
        }
        self.slot(&mut want.inside, around);
        Ok(want.node)
    }

    fn value(&mut self, dtype: &JsonType, want: &mut Want, around: &Around) -> Result<Place> {
        Ok(match dtype {
            JsonType::Scalar(spec) => {
                let is_raw = matches!(spec.name.as_str(), "json" | "attribute");
                let slot = self.slot(if is_raw { &mut want.raw } else { &mut want.text }, around);
                Place::Scalar { slot, is_raw, dtype: spec.clone() }
            }
            JsonType::Struct(members) => {
                let node = self.node(want, around)?;
                let mut places = Vec::with_capacity(members.len());
                for member in members {
                    let mut around = around.clone();
                    around.path.push(member.key.clone());
                    let mut inner = self.member(node, &member.key);
                    places.push((member.name.clone(), self.value(&member.dtype, &mut inner, &around)?));
                    self.set_member(node, &member.key, inner);
                }
                Place::Struct { slot: want.inside, members: places }
            }
            JsonType::List(item) => {
                let table = self.table(want, around, false)?;
                let mut inner = Want::default();
                let item = self.value(item, &mut inner, &Around { rows: table + 1, ..around.clone() })?;
                self.tables[table].item = inner;
                Place::List { slot: want.inside, table, item: Box::new(item) }
            }
            JsonType::Map(value) => {
                let table = self.table(want, around, true)?;
                let mut inner = Want::default();
                let value = self.value(value, &mut inner, &Around { rows: table + 1, ..around.clone() })?;
                self.tables[table].item = inner;
                Place::Map { slot: want.inside, table, value: Box::new(value) }
            }
        })
    }

    fn table(&mut self, want: &mut Want, around: &Around, is_map: bool) -> Result<usize> {
        if want.table != NONE || want.node != NONE {
            return Err(twice(&around.path));
        }
        let table = self.tables.len();
        if table >= usize::from(NONE) {
            return Err(Error::new(ErrorKind::FormatSyntax, "there are too many lists").with_hint("read some as json"));
        }
        want.table = table as u16;
        self.slot(&mut want.inside, around);
        self.tables.push(JsonTable { item: Want::default(), slots: 0, is_map });
        // The first slot of a map's rows is the key's.
        self.slots.push(usize::from(is_map));
        Ok(table)
    }
}

fn twice(path: &[String]) -> Error {
    let message = format!("the value of \"{}\" is taken apart in two ways", path.join("."));
    Error::new(ErrorKind::FormatSyntax, message).with_hint("read it once as a list or a map, and elsewhere as json")
}

impl Place {
    /// How the value is decoded; `scalar` makes the spec of a part that holds no others, but for its place.
    pub(in crate::plan) fn spec(&self, scalar: &dyn Fn(&TypeSpec) -> Result<Spec>) -> Result<Spec> {
        let text = || scalar(&TypeSpec::default());
        let nested = |slot: u16, nested: Nested| -> Result<Spec> {
            Ok(Spec { kind: Kind::Nested(Arc::new(nested)), field: JsonGrammar::field(slot), ..text()? })
        };
        match self {
            Self::Scalar { slot, is_raw, dtype } => {
                let spec = match (dtype.name.as_str(), &dtype.format) {
                    ("json", Some(_)) => Spec { kind: Kind::JournalText, ..text()? },
                    ("json", None) => text()?,
                    _ => scalar(dtype)?,
                };
                let escape = if *is_raw { Escape::None } else { Escape::JsonText };
                Ok(Spec { field: JsonGrammar::field(*slot), escape, ..spec })
            }
            Self::Struct { slot, members } => {
                let members = members.iter().map(|(name, place)| Ok((name.as_str().into(), place.spec(scalar)?)));
                nested(*slot, Nested::Struct(members.collect::<Result<_>>()?))
            }
            Self::List { slot, table, item } => nested(*slot, Nested::List(*table, item.spec(scalar)?)),
            Self::Map { slot, table, value } => {
                let key = Spec { field: JsonGrammar::field(0), escape: Escape::JsonText, ..text()? };
                // A key that means null elsewhere is a key; and keys are plain texts, whatever the others are.
                let key = Spec { null: NullTexts::default(), strings: Strings::Utf8, ..key };
                nested(*slot, Nested::Map(*table, key, value.spec(scalar)?))
            }
        }
    }
}
