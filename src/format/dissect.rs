//! Dissect patterns, as Logstash, Elasticsearch and Beats take them.
//!
//! **Source**: <https://github.com/elastic/dissect-specification>,
//! <https://www.elastic.co/guide/en/logstash/current/plugins-filters-dissect.html>.
//!
//! Each delimiter is taken where it stands first behind the start of its field; the last field takes the rest. That is
//! what a [`Pattern`] does whose last capture holds any text: of two places for a delimiter the first leaves more text
//! for those behind it, so if any choice fits, the first one does.

use super::regex::Bad;
use super::{Capture, Class, Column, Extra, Format, From, Layout, Part, Pattern, TypeSpec, grok, names, web};
use crate::error::{Error, Result};

const LANGUAGE: &str = "dissect";
const SOURCE: &str = "https://www.elastic.co/guide/en/logstash/current/plugins-filters-dissect.html";

/// A key, as written between `%{` and `}`.
#[derive(Debug)]
struct Key<'t> {
    name: &'t str,
    at: usize,
    kind: Kind,
    /// `->`: the delimiter behind it may be repeated.
    padded: bool,
    dtype: Option<&'static str>,
    /// The text before it.
    before: &'t str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Field,
    Skip,
    /// `+`, and `/n`.
    Append(Option<u32>),
    /// `*`: what it holds names the field that `&` gives.
    NameOf,
    ValueOf,
}

impl Format {
    /// The format that a dissect pattern describes: `%{field}` between delimiters, `%{}` and `%{?name}` for what is
    /// skipped, `%{field->}` where the delimiter behind it is repeated, `%{+field}` for further parts of a field, in the
    /// order that `%{+field/2}` gives, `%{field|integer}` for a type (`integer`, `long`, `float`, `double`, `boolean`,
    /// `ip`). The field that a pair `%{*pair}`, `%{&pair}` gives has a name that only the record knows: the columns
    /// `pair_key` and `pair_value` hold both.
    ///
    /// `append_separator` stands between the parts of a field (Elasticsearch; nothing unless said); `None` takes the
    /// delimiter before each part (Logstash). Text behind a delimiter that ends the pattern is left alone.
    ///
    /// **Errors**: [`crate::ErrorKind::FormatSyntax`], with the column in the pattern.
    ///
    /// ```
    /// let format = logarrow::format::Format::dissect("%{ts} %{+ts} [%{level->}] %{message}", None)?;
    /// let names: Vec<_> = format.columns.iter().map(|column| column.name.as_str()).collect();
    /// assert_eq!(names, ["ts", "level", "message"]);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn dissect(pattern: &str, append_separator: Option<&str>) -> Result<Self> {
        let (keys, trailing) = keys(pattern).map_err(|bad| error(pattern, bad))?;
        let layout = layout(&keys, trailing).map_err(|bad| error(pattern, bad))?;
        let columns = columns(&keys, append_separator).map_err(|bad| error(pattern, bad))?;
        Ok(Self {
            name: LANGUAGE.to_owned(),
            aliases: Vec::new(),
            title: pattern.to_owned(),
            source: SOURCE.to_owned(),
            layout: Layout::Pattern(vec![layout]),
            framing: super::Framing::Lines,
            columns,
            extra: Extra::Reject,
            comments: Vec::new(),
            skip_lines: 0,
            inner: None,
            notes: Vec::new(),
            timezone: None,
            samples: Vec::new(),
            rejects: Vec::new(),
        })
    }
}

#[cold]
fn error(pattern: &str, bad: Bad) -> Error {
    web::at(LANGUAGE, pattern, bad.at, bad.message, bad.hint)
}

fn bad<T>(at: usize, message: impl Into<String>, hint: impl Into<String>) -> std::result::Result<T, Bad> {
    Err(Bad { at, message: message.into(), hint: hint.into() })
}

/// The keys in order, and the text behind the last of them.
fn keys(pattern: &str) -> std::result::Result<(Vec<Key<'_>>, &str), Bad> {
    let mut keys: Vec<Key<'_>> = Vec::new();
    let mut at = 0;
    while let Some(len) = pattern[at..].find("%{") {
        let (before, key_at) = (&pattern[at..at + len], at + len);
        let Some(end) = pattern[key_at..].find('}') else {
            return bad(key_at, "%{ without }", "close the key with }");
        };
        if before.is_empty() && !keys.is_empty() {
            return bad(key_at, "nothing stands between two keys", "put a delimiter between them, or make them one");
        }
        let key = key(&pattern[key_at + 2..key_at + end], key_at, before)?;
        // Only parts of one field may have the name of another key.
        let twice = |other: &&Key<'_>| {
            let parts = |kind| matches!(kind, Kind::Append(_));
            let pair = |kind| matches!(kind, Kind::NameOf | Kind::ValueOf);
            let differ = other.kind != key.kind && (pair(other.kind) || pair(key.kind));
            let skips = key.kind == Kind::Skip || other.kind == Kind::Skip;
            other.name == key.name && !skips && !parts(key.kind) && !parts(other.kind) && !differ
        };
        if keys.iter().any(|other| twice(&other)) {
            let hint = format!("write %{{+{}}} to append, or %{{?{}}} to skip", key.name, key.name);
            return bad(key_at, format!("field \"{}\" is there twice", key.name), hint);
        }
        keys.push(key);
        at = key_at + end + 1;
    }
    if keys.iter().all(|key| key.kind == Kind::Skip) {
        return bad(0, "no field in the pattern", "name what should become a column: %{message}");
    }
    Ok((keys, &pattern[at..]))
}

