//! Formats whose files name their own fields: the format that the head of a file makes of one.

use std::sync::Arc;

use super::layout;
use crate::format::{Column, Format, From, Header, Layout, TypeSpec, vpc_flow_column};
use crate::split::pass_lines;
use crate::tokenize::split_at;

/// The format with the columns that `head`, the first text of a file, names; the format itself where nothing does.
///
/// Columns that the format describes keep their types; others are text, or what Zeek's `#types` say. Where only those
/// that the format names are columns, it keeps them all.
pub fn resolve(format: &Arc<Format>, head: &[u8]) -> Arc<Format> {
    let Layout::Delimited(delimited) = &format.layout else { return format.clone() };
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = &head[pass_lines(head, format.skip_lines).1..];
    let rules = layout::Rules { max_record_bytes: head.len(), ..layout::Rules::default() };
    let compiled = layout::delimited(format, delimited, rules);
    let Some(names) = compiled.names_in(head) else { return format.clone() };
    let types = if delimited.header == Header::Zeek { zeek_types(head) } else { Vec::new() };
    let null = if delimited.header == Header::Zeek { zeek_null(head) } else { delimited.null.clone() };
    let column = |(at, name): (usize, &String)| {
        let reads = |column: &&Column| matches!(&column.from, From::Capture(capture) if capture == name);
        let known = format.columns.iter().find(reads).cloned().or_else(|| described(delimited.header, name));
        let mut column = known.unwrap_or_else(|| Column {
            name: name.clone(),
            from: From::Capture(name.clone()),
            null: null.clone(),
            ..Column::default()
        });
        if let Some(dtype) = types.get(at) {
            column.dtype = dtype.clone();
        }
        column
    };
    // What the path says is the same under any header, unless that has the name.
    let of_path =
        |column: &&Column| matches!(column.from, From::Path(..) | From::Folder(_)) && !names.contains(&column.name);
    let columns: Vec<Column> =
        names.iter().enumerate().map(column).chain(format.columns.iter().filter(of_path).cloned()).collect();
    let mut resolved = Format::clone(format);
    if !delimited.named {
        resolved.columns = columns;
    }
    resolved.layout = Layout::Delimited(crate::format::Delimited { fields: names, ..delimited.clone() });
    Arc::new(resolved)
}

/// The column of a field that the format has no column for, but its kind of header knows.
fn described(header: Header, name: &str) -> Option<Column> {
    if header == Header::Vpc { vpc_flow_column(name) } else { None }
}

/// The value of a Zeek header line.
fn zeek_line<'a>(head: &'a [u8], mark: &str) -> Option<&'a [u8]> {
    let mut lines = head.split(|byte| *byte == b'\n').take_while(|line| line.starts_with(b"#"));
    let line = lines.find_map(|line| line.strip_prefix(mark.as_bytes()))?;
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

fn zeek_null(head: &[u8]) -> Vec<String> {
    let texts = ["#unset_field", "#empty_field"].map(|mark| zeek_line(head, mark));
    let texts = texts.into_iter().flatten().filter_map(|line| line.get(1..));
    let texts: Vec<String> = texts.map(|text| String::from_utf8_lossy(text).into_owned()).collect();
    if texts.is_empty() { vec!["-".into(), "(empty)".into()] } else { texts }
}

/// The types of a Zeek header, in the order of its fields.
fn zeek_types(head: &[u8]) -> Vec<TypeSpec> {
    let set_separator = zeek_line(head, "#set_separator").and_then(|line| line.get(1..)).unwrap_or(b",");
    let set_separator = String::from_utf8_lossy(set_separator).into_owned();
    let Some(line) = zeek_line(head, "#types") else { return Vec::new() };
    let Some(separator) = line.get(..1) else { return Vec::new() };
    let plain = |name: &[u8]| match name {
        b"time" => ("timestamp", Some("epoch".to_owned())),
        b"interval" | b"double" => ("float64", None),
        b"count" | b"int" => ("int64", None),
        b"port" => ("int32", None),
        b"bool" => ("bool", None),
        b"addr" => ("ip", None),
        _ => ("", None),
    };
    let typed = |name: &[u8]| {
        let inner = [&b"set["[..], b"vector["].iter().find_map(|open| name.strip_prefix(*open)?.strip_suffix(b"]"));
        match inner.map(plain) {
            Some((inner, format)) => {
                let inner = if inner.is_empty() || format.is_some() { "utf8" } else { inner };
                TypeSpec { name: format!("list<{inner}>"), format: None, separators: vec![set_separator.clone()] }
            }
            None => {
                let (name, format) = plain(name);
                TypeSpec { name: name.into(), format, separators: Vec::new() }
            }
        }
    };
    split_at(&line[1..], separator).map(typed).collect()
}
