//! Lines with captures: reading and writing their text form, and choosing what each capture may hold.
//!
//! `{name}` captures, `{}` skips, `{{` and `}}` are braces, `{?` ... `?}` encloses parts that are there together or not
//! at all, `{<` ... `>}` those at the end that are found from the right (see [`Part::Tail`]), `{:again}` stands for the
//! text before it again, any number of times. After a colon a capture has options, with commas between them: a class
//! (`any`, `word`, `bare`, `digits`, `list`, `escaped`, `object`, `dated`, `spaces=2`, `padded=5`, `trimmed=9`, `bytes=1`), an escape rule
//! (`raw`, `httpd`, `nginx`, `json`, `cef`, `percent`), and `lead=?`. `{name:pairs}` or `{:pairs}` at the end are key-value pairs,
//! whose keys are columns (see [`Pairs`]). What is not said is chosen by [`resolve`] from the text around the capture
//! and the type of its column.

mod tail;

use super::{Capture, Class, Escape, Extra, Pairs, Part, Pattern, TypeSpec, time_pattern};

/// Parts before [`resolve`] has filled in what their captures do not say.
#[derive(Debug, PartialEq)]
pub(super) enum Draft {
    Literal(Vec<u8>),
    Capture(Slot),
    Optional(Vec<Draft>),
    Tail(Vec<Draft>),
    /// Key-value pairs: what a column of all of them refers to, and where they stand.
    Pairs(String, usize),
    Again,
}

/// A capture as written.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Slot {
    pub(super) name: String,
    /// What the writer of the line asks for.
    pub(super) class: Option<Class>,
    /// What holds unless quotes around it, or a time's pattern, say better.
    pub(super) usual: Option<Class>,
    pub(super) escape: Option<Escape>,
    pub(super) lead: Option<u8>,
    /// Where it stands in the text it was read from.
    pub(super) at: usize,
}

impl Slot {
    /// Whether nothing but its name and this class is said.
    pub(super) fn is_plain(&self, class: Option<Class>) -> bool {
        *self == Self { name: self.name.clone(), at: self.at, class, ..Self::default() }
    }
}

/// Optional parts in optional parts: a line that grew field by field has a level for each. The tree is walked by recursion.
const MAX_DEPTH: usize = 64;

/// What is wrong with a line, and at which byte of it.
#[derive(Debug, PartialEq)]
pub(super) struct Bad {
    pub(super) at: usize,
    pub(super) message: String,
    pub(super) hint: String,
}

