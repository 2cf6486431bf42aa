//! Where records end.

use memchr::{memchr, memrchr};

use super::{Parts, Quoting, StartRule, Unclosed, Values, journal, octets};

/// What parts records from one another.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Framing {
    /// A newline ends each record.
    #[default]
    Lines,
    /// A record ends before the next line that starts one; it may hold newlines.
    Multiline(StartRule),
    /// A newline outside quotes ends each record.
    Quoted(Quoting),
    /// A record that begins with its length in bytes ends there; any other one is a line.
    Octets,
    /// A blank line ends each record, unless it stands in data whose length is told before them.
    Entries,
    /// A newline ends each record, but where a message goes on in a later line.
    Parts(Parts),
    /// Records are JSON values.
    Values(Values),
}

impl Framing {
    /// The end of the first record in `bytes`; `None` if they break off within it. `is_all` says that nothing follows.
    pub fn first_end(&self, bytes: &[u8], is_all: bool) -> Option<usize> {
        match self {
            Self::Lines => memchr(b'\n', bytes).map(|at| at + 1),
            Self::Multiline(rule) => start_behind(rule, bytes, 0).or(is_all.then_some(bytes.len())),
            Self::Quoted(quoting) => quoting.first_end(bytes, is_all),
            Self::Octets => octets::first_end(bytes, is_all),
            Self::Entries => journal::first_end(bytes, is_all),
            Self::Parts(parts) => parts.ends(bytes).next().or(is_all.then_some(bytes.len())),
            Self::Values(values) => values.frame(bytes, is_all).map(|frame| frame.end),
        }
    }

    /// Whether a source may be cut anywhere, and each part finds where its first record starts.
    pub fn is_splittable(&self) -> bool {
        match self {
            Self::Lines => true,
            Self::Multiline(rule) => !rule.has_leads(),
            Self::Quoted(_) | Self::Octets | Self::Entries | Self::Parts(_) | Self::Values(_) => false,
        }
    }

    /// The end of the record in the first `len` of `bytes` whose text ends at `at`; they start with a record, and are whole
    /// ones. `is_all` says that nothing follows behind all `bytes`.
    pub fn end_behind(&self, bytes: &[u8], len: usize, at: usize, is_all: bool) -> Option<usize> {
        let (bytes, all) = (&bytes[..len], bytes);
        match self {
            Self::Values(values) => {
                let mut end = 0;
                while end < at.min(len) {
                    end += values.frame_of_whole(&all[end..], len - end, is_all).end;
                }
                Some(end)
            }
            Self::Octets | Self::Entries => {
                let mut end = 0;
                while end < at {
                    end += self.first_end(&bytes[end..], true)?;
                    if end == bytes.len() {
                        break;
                    }
                }
                Some(end)
            }
            Self::Parts(parts) => parts.ends(bytes).find(|end| *end > at).or(Some(bytes.len())),
            _ => memchr(b'\n', &bytes[at..]).map(|newline| at + newline + 1),
        }
    }

    /// How many bytes of the first record, of which `bytes` are the start, come behind them; `None` where that shows
    /// only when they are there.
    pub(super) fn missing(&self, bytes: &[u8]) -> Option<usize> {
        let counted = octets::count(bytes).filter(|_| *self == Self::Octets);
        counted.map(|count| count.end.saturating_sub(bytes.len()))
    }

    /// Whether a search that found no end is worth repeating with this many bytes: it starts at the front where quotes,
    /// lengths or brackets count, and must not do so for every read.
    pub fn is_worth_searching(&self, searched: usize, len: usize, max_record_bytes: usize) -> bool {
        match self {
            Self::Lines | Self::Multiline(_) => true,
            Self::Quoted(_) | Self::Octets | Self::Entries | Self::Parts(_) => {
                len >= 2 * searched || len > max_record_bytes
            }
            // What stands around a record is limited as well: several limits may lie behind one another.
            Self::Values(_) => len >= searched + searched / 2,
        }
    }

    /// The end of the last whole record in `bytes`, which start with a record and may break off within one; `None` if they
    /// hold no whole record. There is none in the first `searched` bytes, if the caller knows that.
    pub fn last_end(&self, bytes: &[u8], searched: usize) -> Option<usize> {
        match self {
            Self::Lines => memrchr(b'\n', &bytes[searched..]).map(|at| searched + at + 1),
            Self::Multiline(rule) => {
                // The line that broke off there may be one that starts a record.
                let from = memrchr(b'\n', &bytes[..searched]).unwrap_or(0);
                let mut end = bytes.len();
                while let Some(at) = memrchr(b'\n', &bytes[from..end]) {
                    let start = from + at + 1;
                    if rule.starts_at(bytes, start) {
                        return Some(start);
                    }
                    end = from + at;
                }
                None
            }
            Self::Quoted(_) | Self::Octets | Self::Entries => {
                let mut end = 0;
                while let Some(len) = self.first_end(&bytes[end..], false) {
                    end += len;
                }
                (end > 0).then_some(end)
            }
            Self::Parts(parts) => parts.ends(bytes).last(),
            Self::Values(values) => values.last_end(bytes),
        }
    }

