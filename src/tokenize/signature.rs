//! The fast path's view of a program: which structural bytes a regular record has, in which order.
//!
//! A pattern without choices gives each record the same sequence of structural bytes. Where stage 1 found just that
//! sequence, and the literals stand around it, the spans follow from the positions alone, and they are the ones the
//! exact parser would find: each field ends at the first place where its literal can begin, since an earlier one would
//! hold an earlier structural byte. Everything else goes to the exact parser.

use super::matcher::{find, rfind};
use super::program::{Class, Op, Program};
use crate::simd::{Field, Row, Structurals, Text};

/// See the module.
#[derive(Debug)]
pub(super) struct Signature {
    /// What stage 1 looks for.
    pub(super) structurals: Structurals,
    /// Where each capture lies. Slot 0 is the newline before the record.
    pub(super) fields: Vec<Field>,
    /// The slot of the newline that ends a record, if all slots before it are fixed.
    pub(super) newline_slot: usize,
    /// The last capture takes the rest of the line: any number of structural bytes may follow.
    tail: bool,
    /// One for each slot: looked at together, without a slot to look up.
    checks: Vec<Check>,
    /// What literals of more than eight bytes have behind those.
    more_checks: Vec<(u16, Check)>,
    /// The last literal ends the record: this far from this slot.
    ends: Option<(u16, u32)>,
    /// The pattern ends with these bytes, none of which is structural.
    last_literal: Box<[u8]>,
    /// Captures between two literals that could both lay claim to the same bytes.
    between: Vec<Field>,
    /// Captures that may not hold each text without structural bytes.
    classes: Vec<(Field, Class)>,
    regions: Vec<Region>,
    /// Slots of a corrected row.
    pub(super) width: usize,
    /// For each capture, the slot of the first structural byte behind its start; `None` if the pattern lacks it.
    pub(super) stops: Vec<Option<u16>>,
}

/// Eight bytes around a slot, compared under a mask.
#[derive(Clone, Debug, Default)]
struct Check {
    add: i32,
    want: u64,
    mask: u64,
}

impl Check {
    /// For the first eight of `bytes`, this far from a place.
    fn new(add: i32, bytes: &[u8]) -> Self {
        let part = &bytes[..bytes.len().min(8)];
        let mut want = [0; 8];
        want[..part.len()].copy_from_slice(part);
        let mask = if part.is_empty() { 0 } else { u64::MAX >> (64 - 8 * part.len()) };
        Self { add, want: u64::from_le_bytes(want), mask }
    }

    /// Zero if the bytes around `place` are those wanted.
    #[inline(always)]
    fn differs(&self, text: &Text, place: u32) -> u64 {
        (text.word(place.wrapping_add_signed(self.add)) ^ self.want) & self.mask
    }
}

/// A field between structural bytes that holds further captures, parted by literals without any.
#[derive(Debug)]
struct Region {
    whole: Field,
    parts: Vec<RegionPart>,
}

#[derive(Debug)]
struct RegionPart {
    class: Class,
    /// What stands behind the capture; empty for the last.
    literal: Box<[u8]>,
    /// The first eight bytes of it.
    check: Check,
    /// The slot of the capture's end; its number, until the slots are given out.
    slot: u16,
    /// The first byte of the literal is not in the capture.
    is_strict: bool,
}

/// Bytes worth being structural when a literal begins with one. A colon is not: times and IPv6 addresses are full of
/// them.
const DELIMITERS: [u8; 5] = [b' ', b'\t', b'|', b',', b';'];

