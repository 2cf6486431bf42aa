//! One record: a walk over its structural bytes that checks all of it and writes down where what is wanted lies.

use super::keys::Keys;
use super::object::Outer;
use super::scalar::{Scalar, not_blank, scalar, trimmed};
use super::seen::Seen;
use super::{JsonGrammar, MAX_DEPTH, MAX_POSITIONS, NONE, Want, Wrong, record_slots};
use crate::simd::{Row, Text};
use crate::tokenize::tape::{Conflict, Tape};

/// A span that is not there.
pub(super) const MISSING: [u32; 2] = [1, 0];
/// The span of a `null`: not there either, but said.
pub(super) const NULL: [u32; 2] = [2, 0];

/// A piece of extra text: where it starts and ends, and the number of the object it is a member of.
pub(super) type Piece = [u32; 3];

/// Walks through records; borrows all that lasts longer than one.
pub(super) struct Walk<'a> {
    pub(super) text: &'a Text,
    /// The structural bytes, in order.
    pub(super) index: &'a [u32],
    /// Where they end, and what is read behind the last of them.
    pub(super) end: u32,
    /// The structural byte under way, as an index into `index`; one less than zero before the first (wrapping).
    pub(super) at: usize,
    pub(super) grammar: &'a JsonGrammar,
    pub(super) keys: &'a mut Keys,
    /// The objects within which the one under way lies, as far as its loop has entered them.
    pub(super) outer: &'a mut Vec<Outer>,
    pub(super) tape: &'a mut Tape,
    /// Members that no column asks for.
    pub(super) pieces: &'a mut Vec<Piece>,
    pub(super) depth: u32,
    /// The record ends with its last brace, whatever is behind it.
    pub(super) is_value: bool,
    /// Whether the record has members that no column asks for.
    pub(super) has_extra: bool,
}

pub(super) type Walked<T = ()> = Result<T, Wrong>;

#[cold]
pub(super) fn wrong(what: u16, at: u32) -> Wrong {
    Wrong { what, at }
}

