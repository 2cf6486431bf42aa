//! Records that are no lines: values one behind the other, and elements of arrays.

#[cfg(test)]
mod tests;

use memchr::{memchr, memchr_iter};

use super::{Cursor, JsonTokenizer, Sizes, Wrong};
use crate::error::{Fault, Reason};
use crate::simd::{JsonIndex, Level, Text, json_index};
use crate::split::{self, Damage, Frame, Values};
use crate::tokenize::tape::{Malformed, Tape};

/// Behind so many bytes the next record is left for later: text and index stay in the second-level cache.
const STOP_BYTES: usize = 64 << 10;

/// What is indexed behind damage, at first: where it ends may be a wrong guess, and strings the wrong way round.
const NEXT_BYTES: u32 = 4096;

/// Frames, and whether anything follows their text.
struct Frames<'t> {
    values: &'t Values,
    text: &'t Text,
    /// Where they start and end.
    start: u32,
    end: u32,
    is_all: bool,
}

/// The part of the text that is indexed, and how far it is read.
struct Window {
    index: JsonIndex,
    cursor: Cursor,
    end: u32,
    /// So many bytes are indexed the next time.
    next_bytes: u32,
    /// No record was longer.
    longest: u32,
}

/// What can be done with a record whose end is not known.
enum Ahead {
    /// It is good, and in the tape: the frame around it.
    Frame(Frame),
    /// It may be good, but the next sub-block is the place for it.
    Later,
    /// Its end has to be looked for.
    Unknown,
}

impl JsonTokenizer {
    /// The records of `text[start..end]`, which consists of whole frames; gives where it stopped.
    ///
    /// Most records are good. They are walked through in an index of many, and end where the walk does: only where that
    /// fails is the end of a record looked for, and it indexed by itself, as what stands around it may be anything.
    pub(super) fn frames(
        &mut self,
        values: &Values,
        text: &Text,
        (start, end): (u32, u32),
        line: u32,
        tape: &mut Tape,
    ) -> u32 {
        let frames = Frames { values, text, start, end, is_all: !text.has_ahead() };
        let bytes = text.with_ahead();
        let mut window = Window {
            index: std::mem::take(&mut self.index),
            cursor: Cursor::default(),
            end: start,
            next_bytes: STOP_BYTES as u32,
            longest: NEXT_BYTES,
        };
        let stop = end.min(start.saturating_add(STOP_BYTES as u32));
        let (mut at, mut lines) = (start, Lines::new(bytes, (start as usize, stop as usize), line));
        while at < stop {
            let frame = match self.ahead(&frames, &mut window, (at, stop), &mut lines, tape) {
                Ahead::Frame(frame) => frame,
                Ahead::Later => break,
                Ahead::Unknown => {
                    let rest = &bytes[at as usize..];
                    let frame = values.frame_of_whole(rest, (end - at) as usize, frames.is_all);
                    if let Some((from, to)) = frame.record {
                        let (from, to) = (at + from as u32, at + to as u32);
                        let number = lines.number_at(from as usize);
                        let mut index = std::mem::take(&mut self.own_index);
                        json_index(self.level, text, (from as usize, to as usize), false, &mut index);
                        self.record(text, &index, from, to, number, &mut Cursor::default(), tape);
                        self.own_index = index;
                    }
                    frame
                }
            };
            if let Some(fault) = frame.fault {
                let number = lines.number_at(at as usize + fault.start);
                tape.malformed.push(malformed(&fault, at, number, tape.rows.len() as u32));
                (window.end, window.next_bytes) = (at, NEXT_BYTES);
            }
            at += frame.end as u32;
        }
        tape.lines = lines.number_at(at as usize) - line;
        self.index = window.index;
        at
    }