impl Signature {
    /// The signature of a pattern without choices, or why it has none.
    pub(super) fn new(ops: &[Op], structurals: Structurals, captures: usize) -> Result<Self, &'static str> {
        if !ops.iter().any(|op| matches!(op, Op::Capture { .. })) {
            return Err("it may be without any field");
        }
        if ops.iter().any(|op| matches!(op, Op::Capture { class: Class::Escaped, .. })) {
            return Err("a backslash may take a separator along");
        }
        // The bytes around a position are compared wherever the record ends.
        if ops.iter().any(|op| matches!(op, Op::Literal(bytes) if bytes.contains(&b'\n'))) {
            return Err("a newline stands in a literal");
        }
        let mut build = Builder::new(structurals, captures);
        let mut ops = ops.iter().peekable();
        if let Some(Op::Literal(bytes)) = ops.peek() {
            build.leading_literal(bytes);
            ops.next();
        }
        while let Some(op) = ops.next() {
            let Op::Capture { index, class, lead, .. } = op else { return Err("two literals touch") };
            if lead.is_some() {
                return Err("a capture ends without a literal");
            }
            match ops.next() {
                None => build.last_capture(*index, *class)?,
                Some(Op::Literal(bytes)) => build.capture(*index, *class, bytes, ops.peek().is_none())?,
                Some(_) => return Err("two captures touch"),
            }
        }
        Ok(build.finish())
    }

    /// Rows are always written anew.
    pub(super) fn copies(&self) -> bool {
        self.tail || !self.regions.is_empty()
    }

    /// Whether the record whose slots these are is regular, up to `end`, where slot [`Signature::newline_slot`] (or the CR
    /// before it) stands. `window` starts at slot 0.
    #[inline(always)]
    pub(super) fn accepts(&self, text: &Text, window: &[u32], end: u32) -> bool {
        let mut differs = 0;
        for (place, check) in window.iter().zip(&self.checks) {
            differs |= check.differs(text, *place);
        }
        for (slot, check) in &self.more_checks {
            differs |= check.differs(text, window[usize::from(*slot)]);
        }
        let mut good = differs == 0;
        if let Some((slot, add)) = self.ends {
            good &= window[usize::from(slot)].wrapping_add(add) == end;
        }
        if !self.last_literal.is_empty() {
            good &= text.span(end.wrapping_sub(self.last_literal.len() as u32), end) == &*self.last_literal;
        }
        for field in &self.between {
            // The end of the record is where the carriage return is, if there is one.
            let is_last = usize::from(field.end_slot) == self.newline_slot;
            let place = if is_last { end } else { window[usize::from(field.end_slot)] };
            let start = window[usize::from(field.start_slot)].wrapping_add_signed(field.start_add);
            good &= start <= place.wrapping_add_signed(field.end_add);
        }
        good && self.classes.iter().all(|(field, class)| {
            let is_last = usize::from(field.end_slot) == self.newline_slot;
            let place = if is_last { end } else { window[usize::from(field.end_slot)] };
            let start = window[usize::from(field.start_slot)].wrapping_add_signed(field.start_add);
            let stop = place.wrapping_add_signed(field.end_add);
            start <= stop && class.holds(text.span(start, stop), text.span(stop, text.len() as u32))
        })
    }

    /// Whether the number of structural bytes varies.
    pub(super) fn has_tail(&self) -> bool {
        self.tail
    }

    /// Whether the last capture takes all of the record from the last fixed slot on, newlines too.
    pub(super) fn takes_rest(&self) -> bool {
        self.tail && self.regions.iter().all(|region| usize::from(region.whole.end_slot) != self.newline_slot)
    }

    /// Finds the ends of the captures inside regions of a corrected row; false if one does not fit.
    pub(super) fn cut_regions(&self, text: &Text, row: &mut [u32]) -> bool {
        for region in &self.regions {
            let Some((start, end)) = region.whole.span(row, Row::new(0, 0)) else { return false };
            let mut from = start;
            for (at, part) in region.parts.iter().enumerate() {
                let literal = &*part.literal;
                if part.is_strict {
                    let Some(place) = first(text, from, end, literal[0]) else { return false };
                    let behind = place + literal.len() as u32;
                    let is_there = part.check.differs(text, place) == 0
                        && behind <= end
                        && (literal.len() <= 8 || text.span(place, behind) == literal);
                    if !is_there || part.class != Class::Any && !part.class.holds(text.span(from, place), b"") {
                        return false;
                    }
                    row[usize::from(part.slot)] = place;
                    from = behind;
                    continue;
                }
                let rest = text.span(from, end);
                let len = match region.parts.get(at + 1) {
                    None => Some(rest.len()),
                    // Digits, up to the region's end, are behind the last place of what is no digit: `{ip:any}:{port:digits}`.
                    Some(RegionPart { class: Class::Digits, literal: behind, .. })
                        if behind.is_empty() && !literal[0].is_ascii_digit() =>
                    {
                        rfind(rest, literal)
                    }
                    Some(_) => find(rest, literal),
                };
                let Some(len) = len else { return false };
                if !part.class.holds(&rest[..len], text.span(from + len as u32, text.len() as u32)) {
                    return false;
                }
                row[usize::from(part.slot)] = from + len as u32;
                from += (len + literal.len()) as u32;
            }
        }
        true
    }
}

