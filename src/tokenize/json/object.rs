//! Objects whose keys are known, and the objects within them: one loop over all members.

use super::keys::{Kind, Place};
use super::scalar::{Scalar, is_short_integer, not_blank, scalar, trimmed};
use super::walk::{MISSING, NULL, Walk, Walked, wrong};
use super::{MAX_DEPTH, NONE, Wrong};
use crate::simd::Text;

/// An object within which another is walked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outer {
    node: u16,
    /// The number of the key whose value the inner one is.
    key: u32,
}

impl Walk<'_> {
    /// The members of an object of a known kind; `at` stands at its brace, then at the one that closes it.
    pub(super) fn object(&mut self, node: u16, base: usize) -> Walked {
        let bottom = self.outer.len();
        let walked = self.members(node, base, bottom);
        self.outer.truncate(bottom);
        walked
    }

    #[inline(never)]
    fn members(&mut self, mut node: u16, base: usize, bottom: usize) -> Walked {
        let mut open = self.position(self.at);
        let mut place = self.keys.start(node);
        loop {
            if let Some(last) = self.simple(node, self.keys.next(place), true, base) {
                place = Place::behind(last);
            }
            // `at` stands where a member begins, or behind the last one.
            let before = self.position(self.at);
            let byte = self.byte(before);
            if byte == b',' || before == open {
                let Some(number) = self.key(node, (before, open), place)? else {
                    // An empty object: it is at its end now, as others are behind their last member.
                    open = u32::MAX;
                    continue;
                };
                if let Some(last) = self.simple(node, number, false, base) {
                    place = Place::behind(last);
                    continue;
                }
                place = Place::behind(number);
                if let Some(inner) = self.enter(number, base)? {
                    self.outer.push(Outer { node, key: number });
                    (node, place, open) = (inner, Place::within(number), self.position(self.at));
                } else {
                    self.member(number, node, before, base)?;
                }
            } else if byte == b'}' {
                if self.outer.len() == bottom {
                    return Ok(());
                }
                if let Some(outer) = self.outer.pop() {
                    (node, place) = (outer.node, Place::behind(outer.key));
                }
                self.depth -= 1;
                self.at += 1;
                let next = self.position(self.at);
                if let Some(at) = not_blank(self.text, before + 1, next) {
                    return Err(wrong(Wrong::SEPARATOR, at));
                }
            } else {
                return Err(wrong(Wrong::BRACE, before));
            }
        }
    }

    /// Walks over members as long as their keys are known and their values scalars where nothing else is wanted: most of a
    /// log. The first key is `number`; each other one is the one expected as long as all `is_regular`. Gives the number of
    /// the last.
    #[inline(never)]
    fn simple(&mut self, node: u16, mut number: u32, mut is_regular: bool, base: usize) -> Option<u32> {
        let (text, index, keys) = (self.text, self.index, &*self.keys);
        let row = self.tape.positions.get_mut(base..).unwrap_or_default();
        let (mut at, mut last) = (self.at, None);
        while let Some(&[before, colon, end]) = index.get(at..at + 3).and_then(|three| three.first_chunk()) {
            if !is_regular && last.is_some() {
                // Where keys are in an order of their own, to guess costs more than to look up.
                if text.byte(before) != b',' || text.byte(colon) != b':' {
                    break;
                }
                let Some(found) = keys.look_up(text, node, before, colon) else { break };
                is_regular = found == number;
                number = found;
            }
            let Some(key) = keys.get(number) else { break };
            if !key.is_at(text, before) {
                break;
            }
            let start = before + key.len;
            if start >= end || !matches!(text.byte(end), b',' | b'}') {
                break;
            }
            let span = if text.byte(start) == b'"' {
                // Between two structural bytes stands one scalar; so what begins with a quote ends with its own.
                if start + 1 >= end || text.byte(end - 1) != b'"' {
                    break;
                }
                [start + 1, end - 1]
            } else if is_short_integer(text.word(start), end.wrapping_sub(start)) {
                [start, end]
            } else if let Some(span) = plain(text, start, end) {
                span
            } else {
                break;
            };
            match key.kind {
                Kind::Text => match row.get_mut(key.place as usize..key.place as usize + 2) {
                    Some(place) if *place == MISSING => place.copy_from_slice(&span),
                    _ => break,
                },
                Kind::Idle => self.has_extra |= key.want.is_extra,
                Kind::Object | Kind::Any => break,
            }
            last = Some(number);
            at += 2;
            number = key.next();
        }
        self.at = at;
        last
    }

    /// Enters the value of a key if it is an object whose members this loop walks; gives its kind.
    #[inline(always)]
    fn enter(&mut self, number: u32, base: usize) -> Walked<Option<u16>> {
        let (before, brace) = (self.position(self.at), self.position(self.at + 2));
        let Some(key) = self.keys.get(number) else { return Ok(None) };
        let inner = match key.kind {
            Kind::Idle => self.keys.idle_node(),
            Kind::Object => key.want.node,
            Kind::Text | Kind::Any => return Ok(None),
        };
        if brace != before + key.len || self.byte(brace) != b'{' {
            return Ok(None);
        }
        let want = key.want;
        self.at += 2;
        if self.depth == MAX_DEPTH {
            return Err(wrong(Wrong::DEPTH, brace));
        }
        self.depth += 1;
        self.has_extra |= want.is_extra;
        if want.inside != NONE {
            self.forget_seen(want, base);
            self.put(base, want.inside, [brace, brace + 1]);
        }
        Ok(Some(inner))
    }

    /// The value of a key, whatever it is; `at` stands before the key, then at what ends the value.
    #[inline(never)]
    fn member(&mut self, number: u32, node: u16, before: u32, base: usize) -> Walked {
        let Some(want) = self.keys.get(number).map(|key| key.want) else { return Ok(()) };
        self.at += 1;
        let from = self.position(self.at) + 1;
        self.value(want, from, base)?;
        self.has_extra |= want.is_extra;
        if want.is_extra && self.grammar.keeps_extra {
            let (start, end) = trimmed(self.text, before + 1, self.position(self.at));
            self.pieces.push([start, end, u32::from(node)]);
        }
        Ok(())
    }

    /// The number of the key that stands behind `before`, where it may be another than expected; nothing at the end of
    /// an empty object.
    #[inline(never)]
    fn key(&mut self, node: u16, (before, open): (u32, u32), place: Place) -> Walked<Option<u32>> {
        let colon = self.position(self.at + 1);
        if self.byte(colon) != b':' {
            return self.empty(before, open, colon).map(|()| None);
        }
        let expected = self.keys.next(place);
        if self.keys.get(expected).is_some_and(|key| key.is_at(self.text, before)) {
            return Ok(Some(expected));
        }
        let end = self.position(self.at + 2);
        match self.keys.find(self.text, node, (before, colon, end), place) {
            Some(number) => Ok(Some(number)),
            None => Err(self.no_key(before + 1, colon)),
        }
    }

    /// What stands where a key should: the brace that closes an empty object, or something wrong.
    #[cold]
    pub(super) fn empty(&mut self, before: u32, open: u32, next: u32) -> Walked {
        if let Some(at) = not_blank(self.text, before + 1, next) {
            let what = if self.text.byte(at) == b'"' { Wrong::COLON } else { Wrong::KEY };
            return Err(wrong(what, if what == Wrong::COLON { next } else { at }));
        }
        if self.byte(next) != b'}' || before != open {
            return Err(wrong(Wrong::KEY, next));
        }
        self.at += 1;
        Ok(())
    }

    #[cold]
    pub(super) fn no_key(&self, from: u32, colon: u32) -> Wrong {
        let (start, end) = trimmed(self.text, from, colon);
        let is_open = self.text.byte(start) == b'"' && start < end;
        wrong(if is_open { Wrong::QUOTE } else { Wrong::KEY }, if is_open { end } else { start })
    }
}

/// The span of a number or a word, of `null` its own.
#[inline(never)]
fn plain(text: &Text, start: u32, end: u32) -> Option<[u32; 2]> {
    match scalar(text, start, end) {
        Some(Scalar::Plain) => Some([start, end]),
        Some(Scalar::Null) => Some(NULL),
        _ => None,
    }
}
