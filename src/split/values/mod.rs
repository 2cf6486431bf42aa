//! JSON values one behind the other, and arrays whose elements are the records.
//!
//! A frame begins where the last one ended, and what it begins with tells where that is: with a comma, between two
//! elements of an array; with a closing bracket, behind the last one; else between two documents. So a frame that ends
//! between documents takes along the white space and the comma behind its record, and one that ends in an array does not.
//!
//! **Source**: RFC 8259; RFC 7464 for record separators.

mod resync;
#[cfg(test)]
mod tests;

use memchr::{memchr, memchr3, memmem, memrchr};

use crate::simd::{Level, ValueScan, ValueStop};

/// How JSON text holds its records: as values one behind the other, whatever stands between them (nothing, white space, a
/// comma, a record separator), pretty-printed or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Values {
    /// The elements of the array under these keys of each top-level object are the records, and its other members are
    /// none; a top-level value without that array is itself one. Without keys, the elements of a top-level array are the
    /// records, and each other top-level value. (Keys are compared as they are written, without regard to escapes.)
    pub records: Vec<Box<[u8]>>,
    /// A value whose end is not found within so many bytes is broken; so is an object whose array is farther away.
    pub max_record_bytes: usize,
}

/// A part of the text: what stands before a record, the record, and what has to be taken along behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Start and end of the record, without white space around it; `None` if the frame holds none that is whole.
    pub record: Option<(usize, usize)>,
    /// Where the frame ends and the next one begins.
    pub end: usize,
    /// What is broken here; it lies behind the record, if there is one.
    pub fault: Option<Fault>,
}

/// Where a record begins that is an object, and that nothing but its end is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordStart {
    /// Where, from the start of its frame.
    pub at: usize,
    is_element: bool,
}

/// Text that is no record and does not belong between records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong with it.
    pub damage: Damage,
    /// Where it starts and ends.
    pub start: usize,
    /// See [`Self::start`].
    pub end: usize,
    /// Where that was noticed, from `start` to `end`.
    pub at: usize,
}

/// What can be wrong with a text when only strings and nesting are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// A string, an object or an array is not closed.
    Unclosed,
    /// Its end is not found within `max_record_bytes`.
    TooLong,
    /// A bracket closes nothing that is open, or a value begins where none may.
    Bracket,
    /// More than 128 objects and arrays are within one another.
    Depth,
    /// A string has one quote too many or too few.
    String,
    /// No value begins so, or none ends so.
    Stray,
    /// No comma or closing bracket stands behind an element of an array, or no element behind a comma.
    Separator,
}

/// Where a value is, as far as it matters for finding the next one if it is broken.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: usize,
    /// Bytes before it in its line.
    column: usize,
    /// It is an element of an array.
    is_element: bool,
    /// No newline stands between it and the comma or bracket before it.
    is_compact: bool,
}

/// How a value ends.
#[derive(Clone, Copy, Debug)]
enum Scanned {
    End(usize),
    Broken {
        damage: Damage,
        at: usize,
        /// The place of the damage is known.
        is_placed: bool,
    },
}

/// Where a walk through the members of a document leads.
enum Walked {
    /// The bracket that opens an array of records, which is not empty.
    Array(usize),
    /// The document ends.
    End {
        end: usize,
        had_array: bool,
    },
    Broken(Scanned),
}

/// White space, and the record separator, which may stand where white space may.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x1e | 0)
}

impl Values {
    /// The first frame of `bytes`, which begin where a frame does; `None` if they break off within it, or are empty.
    /// `is_all` says that nothing follows.
    ///
    /// What more bytes would say is never guessed: a frame that is found is the same with all that follows. It need not be
    /// if the bytes end with it, as where a broken record ends depends on what is behind it.
    ///
    /// **Cost**: one pass over the frame; a few kilobytes behind it are looked through if it is broken.
    pub fn frame(&self, bytes: &[u8], is_all: bool) -> Option<Frame> {
        if bytes.is_empty() {
            return None;
        }
        self.text(bytes, is_all).frame()
    }

    /// The first frame of `bytes`, of which the first `len` are whole frames: the same that [`Self::frame`] found when it
    /// saw no less of what is behind them.
    ///
    /// **Panics**: if there are fewer than `len` bytes.
    pub fn frame_of_whole(&self, bytes: &[u8], len: usize, is_all: bool) -> Frame {
        let found = self.frame(bytes, is_all).filter(|frame| frame.end <= len);
        // They are not if lines at their start were skipped.
        let found = found.or_else(|| self.frame(&bytes[..len], true));
        found.unwrap_or(Frame { record: None, end: len, fault: None })
    }