impl Signature {
    /// Takes the first place of a literal's first byte for its own, where the capture before it holds only `allowed` bytes.
    pub(super) fn end_strictly(&mut self, capture: usize, allowed: &[bool; 256]) {
        if self.stops[capture].is_some()
            && let Some(part) = self.region_part(capture)
        {
            part.is_strict = part.literal.first().is_some_and(|first| !allowed[usize::from(*first)]);
        }
    }

    /// The byte that a capture has not because it ends at the first one.
    pub(super) fn strict_end(&mut self, capture: usize) -> Option<u8> {
        let part = self.region_part(capture)?;
        part.literal.first().copied().filter(|_| part.is_strict)
    }

    fn region_part(&mut self, capture: usize) -> Option<&mut RegionPart> {
        let slot = self.fields[capture].end_slot;
        self.regions.iter_mut().flat_map(|region| &mut region.parts).find(|part| part.slot == slot)
    }
}

/// The first place of `byte` in `from..end`.
#[inline(always)]
fn first(text: &Text, from: u32, end: u32, byte: u8) -> Option<u32> {
    let mut at = from;
    while at < end {
        let mask = text.mask(at, [byte]);
        if mask != 0 {
            return Some(at + mask.trailing_zeros()).filter(|at| *at < end);
        }
        at += 64;
    }
    None
}

/// Chooses the structural bytes of a pattern without choices.
pub(super) fn structurals(program: &Program, ops: &[Op]) -> Result<Structurals, &'static str> {
    let mut delimiters = Vec::new();
    let mut quotes = false;
    let mut in_quotes = false;
    let mut quoted_escapes = None;
    // A quote that ends a capture without escapes, which an escaped quote may do too.
    let mut ends_plain = false;
    let mut is_plain = false;
    let mut needs_space = false;
    for op in ops {
        match op {
            Op::Literal(bytes) => {
                let first = bytes.iter().find(|byte| **byte == b'"' || DELIMITERS.contains(byte));
                ends_plain |= is_plain && first == Some(&b'"');
                quotes |= bytes.contains(&b'"');
                if !in_quotes
                    && let Some(first) = bytes.iter().find(|byte| DELIMITERS.contains(byte))
                    && !bytes.iter().any(|byte| delimiters.contains(byte))
                {
                    delimiters.push(*first);
                }
                in_quotes ^= bytes.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
            }
            Op::Capture { class, escapes, .. } => {
                is_plain = !*escapes && !in_quotes;
                if in_quotes {
                    if quoted_escapes.is_some_and(|known| known != *escapes) {
                        return Err("some quoted captures have escapes and some have none");
                    }
                    quoted_escapes = Some(*escapes);
                }
                needs_space |=
                    matches!(class, Class::Word | Class::Bare | Class::Dated | Class::Spaces(_) | Class::List);
            }
            Op::Optional { .. } => return Err("it has optional groups"),
            Op::Again(_) => return Err("a literal may stand any number of times"),
            Op::Tail(_) => return Err("it has parts that are found from the right"),
        }
    }
    if quoted_escapes == Some(false) && program.escapes {
        return Err("a backslash means something outside quotes, but nothing inside");
    }
    let escapes = quoted_escapes.unwrap_or(program.escapes);
    if ends_plain && escapes {
        return Err("a quote ends a capture without escapes");
    }
    if needs_space && !delimiters.contains(&b' ') {
        delimiters.push(b' ');
    }
    // Text behind the last field starts with one, which must not be taken for part of that field.
    if program.rules.extra && !delimiters.contains(&program.separator) {
        delimiters.push(program.separator);
    }
    if delimiters.len() > Structurals::MAX_DELIMITERS {
        return Err("it has more than four delimiters");
    }
    Ok(Structurals { delimiters, quotes, escapes })
}

