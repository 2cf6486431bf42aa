//! Days in patterns: `logs/{region}/{yyyy}/{MM}/{dd}/` and a range of days to the patterns of each day.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::error::{Error, ErrorKind, Result};

/// A hundred years: more is a slip of the pen.
const MAX_DAYS: i32 = 36_525;

/// A range of days, both ends included.
///
/// ```
/// use logarrow::source::Dates;
/// assert!(Dates::new("2026-03-01", "2026-03-07").is_ok());
/// assert!(Dates::new("2026-03-07", "2026-03-01").is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    first: Date,
    last: Date,
}

impl Dates {
    /// From the first to the last day, written as `2026-03-05`.
    ///
    /// **Errors**: `Option` for what is no day, for a last day before the first, and for more than a hundred years.
    pub fn new(first: &str, last: &str) -> Result<Self> {
        let day = |text: &str| {
            text.parse::<Date>().map_err(|cause| {
                let message = format!("dates: {} is no day", crate::error::quoted(text.as_bytes()));
                Error::new(ErrorKind::Option, message).with_cause(cause).with_hint("write it as 2026-03-05")
            })
        };
        let (first, last) = (day(first)?, day(last)?);
        let days = first.until(last).map_or(i32::MAX, |span| span.get_days());
        if !(0..MAX_DAYS).contains(&days) {
            return Err(Error::new(ErrorKind::Option, format!("dates: {first} to {last} is no range of days"))
                .with_hint("the first day comes first, and a hundred years are the most"));
        }
        Ok(Self { first, last })
    }

    fn days(self) -> impl Iterator<Item = Date> {
        self.first.series(1.day()).take_while(move |day| *day <= self.last)
    }
}

/// One part of a pattern.
enum Part<'p> {
    Text(&'p str),
    /// The letters of a time: `yyyy`, `MM`, `yyyy-MM-dd`.
    Time(&'p str),
    Name,
}

/// The globs that `pattern` stands for: one for each day, month or year that it names, in order.
///
/// Names in braces stand for one part of a path, or some of it.
///
/// **Errors**: `Option` if there are `dates` and the pattern has no place for them.
pub(super) fn expand(pattern: &str, dates: Option<Dates>) -> Result<Vec<String>> {
    let parts = parts(pattern);
    let has_days = parts.iter().any(|part| matches!(part, Part::Time(letters) if letters.contains(['y', 'M', 'd'])));
    match dates {
        Some(_) if !has_days => Err(Error::new(ErrorKind::Option, format!("{pattern}: no place for the dates"))
            .with_hint("mark it in the path: logs/{yyyy}/{MM}/{dd}/ or logs/dt={yyyy-MM-dd}/")),
        Some(dates) => {
            let mut out: Vec<String> = dates.days().map(|day| filled(&parts, Some(day))).collect();
            out.dedup();
            Ok(out)
        }
        None => Ok(vec![filled(&parts, None)]),
    }
}

fn filled(parts: &[Part<'_>], day: Option<Date>) -> String {
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Text(text) => out += text,
            Part::Name => out.push('*'),
            Part::Time(letters) => time(letters, day, &mut out),
        }
    }
    out
}

/// The words of a time.
const WORDS: [&str; 6] = ["yyyy", "MM", "dd", "HH", "mm", "ss"];

fn time(letters: &str, day: Option<Date>, out: &mut String) {
    let mut rest = letters;
    while let Some(first) = rest.chars().next() {
        let word = WORDS.iter().find(|word| rest.starts_with(**word));
        match (word, day) {
            (Some(&"yyyy"), Some(day)) => *out += &format!("{:04}", day.year()),
            (Some(&"MM"), Some(day)) => *out += &format!("{:02}", day.month()),
            (Some(&"dd"), Some(day)) => *out += &format!("{:02}", day.day()),
            (Some(word), _) => *out += &"[0-9]".repeat(word.len()),
            (None, _) => out.push(first),
        }
        rest = &rest[word.map_or(first.len_utf8(), |word| word.len())..];
    }
}

fn parts(pattern: &str) -> Vec<Part<'_>> {
    let mut out = Vec::new();
    let mut rest = pattern;
    while let Some((text, behind)) = rest.split_once('{') {
        let Some((name, after)) = behind.split_once('}') else { break };
        let is_name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if is_time(name) {
            out.extend([Part::Text(text), Part::Time(name)]);
        } else if is_name(name) {
            out.extend([Part::Text(text), Part::Name]);
        } else {
            // Braces that are none of ours.
            out.push(Part::Text(&rest[..text.len() + 1]));
            rest = behind;
            continue;
        }
        rest = after;
    }
    out.push(Part::Text(rest));
    out
}

/// Whether it is made of words of a time, and what may stand between them.
fn is_time(name: &str) -> bool {
    let mut rest = name;
    let mut words = 0;
    while !rest.is_empty() {
        let word = WORDS.iter().find(|word| rest.starts_with(**word));
        words += usize::from(word.is_some());
        match word {
            Some(word) => rest = &rest[word.len()..],
            None if words > 0 && rest.starts_with(['-', '_', 'T']) => rest = &rest[1..],
            None => return false,
        }
    }
    words > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pattern: &str, first: &str, last: &str) -> String {
        expand(pattern, Some(Dates::new(first, last).unwrap())).unwrap().join(" ")
    }

    #[test]
    fn ok_days_months_and_years() {
        assert_eq!(all("a/{yyyy}/{MM}/{dd}/", "2026-02-27", "2026-03-01"), "a/2026/02/27/ a/2026/02/28/ a/2026/03/01/");
        assert_eq!(all("a/{region}/{yyyy}/{MM}/", "2026-02-27", "2026-03-01"), "a/*/2026/02/ a/*/2026/03/");
        assert_eq!(all("dt={yyyy-MM-dd}/{HH}/", "2024-02-29", "2024-02-29"), "dt=2024-02-29/[0-9][0-9]/");
        assert_eq!(expand("a/{yyyyMMdd}.{x,y}/{é", None).unwrap(), [format!("a/{}.{{x,y}}/{{é", "[0-9]".repeat(8))]);
    }

    #[test]
    fn err_ranges() {
        for (first, last) in [("2026-03-32", "2026-04-01"), ("2026-03-02", "2026-03-01"), ("1900-01-01", "2026-01-01")]
        {
            assert_eq!(Dates::new(first, last).unwrap_err().kind(), ErrorKind::Option);
        }
        let days = Dates::new("2026-03-01", "2026-03-01").unwrap();
        assert!(expand("a/{region}/", Some(days)).unwrap_err().to_string().contains("no place"));
    }
}