fn bad<T>(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Result<T, Bad> {
    Err(Bad { at, message: message.into(), hint: hint.into() })
}

/// Adds literal bytes, joining them to a literal that ends the list.
pub(super) fn push_literal(parts: &mut Vec<Draft>, bytes: &[u8]) {
    match parts.last_mut() {
        Some(Draft::Literal(last)) => last.extend_from_slice(bytes),
        _ if bytes.is_empty() => {}
        _ => parts.push(Draft::Literal(bytes.to_vec())),
    }
}

/// Reads the text form of a line.
pub(super) fn parse(text: &str) -> Result<Vec<Draft>, Bad> {
    let mut done: Vec<(usize, u8, Vec<Draft>)> = Vec::new();
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find(['{', '}', '?', '>']) {
        push_literal(&mut parts, &text.as_bytes()[at..at + next]);
        at += next;
        let rest = &text[at..];
        // An odd number of braces after a question mark: the first of them ends the group.
        let mark = rest.as_bytes()[0];
        let ends = b"?>".contains(&mark) && rest[1..].bytes().take_while(|b| *b == b'}').count() % 2 == 1;
        if ends {
            let Some((opened, _, outer)) = done.pop_if(|(_, known, _)| *known == mark) else {
                return bad(at, no_opening(mark), no_opening_hint(mark));
            };
            let inner = std::mem::replace(&mut parts, outer);
            if !inner.iter().any(|part| matches!(part, Draft::Literal(_))) {
                return bad(
                    opened,
                    "an optional part without text of its own",
                    "put the text that announces it inside",
                );
            }
            parts.push(if mark == b'?' { Draft::Optional(inner) } else { Draft::Tail(inner) });
            at += 2;
        } else if b"?>".contains(&mark) {
            push_literal(&mut parts, &[mark]);
            at += 1;
        } else if rest.starts_with("{{") || rest.starts_with("}}") {
            push_literal(&mut parts, &rest.as_bytes()[..1]);
            at += 2;
        } else if rest.starts_with("{?") || rest.starts_with("{<") {
            if done.len() == MAX_DEPTH {
                return bad(at, "optional parts nested too deep", format!("{MAX_DEPTH} levels are the limit"));
            }
            let mark = if rest.starts_with("{?") { b'?' } else { b'>' };
            done.push((at, mark, std::mem::take(&mut parts)));
            at += 2;
        } else if rest.starts_with('}') {
            return bad(at, "} without {", "write }} for the text }");
        } else {
            let Some(len) = rest.find('}') else {
                return bad(at, "{ without }", "close the capture with }, or write {{ for the text {");
            };
            let ends_with_text = matches!(parts.last(), Some(Draft::Literal(_)));
            parts.push(match rest[1..len].split_once(':') {
                Some((name, "pairs")) if name.is_empty() || is_name(name) => Draft::Pairs(name.to_owned(), at),
                Some(("", "again")) if ends_with_text => Draft::Again,
                Some(("", "again")) => {
                    return bad(at, "{:again} has nothing before it", "put it right behind the text that repeats");
                }
                _ => Draft::Capture(slot(&rest[1..len], at)?),
            });
            at += len + 1;
        }
    }
    if let Some((opened, mark, _)) = done.last() {
        return match mark {
            b'?' => bad(*opened, "{? without ?}", "close the optional part with ?}"),
            _ => bad(*opened, "{< without >}", "close the parts that are found from the right with >}"),
        };
    }
    push_literal(&mut parts, &text.as_bytes()[at..]);
    Ok(parts)
}

fn no_opening(mark: u8) -> &'static str {
    if mark == b'?' { "?} without {?" } else { ">} without {<" }
}

fn no_opening_hint(mark: u8) -> &'static str {
    if mark == b'?' {
        "open the optional part with {?, or write ?}} for the text ?}"
    } else {
        "open the parts that are found from the right with {<, or write >}} for the text >}"
    }
}

/// Reads what stands between the braces of a capture.
fn slot(text: &str, at: usize) -> Result<Slot, Bad> {
    let (name, options) = text.split_once(':').unwrap_or((text, ""));
    if !name.is_empty() && !is_name(name) {
        return bad(
            at,
            format!("\"{name}\" cannot name a capture"),
            "use letters, digits and _, or write {{ for the text {",
        );
    }
    let mut slot = Slot { name: name.to_owned(), at, ..Slot::default() };
    for option in options.split(',').filter(|_| text.contains(':')) {
        match option.split_once('=').unwrap_or((option, "")) {
            ("any", "") => slot.class = Some(Class::Any),
            ("word", "") => slot.class = Some(Class::Word),
            ("bare", "") => slot.class = Some(Class::Bare),
            ("digits", "") => slot.class = Some(Class::Digits),
            ("list", "") => slot.class = Some(Class::List),
            ("escaped", "") => slot.class = Some(Class::Escaped),
            ("object", "") => slot.class = Some(Class::Object),
            ("dated", "") => slot.class = Some(Class::Dated),
            ("raw", "") => slot.escape = Some(Escape::None),
            ("httpd", "") => slot.escape = Some(Escape::Httpd),
            ("nginx", "") => slot.escape = Some(Escape::Nginx),
            ("json", "") => slot.escape = Some(Escape::Json),
            ("cef", "") => slot.escape = Some(Escape::Cef),
            ("percent", "") => slot.escape = Some(Escape::Percent),
            ("spaces", count) if count.parse::<u8>().is_ok() => slot.class = count.parse().ok().map(Class::Spaces),
            ("trimmed", "") => slot.class = Some(Class::Trimmed(0)),
            ("trimmed", width) if width.parse::<u8>().is_ok() => slot.class = width.parse().ok().map(Class::Trimmed),
            ("padded", "") => slot.class = Some(Class::Padded(0)),
            ("padded", width) if width.parse::<u8>().is_ok() => slot.class = width.parse().ok().map(Class::Padded),
            ("bytes", count) if count.parse::<u8>().is_ok_and(|count| count > 0) => {
                slot.class = count.parse().ok().map(Class::Bytes);
            }
            ("lead", lead) if lead.len() == 1 => slot.lead = lead.bytes().next(),
            _ => {
                return bad(
                    at,
                    format!("capture \"{name}\": unknown class \"{option}\""),
                    "known: any, word, bare, digits, list, escaped, object, dated, spaces=2, padded=5, trimmed=9, bytes=1; raw, httpd, nginx, json, cef, percent; lead=?; or pairs alone",
                );
            }
        }
    }
    Ok(slot)
}

