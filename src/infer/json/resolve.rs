//! JSON formats whose framing or columns are found: what a sample of the source makes of them.

use std::sync::Arc;

use super::super::{SAMPLE_BYTES, sample};
use super::framing::records;
use super::{attribute_columns, find_framing, json_columns};
use crate::error::{Error, ErrorKind, Result};
use crate::filter::Expr;
use crate::format::{Column, Format, Framing, Layout, RESERVED};
use crate::options::Options;
use crate::source::Source;

/// The format with the framing and the columns that it leaves to the source; the same where it leaves neither.
///
/// **Errors**: those of opening and reading the source; `Option` for a named pipe, which would lose what is looked at.
pub(in crate::infer) fn resolve(format: &Arc<Format>, source: &Source, options: &Options) -> Result<Arc<Format>> {
    let Layout::Json(json) = &format.layout else { return Ok(format.clone()) };
    if !json.find_framing && !json.find_columns {
        return Ok(format.clone());
    }
    if let Some(pipe) = source.items().iter().find(|item| !item.rerunnable() && item.path().is_some()) {
        let what = if json.find_columns { "the columns of its JSON" } else { "how its JSON values follow one another" };
        let message = format!("\"{}\" can be read only once, so {what} cannot be found", pipe.name());
        return Err(Error::new(ErrorKind::Option, message)
            .with_hint("name the columns and the framing: Format.json(schema={...}, records=...)"));
    }
    let mut resolved = Format::clone(format);
    let samples = sample(source, options)?;
    if let Layout::Json(own) = &mut resolved.layout
        && own.find_framing
    {
        own.find_framing = false;
        let texts = samples.iter().map(|(_, text)| text.as_bytes()).filter(|text| !text.trim_ascii().is_empty());
        let framings = texts.map(|text| find_framing(text, text.len() < SAMPLE_BYTES));
        resolved.framing = framings.reduce(of_both).unwrap_or_default();
    }
    if json.find_columns {
        let all = samples.iter().flat_map(|(_, text)| records(text.as_bytes(), &resolved.framing));
        let mut columns = match json.attributes.as_slice() {
            [] => json_columns(all, json.ignore_case),
            places => attribute_columns(all, places),
        };
        columns.retain(|column| !options.derive.iter().any(|(derived, _)| *derived == column.name));
        for name in named(options) {
            let is_there = |column: &Column| column.name == name;
            if !columns.iter().any(is_there) && !format.columns.iter().any(is_there) {
                columns.push(format.member_called(name));
            }
        }
        resolved = resolved.with_found(columns);
    }
    Ok(Arc::new(resolved))
}

/// The framing that records of files of either are found by, whichever comes first: values that follow one another in any
/// way may be lines, and an object without the array that holds records is one itself. A file that is an array does not go
/// with one that holds records under a key.
fn of_both(a: Framing, b: Framing) -> Framing {
    match (a, b) {
        (Framing::Values(a), Framing::Values(b)) => Framing::Values(match (a.is_empty(), b.is_empty()) {
            (true, _) => b,
            (_, true) => a,
            _ => a.min(b),
        }),
        (Framing::Values(keys), _) | (_, Framing::Values(keys)) => Framing::Values(keys),
        (lines, _) => lines,
    }
}

/// The columns that the options read, whether or not the sample has them; derived ones and ours are none of the log's.
fn named(options: &Options) -> impl Iterator<Item = &str> {
    let derived = options.derive.iter().flat_map(|(_, expr)| expr.columns());
    let all = options.columns.iter().flatten().map(String::as_str);
    let all = all.chain(options.filter.iter().flat_map(Expr::columns)).chain(derived);
    all.filter(|name| !RESERVED.contains(name) && !options.derive.iter().any(|(derived, _)| derived == name))
}
