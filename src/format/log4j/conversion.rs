//! What each conversion gives.

use super::parse::{Conversion, Node, parse_option, place};
use super::{date, error};
use crate::error::{Result, did_you_mean};
use crate::format::app_log::{ANY, Field, LEVEL, NUMBER, Piece, Side, Time, WORD};
use crate::format::names::snake;
use crate::format::{Class, Column, Escape, TypeSpec, web};

/// What a conversion's words mean.
#[derive(Clone, Copy)]
enum Meaning {
    /// Name, type, unit, doc, what texts look like, and the text that stands for nothing.
    Field(&'static str, &'static str, &'static str, &'static str, &'static str, &'static [&'static str]),
    /// One value of a map, whose name is in the option: name and doc of the map, and of one value.
    Keyed(&'static str, &'static str, &'static str),
    Date,
    Level,
    Message,
    Newline,
    Trace,
    Nothing,
    /// The pattern in its first option or its parentheses, as it is.
    Inner,
    /// A pattern that is left out where it has nothing to say.
    NotEmpty,
    /// A pattern's text in which something was replaced.
    Replace,
    Encode,
    Repeat,
    /// Spring Boot's value in square brackets, with a space behind.
    Bracketed,
}

use Meaning as M;

const LOCATION: &[&str] = &["?"];

/// Words and what they mean.
const WORDS: &[(&[&str], Meaning)] = &[
    (&["d", "date"], M::Date),
    (&["p", "le", "level"], M::Level),
    (&["m", "msg", "message"], M::Message),
    (&["n"], M::Newline),
    (&["c", "lo", "logger"], M::Field("logger", "", "", "name of the logger, usually its class", WORD, &[])),
    (&["t", "tn", "thread", "threadName"], M::Field("thread", "", "", "name of the thread", ANY, &[])),
    (&["T", "tid", "threadId"], M::Field("thread_id", "int64", "", "id of the thread", NUMBER, &[])),
    (&["tp", "threadPriority"], M::Field("thread_priority", "int32", "", "priority of the thread", NUMBER, &[])),
    (&["C", "class"], M::Field("class", "", "", "class that logged", WORD, LOCATION)),
    (&["M", "method"], M::Field("method", "", "", "method that logged", WORD, LOCATION)),
    (&["F", "file"], M::Field("file", "", "", "source file that logged", WORD, LOCATION)),
    (&["L", "line"], M::Field("line", "int32", "", "line in the source file", r"(?:\d+|\?)", LOCATION)),
    (&["l", "location"], M::Field("location", "", "", "method, source file and line that logged", ANY, LOCATION)),
    (&["r", "relative"], M::Field("relative_ms", "int64", "ms", "time since the program was started", NUMBER, &[])),
    (&["x", "NDC"], M::Field("ndc", "", "", "nested diagnostic context", ANY, &[""])),
    (&["X", "mdc", "MDC"], M::Keyed("mdc", "mapped diagnostic context", "value of the diagnostic context,")),
    (&["K", "map", "MAP"], M::Keyed("map", "fields of the message", "field of the message,")),
    (&["marker"], M::Field("marker", "", "", "marker, with its parents", ANY, &[""])),
    (&["markerSimpleName"], M::Field("marker", "", "", "marker", ANY, &[""])),
    (&["kvp"], M::Field("key_values", "", "", "key-value pairs of the event", ANY, &[""])),
    (&["pid", "processId"], M::Field("pid", "int32", "", "number of the process", r"(?:\d+|\?+)", &["???", ""])),
    (&["sn", "sequenceNumber"], M::Field("sequence_number", "int64", "", "number of the event", NUMBER, &[])),
    (&["N", "nano"], M::Field("nano_time", "int64", "ns", "clock of the virtual machine", r"-?\d+", &[])),
    (&["u", "uuid"], M::Field("uuid", "", "", "id of the event", r"[0-9A-Fa-f-]+", &[])),
    (&["ms", "micros"], M::Field("micros", "int16", "us", "microseconds behind the time's milliseconds", NUMBER, &[])),
    (&["fqcn"], M::Field("fqcn", "", "", "class that called the logger", WORD, &[])),
    (
        &["endOfBatch"],
        M::Field("end_of_batch", "bool", "", "the event is the last of its batch", "(?:true|false)", &[]),
    ),
    (&["cn", "contextName"], M::Field("context_name", "", "", "name of the logger context", ANY, &[""])),
    (&["caller"], M::Field("caller", "", "", "calls that led to the event", ANY, LOCATION)),
    (&["property"], M::Keyed("property", "property of the configuration", "property of the configuration,")),
    (
        &[
            "ex",
            "exception",
            "throwable",
            "rEx",
            "rException",
            "rThrowable",
            "rootException",
            "xEx",
            "xException",
            "xThrowable",
            "wEx",
            "wex",
        ],
        M::Trace,
    ),
    (&["nopex", "nopexception"], M::Nothing),
    (
        &[
            "highlight",
            "style",
            "clr",
            "maxLen",
            "maxLength",
            "equals",
            "equalsIgnoreCase",
            "black",
            "red",
            "green",
            "yellow",
            "blue",
            "magenta",
            "cyan",
            "white",
            "gray",
            "faint",
            "boldRed",
            "boldGreen",
            "boldYellow",
            "boldBlue",
            "boldMagenta",
            "boldCyan",
            "boldWhite",
        ],
        M::Inner,
    ),
    (&["notEmpty", "varsNotEmpty", "variablesNotEmpty"], M::NotEmpty),
    (&["replace"], M::Replace),
    (&["enc", "encode"], M::Encode),
    (&["repeat", "R"], M::Repeat),
    (&["esb"], M::Bracketed),
];

fn meaning(word: &str) -> Option<Meaning> {
    WORDS.iter().find(|(words, _)| words.contains(&word)).map(|(_, meaning)| *meaning)
}

/// The longest conversion that letters begin with: what follows it is text.
pub(super) fn known_prefix(letters: &str) -> Option<&str> {
    (1..=letters.len()).rev().map(|len| &letters[..len]).find(|word| meaning(word).is_some())
}

/// The conversion that was probably meant by letters that are none: no text follows a conversion just so.
pub(super) fn likely(letters: &str) -> Option<String> {
    let long = WORDS.iter().flat_map(|(words, _)| words.iter().copied()).filter(|word| word.len() > 3);
    did_you_mean(letters, long).filter(|_| letters.len() > 3)
}

/// Whether parentheses behind a word hold a pattern.
pub(super) fn is_composite(word: &str) -> bool {
    matches!(meaning(word), Some(M::Inner | M::Replace | M::Bracketed))
}

/// The pieces that nodes are; `zone` takes the zone of the times.
pub(super) fn pieces(nodes: &[Node<'_>], text: &str, zone: &mut Option<String>) -> Result<Vec<Piece>> {
    Reader { text, zone, depth: 0 }.pieces(nodes)
}

struct Reader<'t, 'z> {
    text: &'t str,
    zone: &'z mut Option<String>,
    depth: usize,
}

impl Reader<'_, '_> {
    fn pieces(&mut self, nodes: &[Node<'_>]) -> Result<Vec<Piece>> {
        let mut out = Vec::new();
        for node in nodes {
            match node {
                Node::Text(text) => out.push(Piece::Text(text.clone())),
                Node::Conversion(conversion) => self.conversion(conversion, &mut out)?,
            }
        }
        Ok(out)
    }

    fn conversion(&mut self, own: &Conversion<'_>, out: &mut Vec<Piece>) -> Result<()> {
        let field = |name: &str, dtype: &str, unit: &str, doc: &str, like, null: &[&str]| {
            let side = if own.is_right { Side::Before } else { Side::Behind };
            Piece::Field(Box::new(Field {
                width: own.width,
                side,
                ..Field::new(web::column(name, dtype, unit, doc, null), like, own.at)
            }))
        };
        let Some(meaning) = meaning(own.word) else {
            return self.padded(own, out);
        };
        match meaning {
            M::Field(name, dtype, unit, doc, like, null) => out.push(field(name, dtype, unit, doc, like, null)),
            M::Level => {
                // Options give levels other names.
                let like = if own.options.is_empty() { LEVEL } else { r"[^\s]+" };
                out.push(field("level", "", "", "level, such as INFO", like, &[]));
            }
            M::Message => {
                let doc = "message, with the lines that follow it: a stack trace, usually";
                let column = web::column("message", "", "", doc, &[]);
                let message = Field { is_message: true, width: own.width, ..Field::new(column, ANY, own.at) };
                out.push(Piece::Field(Box::new(message)));
            }
            M::Keyed(name, all, one) => out.push(self.keyed(own, name, all, one)),
            M::Date => {
                let (what, zone) = date::read(&own.options, self.text, own.at)?;
                if let Some(zone) = zone {
                    self.set_zone(zone, own.at)?;
                }
                out.push(Piece::Time(Time { what, width: own.width, at: own.at }));
            }
            M::Newline => out.push(Piece::Text("\n".to_owned())),
            M::Trace => {
                let is_none = matches!(own.options.first(), Some(&("none" | "0")));
                out.extend(Some(Piece::Trace(own.at)).filter(|_| !is_none));
            }
            M::Nothing => {}
            M::Inner => self.padded(own, out)?,
            M::NotEmpty => {
                let inner = self.inner(own)?;
                out.push(Piece::Optional(inner));
            }
            M::Replace => {
                let inner = self.inner(own)?;
                out.push(replaced(inner, own));
            }
            M::Encode => {
                let mut inner = self.inner(own)?;
                let is_json = own.options.get(1).is_some_and(|way| way.trim().eq_ignore_ascii_case("json"));
                for piece in inner.iter_mut().filter(|_| is_json) {
                    if let Piece::Field(field) = piece {
                        field.escape = Some(Escape::Json);
                    }
                }
                out.extend(inner);
            }
            M::Repeat => out.push(Piece::Text(self.repeated(own)?)),
            M::Bracketed => {
                let name = own.options.first().map_or("esb", |name| name.trim());
                let inner = field(&snake(name), "", "", &format!("property {name}"), ANY, &[]);
                out.push(Piece::Optional(vec![Piece::Text("[".into()), inner, Piece::Text("] ".into())]));
            }
        }
        Ok(())
    }

    /// The pieces of a group, with the spaces that fill it up.
    fn padded(&mut self, own: &Conversion<'_>, out: &mut Vec<Piece>) -> Result<()> {
        let mut inner = self.inner(own)?;
        if let (Some(width), [Piece::Field(only)]) = (own.width, inner.as_mut_slice()) {
            // A group that pads what is padded already may do so on the other side.
            let is_own = only.width.is_none();
            only.width = only.width.max(Some(width));
            only.side = match own.is_right {
                _ if !is_own => Side::Both,
                true => Side::Before,
                false => Side::Behind,
            };
            out.append(&mut inner);
            return Ok(());
        }
        let pads = own.width.is_some();
        out.extend(Some(Piece::Padding).filter(|_| pads && own.is_right));
        out.append(&mut inner);
        out.extend(Some(Piece::Padding).filter(|_| pads && !own.is_right));
        Ok(())
    }

    /// The pieces of the pattern that a conversion is given.
    fn inner(&mut self, own: &Conversion<'_>) -> Result<Vec<Piece>> {
        if let Some(group) = &own.group {
            return self.pieces(group);
        }
        let Some(option) = own.options.first() else {
            let hint = format!("write %{}{{pattern}}", own.word);
            return Err(error(self.text, own.at, format!("%{} without a pattern", own.word), hint));
        };
        let start = place(self.text, option);
        let nodes = parse_option(self.text, &self.text[start..start + option.len()], self.depth)?;
        self.depth += 1;
        let pieces = self.pieces(&nodes);
        self.depth -= 1;
        pieces
    }

    /// `%X{key}`, `%X{key:-default}`, `%X{one, two}` or `%X`.
    fn keyed(&self, own: &Conversion<'_>, name: &str, all: &str, one: &str) -> Piece {
        let option = own.options.first().map_or("", |option| option.trim());
        let (key, default) = option.split_once(":-").unwrap_or((option, ""));
        let column = if key.is_empty() || key.contains(',') {
            web::column(name, "", "", all, &["", "{}"])
        } else if name == "property" {
            property(key)
        } else {
            let mut column = web::column(&format!("{name}_{}", snake(key)), "", "", format!("{one} {key}"), &[""]);
            column.null.extend(Some(default.to_owned()).filter(|default| !default.is_empty()));
            column
        };
        let like = if column.dtype.is_text() { ANY } else { NUMBER };
        Piece::Field(Box::new(Field { width: own.width, ..Field::new(column, like, own.at) }))
    }

    fn set_zone(&mut self, zone: String, at: usize) -> Result<()> {
        match self.zone.as_deref() {
            Some(known) if known != zone => {
                let hint = "write the zone into the text with a letter such as X";
                return Err(error(self.text, at, format!("times in two zones, \"{known}\" and \"{zone}\""), hint));
            }
            _ => *self.zone = Some(zone),
        }
        Ok(())
    }

    /// `%repeat{text}{count}`.
    fn repeated(&self, own: &Conversion<'_>) -> Result<String> {
        let count =
            own.options.get(1).and_then(|count| count.trim().parse::<usize>().ok()).filter(|count| *count <= 1000);
        match (own.options.first(), count) {
            (Some(text), Some(count)) => Ok(text.repeat(count)),
            _ => {
                let hint = "write %repeat{-}{10}, with 1000 at most";
                Err(error(self.text, own.at, format!("%{} without a text and a count", own.word), hint))
            }
        }
    }
}

/// The column of a property. The number of the process is the one that everybody has.
fn property(key: &str) -> Column {
    let name = key.rsplit_once(':').map_or(key, |(_, name)| name);
    if name == "PID" {
        return web::column("pid", "int32", "", "number of the process", &[]);
    }
    let name = snake(name);
    let is_name = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let name = if is_name { name } else { format!("property_{name}") };
    web::column(&name, "", "", format!("property {key}"), &[""])
}

/// The text of a pattern in which something was replaced: nobody can tell its parts.
fn replaced(inner: Vec<Piece>, own: &Conversion<'_>) -> Piece {
    let is_message = |piece: &Piece| matches!(piece, Piece::Field(field) if field.is_message);
    let has_message = inner.iter().any(is_message);
    if let [Piece::Field(only)] = inner.as_slice() {
        let mut only = only.clone();
        only.column.dtype = TypeSpec::default();
        only.like = if only.like == WORD { WORD } else { ANY };
        only.usual = Some(if only.like == WORD { Class::Word } else { Class::Any });
        only.width = only.width.max(own.width);
        return Piece::Field(only);
    }
    let name = if has_message { "message" } else { "replaced" };
    let column = web::column(name, "", "", format!("text of %{}", own.word), &[""]);
    Piece::Field(Box::new(Field { is_message: has_message, width: own.width, ..Field::new(column, ANY, own.at) }))
}
