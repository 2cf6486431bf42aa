//! Names of fields, from the header lines of a file.

use super::delimited::Delimited;
use crate::split::HeaderLines;

/// How a file names its own fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// In its first record. Names as they are, spaces around them dropped.
    First,
    /// In its first record, if that has names that are known: lower case with dashes, which become `_`.
    Known,
    /// W3C: behind `#Fields:`, with blanks between; `cs(User-Agent)` is `cs_user_agent`.
    W3c,
    /// Zeek: behind `#fields` (types behind `#types`), with what `#separator` names between; `id.orig_h` is `id_orig_h`.
    Zeek,
}

/// What header lines say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// A name for each field, all different.
    pub names: Vec<String>,
    /// What stands between fields, if the header says so.
    pub separator: Option<Vec<u8>>,
}

impl Header {
    /// Where the lines stand.
    pub fn lines(self) -> HeaderLines {
        match self {
            Self::First | Self::Known => HeaderLines::First,
            Self::W3c => HeaderLines::Marked(&["#Fields:"]),
            Self::Zeek => HeaderLines::Marked(&["#separator", "#fields"]),
        }
    }

    /// What a marked line says; `None` if it is none of the lines looked for. `separator` is the one in use.
    pub fn marked(self, line: &[u8], separator: &[u8]) -> Option<Names> {
        let line = line.trim_ascii_end();
        match self {
            Self::First | Self::Known => None,
            Self::W3c => {
                let names = line.strip_prefix(b"#Fields:")?;
                let names = names.split(u8::is_ascii_whitespace).filter(|name| !name.is_empty()).map(snake_case);
                Some(Names { names: distinct(names), separator: None })
            }
            Self::Zeek => {
                if let Some(separator) = line.strip_prefix(b"#separator") {
                    return Some(Names { names: Vec::new(), separator: Some(separator_of(separator)) });
                }
                let names = line.strip_prefix(b"#fields")?.strip_prefix(separator)?;
                Some(Names { names: distinct(split(names, separator).map(snake_case)), separator: None })
            }
        }
    }
}

/// The names in a first record, whose fields these are; `None` if it is none: numbers stand in it, and names are missing
/// or the same, as in data.
pub(crate) fn first_names(fields: &[Vec<u8>]) -> Option<Vec<String>> {
    let texts: Vec<String> = fields.iter().map(|field| String::from_utf8_lossy(field).trim().to_owned()).collect();
    let is_number = |text: &String| text.parse::<f64>().is_ok() && text.bytes().any(|byte| byte.is_ascii_digit());
    let repeats = texts.iter().enumerate().any(|(at, text)| text.is_empty() || texts[..at].contains(text));
    (!repeats || !texts.iter().any(is_number)).then(|| distinct(texts.into_iter()))
}

/// The names in a first record, whose fields these are; `None` if it is data: a header has names alone, of which it knows
/// half.
pub(crate) fn known_names(fields: &[Vec<u8>], is_known: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let is_part = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    let is_name = |field: &Vec<u8>| field.first().is_some_and(u8::is_ascii_lowercase) && field.iter().all(is_part);
    if !fields.iter().all(is_name) {
        return None;
    }
    let names: Vec<String> = fields.iter().map(|field| String::from_utf8_lossy(field).replace('-', "_")).collect();
    let known = names.iter().filter(|name| is_known(name)).count();
    (known > 0 && 2 * known >= names.len()).then(|| distinct(names.into_iter()))
}

/// `column1`, `column2`, ...: the names of fields that have none.
pub(crate) fn numbered(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("column{number}")).collect()
}

/// The separator that a `#separator` line names: `\x09`, or as it is.
fn separator_of(text: &[u8]) -> Vec<u8> {
    let text = text.strip_prefix(b" ").unwrap_or(text);
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let digits = text[at..].strip_prefix(b"\\x").and_then(|rest| rest.get(..2));
        let byte =
            digits.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|d| u8::from_str_radix(d, 16).ok());
        out.push(byte.unwrap_or(text[at]));
        at += if byte.is_some() { 4 } else { 1 };
    }
    if out.is_empty() { vec![b'\t'] } else { out }
}