    /// Where the record of the first frame of `bytes` begins, if that is told by its first bytes.
    pub fn record_start(&self, bytes: &[u8], is_all: bool) -> Option<RecordStart> {
        let text = self.text(bytes, is_all);
        let start = text.blank_end(0)?;
        let has_keys = !self.records.is_empty();
        let (at, is_element) = match bytes.get(start)? {
            b',' => (text.blank_end(start + 1)?, true),
            b'[' if !has_keys => (text.blank_end(start + 1)?, true),
            _ if !has_keys => (start, false),
            _ => return None,
        };
        (bytes.get(at) == Some(&b'{')).then_some(RecordStart { at, is_element })
    }

    /// What [`Self::frame`] gives where `bytes[start.at..end]` is JSON and not longer than it may be; `None` if what is
    /// behind it says that it does not end there after all.
    pub fn frame_of_record(&self, bytes: &[u8], start: RecordStart, end: usize, is_all: bool) -> Option<Frame> {
        let text = self.text(bytes, is_all);
        if text.is_broken_behind(start.at, end)?.is_some() {
            return None;
        }
        text.ended(Place { start: start.at, column: 0, is_element: start.is_element, is_compact: false }, end)
    }

    fn text<'t>(&'t self, bytes: &'t [u8], is_all: bool) -> Text<'t> {
        Text { values: self, bytes, is_all, level: Level::current() }
    }

    /// The end of the last whole frame in `bytes`, which may break off within one.
    pub(super) fn last_end(&self, bytes: &[u8]) -> Option<usize> {
        let mut end = 0;
        while let Some(frame) = self.frame(&bytes[end..], false) {
            end += frame.end;
        }
        (end > 0).then_some(end)
    }
}

/// The bytes under work.
struct Text<'a> {
    values: &'a Values,
    bytes: &'a [u8],
    is_all: bool,
    level: Level,
}

