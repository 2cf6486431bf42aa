//! Formats whose columns are found in the texts of a column.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::AsArray;

use super::{keys, sample};
use crate::batch::{Assembler, Work};
use crate::error::{Error, ErrorKind, Result};
use crate::filter::Expr;
use crate::format::Format;
use crate::options::{Inner, OnError, Options};
use crate::plan::{OpenLayer, Plan, open_layer};
use crate::simd::Pool;
use crate::source::Source;

/// The options with the columns of inner formats that are found in a sample: the texts of each column that holds such
/// records are looked at as a source of their own is.
///
/// **Errors**: as [`super::resolve_keys`] and [`Plan::new`].
pub fn resolve_inner(format: &Arc<Format>, source: &Source, options: &Options) -> Result<Options> {
    let mut options = options.clone();
    if options.inner.is_empty() && format.inner.is_none() {
        return Ok(options);
    }
    // A named pipe would lose what is looked at.
    if let Some(pipe) = source.items().iter().find(|item| !item.rerunnable() && item.path().is_some()) {
        if let Some(open) = open_layer(format, &options, &|_| false)?.filter(|open| open.format.is_json()) {
            let (name, column) = (pipe.name(), open.column);
            let message = format!("\"{name}\" can be read only once, so the columns in \"{column}\" cannot be found");
            return Err(Error::new(ErrorKind::Option, message).with_hint(format!(
                "name them: inner={{\"{column}\": Format.json(schema={{...}})}}, or None for text"
            )));
        }
        return Ok(options);
    }
    let mut found: HashSet<String> = HashSet::new();
    while let Some(open) = open_layer(format, &options, &|column| found.contains(column))? {
        let texts = Source::bytes(open.column.clone(), texts(format, source, &options, &open)?);
        let wanted = Options { columns: names(&options, &open), inner: Vec::new(), ..only_reading(&options) };
        let resolved = super::resolve_keys(&open.format, &texts, &wanted)?;
        found.insert(open.column.clone());
        options.inner = open.before;
        options.inner.push(Inner::new(open.column, resolved));
        options.inner.extend(open.behind);
    }
    Ok(options)
}

/// What says how texts are read, of the options.
fn only_reading(options: &Options) -> Options {
    Options {
        columns: None,
        filter: None,
        derive: Vec::new(),
        include: Vec::new(),
        on_error: OnError::Skip,
        rejects_to: None,
        limit: None,
        ..options.clone()
    }
}

/// The names that can only be those of the last format's columns.
fn names(options: &Options, open: &OpenLayer) -> Option<Vec<String>> {
    if !open.behind.is_empty() || open.format.inner.is_some() {
        return None;
    }
    let is_derived = |name: &str| options.derive.iter().any(|(derived, _)| derived == name);
    let named = options.columns.iter().flatten().map(String::as_str);
    let read = options.derive.iter().flat_map(|(_, expr)| expr.columns());
    let all = named.chain(options.filter.iter().flat_map(Expr::columns)).chain(read);
    let own = all.filter(|name| !is_derived(name) && !open.others.iter().any(|other| other == name));
    Some(own.map(str::to_owned).collect())
}

/// The texts of a column in a sample, a line each.
fn texts(format: &Arc<Format>, source: &Source, options: &Options, open: &OpenLayer) -> Result<Vec<u8>> {
    let looking = Options {
        columns: Some(vec![open.column.clone()]),
        inner: open.before.iter().cloned().chain([Inner { column: Some(open.column.clone()), format: None }]).collect(),
        strings: Default::default(),
        ..only_reading(options)
    };
    let plan = Plan::new(format, &looking)?;
    let mut assembler = Assembler::new(plan.recipe().clone(), &Pool::default())?;
    let mut out = Vec::new();
    for (name, text) in &sample(source, options)? {
        let work = Work::of_head(text, keys::skip(text, format.skip_lines), name);
        for batch in assembler.run(&work)?.batches {
            for text in batch.column(0).as_string_opt::<i32>().into_iter().flatten().flatten() {
                let start = out.len();
                out.extend_from_slice(text.trim_end_matches(['\r', '\n']).as_bytes());
                // One text is one line; a carriage return is as much white space as a newline.
                out[start..].iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b'\r');
                out.push(b'\n');
            }
        }
    }
    Ok(out)
}