pub(crate) fn split<'a>(text: &'a [u8], separator: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match memchr::memmem::find(text, separator).filter(|_| !separator.is_empty()) {
            Some(at) => {
                rest = Some(&text[at + separator.len()..]);
                Some(&text[..at])
            }
            None => {
                rest = None;
                Some(text)
            }
        }
    })
}

/// `cs(User-Agent)` as `cs_user_agent`.
fn snake_case(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name).to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("_")
}

/// Names that are missing or stood before get a number. A NUL in one is shown as U+FFFD: Arrow's C interface takes none.
fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut known = std::collections::BTreeSet::new();
    let mut out: Vec<String> = Vec::new();
    for (at, name) in names.enumerate() {
        let name = name.replace('\0', "\u{fffd}");
        let base = if name.is_empty() { format!("column{}", at + 1) } else { name };
        let mut name = base.clone();
        let mut number = 2;
        while !known.insert(name.clone()) {
            name = format!("{base}_{number}");
            number += 1;
        }
        out.push(name);
    }
    out
}

impl Delimited {
    /// The text of a span, quotes and escapes resolved: names in a header.
    fn text_of(&self, record: &[u8], (start, end): (u32, u32)) -> Vec<u8> {
        let span = &record[start as usize..end as usize];
        let Some(quote) = self.quote else { return span.to_vec() };
        match span.split_first() {
            Some((first, rest)) if *first == quote && self.is_doubled() => {
                let text = String::from_utf8_lossy(rest).into_owned();
                let once = char::from(quote).to_string();
                text.replace(&once.repeat(2), &once).into_bytes()
            }
            _ => span.to_vec(),
        }
    }

    /// The names in a header of `lines`: the first record, or marked lines. `None` if there are none; for a first record
    /// that looks like data, numbers.
    pub fn names_in(&self, lines: &[u8]) -> Option<Vec<String>> {
        match self.header? {
            own @ (Header::First | Header::Known) => {
                let start = lines.iter().position(|byte| !matches!(byte, b'\n' | b'\r'))?;
                let end = self.framing().first_end(&lines[start..], true).map_or(lines.len(), |end| start + end);
                let record = &lines[start..end];
                let record = record.strip_suffix(b"\n").unwrap_or(record);
                let record = record.strip_suffix(b"\r").unwrap_or(record);
                let (names, fields) = self.first(record)?;
                // Without names a file has those of its format, if there are any.
                names.or_else(|| (own == Header::First).then(|| numbered(fields)))
            }
            header => {
                let mut separator = self.delimiter.to_vec();
                let mut found = None;
                for line in lines.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"#")) {
                    match header.marked(line, &separator) {
                        Some(names) if names.separator.is_some() => separator = names.separator.unwrap_or_default(),
                        // The first one that names fields: later ones are other parts of the file.
                        Some(names) if !names.names.is_empty() => found = found.or(Some(names.names)),
                        _ => {}
                    }
                }
                found
            }
        }
    }

    /// The names in a first record, if it is a header, and how many fields it has.
    pub(super) fn first(&self, record: &[u8]) -> Option<(Option<Vec<String>>, usize)> {
        let mut spans = Vec::new();
        self.cut(record, &mut spans).ok()?;
        let fields: Vec<_> = spans.iter().map(|span| self.text_of(record, *span)).collect();
        let names = match self.header {
            Some(Header::Known) => known_names(&fields, |name| self.known.contains(name)),
            _ => first_names(&fields),
        };
        Some((names, fields.len()))
    }

    /// Whether a record may be a header that stands in the midst of a file, where files were joined.
    #[inline(always)]
    pub(super) fn may_be_header(&self, record: &[u8]) -> bool {
        self.header == Some(Header::Known)
            && record.first().is_some_and(u8::is_ascii_lowercase)
            && self.first(record).is_some_and(|(names, _)| names.is_some())
    }
}
