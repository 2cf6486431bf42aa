//! The words of a Hive statement.
//!
//! Our own, since no SQL parser at hand reads what Hive's documentation and `SHOW CREATE TABLE` write: texts between double
//! quotes, backslash escapes in either kind of text, `struct<a:int>`, clauses in any order.

use super::super::regex::Bad;

/// One word, text or sign.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Where it starts, in bytes.
    pub(super) at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A name, keyword or number, as written.
    Word(String),
    /// A name between back-ticks.
    Name(String),
    /// A text between quotes, its escapes resolved. With the first class of a regular expression (`\d`) whose backslash
    /// that took away.
    Text(String, Option<char>),
    Sign(char),
}

/// Cuts a statement.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Bad> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, len) = match c {
            c if c.is_whitespace() => (None, c.len_utf8()),
            '-' if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => {
                let end = rest.find("*/").ok_or_else(|| bad(at, "/* without */", "close the comment"))?;
                (None, end + 2)
            }
            '`' => {
                let (name, len) = name(rest).ok_or_else(|| bad(at, "` is never closed", "close the name with `"))?;
                (Some(Kind::Name(name)), len)
            }
            '\'' | '"' => {
                let hint = "close it; write \\' or \\\" for a quote in it";
                let (text, lost, len) =
                    literal(rest, c).ok_or_else(|| bad(at, format!("{c} is never closed"), hint))?;
                (Some(Kind::Text(text, lost)), len)
            }
            c if is_word(c) => {
                let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (Some(Kind::Word(rest[..len].to_owned())), len)
            }
            '(' | ')' | '<' | '>' | ',' | '=' | ':' | ';' | '.' | '-' | '+' => (Some(Kind::Sign(c)), 1),
            c => {
                let message = format!("{} has no meaning here", crate::error::quoted(c.to_string().as_bytes()));
                return Err(bad(at, message, "give one CREATE TABLE statement; put odd names between back-ticks"));
            }
        };
        out.extend(kind.map(|kind| Token { kind, at }));
        at += len;
    }
    Ok(out)
}

pub(super) fn bad(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Bad {
    Bad { at, message: message.into(), hint: hint.into() }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '@' | '{' | '}')
}

/// A name between back-ticks, of which two stand for one; and its length as written.
fn name(text: &str) -> Option<(String, usize)> {
    let mut out = String::new();
    let mut rest = &text[1..];
    loop {
        let end = rest.find('`')?;
        out.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('`') {
            Some(behind) => {
                out.push('`');
                rest = behind;
            }
            None => return Some((out, text.len() - rest.len())),
        }
    }
}

/// A text between quotes, the class that lost its backslash, and the length as written.
fn literal(text: &str, quote: char) -> Option<(String, Option<char>, usize)> {
    let mut out = String::new();
    let mut lost = None;
    let mut at = 1;
    loop {
        let c = text[at..].chars().next()?;
        at += c.len_utf8();
        if c == quote {
            return Some((out, lost, at));
        }
        if c != '\\' {
            out.push(c);
            continue;
        }
        let (meant, len) = escaped(&text[at..])?;
        if meant.chars().next().is_some_and(|c| text[at..].starts_with(c) && "dDsSwW".contains(c)) {
            lost = lost.or(meant.chars().next());
        }
        out.push_str(&meant);
        at += len;
    }
}

/// What stands behind a backslash, and how long it is: `\001` and `\u0001` are characters by their number, `\0 \b \n \r
/// \t \Z` those of C and Ctrl-Z, `\%` and `\_` keep the backslash, any other character is itself.
fn escaped(text: &str) -> Option<(String, usize)> {
    let c = text.chars().next()?;
    let numbered = |digits: Option<&str>, radix| {
        let digits = digits.filter(|digits| digits.chars().all(|c| c.is_digit(radix)))?;
        char::from_u32(u32::from_str_radix(digits, radix).ok()?)
    };
    if let '0'..='3' = c
        && let Some(c) = numbered(text.get(..3), 8)
    {
        return Some((c.to_string(), 3));
    }
    if c == 'u'
        && let Some(c) = numbered(text.get(1..5), 16)
    {
        return Some((c.to_string(), 5));
    }
    let meant = match c {
        '0' => '\0',
        'b' => '\u{8}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'Z' => '\u{1a}',
        '%' | '_' => return Some((format!("\\{c}"), 1)),
        c => c,
    };
    Some((meant.to_string(), c.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(written: &str) -> String {
        match tokens(written).unwrap().remove(0).kind {
            Kind::Text(text, _) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn texts_have_hives_escapes() {
        for (written, meant) in [
            (r#"'a"b\'c'"#, "a\"b'c"),
            (r#""a'b\"c""#, "a'b\"c"),
            (r"'\\d\\.'", r"\d\."),
            (r"'\d'", "d"),
            (r"'\001\t\n\u00e9\377\09\Z\%\x'", "\u{1}\t\né\u{ff}\09\u{1a}\\%x"),
            ("'é\\é'", "éé"),
            ("''", ""),
        ] {
            assert_eq!(text(written), meant, "{written}");
        }
        assert!(matches!(&tokens(r"'(\d+)'").unwrap()[0].kind, Kind::Text(_, Some('d'))));
        assert!(matches!(&tokens(r"'(\\d+\.)'").unwrap()[0].kind, Kind::Text(_, None)));
    }

    #[test]
    fn words_names_and_comments() {
        let kinds: Vec<_> =
            tokens("a -- x'\n `b``c`/* ' */<9>;").unwrap().into_iter().map(|token| token.kind).collect();
        let word = |text: &str| Kind::Word(text.into());
        let signs = ['<', '>', ';'].map(Kind::Sign);
        let [open, close, end] = signs;
        assert_eq!(kinds, [word("a"), Kind::Name("b`c".into()), open, word("9"), close, end]);
        for (text, at) in [("a 'b", 2), ("`a", 0), ("a /* b", 2), ("a ? b", 2), ("'\\", 0)] {
            assert_eq!(tokens(text).unwrap_err().at, at, "{text}");
        }
    }
}