impl Walk<'_> {
    #[inline(always)]
    pub(super) fn position(&self, at: usize) -> u32 {
        self.index.get(at).copied().unwrap_or(self.end)
    }

    /// The structural byte at `at`; a newline behind the last.
    #[inline(always)]
    pub(super) fn byte(&self, at: u32) -> u8 {
        if at < self.end { self.text.byte(at) } else { b'\n' }
    }

    /// The record whose text starts at `start`: a value, and white space up to the newline that ends it, where one does.
    /// `base` is where its row begins.
    pub(super) fn record(&mut self, start: u32, base: usize) -> Walked {
        let root = self.grammar.root;
        let first = self.at.wrapping_add(1);
        if root == JsonGrammar::ROOT && self.position(first) == start && self.byte(start) == b'{' {
            (self.at, self.depth) = (first, 1);
            self.object(root.node, base)?;
            let end = self.position(self.at) + 1;
            self.put(base, root.inside, [start, end]);
            self.at += 1;
            if self.is_value {
                return Ok(());
            }
            if let Some(at) = not_blank(self.text, end, self.position(self.at)) {
                return Err(wrong(Wrong::SEPARATOR, at));
            }
        } else {
            self.value(root, start, base)?;
            if self.is_value {
                return Ok(());
            }
        }
        let last = self.position(self.at);
        if self.byte(last) == b'\n' { Ok(()) } else { Err(wrong(Wrong::TRAILING, last)) }
    }

    /// A value whose text starts at `from`, before which `at` stands; then `at` stands at what ends it.
    pub(super) fn value(&mut self, want: Want, from: u32, base: usize) -> Walked {
        let next = self.position(self.at.wrapping_add(1));
        match self.byte(next) {
            b',' | b'}' | b']' | b'\n' => {
                self.at = self.at.wrapping_add(1);
                self.scalar(want, from, next, base)
            }
            b'{' | b'[' => self.container(want, from, next, base),
            _ => {
                let (start, _) = trimmed(self.text, from, next);
                Err(wrong(if start == next { Wrong::VALUE } else { Wrong::SEPARATOR }, next))
            }
        }
    }

    fn scalar(&mut self, want: Want, from: u32, to: u32, base: usize) -> Walked {
        let (start, end) = trimmed(self.text, from, to);
        let Some(found) = scalar(self.text, start, end) else { return Err(self.no_scalar(start, end)) };
        if !want.is_idle() {
            self.store(want, found, (start, end), base);
        }
        Ok(())
    }

    /// Writes down where a scalar lies.
    fn store(&mut self, want: Want, found: Scalar, (start, end): (u32, u32), base: usize) {
        self.forget_seen(want, base);
        let (span, raw) = match found {
            Scalar::Text => ([start + 1, end - 1], [start, end]),
            Scalar::Plain => ([start, end], [start, end]),
            Scalar::Null => (NULL, NULL),
        };
        if want.text != NONE {
            self.put(base, want.text, span);
        }
        if want.raw != NONE {
            self.put(base, want.raw, raw);
        }
        if want.inside != NONE {
            self.put(base, want.inside, NULL);
            if found != Scalar::Null && want.text == NONE && want.raw == NONE {
                self.conflict(base, want.inside, start, end);
            }
        }
    }

    #[cold]
    fn no_scalar(&self, start: u32, end: u32) -> Wrong {
        match self.text.byte(start) {
            _ if start == end => wrong(Wrong::VALUE, start),
            b'"' => wrong(Wrong::QUOTE, end),
            b'-' | b'0'..=b'9' => wrong(Wrong::NUMBER, start),
            _ => wrong(Wrong::VALUE, start),
        }
    }

    /// An object or an array that starts at `start`.
    fn container(&mut self, want: Want, from: u32, start: u32, base: usize) -> Walked {
        if let Some(at) = not_blank(self.text, from, start) {
            return Err(wrong(Wrong::SEPARATOR, at));
        }
        if self.depth == MAX_DEPTH {
            return Err(wrong(Wrong::DEPTH, start));
        }
        self.at = self.at.wrapping_add(1);
        self.depth += 1;
        let is_object = self.text.byte(start) == b'{';
        if !want.is_idle() {
            self.forget_seen(want, base);
        }
        match (is_object, want.node != NONE, want.table) {
            (true, true, _) => self.object(want.node, base)?,
            (_, _, table) if table != NONE && self.grammar.tables[usize::from(table)].is_map == is_object => {
                let first = self.tape.children[usize::from(table)].len() as u32;
                if is_object {
                    self.map(table)?
                } else {
                    self.list(table)?
                }
                let end = self.tape.children[usize::from(table)].len() as u32;
                self.put(base, want.inside, [first, end]);
            }
            _ => self.skip()?,
        }
        self.depth -= 1;
        let end = self.position(self.at) + 1;
        if want.node != NONE && is_object {
            self.put(base, want.inside, [start, end]);
        } else if want.inside != NONE && !self.is_set(base, want.inside) {
            self.put(base, want.inside, NULL);
            if want.text == NONE && want.raw == NONE {
                self.conflict(base, want.inside, start, end);
            }
        }
        if want.raw != NONE {
            self.put(base, want.raw, [start, end]);
        } else if want.text != NONE {
            self.put(base, want.text, NULL);
            if want.inside == NONE || !self.is_set(base, want.inside) {
                self.conflict(base, want.text, start, end);
            }
        }
        // What ends the value.
        self.at += 1;
        let next = self.position(self.at);
        match not_blank(self.text, end, next) {
            Some(at) => Err(wrong(Wrong::SEPARATOR, at)),
            None => Ok(()),
        }
    }

    /// The elements of a list, a child row each.
    fn list(&mut self, table: u16) -> Walked {
        let item = self.grammar.tables[usize::from(table)].item;
        let open = self.position(self.at);
        let mut before = open;
        let next = self.position(self.at + 1);
        if self.byte(next) == b']' && not_blank(self.text, open + 1, next).is_none() {
            self.at += 1;
            return Ok(());
        }
        loop {
            let base = self.child(table)?;
            self.value(item, before + 1, base)?;
            let end = self.position(self.at);
            match self.byte(end) {
                b',' => before = end,
                b']' => return Ok(()),
                _ => return Err(wrong(Wrong::BRACKET, end)),
            }
        }
    }

    /// The members of an object whose keys are data, a child row each. Of two with one key, the last counts.
    fn map(&mut self, table: u16) -> Walked {
        let item = self.grammar.tables[usize::from(table)].item;
        let open = self.position(self.at);
        let mut before = open;
        let mut seen = Seen::default();
        loop {
            let colon = self.position(self.at + 1);
            if self.byte(colon) != b':' {
                return self.empty(before, open, colon);
            }
            let (start, end) = trimmed(self.text, before + 1, colon);
            if scalar(self.text, start, end) != Some(Scalar::Text) {
                return Err(self.no_key(before + 1, colon));
            }
            let base = match seen.place(self.text, (start + 1, end - 1), self.tape.positions.len()) {
                Some(base) => self.again(table, base),
                None => self.child(table)?,
            };
            self.put(base, 0, [start + 1, end - 1]);
            self.at += 1;
            self.value(item, colon + 1, base)?;
            let end = self.position(self.at);
            match self.byte(end) {
                b',' => before = end,
                b'}' => return Ok(()),
                _ => return Err(wrong(Wrong::BRACE, end)),
            }
        }
    }

    /// A new row of a table; gives where it begins.
    fn child(&mut self, table: u16) -> Walked<usize> {
        let base = self.tape.positions.len();
        if base > MAX_POSITIONS {
            return Err(wrong(Wrong::ITEMS, self.position(self.at)));
        }
        let slots = self.grammar.tables[usize::from(table)].slots;
        self.tape.positions.extend(std::iter::repeat_n(MISSING, slots.into()).flatten());
        self.tape.children[usize::from(table)].push(Row::new(base as u32, 0));
        Ok(base)
    }

    /// The row at `base` of a table, emptied: its key is there again.
    #[cold]
    fn again(&mut self, table: u16, base: usize) -> usize {
        self.tape.duplicates += 1;
        for slot in 0..self.grammar.tables[usize::from(table)].slots {
            self.put(base, slot, MISSING);
        }
        self.tape.conflicts.retain(|known| known.base as usize != base);
        base
    }

    /// Passes over an object or an array, at whose start `at` stands, and checks it; then `at` stands at its end.
    fn skip(&mut self) -> Walked {
        // A bit for each container that is open, set for objects: the last one lowest.
        let mut open = 0_u128;
        let bottom = self.depth;
        'open: loop {
            open = open << 1 | u128::from(self.byte(self.position(self.at)) == b'{');
            let start = self.position(self.at);
            let mut before = start;
            'item: loop {
                let mut next = self.position(self.at + 1);
                let mut from = before + 1;
                if open & 1 == 1 {
                    if self.byte(next) == b':' {
                        let (key, end) = trimmed(self.text, from, next);
                        if scalar(self.text, key, end) != Some(Scalar::Text) {
                            return Err(self.no_key(from, next));
                        }
                        from = next + 1;
                        self.at += 1;
                        next = self.position(self.at + 1);
                    } else {
                        self.empty(before, start, next)?;
                        from = u32::MAX;
                    }
                } else if self.byte(next) == b']' && before == start && not_blank(self.text, from, next).is_none() {
                    self.at += 1;
                    from = u32::MAX;
                }
                if from != u32::MAX {
                    self.at += 1;
                    match self.byte(next) {
                        b'{' | b'[' => {
                            if let Some(at) = not_blank(self.text, from, next) {
                                return Err(wrong(Wrong::SEPARATOR, at));
                            }
                            if self.depth == MAX_DEPTH {
                                return Err(wrong(Wrong::DEPTH, next));
                            }
                            self.depth += 1;
                            continue 'open;
                        }
                        b',' | b'}' | b']' => {
                            let (start, end) = trimmed(self.text, from, next);
                            if scalar(self.text, start, end).is_none() {
                                return Err(self.no_scalar(start, end));
                            }
                        }
                        b':' => return Err(wrong(Wrong::SEPARATOR, next)),
                        _ => {
                            let (start, end) = trimmed(self.text, from, next);
                            if scalar(self.text, start, end).is_none() {
                                return Err(self.no_scalar(start, end));
                            }
                            return Err(wrong(if open & 1 == 1 { Wrong::BRACE } else { Wrong::BRACKET }, next));
                        }
                    }
                }
                // `at` stands behind a value, or at the end of an empty container.
                loop {
                    let last = self.position(self.at);
                    match (self.byte(last), open & 1) {
                        (b',', _) => {
                            before = last;
                            continue 'item;
                        }
                        (b'}', 1) | (b']', 0) => {}
                        (_, 1) => return Err(wrong(Wrong::BRACE, last)),
                        _ => return Err(wrong(Wrong::BRACKET, last)),
                    }
                    if self.depth == bottom {
                        return Ok(());
                    }
                    self.depth -= 1;
                    open >>= 1;
                    let next = self.position(self.at + 1);
                    if let Some(at) = not_blank(self.text, last + 1, next) {
                        return Err(wrong(Wrong::SEPARATOR, at));
                    }
                    self.at += 1;
                }
            }
        }
    }

    #[inline(always)]
    pub(super) fn put(&mut self, base: usize, slot: u16, span: [u32; 2]) {
        if slot == NONE {
            return;
        }
        self.put_at(base + 2 * usize::from(slot), span);
    }

    #[inline(always)]
    pub(super) fn put_at(&mut self, at: usize, span: [u32; 2]) {
        if let Some(place) = self.tape.positions.get_mut(at..at + 2) {
            place.copy_from_slice(&span);
        }
    }

    /// Whether a span is there.
    #[inline(always)]
    fn is_set(&self, base: usize, slot: u16) -> bool {
        let at = base + 2 * usize::from(slot);
        self.tape.positions.get(at..at + 2).is_some_and(|span| span[0] <= span[1])
    }

    /// Forgets what an earlier member of the same key has left, if there was one.
    #[inline(always)]
    pub(super) fn forget_seen(&mut self, want: Want, base: usize) {
        let at = base + 2 * usize::from(want.any_slot());
        if self.tape.positions.get(at..at + 2).is_some_and(|span| span != MISSING) {
            self.forget(want, base);
        }
    }

    #[cold]
    fn forget(&mut self, want: Want, base: usize) {
        self.tape.duplicates += 1;
        for slot in record_slots(self.grammar, want) {
            self.put(base, slot, MISSING);
        }
        self.tape
            .conflicts
            .retain(|known| known.base as usize != base || !record_slots(self.grammar, want).contains(&known.slot));
    }

    #[cold]
    fn conflict(&mut self, base: usize, slot: u16, start: u32, end: u32) {
        self.tape.conflicts.push(Conflict { base: base as u32, slot, start, end });
    }
}
