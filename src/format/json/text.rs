//! Types of JSON columns as text: `struct<id: int64, tags: list<utf8>>`, and back.
//!
//! A type is a scalar's name, `json`, `struct<key: type, ...>`, `list<type>` or `map<utf8,type>`. A scalar's option stands
//! in parentheses behind it, `timestamp(epoch_ms)`, `decimal(10,2)(rounded)`; a member whose name is not its key is
//! `key as name: type`; keys, names and options of other characters stand between double quotes, with JSON's escapes.
//! Types as Arrow prints them are read too.

use std::fmt;

use super::super::types::{ATTRIBUTE, Wrong, check_scalar, wrong};
use super::super::{TypeSpec, spelling};
use super::{JsonType, Member};
use crate::error::{Error, ErrorKind, Result, quoted};

/// Structs, lists and maps within one another, at most.
const MAX_DEPTH: usize = 64;

const HINT: &str = "write a type such as int64, struct<key: type>, list<type>, map<utf8,type> or json";
const OPTION_HINT: &str = "write the option behind its scalar: list<timestamp(epoch_ms)>";

impl JsonType {
    /// The type that a column of a JSON layout has.
    ///
    /// **Errors**: [`ErrorKind::TypeMismatch`] for a text that is no type, an unknown type, types nested more than 64 deep,
    /// members of the same key or name, an option that does not go with its type, and separators.
    ///
    /// ```
    /// use logarrow::format::{JsonType, TypeSpec};
    /// let text = "struct<id: int64, at: timestamp(epoch_ms), \"x:y\" as x_y: list<utf8>>";
    /// let dtype = JsonType::parse(&TypeSpec { name: text.into(), ..TypeSpec::default() })?;
    /// assert_eq!(dtype.to_string(), text);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn parse(spec: &TypeSpec) -> Result<Self> {
        Self::read(spec).map_err(into_error)
    }

    /// The type of a text alone, with a scalar's option behind it as for [`TypeSpec::parse`] or in parentheses.
    ///
    /// **Errors**: as [`JsonType::parse`].
    ///
    /// ```
    /// use logarrow::format::JsonType;
    /// assert_eq!(JsonType::from_text("timestamp:epoch_ms")?, JsonType::from_text("timestamp(epoch_ms)")?);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn from_text(text: &str) -> Result<Self> {
        Self::written(text).and_then(Self::complete).map_err(into_error)
    }

    /// The type as a column has it: the option of a scalar beside its name.
    pub fn spec(&self) -> TypeSpec {
        match self {
            Self::Scalar(spec) if spec.name == "utf8" => TypeSpec { name: String::new(), ..spec.clone() },
            Self::Scalar(spec) => spec.clone(),
            nested => TypeSpec::plain(&nested.to_string()),
        }
    }

    pub(in crate::format) fn read(spec: &TypeSpec) -> Result<Self, Wrong> {
        Self::unchecked(spec)?.complete()
    }

    fn unchecked(spec: &TypeSpec) -> Result<Self, Wrong> {
        if !spec.separators.is_empty() {
            return Err(wrong("separators do not go with JSON, whose arrays are lists", "leave them out"));
        }
        if spec.name.is_empty() {
            return Ok(Self::Scalar(spec.clone()));
        }
        let mut dtype = whole(&spec.name)?;
        if let Some(option) = &spec.format {
            dtype.add_option(option)?;
        }
        Ok(dtype)
    }

    /// The type of another text, in place of one: what the text leaves unsaid stays as it was.
    pub(in crate::format) fn replaced(text: &str, before: &TypeSpec) -> Result<Self, Wrong> {
        let mut dtype = Self::written(text)?;
        if before.name == ATTRIBUTE {
            return dtype.held();
        }
        dtype.keep(&Self::read(before)?, |wanted| wanted.format.is_none());
        dtype.complete()
    }

    /// The type of a schema, which says what comes out, in place of one, which says how it is read too.
    pub(in crate::format) fn fitted(wanted: &TypeSpec, before: &TypeSpec) -> Result<Self, Wrong> {
        let mut dtype = Self::unchecked(wanted)?;
        if before.name == ATTRIBUTE {
            return dtype.held();
        }
        dtype.keep(&Self::read(before)?, TypeSpec::says_nothing);
        dtype.complete()
    }

    /// An attribute value that holds this type.
    fn held(self) -> Result<Self, Wrong> {
        let held = match &self {
            Self::Scalar(spec) if spec.name == ATTRIBUTE => return self.complete(),
            // What is no text or number is JSON text anyway.
            Self::Scalar(spec) if spec.name == "json" => None,
            Self::Scalar(TypeSpec { name, format: Some(format), .. }) => Some(format!("{name}:{format}")),
            Self::Scalar(spec) => Some(spec.shown().to_owned()),
            other => Some(other.to_string()),
        };
        Self::Scalar(TypeSpec { name: ATTRIBUTE.into(), format: held, separators: Vec::new() }).complete()
    }

    /// Takes over how values are written, and the keys of members, from a type that was there before.
    fn keep(&mut self, before: &Self, is_unsaid: fn(&TypeSpec) -> bool) {
        match (self, before) {
            (Self::Scalar(spec), Self::Scalar(before)) if is_unsaid(spec) => {
                if spec.base() == before.base() {
                    spec.format.clone_from(&before.format);
                } else if spec.is_result_of(before) {
                    spec.clone_from(before);
                }
            }
            (Self::List(item), Self::List(before)) | (Self::Map(item), Self::Map(before)) => {
                item.keep(before, is_unsaid);
            }
            (Self::Struct(members), Self::Struct(before)) => {
                for member in members {
                    let by_key = before.iter().find(|known| known.key == member.key);
                    let by_name = || before.iter().find(|known| known.name == member.name && member.name == member.key);
                    let Some(known) = by_key.or_else(by_name) else { continue };
                    member.key.clone_from(&known.key);
                    member.dtype.keep(&known.dtype, is_unsaid);
                }
            }
            _ => {}
        }
    }

    /// What a text says, without what goes without saying.
    fn written(text: &str) -> Result<Self, Wrong> {
        let mut reader = Reader { text, at: 0 };
        let mut dtype = reader.dtype(0)?;
        match reader.rest().strip_prefix(':') {
            Some(option) => dtype.add_option(option)?,
            None => reader.end()?,
        }
        Ok(dtype)
    }

    fn add_option(&mut self, option: &str) -> Result<(), Wrong> {
        match self {
            Self::Scalar(spec) if spec.format.is_none() => spec.format = Some(option.to_owned()),
            Self::Scalar(spec) => {
                let message = format!("type \"{}\" has two options, \"{option}\" being one", spec.name);
                return Err(wrong(message, "leave one of them out"));
            }
            nested => {
                let message = format!("option \"{option}\" does not go with type \"{nested}\"");
                return Err(wrong(message, OPTION_HINT));
            }
        }
        Ok(())
    }

    /// Adds what goes without saying, and checks everything.
    fn complete(mut self) -> Result<Self, Wrong> {
        match &mut self {
            Self::Scalar(spec) => {
                if spec.name.is_empty() {
                    spec.name.push_str("utf8");
                }
                if spec.format.is_none() && spec.is_time() {
                    spec.format = Some(USUAL_TIME.into());
                }
                check_scalar(spec)?;
            }
            Self::List(item) | Self::Map(item) => **item = std::mem::take(&mut **item).complete()?,
            Self::Struct(members) => {
                for (at, member) in members.iter().enumerate() {
                    if let Some(other) = members[..at].iter().find(|other| other.key == member.key) {
                        let message = format!("two members have the key {}", quoted(other.key.as_bytes()));
                        return Err(wrong(message, "leave one of them out"));
                    }
                    if let Some(other) = members[..at].iter().find(|other| other.name == member.name) {
                        let message = format!("two members are called {}", quoted(other.name.as_bytes()));
                        return Err(wrong(message, "give one another name: key as name: type"));
                    }
                    if member.name.contains('\0') {
                        let message = format!("{} cannot name a member", quoted(member.name.as_bytes()));
                        return Err(wrong(message, "give it a name without NUL: key as name: type"));
                    }
                }
                for member in members {
                    member.dtype = std::mem::take(&mut member.dtype).complete()?;
                }
            }
        }
        Ok(self)
    }
}

