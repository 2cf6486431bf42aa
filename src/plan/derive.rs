//! Derived columns: what each stands on, and what of them a scan needs.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};

use crate::batch::Derived;
use crate::error::{Error, ErrorKind, Result};
use crate::filter::{Bound, Context, Expr};

/// The derived columns of a scan, in the order given: each may read those before it.
pub(super) struct Derivations<'a> {
    all: &'a [(String, Expr)],
    /// The names that each reads.
    reads: Vec<BTreeSet<&'a str>>,
}

/// What some columns stand on.
#[derive(Debug, PartialEq)]
pub(super) struct Needed<'a> {
    /// Derived columns, by number, in the order they are computed in.
    pub(super) derived: Vec<usize>,
    /// Columns that are not derived, sorted.
    pub(super) columns: BTreeSet<&'a str>,
}

impl<'a> Derivations<'a> {
    /// **Errors**: `Option` for a name that stands twice; `UnknownColumn` for a column that reads itself or one behind it.
    pub(super) fn new(all: &'a [(String, Expr)]) -> Result<Self> {
        let out = Self { all, reads: all.iter().map(|(_, expr)| expr.columns()).collect() };
        for (at, (name, _)) in all.iter().enumerate() {
            if out.position(name) != Some(at) {
                let message = format!("\"derive\" names a column twice: \"{name}\"");
                return Err(Error::new(ErrorKind::Option, message).with_hint("choose another name"));
            }
            let later = out.reads[at].iter().find_map(|read| out.position(read).filter(|place| *place >= at));
            if let Some(later) = later {
                return Err(out.not_before(at, later));
            }
        }
        Ok(out)
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.all.iter().position(|(known, _)| known == name)
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.all.iter().map(|(name, _)| name.as_str())
    }

    /// What columns of these names stand on, directly and through others.
    pub(super) fn needed(&self, names: impl IntoIterator<Item = &'a str>) -> Needed<'a> {
        let mut columns: BTreeSet<&str> = names.into_iter().collect();
        let mut derived = Vec::new();
        // Each reads only those before it, so one pass from the end sees all.
        for (at, (name, _)) in self.all.iter().enumerate().rev() {
            if columns.remove(name.as_str()) {
                columns.extend(&self.reads[at]);
                derived.push(at);
            }
        }
        derived.reverse();
        Needed { derived, columns }
    }

    /// These derived columns, behind the columns of `decoded`.
    ///
    /// **Errors**: as [`Bound::bind`], naming the derived column.
    pub(super) fn bind(&self, which: &[usize], decoded: &SchemaRef, context: &Context) -> Result<Vec<Derived>> {
        let mut fields: Vec<_> = decoded.fields().iter().cloned().collect();
        let mut schema = decoded.clone();
        let mut out = Vec::with_capacity(which.len());
        for at in which {
            let (name, expr) = &self.all[*at];
            let bound = Bound::bind(expr, &schema, context).map_err(|err| err.with_column(name))?;
            fields.push(Arc::new(Field::new(name, bound.data_type().clone(), true)));
            schema = Arc::new(Schema::new(fields.clone()));
            out.push(Derived { schema: schema.clone(), bound });
        }
        Ok(out)
    }

    /// The error for a column that reads one which does not stand before it.
    #[cold]
    fn not_before(&self, at: usize, later: usize) -> Error {
        let (name, read) = (&self.all[at].0, &self.all[later].0);
        let (what, hint) = if at == later {
            ("itself".into(), "choose another name for what it reads, or for it")
        } else if self.reaches(later, at) {
            (format!("\"{read}\", which reads it in turn"), "write one of them without the other")
        } else {
            (format!("\"{read}\", which is given behind it"), "a derived column may read those given before it")
        };
        Error::new(ErrorKind::UnknownColumn, format!("derived column \"{name}\" reads {what}")).with_hint(hint)
    }

    /// Whether derived column `from` stands on `to`, however many are between them.
    fn reaches(&self, from: usize, to: usize) -> bool {
        let mut seen = vec![false; self.all.len()];
        let mut open = vec![from];
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            if !std::mem::replace(&mut seen[at], true) {
                open.extend(self.reads[at].iter().filter_map(|read| self.position(read)));
            }
        }
        false
    }
}
