//! Classes of characters and escapes, written out in the one spelling of `node`.

use super::node::write_in_class;
use super::syntax::{Bad, Reader, bad};

const DIGIT: &str = "0-9";
const SPACE: &str = r"\x{9}-\x{D} ";
const WORD: &str = "0-9A-Z_a-z";
/// The classes in brackets that are ASCII's.
const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word",
    "xdigit",
];

/// `\d`, `\S`, `\p{L}` and the like as a class, if one stands behind the backslash.
pub(super) fn shorthand(reader: &mut Reader<'_>, at: usize) -> Result<Option<String>, Bad> {
    let (items, negative) = match reader.peek() {
        Some('d') => (DIGIT, false),
        Some('D') => (DIGIT, true),
        Some('s') => (SPACE, false),
        Some('S') => (SPACE, true),
        Some('w') => (WORD, false),
        Some('W') => (WORD, true),
        Some('p' | 'P') => return property(reader, at).map(Some),
        Some('h' | 'H') => {
            let hint = "write [ \\t] for blanks (Java, PCRE), [0-9A-Fa-f] for hexadecimal digits (Ruby)";
            return bad(at, "\\h means different things in different languages", hint);
        }
        _ => return Ok(None),
    };
    reader.next();
    Ok(Some(format!("[{}{items}]", if negative { "^" } else { "" })))
}

/// `\p{Name}`: Unicode's properties, and Java's names for ASCII's.
fn property(reader: &mut Reader<'_>, at: usize) -> Result<String, Bad> {
    let negative = reader.next() == Some('P');
    let name = if reader.take("{") { reader.until('}', at)?.to_owned() } else { reader.next().into_iter().collect() };
    let caret = if negative { "^" } else { "" };
    let posix = name.to_ascii_lowercase();
    // Unicode has properties of some of these names, with a meaning of its own, in lower case.
    if name.starts_with(|c: char| c.is_ascii_uppercase()) && POSIX.contains(&&*posix) && posix != "word" {
        return Ok(format!("[[:{caret}{posix}:]]"));
    }
    let name = name.strip_prefix("Is").filter(|rest| rest.len() > 1).unwrap_or(&name);
    let spelt = format!("[\\{}{{{name}}}]", if negative { 'P' } else { 'p' });
    match regex_syntax::parse(&spelt) {
        Ok(_) => Ok(spelt),
        Err(_) => {
            bad(at, format!("no property of characters is called \"{name}\""), "write \\p{L}, \\p{Lu} or the like")
        }
    }
}

/// The character that an escape means.
pub(super) fn escaped(reader: &mut Reader<'_>, at: usize) -> Result<char, Bad> {
    let code = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let wrong =
        || Bad { at, message: "an escape of no character".into(), hint: "write \\x41, \\u0041 or \\x{41}".into() };
    let digits = |reader: &mut Reader<'_>, least: usize, most: usize, radix: u32| {
        let run = reader.rest().chars().take(most).take_while(|c| c.is_digit(radix)).count();
        let text: String = (0..run).filter_map(|_| reader.next()).collect();
        if run < least { Err(wrong()) } else { code(&text, radix).ok_or_else(wrong) }
    };
    match reader.next() {
        None => bad(at, "a backslash at the end", "write \\\\ for the character"),
        Some('t') => Ok('\t'),
        Some('n') => Ok('\n'),
        Some('r') => Ok('\r'),
        Some('f') => Ok('\u{C}'),
        Some('v') => Ok('\u{B}'),
        Some('a') => Ok('\u{7}'),
        Some('e') => Ok('\u{1B}'),
        Some('0') => digits(reader, 0, 3, 8).or(Ok('\0')),
        Some('x' | 'u') if reader.take("{") => code(reader.until('}', at)?, 16).ok_or_else(wrong),
        Some('x') => digits(reader, 2, 2, 16),
        Some('u') => digits(reader, 4, 4, 16),
        Some('U') => digits(reader, 8, 8, 16),
        Some(c) if c.is_ascii_alphanumeric() => {
            bad(at, format!("\\{c} is not known"), format!("write {c} for the letter"))
        }
        Some(c) => Ok(c),
    }
}

/// A class in brackets, behind the opening one.
pub(super) fn brackets(reader: &mut Reader<'_>, opened: usize) -> Result<String, Bad> {
    let mut out = String::from(if reader.take("^") { "[^" } else { "[" });
    let mut first = true;
    loop {
        let at = reader.at();
        let Some(c) = reader.next() else { return bad(opened, "[ without ]", "close the class, or write \\[") };
        match c {
            ']' if !first => break,
            '&' if reader.take("&") => {
                return bad(at, "an intersection of classes", "write the characters that both have");
            }
            _ => item(reader, c, at, &mut out)?,
        }
        first = false;
    }
    out.push(']');
    Ok(out)
}

/// One character, range, or class within a class.
fn item(reader: &mut Reader<'_>, c: char, at: usize, out: &mut String) -> Result<(), Bad> {
    if c == '[' {
        return nested(reader, at, out);
    }
    if c == '\\'
        && let Some(class) = shorthand(reader, at)?
    {
        write_inner(&class, out);
        return Ok(());
    }
    let start = single(reader, c, at)?;
    write_in_class(start, out);
    // A hyphen before the end stands for itself.
    if reader.rest().starts_with('-') && !reader.rest().starts_with("-]") {
        let before = (reader.at(), out.len());
        reader.take("-");
        let end_at = reader.at();
        let Some(c) = reader.next() else { return Ok(()) };
        let is_class = c == '\\' && reader.rest().starts_with(['d', 'D', 's', 'S', 'w', 'W', 'p', 'P']);
        if is_class || c == '[' {
            let hint = "write \\- for the character";
            return bad(before.0, "a hyphen between a character and a class", hint);
        }
        let end = single(reader, c, end_at)?;
        if end < start {
            return bad(at, "a range that ends before it starts", "put the lower character first, or write \\-");
        }
        out.push('-');
        write_in_class(end, out);
    }
    Ok(())
}

fn single(reader: &mut Reader<'_>, c: char, at: usize) -> Result<char, Bad> {
    match c {
        '\\' if reader.take("b") => Ok('\u{8}'),
        '\\' => escaped(reader, at),
        c => Ok(c),
    }
}

/// `[:alpha:]`; an opening bracket as such is a class in a class for some, a character for others.
fn nested(reader: &mut Reader<'_>, at: usize, out: &mut String) -> Result<(), Bad> {
    if reader.take(":") {
        let name = reader.until(']', at)?;
        let bare = name.strip_suffix(':').map(|name| name.strip_prefix('^').unwrap_or(name));
        match bare {
            Some(known) if POSIX.contains(&known) => {
                *out += &format!("[:{name}]");
                return Ok(());
            }
            _ => return bad(at, "an unknown class of characters", format!("known: {}", POSIX.join(", "))),
        }
    }
    bad(at, "[ within a class means different things in different languages", "write \\[ for the character")
}

/// A class's items within another class.
fn write_inner(class: &str, out: &mut String) {
    match class.strip_prefix("[^") {
        // What is not one of them, as a class of its own.
        Some(_) if class.len() > 3 => out.push_str(match class {
            "[^0-9]" => r"\x{0}-/:-\x{10FFFF}",
            "[^0-9A-Z_a-z]" => r"\x{0}-/:-@\[-\^`{-\x{10FFFF}",
            r"[^\x{9}-\x{D} ]" => r"\x{0}-\x{8}\x{E}-\x{1F}!-\x{10FFFF}",
            other => other,
        }),
        _ => out.push_str(class.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(class)),
    }
}