/// Walks a pattern and counts its structural bytes.
struct Builder {
    out: Signature,
    in_quotes: bool,
    /// Slots used so far: the slot of the last structural byte.
    slot: u16,
    /// Where the next capture starts.
    start: (u16, i32),
    /// Captures of the region under way: index, class, the literal behind it.
    open: Vec<(u16, Class, Box<[u8]>)>,
}

impl Builder {
    fn new(structurals: Structurals, captures: usize) -> Self {
        let out = Signature {
            structurals,
            fields: vec![Field::default(); captures],
            newline_slot: 0,
            tail: false,
            checks: Vec::new(),
            more_checks: Vec::new(),
            ends: None,
            last_literal: Box::default(),
            between: Vec::new(),
            classes: Vec::new(),
            regions: Vec::new(),
            width: 0,
            stops: vec![None; captures],
        };
        Self { out, in_quotes: false, slot: 0, start: (0, 1), open: Vec::new() }
    }

    /// Offsets of the structural bytes of a literal that stands where the builder is.
    fn structural_offsets(&mut self, literal: &[u8]) -> Vec<usize> {
        let mut offsets = Vec::new();
        for (i, byte) in literal.iter().enumerate() {
            if *byte == b'"' && self.out.structurals.quotes {
                self.in_quotes = !self.in_quotes;
                offsets.push(i);
            } else if !self.in_quotes && self.out.structurals.delimiters.contains(byte) {
                offsets.push(i);
            }
        }
        offsets
    }

    fn check(&mut self, slot: u16, add: i32, literal: &[u8]) {
        for (i, part) in literal.chunks(8).enumerate() {
            let check = Check::new(add + 8 * i as i32, part);
            let own = usize::from(slot);
            self.out.checks.resize(self.out.checks.len().max(own + 1), Check::default());
            if self.out.checks[own].mask == 0 {
                self.out.checks[own] = check;
            } else {
                self.out.more_checks.push((slot, check));
            }
        }
    }

    fn leading_literal(&mut self, literal: &[u8]) {
        self.check(0, 1, literal);
        let offsets = self.structural_offsets(literal);
        self.slot += offsets.len() as u16;
        self.start = match offsets.last() {
            Some(last) => (self.slot, (literal.len() - last) as i32),
            None => (0, 1 + literal.len() as i32),
        };
    }

