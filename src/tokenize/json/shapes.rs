//! Shapes: the records met so far, as a tree of what stands in front of each value.
//!
//! Writers repeat themselves: most records have the keys of one before them, in the same order, with the same white space.
//! So each step of the tree holds the text from one structural byte to the next value, such as `,"level":`. Where a record
//! follows a branch from the root to its end, nothing is looked up, and no key can be there twice. What differs from all
//! known branches is walked the long way, and is then a branch itself, while there is room.

use super::{NONE, UNUSED_SLOT, Want};
use crate::simd::Text;

/// Steps of the tree, at most; a log whose keys come in any order would fill any number.
const MAX_STEPS: usize = 1024;
/// Records after which it is looked back how many shapes were known.
const LOOKED_AT: u32 = 256;
/// Records for which no shape is tried, at most.
const MAX_PAUSE: u32 = 1 << 15;
/// Branches of one step that are tried.
const MAX_BRANCHES: usize = 6;
/// Bytes that are compared a word at a time.
const WORD_BYTES: usize = 24;

/// What follows the text of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Follows {
    /// A scalar that is plainly wanted, or not at all.
    Scalar,
    /// An object whose members are steps.
    Object,
    /// Any other value; it is walked the long way.
    Any,
    /// Nothing: the step is the brace that closes an object.
    Close,
}

/// No step.
pub(super) const NO: u32 = u32::MAX;

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    words: [u64; WORD_BYTES / 8],
    masks: [u64; WORD_BYTES / 8],
    /// Bytes of the text.
    pub(super) len: u32,
    /// Where the span of a scalar goes, in positions from where its row begins.
    pub(super) place: u32,
    /// The first of the steps that may come next; none behind the end of a record.
    next: u32,
    /// Another step that may be here.
    other: u32,
    pub(super) want: Want,
    pub(super) follows: Follows,
    /// The kind of object that the step is a member of.
    pub(super) node: u16,
    text: Box<[u8]>,
}

/// The tree.
#[derive(Debug)]
pub(super) struct Shapes {
    steps: Vec<Step>,
    first: u32,
    /// The step behind which the record under way is entered; `NO` before its first.
    last: u32,
    /// Records since it was last looked back, and how many of them had a known shape.
    records: u32,
    hits: u32,
    /// Records for which no shape is tried, and how many those are the next time.
    pause: u32,
    patience: u32,
}

impl Default for Shapes {
    fn default() -> Self {
        Self { steps: Vec::new(), first: NO, last: NO, records: 0, hits: 0, pause: 0, patience: 0 }
    }
}

impl Step {
    /// Whether the text of the step begins at `before`, a structural byte. Then its colon is the next one: the same text has
    /// the same structure.
    #[inline(always)]
    fn is_at(&self, text: &Text, before: u32) -> bool {
        let differs = |i: u32| (text.word(before + 8 * i) ^ self.words[i as usize]) & self.masks[i as usize];
        let mut different = differs(0);
        if self.len > 8 {
            different |= differs(1);
            if self.len > 16 {
                different |= differs(2);
            }
        }
        different == 0 && (self.len as usize <= WORD_BYTES || text.span(before, before + self.len) == &*self.text)
    }
}

impl Shapes {
    /// The first step that a record may take.
    #[inline(always)]
    pub(super) fn first(&self) -> u32 {
        self.first
    }

    /// The step that is taken at `before`, and the one that may come next; `from` is the first that may be here.
    #[inline(always)]
    pub(super) fn take(&self, text: &Text, before: u32, from: u32) -> Option<(&Step, u32)> {
        let step = self.steps.get(from as usize)?;
        if step.is_at(text, before) {
            return Some((step, step.next));
        }
        self.take_other(text, before, step.other)
    }

    #[inline(never)]
    fn take_other(&self, text: &Text, before: u32, from: u32) -> Option<(&Step, u32)> {
        let mut step = self.steps.get(from as usize)?;
        while !step.is_at(text, before) {
            step = self.steps.get(step.other as usize)?;
        }
        Some((step, step.next))
    }

    /// Whether the next record is likely enough to have a known shape.
    #[inline(always)]
    pub(super) fn are_tried(&self) -> bool {
        self.pause == 0
    }

    /// Notes whether a record had a known shape. Where few have, it is left off for a while, and a tree without room makes
    /// room for the shapes there are now.
    #[inline(always)]
    pub(super) fn note(&mut self, is_known: bool) {
        self.pause = self.pause.saturating_sub(1);
        self.records += 1;
        self.hits += u32::from(is_known);
        if self.records == LOOKED_AT {
            self.look_back();
        }
    }

    #[cold]
    fn look_back(&mut self) {
        if self.pause == 0 {
            let is_of_use = self.hits > LOOKED_AT / 4;
            self.patience = if is_of_use { LOOKED_AT } else { (2 * self.patience).clamp(LOOKED_AT, MAX_PAUSE) };
            if !is_of_use && self.steps.len() >= MAX_STEPS {
                self.steps.clear();
                (self.first, self.last) = (NO, NO);
                self.pause = self.patience;
            }
        }
        (self.records, self.hits) = (0, 0);
    }

    /// Begins to enter a record; whether there is room.
    pub(super) fn begin(&mut self) -> bool {
        self.last = NO;
        self.steps.len() < MAX_STEPS
    }

    /// Enters a step, behind the one that was entered last: the text from the structural byte at `before`, its colon and
    /// the white space behind that included. False if there is no room, or if the record must not take this step.
    pub(super) fn enter(&mut self, text: &[u8], want: Want, node: u16, follows: Follows) -> bool {
        let mut at = match self.steps.get(self.last as usize) {
            Some(last) => last.next,
            None => self.first,
        };
        let mut before = NO;
        let mut branches = 0;
        while let Some(step) = self.steps.get(at as usize) {
            if step.follows == follows && *step.text == *text {
                self.last = at;
                return true;
            }
            branches += 1;
            (before, at) = (at, step.other);
        }
        if branches >= MAX_BRANCHES || self.steps.len() >= MAX_STEPS {
            return false;
        }
        let (mut words, mut masks) = ([0; WORD_BYTES / 8], [0; WORD_BYTES / 8]);
        for (i, byte) in text.iter().enumerate().take(WORD_BYTES) {
            words[i / 8] |= u64::from(*byte) << (8 * (i % 8));
            masks[i / 8] |= 0xff << (8 * (i % 8));
        }
        let number = self.steps.len() as u32;
        let len = text.len() as u32;
        self.steps.push(Step {
            words,
            masks,
            len,
            place: place_of(want, follows),
            next: NO,
            other: NO,
            want,
            follows,
            node,
            text: text.into(),
        });
        // Behind the branches that are there, or as the first.
        if let Some(before) = self.steps.get_mut(before as usize) {
            before.other = number;
        } else if let Some(last) = self.steps.get_mut(self.last as usize) {
            last.next = number;
        } else {
            self.first = number;
        }
        self.last = number;
        true
    }
}

/// Where the span of what follows a step goes.
fn place_of(want: Want, follows: Follows) -> u32 {
    let slot = if follows == Follows::Object { want.inside } else { want.text };
    2 * u32::from(if slot == NONE { UNUSED_SLOT } else { slot })
}
