//! Records that are lines: they end at LF (a CR before it belongs to the end), the last one with or without.

use memchr::memchr_iter;

use crate::error::{Error, ErrorKind, Result};
use crate::simd::Text;

use super::journal::{self, Passing};
use super::{Framing, octets};

/// Where a splitter gets its bytes.
pub trait Read: Send {
    /// Fills the start of `buf` and gives how many bytes; 0 at the end.
    ///
    /// **Errors**: `Corrupt` for a damaged stream, after all bytes before the damage; `Io` otherwise.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize>;
}

/// What the chunk that was just filled is.
#[derive(Debug)]
pub struct Chunk {
    /// Where its text starts, in bytes from the start of the source.
    pub offset: u64,
    /// The header lines before it, where the source names its fields.
    pub header: Option<std::sync::Arc<[u8]>>,
    /// Bytes at the start of the buffer that are no records: a byte order mark, and lines that are skipped.
    pub skip: usize,
    /// How many lines these are; they are among those that were passed over.
    pub skipped: u32,
    /// Bytes at the end of the text that the source does not hold: the newline that its last line lacks.
    pub added: usize,
    /// Lines that were passed over before it: those of the record before, which was too long.
    pub passed: u32,
    /// The source is damaged here: the text behind the last whole line, and the error.
    pub damage: Option<(Vec<u8>, Error)>,
}

/// Cuts one source into chunks of whole lines.
#[derive(Debug)]
pub struct LineSplitter {
    framing: Framing,
    chunk_bytes: usize,
    max_record_bytes: usize,
    /// Bytes behind the last whole line of the chunk before.
    carry: Vec<u8>,
    /// Where the next chunk starts, in bytes from the start of the source.
    offset: u64,
    /// Lines that start at or behind this are someone else's.
    end: Option<u64>,
    /// An overlong record is being passed over.
    discarding: bool,
    /// The line of it that was broken off takes the next one along.
    is_led: bool,
    /// How far it has been passed, if it is an entry.
    passing: Passing,
    /// Its start was given a newline that it has not.
    is_lent: bool,
    /// The last byte of it so far is a newline.
    ends_line: bool,
    /// Of that record, how many bytes are to come, where it says so itself.
    to_discard: Option<usize>,
    /// Newlines passed over since the chunk before.
    passed: u32,
    done: bool,
}

/// The least room a read is given: a stream of small reads is not asked byte by byte.
const MIN_READ_BYTES: usize = 64 << 10;

/// What may stand in the buffer beside a record that is just as long as it may be: a byte order mark before it, and the
/// CR of a line end whose LF was not read yet.
const MARK_AND_CR_BYTES: usize = BYTE_ORDER_MARK.len() + 1;

