//! Key-value pairs as a part of a pattern: logfmt, LTSV, CEF, LEEF, audit records and the like.

use super::{Column, Escape, Extra, Format, From, Layout, Part, Pattern, TypeSpec};
use crate::error::{Error, ErrorKind, Result};

/// Key-value pairs up to the end of a record, and how their writer puts them down.
///
/// Where a key repeats, the first one counts; the others are extra text, as are pairs that no column reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    /// What a column of all pairs refers to; empty for none.
    pub name: String,
    /// Bytes that stand between pairs, each of them or several.
    pub separator: String,
    /// The capture before the pairs that says what stands between them: a byte, or its hexadecimal digits behind `x`
    /// or `0x` (LEEF). Where it is empty or missing, `separator` counts.
    pub separator_from: Option<String>,
    /// The byte between a key and its value.
    pub assign: u8,
    /// Bytes that a value may stand between.
    pub quotes: String,
    /// The one of them between which a value is pairs again, whose keys count like those around it (`msg='op=...'` of
    /// audit records).
    pub nested: Option<u8>,
    /// How bytes are escaped: [`Escape::Json`] between quotes only, [`Escape::Cef`] anywhere.
    pub escape: Escape,
    /// A value ends before the last word that stands before the next assignment, so that it may hold separators (CEF).
    pub until_key: bool,
    /// Keys without a value are allowed; they count as empty values.
    pub bare: bool,
    /// A record with a quote that is not closed, or with a value without a key, is malformed; else it is kept as written.
    pub strict: bool,
    /// Keys are letters, digits, `_`, `-` and `.`; other records are malformed.
    pub labels: bool,
    /// Columns are made of the keys that the first records of a source have.
    pub found: bool,
}

impl Default for Pairs {
    fn default() -> Self {
        Self {
            name: String::new(),
            separator: " ".to_owned(),
            separator_from: None,
            assign: b'=',
            quotes: "\"".to_owned(),
            nested: None,
            escape: Escape::None,
            until_key: false,
            bare: true,
            strict: true,
            labels: false,
            found: false,
        }
    }
}

/// The type of a column of all pairs.
pub(super) const MAP: &str = "map<utf8,utf8>";

impl Pairs {
    /// logfmt: `level=info msg="two words" debug`.
    ///
    /// **Source**: <https://pkg.go.dev/github.com/go-logfmt/logfmt>
    pub fn logfmt() -> Self {
        Self { escape: Escape::Json, ..Self::default() }
    }

    /// Labelled tab-separated values: `host:192.0.2.7\tstatus:200`.
    ///
    /// **Source**: <http://ltsv.org/>
    pub fn ltsv() -> Self {
        let (separator, quotes) = ("\t".to_owned(), String::new());
        Self { separator, assign: b':', quotes, bare: false, labels: true, ..Self::default() }
    }

    /// What is wrong with these settings.
    pub(super) fn wrong(&self) -> Option<&'static str> {
        let separator = self.separator.as_bytes();
        let is_ascii = self.separator.is_ascii() && self.quotes.is_ascii() && self.assign.is_ascii();
        if separator.is_empty() || separator.len() > 4 || self.quotes.len() > 2 {
            Some("one to four bytes separate pairs, and there are at most two kinds of quotes")
        } else if !is_ascii || self.separator.contains(['\n', '\r']) || self.assign == b'\n' {
            Some("separators, quotes and what stands between key and value are ASCII, and no line ends")
        } else if separator.contains(&self.assign)
            || self.quotes.bytes().any(|quote| separator.contains(&quote) || quote == self.assign)
        {
            Some("separators, quotes and what stands between key and value must differ")
        } else if self.nested.is_some_and(|nested| !self.quotes.as_bytes().contains(&nested)) {
            Some("pairs can only be nested between quotes that are among the quotes")
        } else if self.until_key && (self.separator != " " || !self.quotes.is_empty()) {
            Some("values up to the next key have spaces between pairs, and no quotes")
        } else {
            None
        }
    }
}

impl Layout {
    pub(super) fn pairs(&self) -> Option<&Pairs> {
        let Self::Pattern(patterns) = self else { return None };
        patterns.iter().flat_map(|pattern| &pattern.parts).find_map(|part| match part {
            Part::Pairs(pairs) => Some(pairs),
            _ => None,
        })
    }
}

