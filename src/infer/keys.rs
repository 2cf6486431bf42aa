//! Formats whose columns are the keys of their records.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, MapArray, RecordBatch};

use super::sample;
use crate::batch::{Assembler, Work};
use crate::error::Result;
use crate::filter::Expr;
use crate::format::{Column, Format, From, TypeSpec};
use crate::options::{OnError, Options};
use crate::plan::Plan;
use crate::simd::{Pool, Text};
use crate::source::Source;
use crate::split::pass_lines;

/// Columns made of keys that were found. What has more is no log with a few fields; the rest goes to `_extra`.
const MAX_FOUND: usize = 512;

/// The format with a column for each key of the first records, if that is where its columns come from; else the same.
///
/// Keys come in the order in which they are met; those that `options` name in columns, conditions and derived columns
/// have one too. A source without records leaves the format as it is: all pairs are then one column.
///
/// **Errors**: those of opening and reading the source.
pub fn resolve_keys(format: &Arc<Format>, source: &Source, options: &Options) -> Result<Arc<Format>> {
    if format.is_json() {
        return super::json::resolve(format, source, options);
    }
    let Some(all) = format.pairs().filter(|pairs| pairs.found) else { return Ok(format.clone()) };
    // A named pipe would lose what is looked at.
    if source.items().iter().any(|item| !item.rerunnable() && item.path().is_some()) {
        return Ok(format.clone());
    }
    let is_all = |from: &From| *from == From::Capture(all.name.clone());
    let Some(map) = format.columns.iter().find(|column| is_all(&column.from)) else { return Ok(format.clone()) };
    let looking = Options {
        columns: Some(vec![map.name.clone()]),
        on_error: OnError::Skip,
        max_record_bytes: options.max_record_bytes,
        simd: options.simd,
        ..Options::default()
    };
    let plan = Plan::new(format, &looking)?;
    let mut assembler = Assembler::new(plan.recipe().clone(), &Pool::default())?;
    let mut found = Found::default();
    let samples = sample(source, options)?;
    for (name, text) in &samples {
        let work = Work::of_head(text, skip(text, format.skip_lines), name);
        for batch in assembler.run(&work)?.batches {
            if let Some(map) = batch.column(0).as_any().downcast_ref::<MapArray>() {
                map.keys().as_string::<i32>().iter().flatten().for_each(|key| found.add(key));
            }
        }
    }
    let is_reserved = |name: &str| name.starts_with('_') || options.derive.iter().any(|(derived, _)| derived == name);
    let derived = options.derive.iter().flat_map(|(_, expr)| expr.columns());
    let named = options.columns.iter().flatten().map(String::as_str);
    // Where records stand in others, a name may be of any of them.
    let is_alone = options.inner.is_empty() && format.inner.is_none();
    for name in named.chain(options.filter.iter().flat_map(Expr::columns)).chain(derived).filter(|_| is_alone) {
        if !is_reserved(name) && !format.columns.iter().any(|column| column.name == name) {
            found.name(name);
        }
    }
    // Names of ours, and those of columns that are made.
    found.keys.retain(|key| !is_reserved(key));
    if found.keys.is_empty() {
        return Ok(format.clone());
    }
    let resolved = Format::clone(format).with_keys(&found.keys);
    without_wrong_types(format, resolved, &samples, &looking)
}

/// Reads keys as text most of whose first values are not of the type that they have by their name: writers differ in what
/// they put under a name, times above all.
fn without_wrong_types(
    format: &Format,
    resolved: Format,
    samples: &[(Arc<str>, Text)],
    looking: &Options,
) -> Result<Arc<Format>> {
    let is_typed =
        |column: &&Column| !column.on_demand && matches!(column.from, From::Key(_)) && !column.dtype.name.is_empty();
    let is_usual = |column: &&Column| format.columns.iter().any(|own| own.name == column.name && own.on_demand);
    let typed: Vec<String> =
        resolved.columns.iter().filter(is_typed).filter(is_usual).map(|column| column.name.clone()).collect();
    if typed.is_empty() {
        return Ok(Arc::new(resolved));
    }
    let mut resolved = Arc::new(resolved);
    let options = Options { columns: Some(typed), ..looking.clone() };
    let plan = Plan::new(&resolved, &options)?;
    let mut assembler = Assembler::new(plan.recipe().clone(), &Pool::default())?;
    let (mut good, mut bad): (HashMap<String, u64>, HashMap<String, u64>) = Default::default();
    for (name, text) in samples {
        let work = Work::of_head(text, skip(text, format.skip_lines), name);
        let outcome = assembler.run(&work)?;
        for ((column, _), count) in outcome.reasons {
            *bad.entry(column.map_or_else(String::new, |column| column.to_string())).or_default() += count;
        }
        for batch in outcome.batches {
            for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
                *good.entry(field.name().clone()).or_default() += (column.len() - column.null_count()) as u64;
            }
        }
    }
    for column in &mut Arc::make_mut(&mut resolved).columns {
        let count = |counts: &HashMap<String, u64>| counts.get(&column.name).copied().unwrap_or_default();
        if count(&bad) > count(&good) {
            column.dtype = TypeSpec::default();
        }
    }
    Ok(resolved)
}

/// Bytes of a byte order mark, and of the first lines.
pub(super) fn skip(text: &Text, lines: u32) -> usize {
    let mark = if text.as_bytes().starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    mark + pass_lines(&text.as_bytes()[mark..], lines).1
}

#[derive(Default)]
struct Found {
    keys: Vec<String>,
    seen: HashSet<String>,
}

impl Found {
    fn add(&mut self, key: &str) {
        // Arrow's C interface knows no name with a NUL in it; such a key stays among the others.
        if self.keys.len() < MAX_FOUND && !key.contains('\0') {
            self.name(key);
        }
    }

    fn name(&mut self, key: &str) {
        if !self.seen.contains(key) {
            self.seen.insert(key.to_owned());
            self.keys.push(key.to_owned());
        }
    }
}

/// Rows of a format of pairs alone that say nothing for it: less than two pairs, as many words without a value as half the
/// pairs, or words and keys that nobody would choose. Such a row may be right; but lines of any other log look like it.
pub(super) fn strangers(format: &Format, batch: &RecordBatch) -> u64 {
    let Some(pairs) = format.pairs().filter(|pairs| pairs.found && format.is_pairs_alone()) else { return 0 };
    let from = From::Capture(pairs.name.clone());
    let Some(column) = format.columns.iter().find(|column| column.from == from) else { return 0 };
    let Some(map) = batch.column_by_name(&column.name).and_then(|column| column.as_any().downcast_ref::<MapArray>())
    else {
        return 0;
    };
    let is_strange = |row: &usize| {
        let entries = map.value(*row);
        let (keys, values) = (entries.column(0).as_string::<i32>(), entries.column(1));
        let words = (0..keys.len()).filter(|at| values.is_null(*at));
        let count = keys.len() - values.null_count();
        let odd_key = |key: &str| key.contains([',', ';', '(', ')', '[', ']', '{', '}', '<', '>', '|', '&', '\'']);
        count < 2
            || 2 * values.null_count() > count
            || keys.iter().flatten().any(odd_key)
            || words.into_iter().any(|at| !is_word(keys.value(at)))
    };
    (0..map.len()).filter(is_strange).count() as u64
}

/// A name as programs have them.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}
