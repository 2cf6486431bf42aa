//! Where records end.

use memchr::{memchr, memrchr};

/// What parts records from one another.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Framing {
    /// A newline ends each record.
    #[default]
    Lines,
}

impl Framing {
    /// The end of the last whole record in `bytes`, which start with a record and may break off within one; `None` if they
    /// hold no whole record. There is none in the first `searched` bytes, if the caller knows that.
    pub fn last_end(&self, bytes: &[u8], searched: usize) -> Option<usize> {
        match self {
            Self::Lines => memrchr(b'\n', &bytes[searched..]).map(|at| searched + at + 1),
        }
    }

    /// Where whole records that start at `bytes[0]` end, at or before `wanted`; behind it only if the first of them is
    /// longer. All records in `bytes` are whole.
    pub fn cut(&self, bytes: &[u8], wanted: usize) -> usize {
        if wanted >= bytes.len() {
            return bytes.len();
        }
        match self {
            Self::Lines => match self.last_end(&bytes[..wanted], 0) {
                Some(end) => end,
                None => memchr(b'\n', &bytes[wanted..]).map_or(bytes.len(), |at| wanted + at + 1),
            },
        }
    }
}
