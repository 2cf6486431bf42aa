//! The expression that a delimiter program stands for where it fits.

use std::sync::Arc;

use super::guards::Guards;
use super::lowered::Lowered;
use super::matcher::MISSING;
use super::regex::{RegexProgram, Search};
use super::variants::Variants;
use crate::error::{Fault, Reason};
use crate::simd::{Field, Text};

/// Decides on the records that the program does not fit, and looks into the elements of those that it does.
#[derive(Debug)]
pub(super) struct Expression {
    search: Search,
    pub(super) guards: Guards,
    /// How many of the program's captures are the expression's.
    pub(super) captures: usize,
    /// The slots of the captures that are groups in elements.
    pub(super) inner: Vec<Field>,
    /// The sub-block is UTF-8.
    is_utf8: bool,
}

impl Expression {
    /// `inner` are the fields of the captures that are groups in elements.
    pub(super) fn new(
        lowered: &Arc<Lowered>,
        program: RegexProgram,
        inner: Vec<Field>,
        variants: &mut Variants,
    ) -> Self {
        Self {
            guards: Guards::new(lowered.clone(), variants),
            captures: program.captures(),
            search: Search::new(program),
            inner,
            is_utf8: true,
        }
    }

    /// A sub-block begins.
    pub(super) fn start(&mut self, is_utf8: bool, text: &Text, block: (usize, usize)) {
        self.is_utf8 = is_utf8;
        self.guards.start(text, block);
    }

    /// Searches a record; `spans` are then those of its captures.
    pub(super) fn cut(&mut self, record: &[u8], spans: &mut Vec<(u32, u32)>) -> Result<(), Fault> {
        let found = !self.guards.rules_out(record) && self.search.run(record, self.is_utf8, spans);
        spans.resize(self.captures, MISSING);
        if found { Ok(()) } else { Err(Fault { reason: Reason::NoMatch, at: 0 }) }
    }

    /// Whether the fast path may decide on a record: guards are for text.
    #[inline(always)]
    pub(super) fn takes(&self, record: &[u8]) -> bool {
        self.is_utf8 || self.guards.is_bytewise() || simdutf8::basic::from_utf8(record).is_ok()
    }

    /// Writes the spans of the groups in elements into a row.
    #[inline(always)]
    pub(super) fn put_inner(&self, row: &mut [u32]) {
        for (field, (from, to)) in self.inner.iter().zip(&self.guards.inner) {
            row[usize::from(field.start_slot)] = *from;
            row[usize::from(field.end_slot)] = *to;
        }
    }

    /// What a fault means, for people.
    pub(super) fn describe(&self, fault: Fault) -> String {
        self.search.describe(fault)
    }

    /// What searches, and where.
    pub(super) fn explain(&self) -> String {
        self.search.explain()
    }
}
