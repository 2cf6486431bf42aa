//! The columns of items of DynamoDB, whose values say themselves what type they are of: `{"price": {"N": "1.50"}}`.
//!
//! | seen under an attribute | type of its column |
//! | --- | --- |
//! | `S` | `utf8` |
//! | `N`, whole numbers | `int64`, `decimal(38,0)` if one is beyond it |
//! | `N` with digits behind the point | `decimal(38,s)`, with the most such digits of the sample; `utf8` where 38 digits are too few, and for exponents |
//! | `B` | `binary` |
//! | `BOOL` | `bool` |
//! | `SS`, `NS`, `BS` | a list of the same |
//! | `M`, `L`, and several of these | `utf8`: scalars as they are, all else as JSON without the names of types |
//! | `NULL`, or nothing | null beside others; `utf8` alone |

use std::collections::HashMap;

use simd_json::{Node, StaticNode};

use super::shape::{behind, unreserved};
use super::{MAX_COLUMNS, with_nodes};
use crate::format::Column;

/// The names of types, and what is seen of each.
const NAMES: [&str; 10] = ["S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "M", "L"];

/// What was seen of an attribute; only grows, and only by sums and maxima, so that the order of items does not matter.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// Items that have it.
    count: u64,
    /// By the place in [`NAMES`].
    names: [bool; NAMES.len()],
    numbers: Numbers,
}

/// What was seen of numbers.
#[derive(Clone, Debug, Default)]
struct Numbers {
    is_wide: bool,
    has_other: bool,
    whole_digits: usize,
    scale: usize,
}

