//! What was seen in one place of the records of a sample.
//!
//! A [`Shape`] only grows, and everything in it but the order of members is a sum, a maximum or a set: so the order of
//! records cannot matter to the types.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use simd_json::{Node, StaticNode};

use crate::format::{JsonType, Member, RESERVED, TypeSpec};

/// Containers within one another, from a column's value on, that have a type of their own.
const MAX_DEPTH: usize = 32;
/// So many keys in one place of the sample, and so many times as many as an object has in the median, may be names.
const MAX_NAMES: usize = 64;
const MAX_NAMES_PER_MEDIAN: usize = 4;
/// The integers that `decimal(38,0)` holds are smaller than this.
const DECIMAL_END: u128 = 10_u128.pow(38);

/// Members of an object whose keys are compared one by one, rather than looked up.
const FEW_MEMBERS: usize = 16;

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// `null`, which says only that there was something.
    nulls: bool,
    bools: bool,
    ints: bool,
    /// An integer beyond int64; beyond 38 digits; that float64 would change.
    wide: bool,
    huge: bool,
    inexact: bool,
    floats: bool,
    texts: bool,
    /// A text that is no time.
    words: bool,
    arrays: bool,
    items: Option<Box<Shape>>,
    objects: Option<Box<Members>>,
    /// A container farther in than types go.
    deep: bool,
}

/// The members of the objects in one place.
#[derive(Clone, Debug, Default)]
struct Members {
    /// In the order in which their keys first appear.
    members: Vec<MemberShape>,
    /// Their places, by key; in lower case where case does not matter.
    places: HashMap<String, usize>,
    /// How many objects have so many keys.
    key_counts: BTreeMap<usize, u64>,
}

/// A member.
#[derive(Clone, Debug)]
pub(super) struct MemberShape {
    /// Its key; of several that are the same but for their case, the first in the order of bytes.
    pub(super) key: String,
    pub(super) shape: Shape,
    /// Objects that have it.
    count: u64,
}

/// Walks over the nodes of a tape.
struct Walk<'n> {
    nodes: &'n [Node<'n>],
    ignore_case: bool,
}

/// The place behind the value at `at`.
pub(super) fn behind(nodes: &[Node<'_>], at: usize) -> usize {
    match nodes.get(at) {
        Some(Node::Object { count, .. } | Node::Array { count, .. }) => at + 1 + count,
        _ => at + 1,
    }
}

impl<'n> Walk<'n> {
    /// The members of the object at `at`: keys and the places of their last values, by first appearance.
    fn members(&self, at: usize, len: usize) -> Vec<(&'n str, usize)> {
        let mut out: Vec<(&str, usize)> = Vec::with_capacity(len);
        let mut places: HashMap<Cow<'_, str>, usize> = HashMap::new();
        let mut at = at + 1;
        for _ in 0..len {
            let Some(Node::String(key)) = self.nodes.get(at) else { break };
            let place = if len > FEW_MEMBERS {
                *places.entry(self.folded(key)).or_insert(out.len())
            } else {
                out.iter().position(|(other, _)| self.is_same(other, key)).unwrap_or(out.len())
            };
            match out.get_mut(place) {
                Some(member) => *member = (key, at + 1),
                None => out.push((key, at + 1)),
            }
            at = behind(self.nodes, at + 1);
        }
        out
    }

    fn folded<'k>(&self, key: &'k str) -> Cow<'k, str> {
        if self.ignore_case { key.to_ascii_lowercase().into() } else { key.into() }
    }

    fn is_same(&self, a: &str, b: &str) -> bool {
        if self.ignore_case { a.eq_ignore_ascii_case(b) } else { a == b }
    }
}

