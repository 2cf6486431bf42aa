//! Columns of JSON containers: structs, lists and maps, each of the columns inside it.
//!
//! A struct's members are fields of the same rows. The elements of a list, and the members of a map, are rows of a table of
//! their own (see `tokenize`), which the list's span in a row counts: so the decoders inside are the usual ones, and run
//! once a sub-block.

use std::sync::Arc;

use arrow::array::{ArrayRef, ListArray, MapArray, StructArray};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field as ArrowField, FieldRef, Fields};

use super::{Bad, Block, Decode, Findings, Kind, Spec, decoder};
use crate::error::Result;
use crate::simd::{Bits, Field, Pool, Row};

/// What a nested column holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Nested {
    /// The members of an object, by name.
    Struct(Vec<(Box<str>, Spec)>),
    /// The elements of an array, which are the rows of the table with this number.
    List(usize, Spec),
    /// The members of an object whose keys are data: keys, then values, of the rows of the table with this number.
    Map(usize, Spec, Spec),
}

impl Nested {
    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Struct(members) => DataType::Struct(struct_fields(members)),
            Self::List(_, item) => DataType::List(Arc::new(ArrowField::new_list_field(data_type(item), true))),
            Self::Map(_, key, value) => DataType::Map(entries(key, value), false),
        }
    }

    pub(super) fn expected(&self) -> &'static str {
        if matches!(self, Self::List(..)) { "an array" } else { "an object" }
    }

    /// Appends the name of each column inside and what its cells should be, in the order in which they are numbered.
    fn labels(&self, name: &str, out: &mut Vec<(Arc<str>, String)>) {
        match self {
            Self::Struct(members) => {
                members.iter().for_each(|(member, spec)| spec.labels_into(&format!("{name}.{member}"), out));
            }
            Self::List(_, item) => item.labels_into(&format!("{name}[]"), out),
            Self::Map(_, key, value) => {
                key.labels_into(&format!("{name}.key"), out);
                value.labels_into(&format!("{name}.value"), out);
            }
        }
    }
}

impl Spec {
    /// The name of the column and of each one inside it, with what its cells should be. [`Bad::column`] counts them.
    pub fn labels(&self, name: &str) -> Vec<(Arc<str>, String)> {
        let mut out = Vec::new();
        self.labels_into(name, &mut out);
        out
    }

    fn labels_into(&self, name: &str, out: &mut Vec<(Arc<str>, String)>) {
        out.push((name.into(), self.kind.expected()));
        if let Kind::Nested(nested) = &self.kind {
            nested.labels(name, out);
        }
    }
}

fn data_type(spec: &Spec) -> DataType {
    spec.kind.data_type(spec.strings)
}

fn struct_fields(members: &[(Box<str>, Spec)]) -> Fields {
    members.iter().map(|(name, spec)| ArrowField::new(&**name, data_type(spec), true)).collect()
}

fn entry_fields(key: &Spec, value: &Spec) -> Fields {
    vec![ArrowField::new("key", data_type(key), false), ArrowField::new("value", data_type(value), true)].into()
}

fn entries(key: &Spec, value: &Spec) -> FieldRef {
    Arc::new(ArrowField::new("entries", DataType::Struct(entry_fields(key, value)), false))
}

/// A decoder inside another.
struct Inner {
    decode: Box<dyn Decode>,
    field: Field,
    /// The number of its column, which is 0 for the outermost.
    label: u16,
    /// Numbers of the columns inside it, and its own.
    labels: u16,
}

impl Inner {
    fn new(spec: &Spec, label: u16, pool: &Pool) -> Result<Self> {
        let labels = spec.labels("").len() as u16;
        Ok(Self { decode: decoder(spec, pool)?, field: spec.field, label, labels })
    }

    fn extend(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        let first = found.bad.len();
        self.decode.decode(block, rows, found);
        note_conflicts(block, rows, self.field, found);
        found.bad[first..].iter_mut().for_each(|bad| bad.column += self.label);
    }

    fn finish(&mut self) -> Result<ArrayRef> {
        let mut columns = self.decode.finish()?;
        Ok(columns.swap_remove(0))
    }
}

/// Enters values of another kind than `field`, which is wanted of `rows`.
pub(crate) fn note_conflicts(block: &Block, rows: &[Row], field: Field, found: &mut Findings) {
    if block.conflicts.is_empty() {
        return;
    }
    let mut own: Vec<_> =
        block.conflicts.iter().filter(|conflict| 2 * u32::from(conflict.slot) == u32::from(field.start_slot)).collect();
    own.sort_by_key(|conflict| conflict.base);
    if own.is_empty() {
        return;
    }
    for (number, row) in rows.iter().enumerate() {
        if let Ok(at) = own.binary_search_by_key(&(row.base() as u32), |conflict| conflict.base)
            && !row.is_null()
        {
            found.bad.push(Bad { row: number as u32, column: 0, start: own[at].start, end: own[at].end });
        }
    }
}

