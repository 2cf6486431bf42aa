//! How well JSON formats fit a sample: by the keys of its records.
//!
//! A record fits a format that finds its columns if it is an object. It fits one that names them if two in three of its keys
//! have a column, and if it fills at least four columns, or half of them where there are fewer than eight; three are enough
//! where all of its keys have a column. A format may also name the keys that all of its records have. Names as usual as `message` are everybody's. Values are not decoded: a key of the right name with another type is a bad value of a scan, not
//! a sign of another format.

use std::sync::Arc;

use simd_json::{Node, StaticNode};

use super::super::{Guess, Rank, nonblank};
use super::framing::{is_concatenated, records};
use super::{find_framing, is_attribute, with_nodes};
use crate::format::{Column, Format, Framing, From, Layout};
use crate::simd::Text;

/// Columns that a record fills where it fits a format with many.
const ENOUGH_COLUMNS: usize = 4;
/// The same where the format knows all of its keys.
const FEW_COLUMNS: usize = 3;

/// What is looked for in a record.
struct Wanted<'f> {
    /// The keys of each column.
    columns: Vec<&'f [String]>,
    ignore_case: bool,
    finds_columns: bool,
    /// Where attribute values stand.
    attributes: &'f [(String, Vec<String>)],
    /// The array whose elements are the rows.
    explode: &'f [String],
    /// Keys that each record has.
    keys: &'f [String],
}

/// How well a JSON format fits. Records are counted as the lines they take, as other formats count them.
pub(in crate::infer) fn guess(format: &Arc<Format>, samples: &[(Arc<str>, Text)]) -> Guess {
    let Layout::Json(json) = &format.layout else { return Guess::none(format, 0) };
    // A key that a format knows, but shows only where it is found, tells as much.
    let is_told = |column: &Column| !column.on_demand || json.find_columns;
    let keys = |column: &'_ Column| is_told(column) && matches!(column.from, From::Member(_));
    let columns = format.columns.iter().filter(|column| keys(column)).filter_map(|column| match &column.from {
        From::Member(keys) => Some(keys.as_slice()),
        _ => None,
    });
    let wanted = Wanted {
        columns: columns.collect(),
        ignore_case: json.ignore_case,
        finds_columns: json.find_columns,
        attributes: &json.attributes,
        explode: &json.explode,
        keys: &json.sniff,
    };
    let mut guess = Guess::none(format, 0);
    guess.rank.text = u8::from(wanted.columns.is_empty() && wanted.attributes.is_empty() && wanted.keys.is_empty());
    // Any object fits both of these: lines are for the first, and what has nothing between its values is for the second.
    let is_any = guess.rank.text == 1;
    let is_concatenation = is_any && !json.find_framing && matches!(&format.framing, Framing::Values(_));
    guess.rank.general = u8::from(is_any && json.find_framing);
    let mut is_filled = vec![false; wanted.columns.len()];
    let mut buf = Vec::new();
    let (mut all, mut good) = (0, 0);
    for (name, text) in samples {
        let text = text.as_bytes();
        let lines = nonblank(text);
        guess.lines += lines;
        // A file without an object would be searched for nothing.
        if !starts_as_json(text) {
            all += lines;
            guess.why.get_or_insert_with(|| format!("{name}: the file does not begin with a JSON object or array"));
            continue;
        }
        if is_concatenation && !is_concatenated(text) {
            all += lines;
            guess.why.get_or_insert_with(|| format!("{name}: something stands between the first two values"));
            continue;
        }
        let framing = if json.find_framing { find_framing(text, true) } else { format.framing.clone() };
        for (number, record) in records(text, &framing).into_iter().enumerate() {
            all += 1;
            let fit = with_nodes(record, &mut buf, |nodes| wanted.fit(nodes, &mut is_filled));
            match fit.flatten() {
                Some(cells) => {
                    good += 1;
                    guess.rank.cells.0 += cells;
                }
                None => {
                    _ = guess.why.get_or_insert_with(|| {
                        let what = if fit.is_none() { "is no JSON" } else { "has other keys" };
                        format!("{name}: record {} {what}", number + 1)
                    })
                }
            }
        }
    }
    guess.rank.empty_columns = is_filled.iter().filter(|is| !**is).count() as u64;
    if all > 0 {
        guess.share = good as f64 / all as f64;
        guess.matched = (guess.share * guess.lines as f64).round() as u64;
    }
    guess
}

fn starts_as_json(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    // Where the first line is damaged, the next one may tell.
    let is_json = |line: &[u8]| matches!(line.trim_ascii_start().first(), Some(b'{' | b'[' | 0x1e));
    text.split(|byte| *byte == b'\n').take(2).any(is_json)
}

