//! Texts of a length: SQL's `varchar(n)` and `char(n)`.
//!
//! **Source**: Hive's `HiveVarchar` and `HiveChar`, as Spark 3.5 shows their columns: lengths count characters (code points);
//! a longer text is cut, and a shorter `char(n)` filled up with spaces.

use super::Kind;

/// The length of a column's texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    chars: usize,
    is_padded: bool,
}

impl Fit {
    /// The length that a kind asks for.
    pub(super) fn of(kind: &Kind) -> Option<Self> {
        match kind {
            Kind::Varchar(chars) => Some(Self { chars: usize::from(*chars), is_padded: false }),
            Kind::Char(chars) => Some(Self { chars: usize::from(*chars), is_padded: true }),
            _ => None,
        }
    }

    /// `text` at its length; `padded` is where it is made, if it has to be.
    pub(super) fn apply<'t>(self, text: &'t str, padded: &'t mut String) -> &'t str {
        if text.len() < self.chars && !self.is_padded {
            return text;
        }
        let mut ends = text.char_indices().map(|(at, _)| at);
        if let Some(end) = ends.nth(self.chars) {
            return &text[..end];
        }
        let missing = self.chars - text.chars().count();
        if missing == 0 || !self.is_padded {
            return text;
        }
        padded.clear();
        padded.push_str(text);
        padded.extend(std::iter::repeat_n(' ', missing));
        padded
    }
}