impl Shape {
    /// Adds the value that the nodes are; a column's is one deep.
    pub(super) fn add(&mut self, nodes: &[Node<'_>], depth: usize, ignore_case: bool) {
        self.add_at(&Walk { nodes, ignore_case }, 0, depth);
    }

    fn add_at(&mut self, walk: &Walk<'_>, at: usize, depth: usize) {
        match walk.nodes.get(at) {
            None | Some(Node::Static(StaticNode::Null)) => self.nulls = true,
            Some(Node::Static(StaticNode::Bool(_))) => self.bools = true,
            Some(Node::Static(StaticNode::I64(number))) => self.add_integer(i128::from(*number)),
            Some(Node::Static(StaticNode::U64(number))) => self.add_integer(i128::from(*number)),
            Some(Node::Static(StaticNode::I128(number))) => self.add_integer(*number),
            Some(Node::Static(StaticNode::U128(number))) => match i128::try_from(*number) {
                Ok(number) => self.add_integer(number),
                Err(_) => (self.ints, self.wide, self.huge, self.inexact) = (true, true, true, true),
            },
            Some(Node::Static(StaticNode::F64(_))) => self.floats = true,
            Some(Node::String(text)) => {
                self.texts = true;
                self.words = self.words || !is_time(text.as_bytes());
            }
            Some(Node::Array { .. } | Node::Object { .. }) if depth > MAX_DEPTH => self.deep = true,
            Some(Node::Array { len, .. }) => {
                self.arrays = true;
                let mut at = at + 1;
                for _ in 0..*len {
                    self.items.get_or_insert_default().add_at(walk, at, depth + 1);
                    at = behind(walk.nodes, at);
                }
            }
            Some(Node::Object { len, .. }) => {
                let members = walk.members(at, *len);
                self.objects.get_or_insert_default().add(walk, &members, depth);
            }
        }
    }

    fn add_integer(&mut self, number: i128) {
        self.ints = true;
        self.wide = self.wide || i64::try_from(number).is_err();
        self.huge = self.huge || number.unsigned_abs() >= DECIMAL_END;
        self.inexact = self.inexact || !is_exact(number);
    }

    /// Adds what another shape has seen.
    pub(super) fn merge(&mut self, other: Shape) {
        self.nulls |= other.nulls;
        self.bools |= other.bools;
        self.ints |= other.ints;
        self.wide |= other.wide;
        self.huge |= other.huge;
        self.inexact |= other.inexact;
        self.floats |= other.floats;
        self.texts |= other.texts;
        self.words |= other.words;
        self.arrays |= other.arrays;
        self.deep |= other.deep;
        if let Some(items) = other.items {
            self.items.get_or_insert_default().merge(*items);
        }
        if let Some(objects) = other.objects {
            self.objects.get_or_insert_default().merge(*objects);
        }
    }

    /// The members of the most frequent keys, at most so many, in the order in which they first appear.
    pub(super) fn into_members(self, max: usize) -> Vec<MemberShape> {
        let mut members = self.objects.map_or_else(Vec::new, |objects| objects.members);
        if members.len() > max {
            let mut ranks: Vec<(u64, &str)> =
                members.iter().map(|member| (member.count, member.key.as_str())).collect();
            ranks.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
            let (count, key) = (ranks[max].0, ranks[max].1.to_owned());
            members.retain(|member| member.count > count || member.count == count && member.key < key);
        }
        members
    }

    /// The type that holds all values.
    pub(super) fn dtype(&self) -> JsonType {
        let kinds = [self.bools, self.ints || self.floats, self.texts].map(usize::from).iter().sum::<usize>();
        let is_mixed = usize::from(kinds > 0) + usize::from(self.arrays) + usize::from(self.objects.is_some()) > 1;
        if self.deep || is_mixed {
            return scalar("json");
        }
        if self.arrays {
            return self.items.as_ref().map_or(scalar("json"), |items| JsonType::List(Box::new(items.dtype())));
        }
        if let Some(objects) = &self.objects {
            return objects.dtype();
        }
        match (kinds, self.texts, self.bools) {
            (1, true, _) if !self.words => JsonType::Scalar(TypeSpec {
                name: "timestamp".into(),
                format: Some("iso8601".into()),
                ..TypeSpec::default()
            }),
            (1, _, true) => scalar("bool"),
            (1, false, false) => self.number(),
            _ => scalar("utf8"),
        }
    }

    fn number(&self) -> JsonType {
        scalar(match (self.ints, self.floats) {
            (true, true) if self.inexact => "utf8",
            (_, true) => "float64",
            _ if self.huge => "utf8",
            _ if self.wide => "decimal(38,0)",
            _ => "int64",
        })
    }
}

impl Members {
    fn add(&mut self, walk: &Walk<'_>, members: &[(&str, usize)], depth: usize) {
        *self.key_counts.entry(members.len()).or_default() += 1;
        // Members mostly come in the order of the record before.
        let mut expected = 0;
        for (key, at) in members {
            let is_next = self.members.get(expected).is_some_and(|member| member.key == *key);
            let place = if is_next { expected } else { self.place(&walk.folded(key), key) };
            let member = &mut self.members[place];
            member.count += 1;
            member.shape.add_at(walk, *at, depth + 1);
            expected = place + 1;
        }
    }

