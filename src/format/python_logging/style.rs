//! The three styles of format strings: a string to text and values.

use super::error;
use crate::error::Result;
use crate::format::app_log::Side;

/// A part of a format string.
#[derive(Debug, PartialEq)]
pub(super) enum Part<'t> {
    Text(String),
    Value(Value<'t>),
}

/// An attribute of a record, and how it is written.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Value<'t> {
    pub(super) name: &'t str,
    /// How it is converted: `s`, `d`, `f` and so on; empty where its own text is written.
    pub(super) kind: &'t str,
    /// The least width it is padded to with spaces.
    pub(super) width: Option<u8>,
    pub(super) side: Side,
    /// It is a number padded with zeros to this width.
    pub(super) zeros: Option<u8>,
    /// It is written in another way than its type suggests: as Python code, filled up, with separators.
    pub(super) is_odd: bool,
    pub(super) at: usize,
}

/// Text under way, and the parts before it.
#[derive(Default)]
struct Parts<'t> {
    parts: Vec<Part<'t>>,
    text: String,
}

impl<'t> Parts<'t> {
    fn value(&mut self, value: Value<'t>) {
        self.flush();
        self.parts.push(Part::Value(value));
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.text)));
        }
    }

    fn finish(mut self) -> Vec<Part<'t>> {
        self.flush();
        self.parts
    }
}

/// Cuts digits off the front.
fn number<'t>(rest: &mut &'t str) -> &'t str {
    let len = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, behind) = rest.split_at(len);
    *rest = behind;
    digits
}

fn width(digits: &str) -> Option<u8> {
    digits.parse::<u64>().ok().filter(|width| *width > 1).map(|width| u8::try_from(width).unwrap_or(u8::MAX))
}

/// `%(name)-8s`.
pub(super) fn percent(text: &str) -> Result<Vec<Part<'_>>> {
    let mut out = Parts::default();
    let mut rest = text;
    while let Some(next) = rest.find('%') {
        out.text += &rest[..next];
        let at = text.len() - rest.len() + next;
        rest = &rest[next + 1..];
        if let Some(behind) = rest.strip_prefix('%') {
            out.text.push('%');
            rest = behind;
            continue;
        }
        let Some((name, behind)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) else {
            return Err(error(
                text,
                at,
                "% without a name",
                "write %(message)s and the like, or %% for a percent sign",
            ));
        };
        rest = behind;
        let flags = rest.len() - rest.trim_start_matches(['#', '0', '+', ' ', '-']).len();
        let (flags, behind) = rest.split_at(flags);
        rest = behind;
        let least = width(number(&mut rest));
        if let Some(behind) = rest.strip_prefix('.') {
            rest = behind;
            number(&mut rest);
        }
        let kind = rest.chars().next().filter(|c| "diouxXeEfFgGcrsa".contains(*c));
        let Some(kind) = kind else {
            let message = format!("%({name}) without its conversion");
            return Err(error(text, at, message, format!("write %({name})s")));
        };
        let is_text = "crsa".contains(kind);
        let has_zeros = flags.contains('0') && !flags.contains('-') && !is_text;
        out.value(Value {
            name,
            kind: &rest[..kind.len_utf8()],
            width: least.filter(|_| !has_zeros).or_else(|| flags.contains(' ').then_some(0)),
            side: if flags.contains('-') { Side::Behind } else { Side::Before },
            zeros: least.filter(|_| has_zeros),
            is_odd: flags.contains('#') || matches!(kind, 'r' | 'a'),
            at,
        });
        rest = &rest[kind.len_utf8()..];
    }
    out.text += rest;
    Ok(out.finish())
}

/// `{name!s:<8}`.
pub(super) fn brace(text: &str) -> Result<Vec<Part<'_>>> {
    let mut out = Parts::default();
    let mut rest = text;
    while let Some(next) = rest.find(['{', '}']) {
        out.text += &rest[..next];
        let at = text.len() - rest.len() + next;
        rest = &rest[next..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            out.text += &rest[..1];
            rest = &rest[2..];
            continue;
        }
        if rest.starts_with('}') {
            return Err(error(text, at, "} without {", "write }} for the text }"));
        }
        let Some(end) = rest.find('}') else {
            return Err(error(text, at, "{ without }", "close the name with }, or write {{ for the text {"));
        };
        let inner = &rest[1..end];
        rest = &rest[end + 1..];
        let (field, spec) = inner.split_once(':').unwrap_or((inner, ""));
        let (name, code) = field.split_once('!').unwrap_or((field, ""));
        let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty();
        if !is_name || spec.contains('{') || !matches!(code, "" | "s" | "r" | "a") {
            let hint = "write {message}, {levelname:<8} and the like, or {{ for the text {";
            return Err(error(text, at, format!("{{{inner}}} names no attribute"), hint));
        }
        let value = described(spec, Value { name, at, is_odd: matches!(code, "r" | "a"), ..Value::default() });
        let Some(value) = value else {
            let hint = "it is [[fill]align][sign][#][0][width][,][.precision][type]";
            return Err(error(text, at, format!("\"{spec}\" says not how to write a value"), hint));
        };
        out.value(value);
    }
    out.text += rest;
    Ok(out.finish())
}

