//! Patterns that end with key-value pairs.

use std::sync::Arc;

use super::{Captures, PAIRS, program};
use crate::decode::Escape;
use crate::error::{Error, ErrorKind, Result};
use crate::format::{self, Format, From, Pairs, Part, Pattern};
use crate::tokenize::{Dialect, Grammar, PairsGrammar, Rules};

/// Keys that may have a field: a row must not grow without bound, and its slots are numbered with 16 bits.
const MAX_KEYS: usize = 8192;

/// Compiles patterns of which some end with `own`; every key that a column reads has a field.
pub(super) fn grammar(format: &Format, own: &Pairs, patterns: &[Pattern], rules: Rules) -> Result<(Grammar, Captures)> {
    // What stands behind the last pair is no extra text: there is nothing behind it.
    let (prefix, mut captures) = program(format, patterns, Rules { extra: false, ..rules.clone() })?;
    let escape = value_escape(own.escape);
    let mut keys: Vec<(String, Escape)> = Vec::new();
    for column in &format.columns {
        if let From::Key(key) = &column.from
            && !keys.iter().any(|(known, _)| known == key)
        {
            keys.push((key.clone(), escape));
        }
    }
    if keys.len() > MAX_KEYS {
        let message = format!("format \"{}\" has columns for {} keys", format.name, keys.len());
        return Err(Error::new(ErrorKind::FormatSyntax, message)
            .with_hint(format!("name at most {MAX_KEYS}; a map holds any number")));
    }
    let name = if own.name.is_empty() { PAIRS } else { &own.name };
    let (pairs, _) = captures.find(name, name)?;
    captures.captures[pairs].1 = escape;
    let separator_from = match &own.separator_from {
        Some(name) => Some(captures.find(name, "separator_from")?.0 as u16),
        None => None,
    };
    let dialect = dialect(own);
    let is_alone = patterns.iter().any(|pattern| matches!(pattern.parts[..], [Part::Pairs(_)]));
    let grammar = PairsGrammar {
        prefix,
        pairs: pairs as u16,
        separator_from,
        dialect: dialect.clone(),
        keys: keys.iter().map(|(key, _)| key.as_bytes().into()).collect(),
        open: own.found,
        nonempty: is_alone,
        rules,
    };
    captures.keys = keys;
    captures.pairs = Some(Arc::new(dialect));
    Ok((Grammar::Pairs(grammar), captures))
}

fn dialect(own: &Pairs) -> Dialect {
    Dialect {
        separators: own.separator.clone().into_bytes(),
        assign: own.assign,
        quotes: own.quotes.clone().into_bytes(),
        nested: own.nested,
        escapes: own.escape != format::Escape::None,
        until_key: own.until_key,
        bare: own.bare,
        strict: own.strict,
        labels: own.labels,
    }
}

fn value_escape(escape: format::Escape) -> Escape {
    match escape {
        format::Escape::Cef => Escape::Cef,
        format::Escape::None => Escape::None,
        _ => Escape::JsonQuoted,
    }
}
