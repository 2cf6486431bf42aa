//! Parts at the end of a record, found from the right.
//!
//! nginx writes what it knows of a request behind each message of its error log (`, client: ..., server: ...`) and quotes
//! nothing, so that text in a message may look just like it. The writer's own parts come last. They are looked for from
//! the end of the record: the last part begins at the last place from which it fits, the one before it at the last
//! place before that, and so on; another place is tried where these leave no way to the first part, which must be there.

use memchr::{memmem, memrchr};

use super::program::Class;

/// Parts at the end of a record, each there or not but for the first; in this order, with nothing between.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    parts: Box<[TailPart]>,
    /// What every part begins with.
    separator: Box<[u8]>,
}

/// One part of a [`Tail`]: text, a span, and text again.
#[derive(Clone, Debug, PartialEq)]
pub struct TailPart {
    /// What it begins with.
    pub before: Box<[u8]>,
    /// The number of its capture.
    pub index: u16,
    /// Which bytes the capture may hold. One with nothing behind it holds no quote either.
    pub class: Class,
    /// What it ends with: a quote, or nothing.
    pub behind: Box<[u8]>,
}

/// Where a tail is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// Where it begins.
    pub(super) start: usize,
    /// Where parts of other names begin, behind those of ours.
    pub(super) rest: Option<usize>,
}

/// How the record ends.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// With a part of ours.
    Whole,
    /// With parts of other names, behind the first place where one can begin.
    Others,
    /// Within a part of ours, whose end is missing: nginx cuts a line at 2048 bytes.
    Cut,
}

/// Places tried for the parts of one record; a record that fits needs about one a part.
const MAX_TRIES: u32 = 1024;

/// Longer names are none.
const MAX_NAME_BYTES: usize = 40;

impl Tail {
    /// A tail of these parts; `None` if there are none, or they do not begin alike.
    pub fn new(parts: Vec<TailPart>) -> Option<Self> {
        let first = parts.first()?;
        let alike = |part: &TailPart| first.before.iter().zip(&part.before).take_while(|(a, b)| a == b).count();
        let len = parts.iter().map(alike).min()?;
        // The name of a lone part is no separator.
        let len = len.min(first.before.iter().position(u8::is_ascii_alphanumeric).unwrap_or(len));
        let separator = first.before[..len].into();
        (len > 0).then_some(Self { parts: parts.into(), separator })
    }

    /// The parts.
    pub fn parts(&self) -> &[TailPart] {
        &self.parts
    }

    /// Finds the tail of `record` at or behind `from`, and puts the spans of its parts in their places.
    pub(super) fn find(&self, record: &[u8], from: usize, spans: &mut [(u32, u32)]) -> Option<Found> {
        memmem::find(&record[from..], &self.parts[0].before)?;
        [End::Whole, End::Others, End::Cut].into_iter().find_map(|end| {
            let mut search = Search { tail: self, record, from, spans, tries: 0, rest: None };
            let start = search.run(record.len(), self.parts.len(), end)?;
            Some(Found { start, rest: search.rest })
        })
    }

    /// Whether a part of another name begins here: the separator, a name, a colon.
    fn is_other(&self, bytes: &[u8]) -> bool {
        if self.parts.iter().any(|part| bytes.starts_with(&part.before)) {
            return false;
        }
        let Some(rest) = bytes.strip_prefix(&*self.separator) else { return false };
        let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || b" _-/".contains(byte);
        let len = rest.iter().take(MAX_NAME_BYTES).take_while(|byte| in_name(byte)).count();
        len > 0 && rest[0] != b' ' && rest.get(len) == Some(&b':')
    }
}

struct Search<'a> {
    tail: &'a Tail,
    record: &'a [u8],
    from: usize,
    spans: &'a mut [(u32, u32)],
    tries: u32,
    rest: Option<usize>,
}

impl Search<'_> {
    /// Finds some of the first `count` parts, the last of which ends at `end`; gives where the first begins. Recursion is
    /// as deep as there are parts.
    fn run(&mut self, end: usize, count: usize, how: End) -> Option<usize> {
        let mut at = end;
        while let Some(place) = memrchr(self.tail.separator[0], &self.record[self.from..at]) {
            at = self.from + place;
            for number in (0..count).rev() {
                let part = &self.tail.parts[number];
                if !self.record[at..end].starts_with(&part.before) {
                    continue;
                }
                self.tries += 1;
                if self.tries > MAX_TRIES {
                    return None;
                }
                let value = at + part.before.len();
                let Some((value_end, rest)) = self.value_end(part, value, end, how) else { continue };
                let start = if number == 0 { Some(at) } else { self.run(at, number, End::Whole) };
                if start.is_some() {
                    self.spans[usize::from(part.index)] = (value as u32, value_end as u32);
                    self.rest = self.rest.or(rest);
                    return start;
                }
            }
        }
        None
    }

    /// Where the value that begins at `value` ends, and where other parts begin behind it.
    fn value_end(&self, part: &TailPart, value: usize, end: usize, how: End) -> Option<(usize, Option<usize>)> {
        let text = &self.record[value..end];
        let (len, rest) = match how {
            End::Whole => (text.strip_suffix(&*part.behind)?.len(), None),
            End::Cut if part.behind.is_empty() => return None,
            End::Cut => (text.len(), None),
            End::Others => {
                let is_end = |at: &usize| {
                    let behind = text[*at..].strip_prefix(&*part.behind);
                    behind.is_some_and(|behind| self.tail.is_other(behind))
                };
                let first = part.behind.first().unwrap_or(&self.tail.separator[0]);
                let len = memchr::memchr_iter(*first, text).find(is_end)?;
                (len, Some(value + len + part.behind.len() + self.tail.separator.len()))
            }
        };
        let span = &text[..len];
        let quoted = !part.behind.is_empty();
        (part.class.holds(span, &text[len..]) && (quoted || !span.contains(&b'"'))).then_some((value + len, rest))
    }
}
