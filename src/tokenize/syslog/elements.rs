//! Structured data of RFC 5424, from one mark to the next: 64 bytes become a mask of those that can end a part.

use crate::simd::Text;

/// A part of structured data; places are where it starts and where it ends in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// An element begins, of this name.
    Element((u32, u32)),
    /// A parameter of the element: its name, and its value without the quotes.
    Param {
        /// The name.
        name: (u32, u32),
        /// The value, as it is written.
        value: (u32, u32),
        /// The value holds a backslash.
        escaped: bool,
    },
}

/// The bytes that end a part, and the backslash.
const MARKS: [u8; 5] = *b" =]\"\\";

/// The marks of a record, one after the other.
struct Marks<'t> {
    text: &'t Text,
    /// Where the 64 bytes of `mask` start.
    base: u32,
    mask: u64,
    end: u32,
}

impl Marks<'_> {
    /// The next mark; [`u32::MAX`] where none is left.
    #[inline(always)]
    fn next(&mut self) -> u32 {
        while self.mask == 0 {
            self.base = self.base.saturating_add(64);
            if self.base >= self.end {
                return u32::MAX;
            }
            self.mask = self.text.mask(self.base, MARKS);
        }
        let at = self.base + self.mask.trailing_zeros();
        self.mask &= self.mask - 1;
        // Were it followed into the next record, damage in each could take as long as all that follow.
        if at < self.end { at } else { u32::MAX }
    }
}

/// Hands the parts of the structured data at `start` to `on`, and says where it ends, at `end` at the latest: without
/// the dash that stands for none, with one space before each parameter, and no backslash outside of values. `None` says
/// nothing about the text, of which a part may have been handed over.
///
/// **Cost**: a few steps a mark.
#[inline(always)]
pub fn regular_elements(text: &Text, start: u32, end: u32, mut on: impl FnMut(Part)) -> Option<u32> {
    let mut marks = Marks { text, base: start, mask: text.mask(start, MARKS), end };
    let mut open = start;
    while open < end && text.byte(open) == b'[' {
        let mut mark = marks.next();
        if mark == open + 1 {
            return None;
        }
        on(Part::Element((open + 1, mark)));
        while text.byte(mark) == b' ' {
            let name = mark + 1;
            let assign = marks.next();
            if assign == name || text.byte(assign) != b'=' || marks.next() != assign + 1 {
                return None;
            }
            if text.byte(assign + 1) != b'"' {
                return None;
            }
            let (close, escaped) = close(&mut marks)?;
            on(Part::Param { name: (name, assign), value: (assign + 2, close), escaped });
            mark = marks.next();
            if mark != close + 1 {
                return None;
            }
        }
        if text.byte(mark) != b']' {
            return None;
        }
        open = mark + 1;
    }
    (open > start && open <= end).then_some(open)
}

/// The quote that ends a value, and whether a backslash stands before it.
#[inline(always)]
fn close(marks: &mut Marks) -> Option<(u32, bool)> {
    let mut escaped = false;
    // A mark that a backslash stands before is none.
    let mut taken = u32::MAX;
    loop {
        let mark = marks.next();
        if mark == u32::MAX {
            return None;
        }
        if mark == taken {
            continue;
        }
        match marks.text.byte(mark) {
            b'"' => return Some((mark, escaped)),
            b'\\' => (escaped, taken) = (true, mark + 1),
            _ => {}
        }
    }
}
