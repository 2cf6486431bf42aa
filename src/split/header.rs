//! The header that holds where a chunk begins, for formats whose files name their own fields.

use std::sync::Arc;

use memchr::{memchr, memchr_iter, memmem};

use super::Framing;

/// Where a file names its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderLines {
    /// In its first record that is not blank.
    First,
    /// In lines that start with one of these, wherever they stand; the last one of each holds.
    Marked(&'static [&'static str]),
}

/// Passes over `count` lines: how many there are in `text`, and where the last of them ends.
pub(crate) fn pass_lines(text: &[u8], count: u32) -> (u32, usize) {
    let ends = memchr_iter(b'\n', text).take(count as usize);
    ends.fold((0, 0), |(lines, _), end| (lines + 1, end + 1))
}

/// Carries the header from chunk to chunk of one source, whichever thread parses them.
#[derive(Clone, Debug)]
pub struct HeaderCarrier {
    lines: HeaderLines,
    framing: Framing,
    held: Option<Arc<[u8]>>,
}

impl HeaderCarrier {
    /// Nothing was read yet.
    pub fn new(lines: HeaderLines, framing: Framing) -> Self {
        Self { lines, framing, held: None }
    }

    /// The header lines before the next chunk; `None` if there were none.
    pub fn held(&self) -> Option<Arc<[u8]>> {
        self.held.clone()
    }

    /// Takes note of the header lines in a chunk of whole records.
    ///
    /// **Cost**: one search through the chunk where lines are marked, else none behind the first record.
    pub fn pass(&mut self, chunk: &[u8]) {
        match self.lines {
            HeaderLines::First => {
                if self.held.is_none()
                    && let Some(start) = chunk.iter().position(|byte| !matches!(byte, b'\n' | b'\r'))
                {
                    let end = self.framing.first_end(&chunk[start..], true).map_or(chunk.len(), |end| start + end);
                    self.held = Some(chunk[start..end].into());
                }
            }
            HeaderLines::Marked(marks) => {
                let is_marked = |line: &[u8]| marks.iter().position(|mark| line.starts_with(mark.as_bytes()));
                let starts = std::iter::once(0).chain(memmem::find_iter(chunk, b"\n#").map(|at| at + 1));
                let mut found: Vec<Option<&[u8]>> = vec![None; marks.len()];
                for start in starts {
                    if let Some(mark) = is_marked(&chunk[start..]) {
                        let end = memchr(b'\n', &chunk[start..]).map_or(chunk.len(), |at| start + at + 1);
                        found[mark] = Some(&chunk[start..end]);
                    }
                }
                if found.iter().all(Option::is_none) {
                    return;
                }
                let before = self.held.take().unwrap_or_default();
                let mut held = Vec::new();
                for (mark, line) in found.iter().enumerate() {
                    let known =
                        before.split_inclusive(|byte| *byte == b'\n').find(|line| is_marked(line) == Some(mark));
                    held.extend_from_slice(line.or(known).unwrap_or_default());
                }
                self.held = Some(held.into());
            }
        }
    }
}