/// The decoder of a nested column.
pub(super) fn nested(spec: &Spec, nested: &Nested, pool: &Pool) -> Result<Box<dyn Decode>> {
    Ok(match nested {
        Nested::Struct(members) => {
            let mut label = 1;
            let mut inner = Vec::with_capacity(members.len());
            for (_, member) in members {
                let own = Inner::new(member, label, pool)?;
                label += own.labels;
                inner.push(own);
            }
            let fields = struct_fields(members);
            Box::new(Struct { fields, inner, field: spec.field, validity: Bits::default(), rows: 0 })
        }
        Nested::List(table, item) => Box::new(List {
            field: Arc::new(ArrowField::new_list_field(data_type(item), true)),
            rows: ChildRows::new(*table, spec.field),
            item: Inner::new(item, 1, pool)?,
        }),
        Nested::Map(table, key, value) => {
            let key_inner = Inner::new(key, 1, pool)?;
            let value_inner = Inner::new(value, 1 + key_inner.labels, pool)?;
            Box::new(Map {
                entries: entries(key, value),
                fields: entry_fields(key, value),
                rows: ChildRows::new(*table, spec.field),
                key: key_inner,
                value: value_inner,
            })
        }
    })
}

struct Struct {
    fields: Fields,
    inner: Vec<Inner>,
    field: Field,
    validity: Bits,
    rows: usize,
}

impl Decode for Struct {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        rows.iter().for_each(|row| self.validity.push(self.field.span(block.positions, *row).is_some()));
        self.rows += rows.len();
        self.inner.iter_mut().for_each(|inner| inner.extend(block, rows, found));
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let columns = self.inner.iter_mut().map(Inner::finish).collect::<Result<Vec<_>>>()?;
        let validity = self.validity.finish();
        let rows = std::mem::take(&mut self.rows);
        let array = StructArray::try_new_with_length(self.fields.clone(), columns, validity, rows)?;
        Ok(vec![Arc::new(array)])
    }
}

/// The rows of a table that the rows of a call count, and where those of each end.
struct ChildRows {
    table: usize,
    field: Field,
    rows: Vec<Row>,
    /// The number of each child's row, in the call.
    parents: Vec<u32>,
    offsets: Vec<i32>,
    validity: Bits,
}

impl ChildRows {
    fn new(table: usize, field: Field) -> Self {
        Self { table, field, rows: Vec::new(), parents: Vec::new(), offsets: vec![0], validity: Bits::default() }
    }

    fn collect(&mut self, block: &Block, rows: &[Row]) {
        self.rows.clear();
        self.parents.clear();
        let all = block.children.get(self.table).map_or(&[][..], Vec::as_slice);
        let mut end = self.offsets.last().copied().unwrap_or_default();
        for (number, row) in rows.iter().enumerate() {
            let span = self.field.span(block.positions, *row);
            let own = span.and_then(|(first, last)| all.get(first as usize..last as usize)).unwrap_or_default();
            self.rows.extend(own.iter().map(|child| child.with_escapes(row.has_escapes())));
            self.parents.resize(self.rows.len(), number as u32);
            self.validity.push(span.is_some());
            end += own.len() as i32;
            self.offsets.push(end);
        }
    }

    /// Decodes the children, whose bad cells are then those of their parents.
    fn extend(&self, inner: &mut Inner, block: &Block, found: &mut Findings) {
        let first = found.bad.len();
        inner.extend(block, &self.rows, found);
        found.bad[first..].iter_mut().for_each(|bad| bad.row = self.parents[bad.row as usize]);
    }

    fn finish(&mut self) -> (OffsetBuffer<i32>, Option<NullBuffer>) {
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        (OffsetBuffer::new(ScalarBuffer::from(offsets)), self.validity.finish())
    }
}

struct List {
    field: FieldRef,
    rows: ChildRows,
    item: Inner,
}

impl Decode for List {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        self.rows.collect(block, rows);
        self.rows.extend(&mut self.item, block, found);
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let (offsets, validity) = self.rows.finish();
        let array = ListArray::try_new(self.field.clone(), offsets, self.item.finish()?, validity)?;
        Ok(vec![Arc::new(array)])
    }
}

struct Map {
    entries: FieldRef,
    fields: Fields,
    rows: ChildRows,
    key: Inner,
    value: Inner,
}

impl Decode for Map {
    fn decode(&mut self, block: &Block, rows: &[Row], found: &mut Findings) {
        self.rows.collect(block, rows);
        self.rows.extend(&mut self.key, block, found);
        self.rows.extend(&mut self.value, block, found);
    }

    fn finish(&mut self) -> Result<Vec<ArrayRef>> {
        let (offsets, validity) = self.rows.finish();
        let columns = vec![self.key.finish()?, self.value.finish()?];
        let entries = StructArray::try_new(self.fields.clone(), columns, None)?;
        Ok(vec![Arc::new(MapArray::try_new(self.entries.clone(), offsets, entries, validity, false)?)])
    }
}
