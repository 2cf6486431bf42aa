//! Keys that are data: whether one was there before.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::simd::Text;

/// The keys of an object whose keys are data, and where the row of each begins.
#[derive(Default)]
pub(super) struct Seen<'a> {
    few: Vec<((u32, u32), usize)>,
    many: HashMap<&'a [u8], usize>,
}

impl<'a> Seen<'a> {
    /// More keys are hashed.
    const FEW: usize = 16;

    /// Where the row of the key is; else its row will begin at `base`.
    pub(super) fn place(&mut self, text: &'a Text, (start, end): (u32, u32), base: usize) -> Option<usize> {
        let key = text.span(start, end);
        if self.many.is_empty() {
            let known = self.few.iter().find(|((from, to), _)| text.span(*from, *to) == key);
            if let Some((_, base)) = known {
                return Some(*base);
            }
            self.few.push(((start, end), base));
            if self.few.len() > Self::FEW {
                self.many = self.few.drain(..).map(|((from, to), base)| (text.span(from, to), base)).collect();
            }
            return None;
        }
        match self.many.entry(key) {
            Entry::Occupied(known) => Some(*known.get()),
            Entry::Vacant(new) => {
                new.insert(base);
                None
            }
        }
    }
}