/// An object within so many bytes is looked at as a whole before its members are.
const SHORT_BYTES: usize = 4096;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Text<'_> {
    fn frame(&self) -> Option<Frame> {
        let mut start = 0;
        // Before the first record of a source.
        if self.bytes.starts_with(BYTE_ORDER_MARK) {
            start = BYTE_ORDER_MARK.len();
        } else if BYTE_ORDER_MARK.starts_with(self.bytes) && !self.is_all {
            return None;
        }
        let start = self.blank_end(start)?;
        let has_keys = !self.values.records.is_empty();
        match self.bytes.get(start) {
            None => Some(Frame { record: None, end: start, fault: None }),
            Some(byte) if is_blank(*byte) => Some(Frame { record: None, end: start, fault: None }),
            Some(b',') => self.element(start),
            Some(b'[') if !has_keys => self.element(start),
            Some(b']') if has_keys => self.document(start),
            Some(b'{') if has_keys => self.document(start),
            Some(b'}' | b']') => {
                let closers = self.bytes[start..].iter().take_while(|byte| matches!(byte, b'}' | b']')).count();
                let closers = closers.min(self.values.max_record_bytes);
                if start + closers == self.bytes.len() && !self.is_all {
                    return None;
                }
                let end = self.blank_end(start + closers)?;
                Some(fault(Damage::Bracket, start, start + closers, start, end))
            }
            Some(_) => self.value(Place { start, column: self.column(start), is_element: false, is_compact: false }),
        }
    }

    /// The element behind the comma or bracket at `before`.
    fn element(&self, before: usize) -> Option<Frame> {
        let start = self.blank_end(before + 1)?;
        let is_first = self.bytes[before] == b'[';
        let wrong = |end| Some(fault(Damage::Separator, before, start.max(before + 1), start, end));
        match self.bytes.get(start) {
            Some(b']') if self.values.records.is_empty() => {
                let end = self.between_documents(start + 1)?;
                if is_first { Some(Frame { record: None, end, fault: None }) } else { wrong(end) }
            }
            Some(b',' | b']' | b'}') | None => wrong(start),
            Some(byte) if is_blank(*byte) => wrong(start),
            Some(_) => {
                let is_compact = memchr(b'\n', &self.bytes[before..start]).is_none();
                self.value(Place { start, column: self.column(start), is_element: true, is_compact })
            }
        }
    }

    /// The record at `place`.
    fn value(&self, place: Place) -> Option<Frame> {
        match self.scan(place, place.start)? {
            Scanned::End(end) => self.ended(place, end),
            broken => self.broken(place, broken),
        }
    }

    /// The frame of a record that ends at `end`.
    fn ended(&self, place: Place, end: usize) -> Option<Frame> {
        if let Some(broken) = self.is_broken_behind(place.start, end)? {
            return self.broken(place, broken);
        }
        let record = Some((place.start, end));
        if !place.is_element {
            return Some(Frame { record, end: self.between_documents(end)?, fault: None });
        }
        let next = self.blank_end(end)?;
        match self.bytes.get(next) {
            Some(b']') if self.values.records.is_empty() => {
                Some(Frame { record, end: self.between_documents(next + 1)?, fault: None })
            }
            Some(b',' | b']') => Some(Frame { record, end, fault: None }),
            // Neither is there; but only white space shows it to whoever sees no more than this frame.
            _ if next > end => Some(Frame { record, ..fault(Damage::Separator, end, next, end, next) }),
            _ => Some(Frame { record, end, fault: None }),
        }
    }

    /// Whether what stands right behind a value shows that it ends elsewhere: a damaged byte may have closed it.
    fn is_broken_behind(&self, start: usize, end: usize) -> Option<Option<Scanned>> {
        let is_nested = matches!(self.bytes[start], b'{' | b'[');
        let broken = |damage| Some(Some(Scanned::Broken { damage, at: end, is_placed: true }));
        match self.bytes.get(end) {
            None if !self.is_all => None,
            None | Some(b',' | b'{' | b']') => Some(None),
            Some(byte) if is_blank(*byte) => Some(None),
            Some(b'"') if !is_nested => Some(None),
            Some(b'[') if self.bytes[start] != b'{' => Some(None),
            Some(b'}') => broken(Damage::Bracket),
            Some(_) => broken(Damage::Stray),
        }
    }

    /// The document at `start`, or what is left of it behind the bracket there that closes its array.
    fn document(&self, start: usize) -> Option<Frame> {
        let column = self.column(start);
        let place = Place { start, column, is_element: false, is_compact: false };
        if self.bytes[start] == b'{'
            && let Some(len) = self.plain_len(start)?
        {
            return self.ended(place, start + len);
        }
        match self.walk(place)? {
            Walked::Array(open) => self.element(open),
            Walked::End { end, had_array: false } => self.ended(place, end),
            Walked::End { end, .. } => match self.is_broken_behind(start, end)? {
                Some(broken) => self.broken(place, broken),
                None => Some(Frame { record: None, end: self.between_documents(end)?, fault: None }),
            },
            Walked::Broken(broken) => self.broken(place, broken),
        }
    }

    /// How long the object at `start` is, if it is short and the key is nowhere in it; from member to member it would take
    /// several times as long.
    fn plain_len(&self, start: usize) -> Option<Option<usize>> {
        let rest = &self.bytes[start..];
        let key = self.values.records.first().map_or(&b""[..], |key| key);
        if rest.strip_prefix(b"{\"").is_some_and(|text| text.starts_with(key)) {
            return Some(None);
        }
        let near = &rest[..rest.len().min(SHORT_BYTES)];
        match ValueScan::new(0).run(self.level, near) {
            ValueStop::End(len) => {
                let is_plain = len <= self.values.max_record_bytes && memmem::find(&near[..len], key).is_none();
                Some(is_plain.then_some(len))
            }
            ValueStop::Open(_) if near.len() < SHORT_BYTES && !self.is_all => None,
            _ => Some(None),
        }
    }

    /// Goes from member to member to the array of records.
    fn walk(&self, place: Place) -> Option<Walked> {
        let keys = &self.values.records;
        let broken = |damage, at| Some(Walked::Broken(Scanned::Broken { damage, at, is_placed: true }));
        let mut at = place.start + 1;
        let is_rest = self.bytes[place.start] == b']';
        // How many objects are open around the one whose members are looked at: each is the value of its key.
        let mut depth = if is_rest { keys.len() - 1 } else { 0 };
        let (mut had_array, mut is_behind, mut is_fresh) = (is_rest, is_rest, true);
        loop {
            at = self.blank_end(at)?;
            let byte = match self.bytes.get(at) {
                Some(byte) if at - place.start < self.values.max_record_bytes => *byte,
                _ => return self.exhausted(place, place.start, false).map(Walked::Broken),
            };
            match byte {
                b'}' if is_behind || is_fresh => {
                    at += 1;
                    if depth == 0 {
                        return Some(Walked::End { end: at, had_array });
                    }
                    depth -= 1;
                    is_behind = true;
                    continue;
                }
                b',' if is_behind => {
                    at += 1;
                    (is_behind, is_fresh) = (false, false);
                    continue;
                }
                b'"' if !is_behind => {}
                b'}' | b']' => return broken(Damage::Bracket, at),
                _ => return broken(Damage::Stray, at),
            }
            let key_end = match self.string(place, at)? {
                Scanned::End(end) => end,
                wrong => return Some(Walked::Broken(wrong)),
            };
            let key = &self.bytes[at + 1..key_end - 1];
            at = self.blank_end(key_end)?;
            match self.bytes.get(at) {
                Some(b':') => at = self.blank_end(at + 1)?,
                Some(_) => return broken(Damage::Stray, at),
                None => {}
            }
            let Some(byte) = self.bytes.get(at) else { continue };
            is_behind = true;
            let is_wanted = *key == *keys[depth];
            let is_last = depth + 1 == keys.len();
            if is_wanted && is_last && *byte == b'[' {
                let first = self.blank_end(at + 1)?;
                if self.bytes.get(first) != Some(&b']') {
                    return Some(Walked::Array(at));
                }
                had_array = true;
                at = first + 1;
            } else if is_wanted && !is_last && *byte == b'{' {
                depth += 1;
                at += 1;
                (is_behind, is_fresh) = (false, true);
            } else {
                match self.scan(place, at)? {
                    Scanned::End(end) => at = end,
                    wrong => return Some(Walked::Broken(wrong)),
                }
            }
        }
    }

    /// The end of the value at `start`, which is that of `place` or lies in it.
    fn scan(&self, place: Place, start: usize) -> Option<Scanned> {
        match self.bytes[start] {
            b'{' | b'[' => self.nested(place, start),
            b'"' => self.string(place, start),
            _ => self.scalar(place, start),
        }
    }

    /// The bytes up to which a value is looked for.
    fn window(&self, place: Place) -> &[u8] {
        &self.bytes[..self.bytes.len().min(place.start.saturating_add(self.values.max_record_bytes))]
    }

    fn nested(&self, place: Place, start: usize) -> Option<Scanned> {
        let window = self.window(place);
        let mut scan = ValueScan::new(start);
        let (damage, at) = loop {
            match scan.run(self.level, window) {
                ValueStop::End(end) => return Some(Scanned::End(end)),
                ValueStop::Bracket(at) => break (Damage::Bracket, at),
                ValueStop::Depth(at) => break (Damage::Depth, at),
                ValueStop::String(at) => break (Damage::String, at),
                ValueStop::Separator(at) => break (Damage::Unclosed, at),
                ValueStop::Newline(at) if self.starts_record_behind(place, at)? => break (Damage::Unclosed, at),
                ValueStop::Newline(_) => {}
                ValueStop::Open(in_string) => return self.exhausted(place, start, in_string),
            }
        };
        Some(Scanned::Broken { damage, at, is_placed: true })
    }

    fn string(&self, place: Place, start: usize) -> Option<Scanned> {
        let window = self.window(place);
        let broken = |at| Some(Scanned::Broken { damage: Damage::Unclosed, at, is_placed: true });
        let mut at = start + 1;
        let end = loop {
            let Some(found) = memchr3(b'"', b'\\', b'\n', window.get(at..).unwrap_or_default()) else {
                return self.exhausted(place, start, true);
            };
            at += found + 1;
            match window[at - 1] {
                b'"' => break at,
                b'\\' => at += 1,
                _ if self.starts_record_behind(place, at - 1)? => return broken(at - 1),
                _ => {}
            }
        };
        match memchr(0x1e, &window[start..end]) {
            Some(separator) => broken(start + separator),
            None => Some(Scanned::End(end)),
        }
    }

    fn scalar(&self, place: Place, start: usize) -> Option<Scanned> {
        let window = self.window(place);
        let is_end = |byte: &u8| is_blank(*byte) || matches!(byte, b',' | b'{' | b'}' | b'[' | b']' | b'"' | b':');
        let rest = window.get(start..).unwrap_or_default();
        match rest.iter().position(is_end) {
            None if !self.is_all && self.bytes.len() == window.len() => None,
            len => {
                let end = start + len.unwrap_or(rest.len());
                let is_value = is_scalar(&rest[..end - start]);
                let broken = Scanned::Broken { damage: Damage::Stray, at: start, is_placed: true };
                Some(if is_value { Scanned::End(end) } else { broken })
            }
        }
    }

    /// No end was found in the window.
    fn exhausted(&self, place: Place, start: usize, in_string: bool) -> Option<Scanned> {
        let window = self.window(place);
        if !self.is_all && window.len() == self.bytes.len() {
            return None;
        }
        // A string that is not closed: what stands before it is whole.
        let quote = window.get(start..).filter(|_| in_string).and_then(|text| memrchr(b'"', text));
        let at = quote.map_or(place.start, |at| start + at);
        Some(Scanned::Broken { damage: Damage::Unclosed, at, is_placed: quote.is_some() })
    }

    /// The frame of a broken value: up to where the next one may start.
    fn broken(&self, place: Place, broken: Scanned) -> Option<Frame> {
        let Scanned::Broken { damage, at, is_placed } = broken else { return None };
        // The last thing that went well may have been a string too long, into the next record.
        let string = if damage == Damage::String { memrchr(b'"', &self.bytes[..at - 1]) } else { None };
        let next = self.next_record(place, string.unwrap_or(at), is_placed)?;
        let text = &self.bytes[place.start..next];
        let end = place.start + text.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
        let is_long = damage == Damage::Unclosed && next - place.start >= self.values.max_record_bytes;
        let damage = if is_long { Damage::TooLong } else { damage };
        Some(fault(damage, place.start, end, at.min(end), next))
    }

    /// The end of the white space at `from`; `None` if more may follow. So much of it as a record may be long is enough.
    fn blank_end(&self, from: usize) -> Option<usize> {
        let max = self.values.max_record_bytes;
        let rest = self.bytes.get(from..).unwrap_or_default();
        let blank = rest.iter().take(max.saturating_add(1)).take_while(|byte| is_blank(**byte)).count();
        (blank < rest.len() || blank > max || self.is_all).then_some(from + blank.min(max))
    }

    /// The end of what stands behind a document: white space, and a comma at the end of a line. (Another comma may show
    /// that this was an element after all, behind damage that has hidden it.)
    fn between_documents(&self, from: usize) -> Option<usize> {
        let comma = self.blank_end(from)?;
        if self.bytes.get(comma) != Some(&b',') {
            return Some(comma);
        }
        let end = self.blank_end(comma + 1)?;
        Some(if memchr(b'\n', &self.bytes[from..end]).is_some() { end } else { comma })
    }

    /// How many bytes stand before `start` in its line; the most there can be if that is not known, as where the rest of a
    /// broken record begins.
    fn column(&self, start: usize) -> usize {
        // The mark is not always there: it is no part of the first chunk's records.
        let mark = if self.bytes.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let before = self.bytes.get(mark..start).unwrap_or_default();
        let is_document = matches!(self.bytes[start], b'{' | b'[') && before.iter().all(|byte| is_blank(*byte));
        let first = if is_document { before.len() } else { usize::MAX };
        memrchr(b'\n', before).map_or(first, |newline| before.len() - newline - 1)
    }
}

fn fault(damage: Damage, start: usize, end: usize, at: usize, frame_end: usize) -> Frame {
    Frame { record: None, end: frame_end, fault: Some(Fault { damage, start, end, at }) }
}

/// Whether `token` is a value of JSON that is neither a string, an object nor an array.
fn is_scalar(token: &[u8]) -> bool {
    fn digits(text: &[u8]) -> Option<&[u8]> {
        let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then(|| &text[count..])
    }
    fn number(text: &[u8]) -> Option<&[u8]> {
        let text = text.strip_prefix(b"-").unwrap_or(text);
        let mut rest = match text {
            [b'0', rest @ ..] => rest,
            _ => digits(text)?,
        };
        if let [b'.', fraction @ ..] = rest {
            rest = digits(fraction)?;
        }
        if let [b'e' | b'E', exponent @ ..] = rest {
            let unsigned = exponent.strip_prefix(b"-").or(exponent.strip_prefix(b"+")).unwrap_or(exponent);
            rest = digits(unsigned)?;
        }
        Some(rest)
    }
    matches!(token, b"true" | b"false" | b"null") || number(token).is_some_and(<[u8]>::is_empty)
}