    /// The record of the frame at `at`, if it is good.
    fn ahead(
        &mut self,
        frames: &Frames,
        window: &mut Window,
        (at, stop): (u32, u32),
        lines: &mut Lines,
        tape: &mut Tape,
    ) -> Ahead {
        let Frames { values, text, end, is_all, .. } = *frames;
        let bytes = &text.with_ahead()[at as usize..];
        let Some(found) = values.record_start(bytes, is_all).filter(|found| found.at < (stop - at) as usize) else {
            return Ahead::Unknown;
        };
        let start = at + found.at as u32;
        if start >= window.end {
            window.fill(self.level, text, start, stop);
        }
        window.cursor.pass(&window.index, start);
        while window.breaks_off(text, start, end) {
            if window.end < stop {
                window.fill(self.level, text, start, stop);
            } else if (at - frames.start) as usize >= STOP_BYTES / 2 {
                return Ahead::Later;
            } else {
                return Ahead::Unknown;
            }
        }
        let before =
            Sizes { positions: tape.positions.len(), conflicts: tape.conflicts.len(), duplicates: tape.duplicates };
        // A record may be several rows, or none.
        let (rows, malformed) = (tape.rows.len(), tape.malformed.len());
        let (fast_rows, skipped) = (tape.fast_rows, tape.skipped);
        let number = lines.number_at(start as usize);
        let Some(to) = self.record(text, &window.index, start, window.end, number, &mut window.cursor, tape) else {
            return Ahead::Unknown;
        };
        let frame = values.frame_of_record(bytes, found, (to - at) as usize, is_all);
        match frame.filter(|frame| frame.end <= (end - at) as usize) {
            Some(frame) => {
                window.longest = window.longest.max(to - start);
                Ahead::Frame(frame)
            }
            None => {
                before.restore(tape, &self.child_rows);
                tape.rows.truncate(rows);
                tape.malformed.truncate(malformed);
                (tape.fast_rows, tape.skipped) = (fast_rows, skipped);
                Ahead::Unknown
            }
        }
    }
}

impl Window {
    /// Indexes the text from `start` on, where no string is open.
    fn fill(&mut self, level: Level, text: &Text, start: u32, stop: u32) {
        self.end = stop.min(start.saturating_add(self.next_bytes));
        self.next_bytes = (2 * self.next_bytes).min(STOP_BYTES as u32);
        json_index(level, text, (start as usize, self.end as usize), false, &mut self.index);
        self.cursor = Cursor { is_value: true, ..Cursor::default() };
    }

    /// Whether the record at `start`, up to which the index was read, goes on behind it, where there is more text.
    fn breaks_off(&self, text: &Text, start: u32, text_end: u32) -> bool {
        if self.end == text_end || self.end - start > self.longest {
            return false;
        }
        let mut depth = 0_u32;
        for position in self.index.positions.get(self.cursor.position..).unwrap_or_default() {
            match text.byte(*position) {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                return false;
            }
        }
        true
    }
}

/// Numbers of lines, asked for in ascending order.
struct Lines<'t> {
    bytes: &'t [u8],
    counted: usize,
    /// Up to here no newline is left to count: a line may hold many records.
    next: usize,
    /// They are not looked for behind this.
    stop: usize,
    number: u32,
}

impl<'t> Lines<'t> {
    fn new(bytes: &'t [u8], (start, stop): (usize, usize), number: u32) -> Self {
        Self { bytes, counted: start, next: start, stop, number }
    }

    fn number_at(&mut self, at: usize) -> u32 {
        if self.next < at {
            let behind = self.bytes.get(self.counted..at).unwrap_or_default();
            self.number += memchr_iter(b'\n', behind).count() as u32;
            let newline = memchr(b'\n', self.bytes.get(at..self.stop).unwrap_or_default());
            self.next = newline.map_or(self.stop.max(at), |newline| at + newline);
        }
        self.counted = self.counted.max(at);
        self.number
    }
}

/// The record that a fault stands for, in a frame that starts at `start`.
#[cold]
fn malformed(fault: &split::Fault, start: u32, line: u32, rows_before: u32) -> Malformed {
    let what = match fault.damage {
        Damage::TooLong => None,
        Damage::Unclosed => Some(Wrong::CLOSED),
        Damage::Bracket => Some(Wrong::OPENED),
        Damage::Depth => Some(Wrong::DEPTH),
        Damage::String => Some(Wrong::QUOTES),
        Damage::Stray => Some(Wrong::VALUE),
        Damage::Separator => Some(Wrong::BRACKET),
    };
    let at = (fault.at.max(fault.start) - fault.start) as u32;
    Malformed {
        line,
        start: start + fault.start as u32,
        end: start + fault.end as u32,
        fault: match what {
            Some(what) => Fault { reason: Reason::ExpectedLiteral(what), at },
            None => Fault { reason: Reason::TooLong, at: 0 },
        },
        rows_before,
    }
}