    /// The place of the member of this key, which is there from now on.
    fn place(&mut self, folded: &str, key: &str) -> usize {
        let Some(place) = self.places.get(folded) else {
            self.places.insert(folded.to_owned(), self.members.len());
            self.members.push(MemberShape { key: key.to_owned(), shape: Shape::default(), count: 0 });
            return self.members.len() - 1;
        };
        let member = &mut self.members[*place];
        if key < member.key.as_str() {
            member.key = key.to_owned();
        }
        *place
    }

    fn merge(&mut self, other: Members) {
        for (keys, count) in other.key_counts {
            *self.key_counts.entry(keys).or_default() += count;
        }
        let mut folded: Vec<String> = vec![String::new(); other.members.len()];
        other.places.into_iter().for_each(|(key, place)| folded[place] = key);
        for (theirs, folded) in other.members.into_iter().zip(folded) {
            let place = self.place(&folded, &theirs.key);
            let ours = &mut self.members[place];
            ours.count += theirs.count;
            ours.shape.merge(theirs.shape);
        }
    }

    fn dtype(&self) -> JsonType {
        if self.members.is_empty() {
            return scalar("json");
        }
        if self.has_data_for_keys() {
            let mut value = Shape::default();
            self.members.iter().for_each(|member| value.merge(member.shape.clone()));
            return match value.dtype() {
                JsonType::Scalar(spec) if spec.name == "json" => scalar("json"),
                JsonType::List(_) | JsonType::Map(_) => scalar("json"),
                dtype => JsonType::Map(Box::new(dtype)),
            };
        }
        let names = names(&self.members, &[]);
        let member = |(member, name): (&MemberShape, String)| Member {
            key: member.key.clone(),
            name,
            dtype: member.shape.dtype(),
        };
        JsonType::Struct(self.members.iter().zip(names).map(member).collect())
    }

