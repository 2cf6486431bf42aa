//! Tests on text: LIKE and its simpler kin, over any of Arrow's string layouts.

use arrow::array::{Array, ArrayAccessor, ArrayRef, AsArray, BooleanArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use memchr::memmem::Finder;

use crate::Result;

/// A test that a text passes or not, prepared once.
#[derive(Clone, Debug)]
pub(super) enum TextTest {
    StartsWith(Box<str>),
    EndsWith(Box<str>),
    Contains(Box<Finder<'static>>),
    Like(Like),
    /// The text is among these.
    OneOf(std::collections::HashSet<Box<str>>),
}

/// A LIKE pattern, cut at its `%`.
#[derive(Clone, Debug)]
pub(super) struct Like {
    /// What stands between the `%`; the first starts the text and the last ends it.
    segments: Vec<Segment>,
    ignore_case: bool,
}

/// Text without `%`: runs of plain text with one `_` between each two.
#[derive(Clone, Debug)]
struct Segment {
    runs: Vec<String>,
    /// Where the segment is one run: how to find it.
    finder: Option<Finder<'static>>,
}

impl TextTest {
    pub(super) fn contains(part: &str) -> Self {
        Self::Contains(Box::new(Finder::new(part.as_bytes()).into_owned()))
    }

    /// The test of a LIKE pattern; the common shapes become the simpler tests.
    pub(super) fn like(pattern: &str, ignore_case: bool, escape: char) -> Self {
        let like = Like::new(pattern, ignore_case, escape);
        let plain: Option<Vec<&str>> = like
            .segments
            .iter()
            .map(|segment| match segment.runs.as_slice() {
                [run] => Some(run.as_str()),
                _ => None,
            })
            .collect();
        match plain.as_deref() {
            _ if ignore_case => Self::Like(like),
            Some([prefix, ""]) => Self::StartsWith((*prefix).into()),
            Some(["", suffix]) => Self::EndsWith((*suffix).into()),
            Some(["", part, ""]) => Self::contains(part),
            _ => Self::Like(like),
        }
    }

    fn passes(&self, text: &str, scratch: &mut String) -> bool {
        match self {
            Self::StartsWith(prefix) => text.starts_with(&**prefix),
            Self::EndsWith(suffix) => text.ends_with(&**suffix),
            Self::Contains(finder) => finder.find(text.as_bytes()).is_some(),
            Self::Like(like) => like.matches(text, scratch),
            Self::OneOf(texts) => texts.contains(text),
        }
    }

    /// Which texts of a string array pass; null where the text is null.
    pub(super) fn evaluate(&self, array: &ArrayRef) -> Result<BooleanArray> {
        Ok(match array.data_type() {
            DataType::Utf8 => self.evaluate_on(array.as_string::<i32>()),
            DataType::LargeUtf8 => self.evaluate_on(array.as_string::<i64>()),
            DataType::Utf8View => self.evaluate_on(array.as_string_view()),
            _ => match array.as_any_dictionary_opt() {
                // Each distinct text once.
                Some(dictionary) => {
                    let passed = self.evaluate(dictionary.values())?;
                    take(&passed, dictionary.keys(), None)?.as_boolean().clone()
                }
                None => self.evaluate_on(cast(array, &DataType::Utf8)?.as_string::<i32>()),
            },
        })
    }

    fn evaluate_on<'a>(&self, array: impl ArrayAccessor<Item = &'a str>) -> BooleanArray {
        let mut scratch = String::new();
        let bits = BooleanBuffer::collect_bool(array.len(), |idx| self.passes(array.value(idx), &mut scratch));
        BooleanArray::new(bits, array.nulls().cloned())
    }
}

impl Like {
    /// `%` is any text, `_` one character; `escape` makes the `%`, `_` or itself after it plain, and is plain before
    /// anything else.
    fn new(pattern: &str, ignore_case: bool, escape: char) -> Self {
        let lowered = if ignore_case { pattern.to_lowercase() } else { pattern.to_owned() };
        let escape = if ignore_case { escape.to_lowercase().next().unwrap_or(escape) } else { escape };
        let mut segments = vec![vec![String::new()]];
        let mut chars = lowered.chars().peekable();
        while let Some(c) = chars.next() {
            let plain = match chars.peek() {
                Some(&next) if c == escape && (next == '%' || next == '_' || next == escape) => {
                    chars.next();
                    next
                }
                _ if c == '%' => {
                    segments.push(vec![String::new()]);
                    continue;
                }
                _ if c == '_' => {
                    if let Some(runs) = segments.last_mut() {
                        runs.push(String::new());
                    }
                    continue;
                }
                _ => c,
            };
            if let Some(run) = segments.last_mut().and_then(|runs| runs.last_mut()) {
                run.push(plain);
            }
        }
        let segments = segments.into_iter().map(Segment::new).collect();
        Self { segments, ignore_case }
    }

    fn matches(&self, text: &str, scratch: &mut String) -> bool {
        if !self.ignore_case {
            return self.matches_exactly(text);
        }
        scratch.clear();
        if text.is_ascii() {
            scratch.push_str(text);
            scratch.make_ascii_lowercase();
        } else {
            scratch.push_str(&text.to_lowercase());
        }
        self.matches_exactly(scratch)
    }

    /// Each segment at its first place: a later one could only leave less for those that follow.
    fn matches_exactly(&self, text: &str) -> bool {
        let Some((first, rest)) = self.segments.split_first() else { return false };
        let Some(len) = first.prefix_len(text) else { return false };
        let Some((last, middle)) = rest.split_last() else { return len == text.len() };
        let mut text = &text[len..];
        for segment in middle {
            let Some(end) = segment.find_end(text) else { return false };
            text = &text[end..];
        }
        last.ends(text)
    }
}

impl Segment {
    fn new(runs: Vec<String>) -> Self {
        let finder = match runs.as_slice() {
            [run] => Some(Finder::new(run.as_bytes()).into_owned()),
            _ => None,
        };
        Self { runs, finder }
    }

    /// The bytes of `text` that this matches at its start.
    fn prefix_len(&self, text: &str) -> Option<usize> {
        let mut rest = text;
        for (idx, run) in self.runs.iter().enumerate() {
            if idx > 0 {
                let mut chars = rest.chars();
                chars.next()?;
                rest = chars.as_str();
            }
            rest = rest.strip_prefix(run.as_str())?;
        }
        Some(text.len() - rest.len())
    }

    /// Where the first match ends.
    fn find_end(&self, text: &str) -> Option<usize> {
        match &self.finder {
            Some(finder) => finder.find(text.as_bytes()).map(|start| start + self.runs[0].len()),
            None => (text.char_indices().map(|(start, _)| start).chain([text.len()]))
                .find_map(|start| self.prefix_len(&text[start..]).map(|len| start + len)),
        }
    }

    /// Whether `text` ends with this.
    fn ends(&self, text: &str) -> bool {
        let mut rest = text;
        for (idx, run) in self.runs.iter().rev().enumerate() {
            if idx > 0 {
                let mut chars = rest.chars();
                if chars.next_back().is_none() {
                    return false;
                }
                rest = chars.as_str();
            }
            match rest.strip_suffix(run.as_str()) {
                Some(before) => rest = before,
                None => return false,
            }
        }
        true
    }
}