/// Reads a format specification; `None` if it is none.
fn described<'t>(spec: &'t str, value: Value<'t>) -> Option<Value<'t>> {
    let is_align = |c: &char| "<>^=".contains(*c);
    let mut chars = spec.chars();
    let (first, second) = (chars.next(), chars.next());
    let (fill, align, mut rest) = match (first, second) {
        (Some(fill), Some(align)) if is_align(&align) => (fill, Some(align), chars.as_str()),
        (Some(align), _) if is_align(&align) => (' ', Some(align), &spec[1..]),
        _ => (' ', None, spec),
    };
    let before = rest;
    rest = rest.trim_start_matches(['+', '-', ' ', 'z', '#']);
    let is_alternate = before[..before.len() - rest.len()].contains('#');
    let has_zero = rest.starts_with('0');
    let least = width(number(&mut rest));
    let grouped = rest.starts_with([',', '_']);
    rest = rest.strip_prefix([',', '_']).unwrap_or(rest);
    if let Some(behind) = rest.strip_prefix('.') {
        rest = behind;
        number(&mut rest);
    }
    if rest.len() > 1 || !rest.chars().all(|c| "bcdeEfFgGnosxX%".contains(c)) {
        return None;
    }
    let fill = if has_zero && align.is_none() { '0' } else { fill };
    let has_zeros = fill == '0' && matches!(align, None | Some('>' | '='));
    Some(Value {
        kind: rest,
        width: least.filter(|_| fill == ' '),
        side: match align {
            Some('<') => Side::Behind,
            Some('>' | '=') => Side::Before,
            // In the midst; or to the left for texts, to the right for numbers.
            Some(_) | None => Side::Both,
        },
        zeros: least.filter(|_| has_zeros),
        is_odd: value.is_odd || grouped || is_alternate || !has_zeros && fill != ' ' || matches!(rest, "n" | "%" | "b"),
        ..value
    })
}

/// `${name}` and `$name`.
pub(super) fn dollar(text: &str) -> Result<Vec<Part<'_>>> {
    let mut out = Parts::default();
    let mut rest = text;
    while let Some(next) = rest.find('$') {
        out.text += &rest[..next];
        let at = text.len() - rest.len() + next;
        rest = &rest[next + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            out.text.push('$');
            rest = behind;
            continue;
        }
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, behind) = match rest.strip_prefix('{') {
            Some(inner) => inner.split_once('}').unwrap_or(("", rest)),
            None => rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len())),
        };
        if name.is_empty() || !name.chars().all(is_part) || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(error(text, at, "$ without a name", "write ${message} and the like, or $$ for a dollar sign"));
        }
        out.value(Value { name, at, ..Value::default() });
        rest = behind;
    }
    out.text += rest;
    Ok(out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part as text: `name|kind|width|zeros` and `!` where it is odd.
    fn shown(parts: Vec<Part<'_>>) -> String {
        let one = |part: Part<'_>| match part {
            Part::Text(text) => format!("{text:?}"),
            Part::Value(v) => {
                let number = |number: Option<u8>| number.map_or(String::new(), |number| number.to_string());
                let odd = if v.is_odd { "!" } else { "" };
                format!("{}|{}|{}|{}{odd}", v.name, v.kind, number(v.width), number(v.zeros))
            }
        };
        parts.into_iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn styles() {
        for (text, want) in [
            ("%(a)s", "a|s||"),
            ("%(a)-8s: %(b)03d%%", r#"a|s|8| ": " b|d||3 "%""#),
            ("%(a)5.5s%(b)-05d%(c)#x%(d)r", "a|s|5| b|d|5| c|x||! d|r||!"),
            ("x%(a).3f", r#""x" a|f||"#),
        ] {
            assert_eq!(shown(percent(text).unwrap()), want, "{text}");
        }
        for (text, want) in [
            ("{a} {{b}} {c:<8}", r#"a||| " {b} " c||8|"#),
            ("{a:>8s}{b:^8}{c:8}{d!s:10.10}", "a|s|8| b||8| c||8| d||10|"),
            ("{a:03.0f}{b:0>3.0f}{c:03d}", "a|f||3 b|f||3 c|d||3"),
            ("{a:*<8}{b:,}{c!r}{d:.2f}", "a|||! b|||! c|||! d|f||"),
        ] {
            assert_eq!(shown(brace(text).unwrap()), want, "{text}");
        }
        assert_eq!(shown(dollar("$a: ${b}c $$5").unwrap()), r#"a||| ": " b||| "c $5""#);
    }

    #[test]
    fn err_strings_that_are_none() {
        let error = |result: Result<Vec<Part<'_>>>| result.unwrap_err().to_string();
        for (text, want) in [
            ("%(a)s %", "logging:1:7: % without a name"),
            ("%a", "logging:1:1: % without a name"),
            ("%(a", "logging:1:1: % without a name"),
            ("x %(a)", "logging:1:3: %(a) without its conversion\nhint: write %(a)s"),
            ("%(a)q", "logging:1:1: %(a) without its conversion"),
        ] {
            assert!(error(percent(text)).starts_with(want), "{text}: {}", error(percent(text)));
        }
        for (text, want) in [
            ("a}", "logging:1:2: } without {"),
            ("{a", "logging:1:1: { without }"),
            ("{}", "logging:1:1: {} names no attribute"),
            ("{a.b}", "logging:1:1: {a.b} names no attribute"),
            ("{a:8q}", "logging:1:1: \"8q\" says not how to write a value"),
        ] {
            assert!(error(brace(text)).starts_with(want), "{text}: {}", error(brace(text)));
        }
        for text in ["$", "$ a", "${a", "$1"] {
            assert!(error(dollar(text)).starts_with("logging:1:1: $ without a name"), "{text}");
        }
    }
}
