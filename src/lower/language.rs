//! What can be said of all texts that an expression matches, in bytes.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// A set of bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// No byte.
    pub const EMPTY: Self = Self([0; 4]);
    /// Every byte of text that is no ASCII. Classes have all of them or none, as far as this module can tell.
    const NOT_ASCII: Self = Self([0, 0, u64::MAX, u64::MAX]);

    /// These bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = Self::EMPTY;
        bytes.iter().for_each(|byte| out.insert(*byte));
        out
    }

    /// Adds a byte.
    pub fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    /// Whether it has this byte.
    pub fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    /// What either has.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// What it has and `other` has not.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }

    /// Whether they have no byte in common.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        (0..4).all(|i| self.0[i] & other.0[i] == 0)
    }

    /// Whether all of it is in `other`.
    pub fn is_within(&self, other: &Self) -> bool {
        self.without(other) == Self::EMPTY
    }

    /// Its bytes, ascending.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        (0..=u8::MAX).filter(|byte| self.contains(*byte))
    }
}

impl std::fmt::Debug for ByteSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = Vec::new();
        self.bytes().for_each(|byte| bytes.push(byte));
        write!(f, "[{}]", bytes.escape_ascii())
    }
}

/// The bytes of a class of characters, and whether that says it all: the class has all characters that are no ASCII, or
/// none. Where it has some, the set has all of their bytes.
fn class(class: &Class) -> (ByteSet, bool) {
    let mut out = ByteSet::EMPTY;
    let Class::Unicode(class) = class else {
        return (ByteSet([u64::MAX; 4]), false);
    };
    let mut above = Vec::new();
    for range in class.ranges() {
        let (start, end) = (u32::from(range.start()), u32::from(range.end()));
        (start..=end.min(0x7f)).for_each(|byte| out.insert(byte as u8));
        if end > 0x7f {
            above.push((start.max(0x80), end));
        }
    }
    if above.is_empty() {
        return (out, true);
    }
    let is_all = above == [(0x80, u32::from(char::MAX))];
    (out.union(&ByteSet::NOT_ASCII), is_all)
}

/// A repetition of one class of bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Run {
    pub(super) set: ByteSet,
    pub(super) min: u32,
    pub(super) max: Option<u32>,
    pub(super) greedy: bool,
}

/// `hir` as a repetition of a class whose characters can be told by their bytes.
pub(super) fn run(hir: &Hir) -> Option<Run> {
    let (sub, min, max, greedy) = match hir.kind() {
        HirKind::Repetition(repetition) => (&*repetition.sub, repetition.min, repetition.max, repetition.greedy),
        _ => (hir, 1, Some(1), true),
    };
    let (set, is_exact) = match sub.kind() {
        HirKind::Class(own) => class(own),
        HirKind::Literal(literal) => match &*literal.0 {
            [byte] if byte.is_ascii() => (ByteSet::of(&[*byte]), true),
            _ => return None,
        },
        _ => return None,
    };
    // Counts are of characters.
    let is_counted = (min, max) != (1, Some(1)) && (max.is_some() || min > 1);
    (is_exact && !(is_counted && set.contains(0x80))).then_some(Run { set, min, max, greedy })
}

/// The bytes that may stand in a text that `hir` matches.
pub(super) fn alphabet(hir: &Hir) -> ByteSet {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => ByteSet::EMPTY,
        HirKind::Literal(literal) => ByteSet::of(&literal.0),
        HirKind::Class(own) => class(own).0,
        HirKind::Repetition(repetition) if repetition.max == Some(0) => ByteSet::EMPTY,
        HirKind::Repetition(repetition) => alphabet(&repetition.sub),
        HirKind::Capture(capture) => alphabet(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(ByteSet::EMPTY, |all, part| all.union(&alphabet(part)))
        }
    }
}

/// The bytes that a text which `hir` matches may begin with, and whether it may be empty.
pub(super) fn first(hir: &Hir) -> (ByteSet, bool) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (ByteSet::EMPTY, true),
        HirKind::Literal(literal) => (ByteSet::of(&literal.0[..1.min(literal.0.len())]), literal.0.is_empty()),
        HirKind::Class(own) => (class(own).0, false),
        HirKind::Repetition(repetition) => {
            let (set, empty) = first(&repetition.sub);
            (set, empty || repetition.min == 0)
        }
        HirKind::Capture(capture) => first(&capture.sub),
        HirKind::Concat(parts) => first_of(parts),
        HirKind::Alternation(parts) => parts.iter().map(first).fold((ByteSet::EMPTY, false), |all, next| {
            let (set, empty) = next;
            (all.0.union(&set), all.1 || empty)
        }),
    }
}

/// The same of parts that follow one another.
pub(super) fn first_of(parts: &[Hir]) -> (ByteSet, bool) {
    let mut all = ByteSet::EMPTY;
    for part in parts {
        let (set, empty) = first(part);
        all = all.union(&set);
        if !empty {
            return (all, false);
        }
    }
    (all, true)
}