/// How times are written unless it is said.
const USUAL_TIME: &str = "iso8601";

fn into_error(bad: Wrong) -> Error {
    Error::new(ErrorKind::TypeMismatch, bad.message).with_hint(bad.hint)
}

/// The type that is all of a text.
fn whole(text: &str) -> Result<JsonType, Wrong> {
    let mut reader = Reader { text, at: 0 };
    let dtype = reader.dtype(0)?;
    reader.end()?;
    Ok(dtype)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    fn take(&mut self, sign: &str) -> bool {
        let is_next = self.rest().starts_with(sign);
        self.at += if is_next { sign.len() } else { 0 };
        is_next
    }

    fn sign(&mut self, sign: &str) -> Result<(), Wrong> {
        if self.take(sign) { Ok(()) } else { Err(self.expected(&format!("\"{sign}\""))) }
    }

    fn end(&mut self) -> Result<(), Wrong> {
        if self.rest().is_empty() { Ok(()) } else { Err(self.expected("the end")) }
    }

    fn expected(&mut self, wanted: &str) -> Wrong {
        let found = match self.rest().chars().next() {
            None => "the end".to_owned(),
            Some(c) => quoted(c.to_string().as_bytes()),
        };
        let shown = quoted(self.text.as_bytes());
        wrong(format!("type {shown}, byte {}: expected {wanted}, found {found}", self.at), HINT)
    }

    /// The characters up to a space or a sign of the language.
    fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || ":,<>()[]\"".contains(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A key or a name: characters without meaning, or a text between quotes.
    fn name(&mut self, wanted: &str) -> Result<String, Wrong> {
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || ":,<>()\"".contains(c)).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.expected(wanted));
        }
        self.at += end;
        Ok(rest[..end].to_owned())
    }

    /// A text between quotes, with JSON's escapes.
    fn quoted(&mut self) -> Result<String, Wrong> {
        self.sign("\"")?;
        let mut out = String::new();
        let mut chars = self.text[self.at..].char_indices();
        while let Some((at, c)) = chars.next() {
            let c = match c {
                '"' => {
                    self.at += at + 1;
                    return Ok(out);
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => Some('\n'),
                    Some('r') => Some('\r'),
                    Some('t') => Some('\t'),
                    Some('b') => Some('\u{8}'),
                    Some('f') => Some('\u{c}'),
                    Some(c @ ('"' | '\\' | '/')) => Some(c),
                    Some('u') => {
                        let digits = self.text.get(self.at + at + 2..self.at + at + 6);
                        let code = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                        let c = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
                        if c.is_some() {
                            // Four ASCII digits.
                            chars.nth(3);
                        }
                        c
                    }
                    _ => None,
                },
                c => Some(c),
            };
            let Some(c) = c else {
                self.at += at;
                return Err(self.expected("an escape such as \\\" or \\u0041 (others than of surrogates)"));
            };
            out.push(c);
        }
        self.at = self.text.len();
        Err(self.expected("a closing quote"))
    }

    fn dtype(&mut self, depth: usize) -> Result<JsonType, Wrong> {
        let word = self.word();
        let is_open = self.rest().starts_with('<');
        let is_nested = is_open && matches!(word, "struct" | "list" | "large_list" | "array" | "map");
        if is_nested && depth >= MAX_DEPTH {
            let message = format!("types are nested more than {MAX_DEPTH} deep");
            return Err(wrong(message, "read the inner value as json, which is its text"));
        }
        let dtype = match word {
            "" => return Err(self.expected("a type")),
            "struct" if is_open => self.members(depth)?,
            "list" | "large_list" | "array" if is_open => {
                self.sign("<")?;
                self.pass_item_name();
                let item = self.dtype(depth + 1)?;
                self.sign(">")?;
                JsonType::List(Box::new(item))
            }
            "map" if is_open => {
                self.sign("<")?;
                let key = self.dtype(depth + 1)?;
                if !matches!(&key, JsonType::Scalar(spec) if spec.name == "utf8") {
                    return Err(wrong(format!("keys of a map are utf8, not {key}"), "write map<utf8,type>"));
                }
                self.sign(",")?;
                let value = self.dtype(depth + 1)?;
                self.sign(">")?;
                JsonType::Map(Box::new(value))
            }
            _ => self.scalar(word)?,
        };
        // Arrow says so of what cannot be null; here everything can.
        if self.rest().starts_with("not null") {
            self.at += "not null".len();
        }
        Ok(dtype)
    }

    /// Arrow's name for the items of a list.
    fn pass_item_name(&mut self) {
        let from = self.at;
        let is_name = !self.word().is_empty() && self.take(":");
        if !is_name {
            self.at = from;
        }
    }

    fn members(&mut self, depth: usize) -> Result<JsonType, Wrong> {
        self.sign("<")?;
        if self.take(">") {
            return Err(wrong("a struct without members", "name some, or write json to have its text"));
        }
        let mut members = Vec::new();
        loop {
            let key = self.name("a key")?;
            let name = if self.take(":") {
                key.clone()
            } else {
                if self.word() != "as" {
                    return Err(self.expected("a colon behind the key"));
                }
                let name = self.name("a name")?;
                self.sign(":")?;
                name
            };
            members.push(Member { key, name, dtype: self.dtype(depth + 1)? });
            if self.take(">") {
                return Ok(JsonType::Struct(members));
            }
            self.sign(",")?;
        }
    }

    /// A scalar that begins with `word`.
    fn scalar(&mut self, word: &str) -> Result<JsonType, Wrong> {
        let mut name = word.to_owned();
        // What belongs to the name: `timestamp[us, tz=UTC]`, `dictionary<...>`, `decimal(10,2)`.
        let rest = self.rest();
        let close = match rest.chars().next() {
            Some('[') => Some(']'),
            Some('<') => Some('>'),
            Some('(') if matches!(word, "decimal" | "decimal128" | "varchar" | "char") => Some(')'),
            _ => None,
        };
        if let Some(close) = close {
            let Some(end) = rest.find(close) else { return Err(self.expected(&format!("a \"{close}\" behind this"))) };
            name.push_str(&rest[..=end]);
            self.at += end + 1;
        }
        let name = spelling::ours(&name)?;
        if name == super::super::pairs::MAP {
            return Ok(JsonType::Map(Box::new(JsonType::Scalar(TypeSpec::plain("utf8")))));
        }
        let format = if self.take("(") { Some(self.option()?) } else { None };
        Ok(JsonType::Scalar(TypeSpec { name, format, separators: Vec::new() }))
    }

    /// The option of a scalar, up to the parenthesis behind it.
    fn option(&mut self) -> Result<String, Wrong> {
        if self.rest().starts_with('"') {
            let option = self.quoted()?;
            self.sign(")")?;
            return Ok(option);
        }
        let rest = self.rest();
        let Some(end) = rest.find(')') else { return Err(self.expected("a \")\" behind the option")) };
        self.at += end + 1;
        Ok(rest[..end].trim_end().to_owned())
    }
}

impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(spec) => {
                f.write_str(if spec.name.is_empty() { "utf8" } else { &spec.name })?;
                match spec.format.as_deref() {
                    None => Ok(()),
                    Some(USUAL_TIME) if spec.is_time() => Ok(()),
                    Some(option) if is_bare_option(option) => write!(f, "({option})"),
                    Some(option) => write!(f, "({})", Quoted(option)),
                }
            }
            Self::Struct(members) => {
                f.write_str("struct<")?;
                for (at, member) in members.iter().enumerate() {
                    f.write_str(if at > 0 { ", " } else { "" })?;
                    write!(f, "{}", Quotable(&member.key))?;
                    if member.name != member.key {
                        write!(f, " as {}", Quotable(&member.name))?;
                    }
                    write!(f, ": {}", member.dtype)?;
                }
                f.write_str(">")
            }
            Self::List(item) => write!(f, "list<{item}>"),
            Self::Map(value) => write!(f, "map<utf8,{value}>"),
        }
    }
}

fn is_bare_option(option: &str) -> bool {
    !option.is_empty()
        && option.trim() == option
        && !option.contains(['(', ')', '"'])
        && !option.contains(char::is_control)
}

/// A key or a name, between quotes where it needs them.
struct Quotable<'t>(&'t str);

impl fmt::Display for Quotable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |c: char| c.is_alphanumeric() || "_-.@$/".contains(c);
        if !self.0.is_empty() && self.0.chars().all(is_plain) { f.write_str(self.0) } else { Quoted(self.0).fmt(f) }
    }
}

/// A text between quotes, with JSON's escapes.
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests;
