//! Records that are no lines: values one behind the other, and elements of arrays.

use memchr::memchr_iter;

use super::{Cursor, JsonTokenizer, Wrong};
use crate::error::{Fault, Reason};
use crate::simd::{Text, json_index};
use crate::split::{self, Damage, Values};
use crate::tokenize::tape::{Malformed, Tape};

/// Behind so many bytes the next record is left for later: text and index stay in the second-level cache.
const STOP_BYTES: usize = 64 << 10;

impl JsonTokenizer {
    /// The records of `text[start..end]`, which consists of whole frames; gives where it stopped. Each is indexed by itself:
    /// what stands between them may be anything.
    pub(super) fn frames(
        &mut self,
        values: &Values,
        text: &Text,
        (start, end): (u32, u32),
        line: u32,
        tape: &mut Tape,
    ) -> u32 {
        let bytes = &text.with_ahead()[start as usize..];
        let len = (end - start) as usize;
        let mut index = std::mem::take(&mut self.index);
        let (mut at, mut lines) = (0, Lines { bytes, counted: 0, number: line });
        while at < len.min(STOP_BYTES) {
            let frame = values.frame_of_whole(&bytes[at..], len - at, !text.has_ahead());
            if let Some((from, to)) = frame.record {
                let number = lines.number_at(at + from);
                let (from, to) = (start + (at + from) as u32, start + (at + to) as u32);
                json_index(self.level, text, (from as usize, to as usize), false, &mut index);
                self.record(text, &index, from, to, number, &mut Cursor::default(), tape);
            }
            if let Some(fault) = frame.fault {
                let number = lines.number_at(at + fault.start);
                tape.malformed.push(malformed(&fault, start + at as u32, number, tape.rows.len() as u32));
            }
            at += frame.end;
        }
        tape.lines = lines.number_at(at) - line;
        self.index = index;
        start + at as u32
    }
}

/// Numbers of lines, asked for in ascending order.
struct Lines<'t> {
    bytes: &'t [u8],
    counted: usize,
    number: u32,
}

impl Lines<'_> {
    fn number_at(&mut self, at: usize) -> u32 {
        let behind = self.bytes.get(self.counted..at).unwrap_or_default();
        self.number += memchr_iter(b'\n', behind).count() as u32;
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