/// How often `byte` stands in a text that `hir` matches: at least, and at most (`None` for no limit).
pub(super) fn count(hir: &Hir, byte: u8) -> (u32, Option<u32>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, Some(0)),
        HirKind::Literal(literal) => {
            let count = literal.0.iter().filter(|own| **own == byte).count() as u32;
            (count, Some(count))
        }
        HirKind::Class(own) => {
            let (set, _) = class(own);
            let is_only = set == ByteSet::of(&[byte]);
            (u32::from(is_only), Some(u32::from(set.contains(byte))))
        }
        HirKind::Repetition(repetition) => {
            let (least, most) = count(&repetition.sub, byte);
            let most = match (most, repetition.max) {
                (Some(0), _) | (_, Some(0)) => Some(0),
                (Some(most), Some(max)) => most.checked_mul(max),
                _ => None,
            };
            (least.saturating_mul(repetition.min), most)
        }
        HirKind::Capture(capture) => count(&capture.sub, byte),
        HirKind::Concat(parts) => count_of(parts, byte),
        HirKind::Alternation(parts) => {
            let counts = parts.iter().map(|part| count(part, byte));
            counts
                .reduce(|all, own| (all.0.min(own.0), all.1.zip(own.1).map(|(a, b)| a.max(b))))
                .unwrap_or((0, Some(0)))
        }
    }
}

/// The same of parts that follow one another.
pub(super) fn count_of<'h>(parts: impl IntoIterator<Item = &'h Hir>, byte: u8) -> (u32, Option<u32>) {
    parts.into_iter().map(|part| count(part, byte)).fold((0, Some(0)), |all, own| {
        (all.0.saturating_add(own.0), all.1.zip(own.1).and_then(|(a, b): (u32, u32)| a.checked_add(b)))
    })
}

/// Bytes of which `hir` matches any text: those of a class that repeats by itself, or beside others.
pub(super) fn any_of(hir: &Hir) -> ByteSet {
    let HirKind::Repetition(repetition) = hir.kind() else { return ByteSet::EMPTY };
    if repetition.min > 0 || repetition.max.is_some() {
        return ByteSet::EMPTY;
    }
    let sets = match repetition.sub.kind() {
        HirKind::Alternation(parts) => parts.iter().filter_map(run).collect(),
        _ => Vec::from_iter(run(&repetition.sub)),
    };
    let single = sets.iter().filter(|run| (run.min, run.max) == (1, Some(1)) || run.max.is_none() && run.min <= 1);
    single.fold(ByteSet::EMPTY, |all, run| all.union(&run.set))
}

/// Whether `hir` is any text in which a backslash takes the character behind it along, and no other double quote is.
pub(super) fn is_escaped(hir: &Hir) -> bool {
    let HirKind::Repetition(repetition) = hir.kind() else { return false };
    let HirKind::Alternation(parts) = repetition.sub.kind() else { return false };
    let plain = |hir: &Hir| match hir.kind() {
        HirKind::Class(own) => class(own) == (all_but(b"\n\"\\"), true) || class(own) == (all_but(b"\"\\"), true),
        _ => false,
    };
    let any = |hir: &Hir| matches!(hir.kind(), HirKind::Class(own) if class(own) == (all_but(b"\n"), true));
    let pair = |hir: &Hir| match hir.kind() {
        HirKind::Concat(pair) => {
            let [first, second] = &pair[..] else { return false };
            matches!(first.kind(), HirKind::Literal(literal) if *literal.0 == *b"\\") && any(second)
        }
        _ => false,
    };
    (repetition.min, repetition.max) == (0, None)
        && matches!(&parts[..], [a, b] if plain(a) && pair(b) || pair(a) && plain(b))
}

fn all_but(bytes: &[u8]) -> ByteSet {
    ByteSet([u64::MAX; 4]).without(&ByteSet::of(bytes))
}

/// Whether `hir` asks where the record starts or ends (anywhere, or elsewhere than at its own start or end).
pub(super) fn asks(hir: &Hir, look: Look) -> bool {
    hir.properties().look_set().contains(look)
}

/// Whether `hir` asks for the ends of words.
pub(super) fn asks_words(hir: &Hir) -> bool {
    hir.properties().look_set().contains_word()
}

/// Whether it asks for something else than the record's ends and those of words in ASCII.
pub(super) fn asks_more(hir: &Hir) -> bool {
    hir.properties()
        .look_set()
        .iter()
        .any(|look| !matches!(look, Look::Start | Look::End | Look::WordAscii | Look::WordAsciiNegate))
}

/// What matches at least as much, and asks for nothing around it; without groups.
pub(super) fn without_looks(hir: &Hir) -> Hir {
    let each = |parts: &[Hir]| parts.iter().map(without_looks).collect();
    match hir.kind() {
        HirKind::Look(_) => Hir::empty(),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) => hir.clone(),
        HirKind::Capture(capture) => without_looks(&capture.sub),
        HirKind::Repetition(own) => {
            Hir::repetition(regex_syntax::hir::Repetition { sub: Box::new(without_looks(&own.sub)), ..own.clone() })
        }
        HirKind::Concat(parts) => Hir::concat(each(parts)),
        HirKind::Alternation(parts) => Hir::alternation(each(parts)),
    }
}