    /// A capture and the literal behind it.
    fn capture(&mut self, index: u16, class: Class, literal: &[u8], is_last: bool) -> Result<(), &'static str> {
        let quoted = self.in_quotes;
        let inner = self.inner_structurals(class, quoted)?;
        self.open.push((index, class, literal.into()));
        let offsets = self.structural_offsets(literal);
        let Some((first, last)) = offsets.first().zip(offsets.last()) else {
            if inner > 0 {
                return Err("a capture with spaces is followed by a literal without a delimiter");
            }
            if is_last {
                if quoted {
                    return Err("a quote is never closed");
                }
                // The end of the record ends it.
                self.out.last_literal = literal.into();
                self.close_region(self.slot + 1, -(literal.len() as i32));
                self.finish_slots();
            }
            return Ok(());
        };
        self.slot += inner;
        let end_slot = self.slot + 1;
        self.check(end_slot, -(*first as i32), literal);
        self.close_region(end_slot, -(*first as i32));
        self.slot += offsets.len() as u16;
        self.start = (self.slot, (literal.len() - last) as i32);
        if is_last {
            self.out.ends = Some((self.slot, (literal.len() - last) as u32));
            self.finish_slots();
        }
        Ok(())
    }

    /// A capture that the end of the record ends.
    fn last_capture(&mut self, index: u16, class: Class) -> Result<(), &'static str> {
        if self.in_quotes {
            return Err("a quote is never closed");
        }
        self.open.push((index, class, Box::default()));
        if matches!(class, Class::Any | Class::Object) {
            self.out.tail = true;
        } else {
            self.slot += self.inner_structurals(class, false)?;
        }
        self.close_region(self.slot + 1, 0);
        self.finish_slots();
        Ok(())
    }

    fn inner_structurals(&mut self, class: Class, quoted: bool) -> Result<u16, &'static str> {
        match class {
            Class::Padded(_) | Class::Trimmed(_) => Err("a capture is padded with spaces"),
            Class::Bytes(_) => Err("a capture ends without a literal"),
            Class::Spaces(count) if !quoted => {
                for i in 0..u16::from(count) {
                    self.check(self.slot + 1 + i, 0, b" ");
                }
                Ok(u16::from(count))
            }
            Class::Word | Class::Bare | Class::Dated | Class::Spaces(_) | Class::List if quoted => {
                Err("a quoted capture says what spaces it may hold")
            }
            _ => Ok(0),
        }
    }

    /// The captures since the last structural byte end here.
    fn close_region(&mut self, end_slot: u16, end_add: i32) {
        let open = std::mem::take(&mut self.open);
        let (start_slot, start_add) = self.start;
        let whole = Field { start_slot, start_add, end_slot, end_add };
        for (index, ..) in &open {
            self.out.stops[usize::from(*index)] = Some(end_slot);
        }
        if let [(index, class, _)] = &open[..] {
            self.out.fields[usize::from(*index)] = whole;
            let is_told = match class {
                Class::Digits | Class::List | Class::Object | Class::Dated => false,
                Class::Bare => self.out.structurals.quotes && !self.out.structurals.escapes,
                _ => true,
            };
            if !is_told {
                self.out.classes.push((whole, *class));
            }
            if start_add > 1 && end_add < 0 {
                self.out.between.push(whole);
            }
            return;
        }
        // Slots for the ends of these captures are given out once the fixed ones are counted.
        let last = open.len() - 1;
        let parts = open.into_iter().enumerate().map(|(i, (slot, class, literal))| {
            let literal = if i == last { Box::default() } else { literal };
            RegionPart { class, check: Check::new(0, &literal), literal, slot, is_strict: false }
        });
        self.out.regions.push(Region { whole, parts: parts.collect() });
    }

    fn finish_slots(&mut self) {
        self.out.newline_slot = usize::from(self.slot) + 1;
    }

    /// Gives the captures in regions their slots.
    fn finish(mut self) -> Signature {
        let newline_slot = self.out.newline_slot as u16;
        let mut slot = newline_slot + 1;
        for region in &mut self.out.regions {
            let (mut start_slot, mut start_add) = (region.whole.start_slot, region.whole.start_add);
            for part in &mut region.parts {
                let field = Field { start_slot, start_add, end_slot: slot, end_add: 0 };
                self.out.fields[usize::from(part.slot)] = field;
                part.slot = slot;
                (start_slot, start_add) = (slot, part.literal.len() as i32);
                slot += 1;
            }
        }
        self.out.width = usize::from(slot);
        self.out
    }
}