impl Wanted<'_> {
    /// How many columns the record fills, if it fits.
    fn fit(&self, nodes: &[Node<'_>], is_filled: &mut [bool]) -> Option<u64> {
        let Some(Node::Object { len, .. }) = nodes.first() else { return None };
        if !self.attributes.is_empty() {
            return self.fit_attributes(nodes);
        }
        if self.columns.is_empty() && self.keys.is_empty() {
            return Some(0);
        }
        let (mut known, mut found) = (0, vec![false; self.columns.len()]);
        let mut missing = self.keys.len();
        let mut at = 1;
        for _ in 0..*len {
            let Some(Node::String(key)) = nodes.get(at) else { return None };
            let mut is_known = false;
            missing -= usize::from(self.keys.iter().any(|wanted| self.is_key(wanted, key)) && missing > 0);
            for (column, found) in self.columns.iter().zip(&mut found) {
                let Some((first, rest)) = column.split_first() else { continue };
                if self.is_key(first, key) {
                    is_known = true;
                    *found |= self.has(nodes, at + 1, rest);
                }
            }
            known += usize::from(is_known);
            at = super::shape::behind(nodes, at + 1);
        }
        let filled = found.iter().filter(|found| **found).count();
        if !self.keys.is_empty() {
            found.iter().zip(is_filled).for_each(|(found, is_filled)| *is_filled |= found);
            return (missing == 0).then_some(filled as u64);
        }
        let enough = ENOUGH_COLUMNS.min(self.columns.len().div_ceil(2));
        let is_all_known = known == *len && filled >= FEW_COLUMNS;
        // Where other keys have columns too, those that the format knows need not be most.
        if 3 * known < 2 * len && !self.finds_columns || filled < enough && !is_all_known {
            return None;
        }
        found.iter().zip(is_filled).for_each(|(found, is_filled)| *is_filled |= found);
        Some(filled as u64)
    }

    /// How many attribute values the record has where they belong, if it has some there and nothing else.
    fn fit_attributes(&self, nodes: &[Node<'_>]) -> Option<u64> {
        let mut count = 0;
        for (_, keys) in self.attributes {
            let Some(at) = super::attributes::find(nodes, keys) else { continue };
            for (_, at) in super::attributes::members(nodes, at) {
                if !is_attribute(nodes, at) {
                    return None;
                }
                count += 1;
            }
        }
        (count > 0).then_some(count)
    }

    fn is_key(&self, wanted: &str, key: &str) -> bool {
        wanted == key || self.ignore_case && wanted.eq_ignore_ascii_case(key)
    }

    /// Whether the value at `at` has something under these keys.
    fn has(&self, nodes: &[Node<'_>], at: usize, keys: &[String]) -> bool {
        match (nodes.get(at), keys.split_first()) {
            (None | Some(Node::Static(StaticNode::Null)), _) => false,
            (Some(_), None) => true,
            (Some(Node::Object { len, .. }), Some((first, rest))) => {
                let mut at = at + 1;
                (0..*len).any(|_| {
                    let is_key = matches!(nodes.get(at), Some(Node::String(key)) if self.is_key(first, key));
                    let value = at + 1;
                    at = super::shape::behind(nodes, value);
                    is_key && self.has(nodes, value, rest)
                })
            }
            // The first row tells.
            (Some(Node::Array { len, .. }), Some(_)) if *len > 0 && !self.explode.is_empty() => {
                self.has(nodes, at + 1, keys)
            }
            _ => false,
        }
    }
}

impl Guess {
    /// A format that fits none of so many lines.
    pub(in crate::infer) fn none(format: &Arc<Format>, lines: u64) -> Self {
        Self { format: format.clone(), share: 0.0, lines, matched: 0, why: None, rank: Rank::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(keys: &str) -> Arc<Format> {
        Arc::new(Format::from_toml(&format!("name = 'own'\n{keys}"), "own.toml").unwrap())
    }

    fn fit(format: &Arc<Format>, text: &str) -> (u64, u64, u64) {
        let guess = guess(format, &[("own.log".into(), Text::copied(text.as_bytes()))]);
        (guess.matched, guess.lines, guess.rank.cells.0)
    }

    const OWN: &str =
        "json = {}\nrecords = 'Records'\n[columns]\na = {}\nb = { member = 'b.c' }\nd = {}\ne = {}\nf = {}";

    #[test]
    fn columns_that_are_found_fit_any_object() {
        let any = format("json = { columns = 'found' }\nframing = 'found'");
        assert_eq!(fit(&any, "{\"a\":1}\n{}\n\n{\"b\":\n"), (2, 3, 0));
        assert_eq!(fit(&any, "{\n\"a\": 1\n}\n{\n\"a\": 2}\n"), (5, 5, 0));
        assert_eq!(fit(&any, "[{\"a\":1},\n{\"a\":2}]\n"), (2, 2, 0));
        assert_eq!(fit(&any, "{\"a\":1}{\"a\":2}{\"a\":3}"), (1, 1, 0));
        assert_eq!(fit(&any, "time {\"a\":1}\ntime {\"a\":1}\n"), (0, 2, 0));
        assert_eq!(fit(&any, "a=1 b=2\n"), (0, 1, 0));
        assert_eq!(fit(&any, "1\n2\n"), (0, 2, 0));
        assert_eq!(fit(&any, ""), (0, 0, 0));
        assert_eq!(fit(&any, "\"a\":1}\n{\"a\":1}\n{\"a\":1}\n"), (2, 3, 0));
    }

    #[test]
    fn columns_that_are_named_fit_their_keys() {
        let own = format(OWN);
        let record = r#"{"a":1,"b":{"x":1,"c":2},"d":null,"e":3}"#;
        assert_eq!(fit(&own, &format!("{{\"Records\":[{record},{record}]}}\n")), (1, 1, 6));
        assert_eq!(fit(&own, &format!("{{\"Records\":[\n{record}\n,\n{record}]}}\n")), (4, 4, 6));
        // Of three records, one has keys of its own, and one fills too few columns.
        let others = r#"{"a":1,"b":{"c":1},"e":1,"x":1,"y":1},{"a":1,"b":{"x":1},"e":1}"#;
        assert_eq!(fit(&own, &format!("{{\"Records\":[{record},{others}]}}\n\n.\n.\n")), (1, 3, 3));
        assert_eq!(fit(&own, record), (1, 1, 3));
        assert_eq!(fit(&own, "{\"Records\":[]}"), (0, 1, 0));
        let any_case = format(&OWN.replace("{}\nrecords = 'Records'", "{ ignore_case = true }"));
        assert_eq!(fit(&any_case, &record.to_uppercase().replace("NULL", "null")), (1, 1, 3));
    }
}
