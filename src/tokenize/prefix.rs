//! How far an irregular record is regular: the exact parser goes on from there.
//!
//! Most records that are no regular ones are so near their end, where a field is missing, cut off, or not what it should
//! be. Up to there the positions of stage 1 say where each capture ends: at the first structural byte behind its start,
//! if that belongs to the literal behind it, since an earlier place of that literal would have held an earlier structural
//! byte. That is the first end the exact parser tries. Where it fails later on, it goes back to the captures found here
//! that may end in another place too.

use super::matcher::Ends;
use super::program::{Class, Op, Program};
use crate::simd::{Structurals, Text};

/// The captures that can be found so, from the start of a program's records.
#[derive(Debug, Default)]
pub(super) struct Prefix {
    /// What records begin with.
    lead: Option<Literal>,
    captures: Vec<Known>,
}

/// A literal of up to eight bytes, and its structural ones.
#[derive(Debug)]
struct Literal {
    len: u32,
    want: u64,
    mask: u64,
    /// Places of the first and the last structural byte.
    first: u32,
    last: u32,
    count: usize,
}

/// A capture and the literal behind it.
#[derive(Debug)]
struct Known {
    step: usize,
    index: usize,
    class: Class,
    /// Structural bytes that it holds: spaces.
    inner: usize,
    behind: Literal,
    /// The exact parser may end it in another place.
    has_other_ends: bool,
}

/// Where the exact parser goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Walked {
    pub(super) step: usize,
    pub(super) at: usize,
    /// Captures that were found.
    pub(super) count: usize,
}

impl Prefix {
    /// The prefix of a program for which stage 1 finds `structurals`; empty where there is none.
    pub(super) fn new(program: &Program, structurals: &Structurals) -> Self {
        let mut out = Self::default();
        let [ops] = &program.alternatives[..] else { return out };
        // What goes on over several lines has other rules.
        if program.rules.starts.is_some() {
            return out;
        }
        let mut in_quotes = false;
        let mut step = 0;
        if let [Op::Literal(bytes), Op::Capture { .. }, ..] = &ops[..] {
            let Some(lead) = Literal::new(bytes, structurals, &mut in_quotes) else { return out };
            out.lead = Some(lead);
            step = 1;
        }
        while let [Op::Capture { index, class, escapes, lead: None }, Op::Literal(bytes), ..] = &ops[step..] {
            let quoted = in_quotes;
            let Some(behind) = Literal::new(bytes, structurals, &mut in_quotes) else { break };
            let ends_with_quote = bytes[behind.first as usize] == b'"';
            let is_told = match class {
                _ if *escapes => structurals.escapes && bytes[0] == b'"' && *class == Class::Any,
                // An escaped quote is not structural, and may end what knows no escapes.
                _ if ends_with_quote && structurals.escapes => false,
                Class::Any | Class::Digits => true,
                Class::Word | Class::Bare | Class::Spaces(_) => !quoted && structurals.delimiters.contains(&b' '),
                _ => false,
            };
            if !is_told {
                break;
            }
            let inner = if let Class::Spaces(count) = class { usize::from(*count) } else { 0 };
            let has_other_ends = !*escapes && !class.ends_before(bytes[0]);
            out.captures.push(Known { step, index: usize::from(*index), class: *class, inner, behind, has_other_ends });
            step += 2;
        }
        out
    }

    /// Finds captures of the record at `start..end` by the structural positions in it, and puts their spans, counted from
    /// `start`, in their places.
    pub(super) fn walk(
        &self,
        text: &Text,
        (start, end): (u32, u32),
        places: &[u32],
        spans: &mut [(u32, u32)],
    ) -> Walked {
        let mut places = places;
        // Where the literal that was found last ends.
        let mut at = start;
        if let Some(lead) = &self.lead {
            if !lead.stands(text, start, end, places) {
                return Walked::default();
            }
            at += lead.len;
            places = &places[lead.count..];
        }
        let mut count = 0;
        for Known { index, class, inner, behind, .. } in &self.captures {
            if *inner > 0 {
                let Some((spaces, rest)) = places.split_at_checked(*inner) else { break };
                if !spaces.iter().all(|place| text.byte(*place) == b' ') {
                    break;
                }
                places = rest;
            }
            let stop = places.first().map_or(0, |place| place.wrapping_sub(behind.first));
            if stop < at || !behind.stands(text, stop, end, places) {
                break;
            }
            let holds = match class {
                Class::Digits | Class::Bare => class.holds(text.span(at, stop), &[]),
                _ => true,
            };
            if !holds {
                break;
            }
            spans[*index] = (at - start, stop - start);
            at = stop + behind.len;
            places = &places[behind.count..];
            count += 1;
        }
        Walked { step: usize::from(self.lead.is_some()) + 2 * count, at: (at - start) as usize, count }
    }

    /// The capture of this number by the end that was found, if the exact parser may end it elsewhere.
    pub(super) fn other_ends(&self, number: usize, spans: &[(u32, u32)]) -> Option<Ends> {
        let known = self.captures.get(number).filter(|known| known.has_other_ends)?;
        let (start, end) = spans[known.index];
        Some(Ends { step: known.step, start: start as usize, end: end as usize })
    }
}

impl Literal {
    /// `None` if it is longer, or has no structural byte, or a backslash that could take one along.
    fn new(bytes: &[u8], structurals: &Structurals, in_quotes: &mut bool) -> Option<Self> {
        if bytes.len() > 8 || bytes.contains(&b'\n') || structurals.escapes && bytes.contains(&b'\\') {
            return None;
        }
        let mut is_structural = |byte: u8| {
            if byte == b'"' && structurals.quotes {
                *in_quotes = !*in_quotes;
                return true;
            }
            !*in_quotes && structurals.delimiters.contains(&byte)
        };
        let places: Vec<usize> = (0..bytes.len()).filter(|at| is_structural(bytes[*at])).collect();
        let (first, last) = (*places.first()? as u32, *places.last()? as u32);
        let mut want = [0; 8];
        want[..bytes.len()].copy_from_slice(bytes);
        let mask = u64::MAX >> (64 - 8 * bytes.len());
        let (len, want) = (bytes.len() as u32, u64::from_le_bytes(want));
        Some(Self { len, want, mask, first, last, count: places.len() })
    }

    /// Whether it stands at `at`, before `end`, and the next structural bytes, at `places`, are its own.
    #[inline(always)]
    fn stands(&self, text: &Text, at: u32, end: u32, places: &[u32]) -> bool {
        let is_own = |place: Option<&u32>, offset: u32| place.is_some_and(|place| *place == at + offset);
        (text.word(at) ^ self.want) & self.mask == 0
            && at + self.len <= end
            && is_own(places.first(), self.first)
            && (self.count == 1 || is_own(places.get(self.count - 1), self.last))
    }
}