/// The columns of these records: one for each attribute of the objects under the keys of `places`, called as it is behind
/// the place's prefix.
pub(super) fn attribute_columns<'r>(
    records: impl IntoIterator<Item = &'r [u8]>,
    places: &[(String, Vec<String>)],
) -> Vec<Column> {
    let mut all: Vec<(usize, String, Seen)> = Vec::new();
    let mut known: HashMap<(usize, String), usize> = HashMap::new();
    let mut buf = Vec::new();
    for record in records {
        with_nodes(record, &mut buf, |nodes| {
            for (place, (_, keys)) in places.iter().enumerate() {
                let Some(at) = find(nodes, keys) else { continue };
                for (key, at) in members(nodes, at) {
                    let number = *known.entry((place, key.to_owned())).or_insert_with(|| {
                        all.push((place, key.to_owned(), Seen::default()));
                        all.len() - 1
                    });
                    all[number].2.add(nodes, at);
                }
            }
        });
    }
    if all.len() > MAX_COLUMNS {
        all.sort_by(|a, b| b.2.count.cmp(&a.2.count).then(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
        all.truncate(MAX_COLUMNS);
    }
    // Places in their order, so that new values stand before old ones.
    all.sort_by_key(|(place, ..)| *place);
    let mut names: Vec<String> = Vec::with_capacity(all.len());
    for (place, key, _) in &all {
        let mut name = unreserved(&format!("{}{key}", places[*place].0));
        while names.contains(&name) {
            name.push('_');
        }
        names.push(name);
    }
    let column = |((place, key, seen), name): ((usize, String, Seen), String)| {
        Column::attribute(&name, &places[place].1, &key, seen.dtype())
    };
    all.into_iter().zip(names).map(column).collect()
}

/// The object under these keys.
pub(super) fn find(nodes: &[Node<'_>], keys: &[String]) -> Option<usize> {
    let mut at = 0;
    for key in keys {
        at = members(nodes, at).find(|(own, _)| own == key)?.1;
    }
    matches!(nodes.get(at), Some(Node::Object { .. })).then_some(at)
}

/// The members of the object at `at`: keys, and the places of their values.
pub(super) fn members<'n>(nodes: &'n [Node<'n>], at: usize) -> impl Iterator<Item = (&'n str, usize)> {
    let len = if let Some(Node::Object { len, .. }) = nodes.get(at) { *len } else { 0 };
    let mut at = at + 1;
    (0..len).map_while(move |_| {
        let Some(Node::String(key)) = nodes.get(at) else { return None };
        let value = at + 1;
        at = behind(nodes, value);
        Some((*key, value))
    })
}

/// Whether the value at `at` is an attribute value: an object of one member, which is called as a type.
pub(super) fn is_attribute(nodes: &[Node<'_>], at: usize) -> bool {
    named(nodes, at).is_some()
}

/// The type of an attribute value, and the place of what it holds.
fn named(nodes: &[Node<'_>], at: usize) -> Option<(usize, usize)> {
    let mut members = members(nodes, at);
    let (key, value) = members.next()?;
    let name = NAMES.iter().position(|name| *name == key)?;
    members.next().is_none().then_some((name, value))
}

impl Seen {
    fn add(&mut self, nodes: &[Node<'_>], at: usize) {
        self.count += 1;
        let Some((name, value)) = named(nodes, at) else {
            // No attribute value; `null` says nothing.
            self.numbers.has_other |= !matches!(nodes.get(at), Some(Node::Static(StaticNode::Null)));
            return;
        };
        self.names[name] = true;
        match (NAMES[name], nodes.get(value)) {
            ("N", Some(Node::String(text))) => self.numbers.add(text),
            ("NS", Some(Node::Array { len, .. })) => {
                for node in nodes.iter().skip(value + 1).take(*len) {
                    if let Node::String(text) = node {
                        self.numbers.add(text);
                    }
                }
            }
            _ => {}
        }
    }

    /// The type of what it holds; `None` for text of anything.
    fn dtype(&self) -> Option<String> {
        let seen: Vec<&str> = NAMES
            .iter()
            .zip(self.names)
            .filter(|(name, seen)| *seen && **name != "NULL")
            .map(|(name, _)| *name)
            .collect();
        let [only] = seen[..] else { return None };
        let number = self.numbers.dtype();
        match only {
            "N" => number,
            "B" => Some("binary".into()),
            "BOOL" => Some("bool".into()),
            "SS" => Some("list<utf8>".into()),
            "NS" => Some(format!("list<{}>", number.as_deref().unwrap_or("utf8"))),
            "BS" => Some("list<binary>".into()),
            _ => None,
        }
    }
}

impl Numbers {
    fn add(&mut self, text: &str) {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let is_plain = !whole.is_empty() && whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit());
        self.has_other |= !is_plain;
        self.whole_digits = self.whole_digits.max(whole.trim_start_matches('0').len());
        self.scale = self.scale.max(part.len());
        self.is_wide |= part.is_empty() && text.parse::<i64>().is_err();
    }

    fn dtype(&self) -> Option<String> {
        if self.has_other || self.whole_digits + self.scale > 38 {
            return None;
        }
        Some(if self.scale > 0 || self.is_wide { format!("decimal(38,{})", self.scale) } else { "int64".into() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places() -> Vec<(String, Vec<String>)> {
        vec![(String::new(), vec!["d".into(), "New".into()]), ("old_".into(), vec!["d".into(), "Old".into()])]
    }

    fn types<T: AsRef<[u8]>>(records: &[T]) -> Vec<(String, String)> {
        let columns = attribute_columns(records.iter().map(AsRef::as_ref), &places());
        columns.into_iter().map(|column| (column.name, column.dtype.format.unwrap_or_default())).collect()
    }

    fn of(values: &[&str]) -> String {
        let records: Vec<String> =
            values.iter().map(|value| format!("{{\"d\":{{\"New\":{{\"a\":{value}}}}}}}")).collect();
        types(&records).remove(0).1
    }

    #[test]
    fn each_rule() {
        for (values, want) in [
            (&[r#"{"S":"1"}"#][..], ""),
            (&[r#"{"N":"1"}"#, r#"{"NULL":true}"#, "null"], "int64"),
            (&[r#"{"N":"9223372036854775808"}"#], "decimal(38,0)"),
            (&[r#"{"N":"1.5"}"#, r#"{"N":"-100.125"}"#, r#"{"N":"7"}"#], "decimal(38,3)"),
            (&[r#"{"N":"12345678901234567890123456789012345678"}"#], "decimal(38,0)"),
            (&[r#"{"N":"12345678901234567890123456789012345678"}"#, r#"{"N":"0.1"}"#], ""),
            (&[r#"{"N":"1E+40"}"#], ""),
            (&[r#"{"B":"AA=="}"#], "binary"),
            (&[r#"{"BOOL":true}"#], "bool"),
            (&[r#"{"SS":["a"]}"#], "list<utf8>"),
            (&[r#"{"NS":["1","2.5"]}"#], "list<decimal(38,1)>"),
            (&[r#"{"NS":["1","1E9"]}"#], "list<utf8>"),
            (&[r#"{"BS":["AA=="]}"#], "list<binary>"),
            (&[r#"{"M":{"x":{"N":"1"}}}"#], ""),
            (&[r#"{"L":[]}"#], ""),
            (&[r#"{"N":"1"}"#, r#"{"S":"x"}"#], ""),
            (&[r#"{"NULL":true}"#], ""),
            (&[r#"{"N":"1"}"#, "7"], ""),
        ] {
            assert_eq!(of(values), want, "{values:?}");
        }
    }

    #[test]
    fn places_are_told_by_prefixes() {
        let record =
            r#"{"d":{"Old":{"a":{"S":"x"},"b":{"N":"1"}},"New":{"a":{"S":"y"},"old_b":{"S":""},"_raw":{"S":""}}}}"#;
        let names: Vec<_> = types(&[record]).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "old_b", "_raw_", "old_a", "old_b_"]);
        assert_eq!(types(&[r#"{"d":{"New":7}}"#, "{}", "[1]", "no json"]), []);
    }

    proptest! {
        #[test]
        fn the_order_of_items_does_not_matter(
            (items, shuffled) in prop::collection::vec(
                ("[a-c]", prop::sample::select(vec![
                    r#"{"S":"x"}"#, r#"{"N":"1"}"#, r#"{"N":"1.25"}"#, r#"{"NULL":true}"#, r#"{"NS":["1"]}"#, "null",
                    r#"{"M":{}}"#, r#"{"N":"99999999999999999999"}"#, r#"{"X":1}"#, r#"{"B":""}"#,
                ])),
                0..12,
            ).prop_flat_map(|items| (Just(items.clone()), Just(items).prop_shuffle())),
        ) {
            let found = |items: &[(String, &str)]| {
                let text = |(key, value): &(String, &str)| format!("{{\"d\":{{\"New\":{{\"{key}\":{value}}}}}}}");
                let mut types = types(&items.iter().map(text).collect::<Vec<_>>());
                types.sort();
                types
            };
            prop_assert_eq!(found(&items), found(&shuffled));
        }
    }
}