fn key<'t>(text: &'t str, at: usize, before: &'t str) -> std::result::Result<Key<'t>, Bad> {
    let (text, dtype) = match text.split_once('|') {
        None => (text, None),
        Some((text, name)) => (text, Some(dtype(name.trim(), at)?)),
    };
    let (text, padded) = text.strip_suffix("->").map_or((text, false), |text| (text, true));
    let (name, kind) = match text.chars().next() {
        None => ("", Kind::Skip),
        Some('?') => (&text[1..], Kind::Skip),
        Some('*') => (&text[1..], Kind::NameOf),
        Some('&') => (&text[1..], Kind::ValueOf),
        Some('+') => match text[1..].rsplit_once('/') {
            None => (&text[1..], Kind::Append(None)),
            Some((name, order)) => match order.parse() {
                Ok(order) => (name, Kind::Append(Some(order))),
                Err(_) => return bad(at, format!("\"{order}\" is no order"), "write a number: %{+name/2}"),
            },
        },
        Some(_) => (text, Kind::Field),
    };
    if kind != Kind::Skip && grok::field_name(name).is_empty() {
        return bad(at, format!("\"{name}\" cannot name a field"), "use letters, digits and _");
    }
    Ok(Key { name, at, kind, padded, dtype, before })
}

fn dtype(name: &str, at: usize) -> std::result::Result<&'static str, Bad> {
    Ok(match name {
        "integer" => "int32",
        "int" | "long" => "int64",
        "float" | "double" => "float64",
        "boolean" => "bool",
        "ip" => "ip",
        "string" => "",
        _ => {
            let hint = names::suggest(name, ["integer", "long", "float", "double", "boolean", "ip", "string"]);
            return bad(at, format!("no field has the type \"{name}\""), hint);
        }
    })
}

/// The name of a key's capture; parts of one field have a number each.
fn capture(keys: &[Key<'_>], at: usize) -> String {
    let key = &keys[at];
    let name = grok::field_name(key.name);
    match key.kind {
        Kind::Skip if !is_pointed_at(keys, key) => String::new(),
        Kind::Skip | Kind::NameOf => format!("{name}_key"),
        Kind::ValueOf => format!("{name}_value"),
        Kind::Field | Kind::Append(_) => match parts(keys, key.name).as_slice() {
            [_] => name,
            parts => format!("{name}_part_{}", parts.iter().position(|part| *part == at).unwrap_or(0) + 1),
        },
    }
}

/// Logstash: `%{?name}` may be what names the field that `%{&name}` gives.
fn is_pointed_at(keys: &[Key<'_>], key: &Key<'_>) -> bool {
    !key.name.is_empty() && keys.iter().any(|other| other.kind == Kind::ValueOf && other.name == key.name)
}

/// The keys of a field, in the order of the pattern.
fn parts(keys: &[Key<'_>], name: &str) -> Vec<usize> {
    let is_part = |at: &usize| matches!(keys[*at].kind, Kind::Field | Kind::Append(_)) && keys[*at].name == name;
    (0..keys.len()).filter(is_part).collect()
}

fn layout(keys: &[Key<'_>], trailing: &str) -> std::result::Result<Pattern, Bad> {
    let mut parts = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        if !key.before.is_empty() {
            parts.push(Part::Literal(key.before.into()));
            if at > 0 && keys[at - 1].padded {
                parts.push(Part::Again);
            }
        }
        let next = keys.get(at + 1).map_or(trailing, |next| next.before);
        // Up to the first space there is none.
        let class = if next == " " { Class::Word } else { Class::Any };
        parts.push(Part::Capture(Capture { name: capture(keys, at), class, ..Capture::default() }));
    }
    if !trailing.is_empty() {
        parts.push(Part::Literal(trailing.into()));
        parts.push(Part::Capture(Capture::default()));
    }
    Ok(Pattern { parts })
}

fn columns(keys: &[Key<'_>], separator: Option<&str>) -> std::result::Result<Vec<Column>, Bad> {
    let mut columns: Vec<Column> = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        let own = capture(keys, at);
        let pair = matches!(key.kind, Kind::NameOf | Kind::ValueOf) || is_pointed_at(keys, key);
        let name = if pair { own.clone() } else { grok::field_name(key.name) };
        if name.is_empty() || key.kind == Kind::Skip && !pair || columns.iter().any(|column| column.name == name) {
            continue;
        }
        if matches!(key.kind, Kind::NameOf)
            && !keys.iter().any(|other| other.kind == Kind::ValueOf && other.name == key.name)
        {
            return bad(key.at, format!("%{{*{}}} without %{{&{}}}", key.name, key.name), "add the key of the value");
        }
        let mut from = From::Capture(own);
        let all = parts(keys, key.name);
        if !pair && all.len() > 1 {
            // Parts with an order come by it, behind those without; others as they stand.
            let mut order = all.clone();
            order.sort_by_key(|part| match keys[*part].kind {
                Kind::Append(order) => order.unwrap_or(0),
                _ => 0,
            });
            let joined = order.iter().enumerate().map(|(idx, part)| {
                let before = separator.unwrap_or(keys[*part].before);
                (if idx == 0 { String::new() } else { before.to_owned() }, capture(keys, *part))
            });
            from = From::Joined(joined.collect());
        }
        let dtype = keys.iter().filter(|other| other.name == key.name).find_map(|key| key.dtype);
        columns.push(Column {
            name,
            from,
            dtype: dtype.map_or_else(TypeSpec::default, TypeSpec::plain),
            ..Column::default()
        });
    }
    Ok(columns)
}