/// A line this long that still does not tell whether it starts a record is taken to be none.
const MAX_OPEN_BYTES: usize = 64 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl LineSplitter {
    /// A splitter for a whole source, with chunks of about `chunk_bytes`.
    pub fn new(chunk_bytes: usize, max_record_bytes: usize) -> Self {
        let framing = Framing::Lines;
        Self {
            framing,
            chunk_bytes,
            max_record_bytes,
            carry: Vec::new(),
            offset: 0,
            end: None,
            discarding: false,
            is_led: false,
            passing: Passing::default(),
            is_lent: true,
            ends_line: true,
            to_discard: None,
            passed: 0,
            done: false,
        }
    }

    /// Lets records end elsewhere than at each newline.
    #[must_use]
    pub fn with_framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// A splitter for the lines that start in `start..end`; its input must begin at byte `start - 1` of the source (at
    /// 0 for 0), so that a line that starts at `start` is told from one that runs over it.
    #[must_use]
    pub fn with_range(mut self, start: u64, end: u64) -> Self {
        self.offset = start.saturating_sub(1);
        self.discarding = start > 0;
        self.end = Some(end);
        self
    }

    /// Fills `text` with the next whole lines; `None` at the end. Each line in it ends with a newline, the last of the
    /// source too if it had none. What was read of those behind them is still ahead in `text`: where values end that are
    /// broken may depend on it.
    pub fn next_chunk(&mut self, input: &mut dyn Read, text: &mut Text) -> Result<Option<Chunk>> {
        text.clear();
        if self.done || self.end.is_some_and(|end| self.offset >= end && !self.discarding) {
            return Ok(None);
        }
        text.extend_from_slice(&self.carry);
        self.carry.clear();
        let mut searched = 0;
        loop {
            if self.discarding && self.discard(text) {
                searched = 0;
                if self.end.is_some_and(|end| self.offset >= end) {
                    // The line that was passed over runs to the end of the range, or over it.
                    self.done = true;
                    text.clear();
                    return Ok(None);
                }
            }
            let wanted = if text.len() < self.chunk_bytes { self.chunk_bytes - text.len() } else { 0 };
            let worth =
                self.framing.is_worth_searching(searched, text.len(), self.max_record_bytes + MARK_AND_CR_BYTES);
            if text.len() >= self.chunk_bytes && !self.discarding && worth {
                if let Some(end) = self.framing.last_end(text.as_bytes(), searched) {
                    return Ok(Some(self.cut(text, end)));
                }
                searched = text.len();
                if let Some(end) = self.overlong_end(text.as_bytes()) {
                    return Ok(Some(self.overlong(text, end)));
                }
            }
            text.reserve(wanted.max(MIN_READ_BYTES));
            let room = wanted.max(MIN_READ_BYTES).min(text.spare_mut().len());
            match input.read(&mut text.spare_mut()[..room]) {
                Ok(0) => return Ok(self.last(text)),
                Ok(read) => text.advance(read),
                Err(err) if err.kind() == ErrorKind::Corrupt => return Ok(Some(self.damaged(text, err))),
                Err(err) => return Err(err),
            }
        }
    }

    /// Where the next chunk starts, in bytes from the start of the source.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The first `whole` bytes are the chunk, the rest is for the next.
    fn cut(&mut self, text: &mut Text, whole: usize) -> Chunk {
        let mut whole = whole;
        if let Some(end) = self.end
            && self.offset + whole as u64 > end
        {
            // The line that starts before the end of the range is the last one of ours.
            let before = (end - self.offset) as usize;
            let next = self.framing.next_start(&text.as_bytes()[before.saturating_sub(1)..whole], false);
            whole = next.map_or(whole, |at| before.saturating_sub(1) + at);
            self.done = true;
        }
        self.carry.extend_from_slice(&text.as_bytes()[whole..]);
        text.end_at(whole);
        self.chunk(text)
    }

    fn chunk(&mut self, text: &Text) -> Chunk {
        let offset = self.offset;
        self.offset += text.len() as u64;
        let has_mark = offset == 0 && text.as_bytes().starts_with(BYTE_ORDER_MARK);
        let passed = std::mem::take(&mut self.passed);
        Chunk {
            offset,
            header: None,
            skip: if has_mark { BYTE_ORDER_MARK.len() } else { 0 },
            skipped: 0,
            added: 0,
            passed,
            damage: None,
        }
    }

    /// The source has ended; what is left is the last chunk.
    fn last(&mut self, text: &mut Text) -> Option<Chunk> {
        self.done = true;
        if self.offset == 0 && text.as_bytes() == BYTE_ORDER_MARK {
            // It stands before a first line; there is none.
            self.offset = text.len() as u64;
            text.clear();
            return None;
        }
        let ends_whole = text.as_bytes().last().is_none_or(|last| *last == b'\n');
        if !ends_whole {
            text.extend_from_slice(b"\n");
        }
        if self.discarding && !self.discard_last(text) || text.is_empty() {
            self.offset += text.len() as u64;
            self.offset -= u64::from(!ends_whole);
            text.clear();
            // The lines of a record that was passed over are told with an empty chunk.
            return (self.passed > 0 && self.end.is_none()).then(|| self.chunk(text));
        }
        let whole = text.len();
        let mut chunk = self.cut(text, whole);
        self.carry.clear();
        if !ends_whole {
            // A range may have ended before the last line.
            chunk.added = usize::from(text.len() == whole);
            self.offset -= u64::from(self.end.is_none());
        }
        Some(chunk)
    }

    /// How much of `bytes`, which hold no whole record, are of the first one, if that is over the limit for sure: a line that
    /// breaks off may be the next record.
    fn overlong_end(&self, bytes: &[u8]) -> Option<usize> {
        if matches!(self.framing, Framing::Values(_)) {
            // They know that themselves.
            return None;
        }
        let limit = self.max_record_bytes + MARK_AND_CR_BYTES;
        let open = limit.max(MAX_OPEN_BYTES);
        let own = self.framing.passable(bytes);
        if own > limit {
            let waits = bytes.len() <= limit + MAX_OPEN_BYTES && self.framing.is_open(bytes);
            return (!waits).then_some(own);
        }
        (bytes.len() - own > open).then_some(bytes.len())
    }

    /// A record over the limit, whose first `own` bytes are here: it is given as it is, its rest will be passed over.
    fn overlong(&mut self, text: &mut Text, own: usize) -> Chunk {
        self.to_discard = self.framing.missing(text.as_bytes());
        self.carry.extend_from_slice(&text.as_bytes()[own..]);
        text.truncate(own);
        self.is_led = self.framing.takes_next(text.as_bytes(), None);
        self.passing =
            journal::broken(text.as_bytes()).filter(|_| self.framing == Framing::Entries).unwrap_or_default();
        self.ends_line = text.as_bytes().last() == Some(&b'\n');
        self.is_lent = !self.ends_line;
        let chunk = Chunk { added: usize::from(self.is_lent), ..self.chunk(text) };
        if self.is_lent {
            text.extend_from_slice(b"\n");
        }
        self.discarding = true;
        chunk
    }

    /// The stream broke: whole lines are the chunk, what follows them goes with the error.
    fn damaged(&mut self, text: &mut Text, err: Error) -> Chunk {
        self.done = true;
        if self.discarding {
            text.clear();
        }
        let whole = self.framing.last_end_of_all(text.as_bytes()).unwrap_or(0);
        let rest = text.as_bytes()[whole..].to_vec();
        text.end_at(whole);
        let mut chunk = self.chunk(text);
        chunk.damage = Some((rest, err));
        chunk
    }

    /// Drops the rest of a record nobody wants; true once it is gone.
    fn discard(&mut self, text: &mut Text) -> bool {
        if let Some(missing) = self.to_discard {
            return self.discard_counted(missing, text);
        }
        let (dropped, end) = if self.framing == Framing::Entries {
            let (passed, has_ended) = self.passing.pass(text.as_bytes());
            (passed, has_ended.then_some(passed))
        } else {
            let end = self.framing.next_start(text.as_bytes(), self.is_led);
            (end.unwrap_or_else(|| self.framing.passable(text.as_bytes())), end)
        };
        if let Some(last) = text.as_bytes()[..dropped].last() {
            self.ends_line = *last == b'\n';
        }
        self.is_led = self.framing.takes_next(&text.as_bytes()[..dropped], Some(self.is_led));
        self.passed += memchr_iter(b'\n', &text.as_bytes()[..dropped]).count() as u32;
        if end.is_some() {
            // The chunk before was given a newline for the line that broke off.
            self.passed = self.passed.saturating_sub(u32::from(self.is_lent));
        }
        self.offset += dropped as u64;
        let rest = text.as_bytes()[dropped..].to_vec();
        text.clear();
        text.extend_from_slice(&rest);
        self.discarding = end.is_none();
        end.is_some()
    }

    /// The same where nothing follows: a line that broke off is told then.
    fn discard_last(&mut self, text: &mut Text) -> bool {
        if self.to_discard.is_some() {
            return false;
        }
        let found = self.discard(text);
        if !found {
            let newlines = memchr_iter(b'\n', text.as_bytes()).count() as u32;
            // The last line counts with or without its newline.
            let open = u32::from(text.is_empty() && !self.ends_line);
            self.passed = (self.passed + newlines + open).saturating_sub(u32::from(self.is_lent));
        }
        found
    }

    /// Drops the rest of a record that says its length, and the line end behind it; true once they are gone.
    fn discard_counted(&mut self, missing: usize, text: &mut Text) -> bool {
        let counted = missing.min(text.len());
        let end = if counted < missing { None } else { octets::line_end(&text.as_bytes()[counted..], false) };
        let dropped = counted + end.unwrap_or(0);
        self.to_discard = if end.is_none() { Some(missing - counted) } else { None };
        self.offset += dropped as u64;
        let rest = text.as_bytes()[dropped..].to_vec();
        text.clear();
        text.extend_from_slice(&rest);
        self.discarding = end.is_none();
        end.is_some()
    }
}