impl Format {
    /// Records that are nothing but key-value pairs. Its columns are the keys that the first records of a source have;
    /// keys that come later go to `_extra`.
    ///
    /// **Errors**: `FormatSyntax` for separators, quotes and assignments that cannot be told apart.
    ///
    /// ```
    /// use logarrow::format::{Format, Pairs};
    /// let pairs = Pairs { separator: ",".into(), assign: b':', ..Pairs::default() };
    /// assert_eq!(Format::key_value(pairs)?.name, "key_value");
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn key_value(pairs: Pairs) -> Result<Self> {
        if let Some(wrong) = pairs.wrong() {
            return Err(Error::new(ErrorKind::FormatSyntax, format!("these are no key-value pairs: {wrong}"))
                .with_hint("for example separator=\" \", assign=\"=\", quotes='\"'"));
        }
        let name = "fields".to_owned();
        let column = Column {
            name: name.clone(),
            from: From::Capture(name.clone()),
            dtype: TypeSpec::plain(MAP),
            doc: "all pairs".to_owned(),
            ..Column::default()
        };
        let part = Part::Pairs(Pairs { name, found: true, ..pairs });
        Ok(Self {
            name: "key_value".to_owned(),
            aliases: Vec::new(),
            title: "Key-value pairs".to_owned(),
            source: String::new(),
            layout: Layout::Pattern(vec![Pattern { parts: vec![part] }]),
            framing: super::Framing::Lines,
            columns: vec![column],
            extra: Extra::Column,
            comments: Vec::new(),
            skip_lines: 0,
            inner: None,
            notes: Vec::new(),
            timezone: None,
            samples: Vec::new(),
            rejects: Vec::new(),
        })
    }

    /// The key-value pairs of its records, if it has any.
    pub fn pairs(&self) -> Option<&Pairs> {
        self.layout.pairs()
    }

    /// A column of all pairs is a map, unless it says what it is.
    pub(super) fn type_pairs(&mut self) {
        let Some(name) = self.pairs().map(|pairs| pairs.name.clone()) else { return };
        for column in &mut self.columns {
            if column.from == From::Capture(name.clone()) && column.dtype.name.is_empty() {
                column.dtype.name = MAP.to_owned();
            }
        }
    }

    /// Whether its records are pairs and nothing else.
    pub fn is_pairs_alone(&self) -> bool {
        let Layout::Pattern(patterns) = &self.layout else { return false };
        patterns.iter().any(|pattern| matches!(pattern.parts[..], [Part::Pairs(_)]))
    }

    /// Whether its columns are the keys found in a source, so that the source must be looked at.
    pub fn wants_keys(&self) -> bool {
        matches!(&self.layout, Layout::Json(json) if json.find_columns) || self.pairs().is_some_and(|pairs| pairs.found)
    }

    /// The same format with a column for each of `keys`, in this order behind the others; the column of all pairs is
    /// then made only when named.
    pub fn with_keys(mut self, keys: &[String]) -> Self {
        let Layout::Pattern(patterns) = &mut self.layout else { return self };
        let mut name = String::new();
        for part in patterns.iter_mut().flat_map(|pattern| &mut pattern.parts) {
            if let Part::Pairs(pairs) = part {
                pairs.found = false;
                name.clone_from(&pairs.name);
            }
        }
        let (mut columns, mut declared): (Vec<_>, Vec<_>) =
            self.columns.into_iter().partition(|column| !matches!(column.from, From::Key(_)));
        for key in keys {
            let is_of = |column: &Column| matches!(&column.from, From::Key(own) if own == key);
            match declared.iter().position(is_of) {
                Some(at) => columns.push(Column { on_demand: false, ..declared.remove(at) }),
                None if columns.iter().chain(&declared).any(|column| column.name == *key) => {}
                None => columns.push(Column { name: key.clone(), from: From::Key(key.clone()), ..Column::default() }),
            }
        }
        columns.extend(declared);
        let has_keys = columns.iter().any(|column| matches!(column.from, From::Key(_)) && !column.on_demand);
        if let Some(all) = columns.iter_mut().find(|column| column.from == From::Capture(name.clone())) {
            all.on_demand |= has_keys;
        }
        self.columns = columns;
        self
    }
}
