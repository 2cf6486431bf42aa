//! A layout in words.

use std::fmt::Write as _;

use super::{Class, Escape, Format, Framing, Layout, Part};
use crate::error::quoted;

impl Format {
    /// The layout for people: one line per part, alternatives one after the other.
    ///
    /// ```
    /// use logarrow::format::Format;
    /// let format = Format::from_toml("name = 'own'\nline = '{host} \"{path}\"'\nescape = 'httpd'", "own.toml")?;
    /// assert_eq!(format.explain_layout(), "\
    /// line:
    ///   host  no space, httpd escapes
    ///   \" \\\"\"
    ///   path  any text, httpd escapes
    ///   \"\\\"\"
    /// ");
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn explain_layout(&self) -> String {
        let mut out = String::new();
        match &self.framing {
            Framing::Lines => {}
            Framing::Parts(marks, column) => {
                _ = writeln!(out, "{column} may go on in a later line, by the marks of {}", marks.name());
            }
            Framing::Octets => out.push_str("a record may count its bytes before its first one\n"),
            Framing::Values(keys) if keys.is_empty() => out.push_str("a record is a JSON value\n"),
            Framing::Values(keys) => _ = writeln!(out, "a record is an element of the array under {}", keys.join(".")),
            Framing::Start(rule) => _ = writeln!(out, "a record starts with each line like {rule}"),
            Framing::Led(rule, leads) => {
                _ = writeln!(
                    out,
                    "a record starts with each line like {rule}, which takes the next along if like {leads}"
                );
            }
            Framing::Continue(rule) => _ = writeln!(out, "a record goes on with each line like {rule}"),
        }
        match self.skip_lines {
            0 => {}
            1 => out.push_str("the first line of each file is skipped\n"),
            count => _ = writeln!(out, "the first {count} lines of each file are skipped"),
        }
        let patterns = match &self.layout {
            Layout::Pattern(patterns) => patterns,
            Layout::Regex(regexes) => return out + &regexes.explain(),
            Layout::Delimited(delimited) => return out + &super::delimited::explain(delimited),
            Layout::Journal => {
                out.push_str(
                    "an entry is NAME=value lines, or names and data behind their length, up to a blank line\n",
                );
                return out;
            }
            Layout::Json(json) => {
                out.push_str("JSON object");
                out.push_str(if json.ignore_case { ", keys in any case" } else { "" });
                out.push_str(if json.find_columns { ", columns found in a sample" } else { "" });
                out.push_str(if json.find_framing { ", lines or other values as found in each source" } else { "" });
                out.push('\n');
                if !json.explode.is_empty() {
                    _ = writeln!(out, "a row is an element of the array under {}", json.explode.join("."));
                }
                if let Some(skip) = &json.skip {
                    _ = writeln!(out, "records whose {} is \"{}\" are skipped", skip.member.join("."), skip.value);
                }
                return out;
            }
            Layout::Syslog(dialects) => {
                _ = writeln!(out, "syslog message, {}", dialects.name());
                return out;
            }
        };
        for (idx, pattern) in patterns.iter().enumerate() {
            match patterns.len() {
                1 => out.push_str("line:\n"),
                count => _ = writeln!(out, "line {} of {count}, tried in this order:", idx + 1),
            }
            let width = pattern.parts.iter().map(name_width).max().unwrap_or(0);
            write_parts(&mut out, &pattern.parts, 1, width);
        }
        out
    }
}

fn name_width(part: &Part) -> usize {
    match part {
        Part::Literal(_) | Part::Again => 0,
        Part::Pairs(pairs) => shown(&pairs.name).chars().count(),
        Part::Capture(capture) => shown(&capture.name).chars().count(),
        Part::Optional(parts) | Part::Tail(parts) => parts.iter().map(name_width).max().map_or(0, |width| width + 2),
    }
}

fn shown(name: &str) -> &str {
    if name.is_empty() { "(skipped)" } else { name }
}

fn write_parts(out: &mut String, parts: &[Part], depth: usize, width: usize) {
    for part in parts {
        out.push_str(&"  ".repeat(depth));
        match part {
            Part::Literal(bytes) => _ = writeln!(out, "{}", quoted(bytes)),
            Part::Pairs(pairs) => {
                _ = writeln!(
                    out,
                    "{:width$}  pairs of key{}value, apart by {}",
                    shown(&pairs.name),
                    char::from(pairs.assign),
                    quoted(pairs.separator.as_bytes())
                );
            }
            Part::Again => out.push_str("the same again, any number of times\n"),
            Part::Optional(inner) | Part::Tail(inner) => {
                let found = if matches!(part, Part::Tail(_)) { "if there, found from the right" } else { "if there" };
                _ = writeln!(out, "{found}:");
                write_parts(out, inner, depth + 1, width.saturating_sub(2));
            }
            Part::Capture(capture) => {
                let class = match capture.class {
                    Class::Any => "any text".to_owned(),
                    Class::Word => "no space".to_owned(),
                    Class::Bare => "no space, no quote".to_owned(),
                    Class::Digits => "digits".to_owned(),
                    Class::Object => "text that begins with {".to_owned(),
                    Class::Dated => "a year and a hyphen first, no space, no quote".to_owned(),
                    Class::Spaces(1) => "text with 1 space".to_owned(),
                    Class::Spaces(count) => format!("text with {count} spaces"),
                    Class::Escaped => "any text, backslashes take a byte along".to_owned(),
                    Class::Trimmed(0) => "any text, trimmed".to_owned(),
                    Class::Trimmed(width) => format!("any text padded with spaces to {width}"),
                    Class::Padded(0) => "word padded with spaces".to_owned(),
                    Class::Padded(width) => format!("word padded with spaces to {width}"),
                    Class::Bytes(1) => "1 byte".to_owned(),
                    Class::Bytes(count) => format!("{count} bytes"),
                    Class::List => "items apart by \", \" or \" : \"".to_owned(),
                };
                let escape = match capture.escape {
                    Escape::None => "",
                    Escape::Httpd => ", httpd escapes",
                    Escape::Nginx => ", nginx escapes",
                    Escape::Json => ", JSON escapes",
                    Escape::Cef => ", CEF escapes",
                    Escape::Percent => ", percent-encoded",
                };
                _ = write!(out, "{:width$}  {class}{escape}", shown(&capture.name));
                if let Some(lead) = capture.lead {
                    _ = write!(out, ", empty or starting with {}", quoted(&[lead]));
                }
                out.push('\n');
            }
        }
    }
}