    /// [`Self::last_end`] of bytes behind which nothing will ever come: a message may end in its middle.
    pub(super) fn last_end_of_all(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Parts(_) => memrchr(b'\n', bytes).map(|at| at + 1),
            _ => self.last_end(bytes, 0),
        }
    }

    /// Where whole records that start at `bytes[0]` end, at or before `wanted`; behind it only if the first of them is
    /// longer. All records in `bytes` are whole.
    pub fn cut(&self, bytes: &[u8], wanted: usize) -> usize {
        if wanted >= bytes.len() {
            return bytes.len();
        }
        let end = match self {
            Self::Lines => self.last_end(&bytes[..wanted], 0),
            // To find their ends is half of their tokenizer's work, which stops where it has done enough.
            Self::Values(_) => return bytes.len(),
            // A line that starts there is seen whole.
            Self::Multiline(rule) => {
                let mut end = wanted;
                loop {
                    let Some(at) = memrchr(b'\n', &bytes[..end]) else { break None };
                    if rule.starts_at(bytes, at + 1) {
                        break Some(at + 1);
                    }
                    end = at;
                }
            }
            Self::Parts(parts) => {
                let mut end = None;
                for next in parts.ends(bytes) {
                    if end.is_some() && next > wanted {
                        break;
                    }
                    end = Some(next);
                }
                return end.unwrap_or(bytes.len());
            }
            Self::Octets | Self::Entries => {
                let mut end = 0;
                while let Some(len) = self.first_end(&bytes[end..], true) {
                    if end > 0 && end + len > wanted {
                        break;
                    }
                    end += len;
                }
                return if end == 0 { bytes.len() } else { end };
            }
            Self::Quoted(quoting) => {
                let (mut end, mut unclosed) = (0, Unclosed::default());
                while let Some(len) = quoting.first_end_of(&bytes[end..], true, &mut unclosed) {
                    if end > 0 && end + len > wanted {
                        break;
                    }
                    end += len;
                }
                return if end == 0 { bytes.len() } else { end };
            }
        };
        let next = |from: usize| match self {
            Self::Multiline(rule) => start_behind(rule, bytes, from),
            _ => self.next_start(&bytes[from..], false).map(|at| from + at),
        };
        end.unwrap_or_else(|| next(wanted - 1).unwrap_or(bytes.len()))
    }

    /// Where the first record starts behind the first newline of `bytes`, which start anywhere. `is_led` says that the line
    /// they break off takes the next one along.
    pub(super) fn next_start(&self, bytes: &[u8], is_led: bool) -> Option<usize> {
        match self {
            Self::Lines | Self::Quoted(_) | Self::Octets | Self::Entries | Self::Parts(_) | Self::Values(_) => {
                memchr(b'\n', bytes).map(|at| at + 1)
            }
            Self::Multiline(rule) => {
                let mut starts = memchr::memchr_iter(b'\n', bytes).map(|at| at + 1);
                let first = starts.next()?;
                if !is_led && rule.starts(&bytes[first..]) {
                    return Some(first);
                }
                starts.find(|start| rule.starts_at(bytes, *start))
            }
        }
    }

    /// How much of `bytes`, in which [`Self::next_start`] found nothing, need not be looked at again: up to the newline
    /// before a line that breaks off too early to be told.
    pub(super) fn passable(&self, bytes: &[u8]) -> usize {
        match self {
            Self::Lines | Self::Quoted(_) | Self::Octets | Self::Entries | Self::Parts(_) | Self::Values(_) => {
                bytes.len()
            }
            Self::Multiline(rule) => match memrchr(b'\n', bytes) {
                Some(at) if rule.is_open(&bytes[at + 1..]) => at,
                _ => bytes.len(),
            },
        }
    }

    /// Whether `bytes`, which start with a record, break off before it can be told how it goes on.
    pub(super) fn is_open(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Multiline(rule) => rule.has_leads() && rule.is_open(bytes),
            Self::Entries => journal::broken(bytes).is_none(),
            _ => false,
        }
    }

    /// Whether the last line of `bytes`, which ends there or breaks off, takes the next one along; `broken` if they hold no
    /// start of a line, and are behind one of which that was known.
    pub(super) fn takes_next(&self, bytes: &[u8], broken: Option<bool>) -> bool {
        let Self::Multiline(rule) = self else { return false };
        match (memrchr(b'\n', bytes), broken) {
            (None, Some(broken)) => broken,
            (newline, _) => rule.takes_next(&bytes[newline.map_or(0, |at| at + 1)..]),
        }
    }
}

/// Where a record starts behind the first newline at or behind `from`; `bytes` start with a record.
fn start_behind(rule: &StartRule, bytes: &[u8], from: usize) -> Option<usize> {
    let newlines = memchr::memchr_iter(b'\n', &bytes[from..]);
    newlines.map(|at| from + at + 1).find(|start| rule.starts_at(bytes, *start))
}