/// Whether this can be a name of a capture or column in a line.
pub(super) fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == '_') && text.chars().next().is_some_and(|c| !c.is_ascii_digit())
}

/// What captures take from the format around them.
pub(super) struct Around<'f> {
    /// The type of the column that a capture feeds, where it has one.
    pub(super) dtype: &'f dyn Fn(&str) -> Option<TypeSpec>,
    pub(super) escape: Escape,
    pub(super) extra: Extra,
    /// How key-value pairs are written.
    pub(super) pairs: &'f Pairs,
}

/// What may come right after a part.
#[derive(Clone, Copy)]
enum Next<'d> {
    Literal(&'d [u8]),
    Capture(&'d Slot),
    End,
}

/// Fills in what captures do not say.
///
/// A class: the spaces of a time's pattern, or its bytes if a space comes next; else any text between double quotes; else what is usual for it; else any
/// text between square brackets; else no space if a space comes next; at the end of the line any text for text columns
/// and no space for others, or wherever more fields may follow. An escape rule: the format's, except for unquoted
/// values that are not text.
///
/// **Errors**: two captures side by side, the second without a lead; a capture that is there twice; a tail of another
/// shape than [`Part::Tail`] says.
pub(super) fn resolve(drafts: &[Draft], around: &Around<'_>) -> Result<Pattern, Bad> {
    let mut seen = Vec::new();
    let parts = resolve_parts(drafts, b"", &[Next::End], around, &mut seen)?;
    tail::check(drafts, &parts)?;
    Ok(Pattern { parts })
}

fn resolve_parts<'d>(
    drafts: &'d [Draft],
    mut before: &'d [u8],
    after: &[Next<'d>],
    around: &Around<'_>,
    seen: &mut Vec<&'d str>,
) -> Result<Vec<Part>, Bad> {
    let mut parts = Vec::with_capacity(drafts.len());
    for (idx, draft) in drafts.iter().enumerate() {
        let next = first(&drafts[idx + 1..], after);
        match draft {
            Draft::Literal(bytes) => {
                parts.push(Part::Literal(bytes.clone()));
                before = bytes;
            }
            Draft::Again => parts.push(Part::Again),
            Draft::Optional(inner) => {
                parts.push(Part::Optional(resolve_parts(inner, before, &next, around, seen)?));
                before = b"";
            }
            Draft::Tail(inner) => {
                parts.push(Part::Tail(resolve_parts(inner, before, &next, around, seen)?));
                before = b"";
            }
            Draft::Pairs(name, at) => {
                if idx + 1 < drafts.len() || !matches!(after, [Next::End]) {
                    return bad(*at, "key-value pairs in the midst of a line", "let {:pairs} end the line");
                }
                if matches!(drafts.get(idx.wrapping_sub(1)), Some(Draft::Capture(_) | Draft::Tail(_))) {
                    return bad(*at, "nothing stands between a capture and the pairs", "put text between them");
                }
                parts.push(Part::Pairs(Pairs { name: name.clone(), ..around.pairs.clone() }));
            }
            Draft::Capture(slot) => {
                if !slot.name.is_empty() && seen.contains(&slot.name.as_str()) {
                    return bad(
                        slot.at,
                        format!("capture \"{}\" is there twice in one line", slot.name),
                        "give the second another name, or leave it out with {}",
                    );
                }
                seen.push(&slot.name);
                parts.push(Part::Capture(resolve_slot(slot, before, &next, around)?));
                before = b"";
            }
        }
    }
    Ok(parts)
}

/// What `drafts` may begin with, `after` being what follows them.
fn first<'d>(drafts: &'d [Draft], after: &[Next<'d>]) -> Vec<Next<'d>> {
    match drafts.split_first() {
        None => after.to_vec(),
        Some((Draft::Literal(bytes), _)) => vec![Next::Literal(bytes)],
        Some((Draft::Pairs(..), _)) => vec![Next::End],
        Some((Draft::Again, rest)) => first(rest, after),
        Some((Draft::Capture(slot), _)) => vec![Next::Capture(slot)],
        Some((Draft::Optional(inner) | Draft::Tail(inner), rest)) => {
            let without = first(rest, after);
            let mut all = first(inner, &without);
            all.extend(without);
            all
        }
    }
}

fn resolve_slot(slot: &Slot, before: &[u8], next: &[Next<'_>], around: &Around<'_>) -> Result<Capture, Bad> {
    let clash = next.iter().find_map(|next| match next {
        Next::Capture(other) if other.lead.is_none() => Some(other),
        _ => None,
    });
    if let Some(other) = clash.filter(|_| !matches!(slot.class, Some(Class::Bytes(_)))) {
        return bad(
            other.at,
            format!("nothing stands between \"{}\" and \"{}\"", slot.name, other.name),
            "nobody could say where the first ends: put text between them, or make them one",
        );
    }
    let starts = |with: &[u8]| {
        next.iter().all(|next| match next {
            Next::Literal(bytes) => bytes.starts_with(with),
            Next::Capture(_) | Next::End => false,
        })
    };
    let dtype = (around.dtype)(&slot.name).unwrap_or_default();
    let pattern = dtype.format.as_deref().filter(|_| dtype.is_time());
    let quoted = before.ends_with(b"\"") && starts(b"\"");
    let class = if let Some(class) = slot.class {
        class
    } else if let Some(spaces) = pattern.and_then(time_pattern::spaces) {
        if spaces == 0 { Class::Word } else { Class::Spaces(spaces) }
    } else if quoted || pattern.is_some_and(|pattern| pattern.contains("%e")) {
        // A day padded with a space makes the number of spaces vary, but not that of bytes.
        let len = pattern.filter(|_| !quoted && starts(b" ")).and_then(time_pattern::fixed_len);
        len.map_or(Class::Any, Class::Bytes)
    } else if let Some(class) = slot.usual {
        class
    } else if before.ends_with(b"[") && starts(b"]") {
        Class::Any
    } else {
        let ends = next.iter().any(|next| matches!(next, Next::End));
        let word = if ends { !dtype.is_text() || around.extra != Extra::Reject } else { starts(b" ") };
        if word { Class::Word } else { Class::Any }
    };
    let escaped = quoted || dtype.is_text();
    let escape = slot.escape.unwrap_or(if escaped { around.escape } else { Escape::None });
    Ok(Capture { name: slot.name.clone(), class, escape, lead: slot.lead })
}

/// Writes a pattern in the text form, naming only what [`resolve`] would not choose by itself.
pub(super) fn render(pattern: &Pattern, around: &Around<'_>) -> String {
    let bare: Vec<Draft> = pattern.parts.iter().map(bare_draft).collect();
    let chosen = resolve(&bare, around).unwrap_or_default();
    let mut out = String::new();
    render_parts(&pattern.parts, &chosen.parts, &mut out);
    out
}

fn bare_draft(part: &Part) -> Draft {
    match part {
        Part::Literal(bytes) => Draft::Literal(bytes.clone()),
        Part::Pairs(pairs) => Draft::Pairs(pairs.name.clone(), 0),
        Part::Again => Draft::Again,
        Part::Optional(parts) => Draft::Optional(parts.iter().map(bare_draft).collect()),
        Part::Tail(parts) => Draft::Tail(parts.iter().map(bare_draft).collect()),
        Part::Capture(capture) => {
            // Two captures may touch only if the first says how long it is.
            let class = Some(capture.class).filter(|class| matches!(class, Class::Bytes(_)));
            Draft::Capture(Slot { name: capture.name.clone(), lead: capture.lead, class, ..Slot::default() })
        }
    }
}

fn render_parts(parts: &[Part], chosen: &[Part], out: &mut String) {
    for (idx, part) in parts.iter().enumerate() {
        match part {
            Part::Literal(bytes) => {
                out.push_str(&String::from_utf8_lossy(bytes).replace('{', "{{").replace('}', "}}"));
            }
            Part::Pairs(pairs) => *out += &format!("{{{}:pairs}}", pairs.name),
            Part::Again => out.push_str("{:again}"),
            Part::Optional(inner) | Part::Tail(inner) => {
                let (open, close) = if matches!(part, Part::Tail(_)) { ("{<", ">}") } else { ("{?", "?}") };
                out.push_str(open);
                let chosen = match chosen.get(idx) {
                    Some(Part::Optional(chosen) | Part::Tail(chosen)) => chosen.as_slice(),
                    _ => &[],
                };
                render_parts(inner, chosen, out);
                out.push_str(close);
            }
            Part::Capture(capture) => {
                let chosen = match chosen.get(idx) {
                    Some(Part::Capture(chosen)) => Some(chosen),
                    _ => None,
                };
                render_capture(capture, chosen, out);
            }
        }
    }
}

fn render_capture(capture: &Capture, chosen: Option<&Capture>, out: &mut String) {
    let mut options = Vec::new();
    let is_fixed = matches!(capture.class, Class::Bytes(_));
    if is_fixed || chosen.is_none_or(|chosen| chosen.class != capture.class) {
        options.push(match capture.class {
            Class::Any => "any".to_owned(),
            Class::Word => "word".to_owned(),
            Class::Bare => "bare".to_owned(),
            Class::Digits => "digits".to_owned(),
            Class::List => "list".to_owned(),
            Class::Escaped => "escaped".to_owned(),
            Class::Object => "object".to_owned(),
            Class::Dated => "dated".to_owned(),
            Class::Spaces(count) => format!("spaces={count}"),
            Class::Trimmed(0) => "trimmed".to_owned(),
            Class::Trimmed(width) => format!("trimmed={width}"),
            Class::Padded(0) => "padded".to_owned(),
            Class::Padded(width) => format!("padded={width}"),
            Class::Bytes(count) => format!("bytes={count}"),
        });
    }
    if chosen.is_none_or(|chosen| chosen.escape != capture.escape) {
        options.push(
            match capture.escape {
                Escape::None => "raw",
                Escape::Httpd => "httpd",
                Escape::Nginx => "nginx",
                Escape::Json => "json",
                Escape::Cef => "cef",
                Escape::Percent => "percent",
            }
            .to_owned(),
        );
    }
    options.extend(capture.lead.map(|lead| format!("lead={}", char::from(lead))));
    let colon = if options.is_empty() { "" } else { ":" };
    *out += &format!("{{{}{colon}{}}}", capture.name, options.join(","));
}

/// Reads the text of a joined column, `{first}, {second}`: captures, each with the text before it.
pub(super) fn parse_join(text: &str) -> Option<Vec<(String, String)>> {
    let mut out = Vec::new();
    let mut before = String::new();
    for draft in parse(text).ok()? {
        match draft {
            Draft::Literal(bytes) => before = String::from_utf8(bytes).ok()?,
            Draft::Capture(slot) if !slot.name.is_empty() => out.push((std::mem::take(&mut before), slot.name)),
            _ => return None,
        }
    }
    (before.is_empty() && !out.is_empty()).then_some(out)
}

/// Writes what [`parse_join`] reads.
pub(super) fn join_text(parts: &[(String, String)]) -> String {
    let one = |(before, name): &(String, String)| format!("{}{{{name}}}", before.replace('{', "{{").replace('}', "}}"));
    parts.iter().map(one).collect()
}
