//! How the first line of a record begins, as a regular expression.

use super::{Piece, What};
use crate::format::time_pattern;

/// Any text.
pub(in crate::format) const ANY: &str = r"[^\n]*";
/// Text that for the most part is without spaces.
pub(in crate::format) const WORD: &str = r"[^\s]*";
/// A level: those that a system knows by itself are in upper case.
pub(in crate::format) const LEVEL: &str = r"[A-Z][A-Z0-9_]*";
/// A number.
pub(in crate::format) const NUMBER: &str = r"\d+";

/// How much a part of a rule tells.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Tells {
    Nothing,
    /// A text.
    Little,
    /// Numbers and levels.
    Much,
}

/// What the first line of each record begins with; `None` where it may be like any other.
///
/// A time tells such a line by its digits, so that a record that breaks off behind it still is one. Without a time, all
/// that stands before the message has to be there.
pub(super) fn rule(pieces: &[Piece]) -> Option<String> {
    let mut parts = Vec::new();
    let has_time = collect(pieces, &mut parts);
    let told = parts.iter().rposition(|(_, tells)| *tells == Tells::Much);
    // Lines are matched as far as they must be: a text has to end what may have any length.
    let is_text = |at: &usize| parts.get(*at).is_some_and(|(_, tells)| *tells == Tells::Little);
    let last = match told {
        Some(at) if has_time => at,
        _ => (0..parts.len()).rev().find(is_text).or(told)?,
    };
    Some(parts[..=last].iter().map(|(regex, _)| regex.as_str()).collect())
}

/// Appends what pieces look like, up to the first time or to what may hold anything; true if it was a time.
fn collect(pieces: &[Piece], parts: &mut Vec<(String, Tells)>) -> bool {
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let line = text.split('\n').next().unwrap_or_default();
                let tells = if line.trim().is_empty() { Tells::Nothing } else { Tells::Little };
                // A space ends what stands before it.
                let ends = line.starts_with(' ') && parts.last().is_some_and(|(_, last)| *last == Tells::Much);
                parts.push((escaped(line.trim_end_matches('\r')), if ends { Tells::Little } else { tells }));
                if text.contains('\n') {
                    return false;
                }
            }
            Piece::Time(time) => {
                let like = match &time.what {
                    What::Pattern(pattern) => time_like(pattern).0,
                    What::Word("epoch_ms", _) => r"\d{12,}".to_owned(),
                    What::Word("iso8601", _) => r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d".to_owned(),
                    What::Word(..) => r"\d{9,}".to_owned(),
                    What::Unread(_) => {
                        parts.push((ANY.to_owned(), Tells::Nothing));
                        continue;
                    }
                };
                parts.push((padded(&like, time.width), Tells::Much));
                return true;
            }
            Piece::Field(field) if field.is_message => return false,
            Piece::Field(field) => {
                let tells = if matches!(field.like, ANY | WORD) { Tells::Nothing } else { Tells::Much };
                parts.push((padded(field.like, field.width), tells));
            }
            Piece::Optional(inner) => {
                let mut own = Vec::new();
                if collect(inner, &mut own) || own.is_empty() {
                    return false;
                }
                let regex: String = own.iter().map(|(regex, _)| regex.as_str()).collect();
                parts.push((format!("(?:{regex})?"), Tells::Nothing));
            }
            Piece::Padding => parts.push((" *".to_owned(), Tells::Nothing)),
            Piece::Trace(_) => return false,
        }
    }
    false
}

fn padded(like: &str, width: Option<u8>) -> String {
    if width.is_some() { format!(" *{like} *") } else { like.to_owned() }
}

/// What times written by a pattern look like, and how many bytes they have at least.
pub(super) fn time_like(pattern: &str) -> (String, usize) {
    let mut out = String::new();
    let mut least = 0;
    for piece in time_pattern::pieces(pattern) {
        let (like, len): (&str, usize) = match piece {
            time_pattern::Piece::Text(text) => {
                out += &escaped(text);
                least += text.len();
                continue;
            }
            time_pattern::Piece::Token(token) => match token {
                "%Y" => (r"\d{4}", 4),
                "%y" => (r"\d\d", 2),
                "%m" | "%d" | "%H" | "%I" | "%M" | "%S" => (r"\d\d?", 1),
                "%e" => (r" ?\d\d?", 1),
                "%b" | "%B" | "%a" | "%A" => (r"[^\s\d]+", 3),
                "%j" => (r"\d{1,3}", 1),
                "%p" => (r"[AaPp]\.?[Mm]\.?", 2),
                "%z" => (r"(?:Z|[+-]\d\d(?::?\d\d)?)", 1),
                "%Z" => (r"[^\s]+", 1),
                "%T" => (r"\d\d?:\d\d?:\d\d?", 5),
                "%R" => (r"\d\d?:\d\d?", 3),
                "%F" => (r"\d{4}-\d\d?-\d\d?", 8),
                "%D" => (r"\d\d?/\d\d?/\d\d", 6),
                "%s" => (r"\d{9,}", 9),
                "%.f" => (r"(?:[.,]\d+)?", 0),
                "%%" => ("%", 1),
                "%n" | "%t" => (r"\s", 1),
                fraction => match fraction.as_bytes() {
                    [b'%', count @ b'1'..=b'9', b'f'] => {
                        let count = usize::from(count - b'0');
                        out += &format!(r"\d{{{count}}}");
                        least += count;
                        continue;
                    }
                    _ => (NUMBER, 1),
                },
            },
        };
        out += like;
        least += len;
    }
    (out, least)
}

/// A text as a regular expression of bytes.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'_' | b'-' | b'/' | b':' | b',' => out.push(byte.into()),
            b'!'..=b'~' => out.extend(['\\', byte.into()]),
            byte => out += &format!(r"\x{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_look_like_their_patterns() {
        assert_eq!(time_like("%Y-%m-%d %H:%M:%S,%3f"), (r"\d{4}-\d\d?-\d\d? \d\d?:\d\d?:\d\d?,\d{3}".into(), 18));
        assert_eq!(
            time_like("[%d/%b/%Y é%z"),
            (r"\[\d\d?/[^\s\d]+/\d{4} \xC3\xA9(?:Z|[+-]\d\d(?::?\d\d)?)".into(), 15)
        );
        assert_eq!(time_like("%s.%f%%"), (r"\d{9,}\.\d+%".into(), 12));
    }
}