    fn has_data_for_keys(&self) -> bool {
        let objects: u64 = self.key_counts.values().sum();
        let mut left = objects.saturating_sub(1) / 2;
        let median = self.key_counts.iter().find_map(|(keys, count)| {
            let is_here = left < *count;
            left = left.saturating_sub(*count);
            is_here.then_some(*keys)
        });
        self.members.len() > MAX_NAMES && self.members.len() > MAX_NAMES_PER_MEDIAN * median.unwrap_or_default()
    }
}

fn scalar(name: &str) -> JsonType {
    JsonType::Scalar(TypeSpec { name: name.into(), ..TypeSpec::default() })
}

/// The names of members: their keys, but not empty, none of `reserved`, and without NUL, which names of Arrow's C interface
/// cannot have.
pub(super) fn names(members: &[MemberShape], reserved: &[&str]) -> Vec<String> {
    let keys: HashSet<&str> = members.iter().map(|member| member.key.as_str()).collect();
    let mut given: HashSet<String> = HashSet::new();
    let name = |member: &MemberShape| {
        let key = member.key.as_str();
        if !key.is_empty() && !key.contains('\0') && !reserved.contains(&key) {
            return key.to_owned();
        }
        let mut name = key.replace('\0', "_");
        while name.is_empty() || reserved.contains(&&*name) || keys.contains(&*name) || given.contains(&name) {
            name.push('_');
        }
        given.insert(name.clone());
        name
    };
    members.iter().map(name).collect()
}

/// A key as the name of a column, where it is alone.
pub(super) fn unreserved(key: &str) -> String {
    let mut name = key.replace('\0', "_");
    if name.is_empty() || RESERVED.contains(&&*name) {
        name.push('_');
    }
    name
}

/// Whether a number comes out of float64 as it went in: with all its digits, or as the shortest text that stands for the
/// same float64, which is how JavaScript writes large ones.
fn is_exact(number: i128) -> bool {
    let float = number as f64;
    // The cast back stops at the ends of i128.
    float as i128 == number && number != i128::MAX || float.to_string() == number.to_string()
}

/// `2026-03-05T10:00:01.123Z`, `2026-03-05 10:00:01+09:00`: a time of ISO 8601 with date, seconds and zone, of the calendar.
fn is_time(text: &[u8]) -> bool {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
        Some(digits.iter().fold(0_u32, |number, digit| 10 * number + u32::from(digit - b'0')))
    };
    let is_at = |at: usize, signs: &[u8]| text.get(at).is_some_and(|byte| signs.contains(byte));
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else { return false };
    let (Some(hour), Some(minute), Some(second)) = (number(11, 13), number(14, 16), number(17, 19)) else {
        return false;
    };
    let signs: [(usize, &[u8]); 5] = [(4, b"-"), (7, b"-"), (10, b"T "), (13, b":"), (16, b":")];
    if !signs.iter().all(|(at, signs)| is_at(*at, signs)) {
        return false;
    }
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    if !(1..=days).contains(&day) || year == 0 || hour > 23 || minute > 59 || second > 60 {
        return false;
    }
    let mut at = 19;
    if is_at(at, b".,") {
        let digits = text[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return false;
        }
        at += 1 + digits;
    }
    match &text[at..] {
        b"Z" => true,
        [b'+' | b'-', zone @ ..] => {
            let colon = usize::from(zone.get(2) == Some(&b':'));
            let (hours, minutes) = (number(at + 1, at + 3), number(at + 3 + colon, at + 5 + colon));
            zone.len() == 4 + colon && hours.is_some_and(|h| h < 24) && minutes.is_some_and(|m| m < 60)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_times_with_a_zone() {
        for text in [
            "2026-03-05T10:00:01Z",
            "2026-03-05T10:00:01.123Z",
            "2026-03-05 10:00:01,5+09:00",
            "2024-02-29T23:59:60.123456789-0330",
        ] {
            assert!(is_time(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "2026-03-05",
            "2026-03-05T10:00Z",
            "2026-03-05T10:00:01",
            "2026-03-05T10:00:01.Z",
            "2026-03-05T10:00:01Zulu",
            "2026-03-05T10:00:01+9",
            "2026-03-05T10:00:01+09",
            "2026-03-05T10:00:01+0960",
            "2026-03-05T10:00:01 UTC",
            "2026-02-30T10:00:01Z",
            "2025-02-29T10:00:01Z",
            "2026-13-05T10:00:01Z",
            "2026-03-05T24:00:01Z",
            "0000-03-05T10:00:01Z",
            "20260305T100001Z",
            "2026/03/05T10:00:01Z",
        ] {
            assert!(!is_time(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn numbers_that_floats_hold() {
        let exact =
            [0, 1, -7, 1 << 53, -(1 << 53), 1 << 60, 1_152_921_504_606_847_000, 10_i128.pow(20), 10_i128.pow(38)];
        for number in exact {
            assert!(is_exact(number), "{number}");
        }
        for number in [(1 << 53) + 1, i128::from(i64::MAX), i128::from(u64::MAX), i128::MAX, 10_i128.pow(20) + 1] {
            assert!(!is_exact(number), "{number}");
        }
        assert!(is_exact(i128::MIN));
    }
}
