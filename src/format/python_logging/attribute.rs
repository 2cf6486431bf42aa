//! What each attribute of a record gives.

use super::style::{Part, Value};
use crate::format::app_log::{ANY, Field, NUMBER, Piece, Time, WORD, What};
use crate::format::{Class, web};

/// Levels; one without a name is `Level 15`.
const LEVEL: &str = r"(?:[A-Z][A-Z0-9_]*|Level \d+)";
const FLOAT: &str = r"\d+(?:\.\d+)?";

/// Attributes: name, column, type, unit, doc, what texts look like.
const ATTRIBUTES: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("created", "created", "timestamp:epoch", "", "when it was logged", FLOAT),
    ("exc_info", "exc_info", "", "", "exception that was logged", ANY),
    ("exc_text", "traceback", "", "", "traceback of the exception", ANY),
    ("filename", "filename", "", "", "file that logged, without its folder", WORD),
    ("funcName", "func_name", "", "", "function that logged", WORD),
    ("levelname", "level", "", "", "level, such as INFO", LEVEL),
    ("levelno", "levelno", "int16", "", "level as a number", NUMBER),
    ("lineno", "lineno", "int32", "", "line that logged", NUMBER),
    ("module", "module", "", "", "module that logged", WORD),
    ("msecs", "msecs", "float64", "ms", "milliseconds of the time", FLOAT),
    ("name", "name", "", "", "name of the logger", WORD),
    ("pathname", "pathname", "", "", "file that logged, with its folder", ANY),
    ("process", "process", "int64", "", "number of the process", NUMBER),
    ("processName", "process_name", "", "", "name of the process", ANY),
    ("relativeCreated", "relative_created", "float64", "ms", "time since logging was loaded", FLOAT),
    ("taskName", "task_name", "", "", "name of the asyncio task", ANY),
    ("thread", "thread", "int64", "", "id of the thread", NUMBER),
    ("threadName", "thread_name", "", "", "name of the thread", ANY),
];

/// Python's word for what is not there.
const NONE: &[&str] = &["None", ""];

/// The piece of a part; `asctime` is how that is written.
pub(super) fn piece(part: Part<'_>, asctime: &What) -> Piece {
    let value = match part {
        Part::Text(text) => return Piece::Text(text),
        Part::Value(value) => value,
    };
    match value.name {
        "asctime" => Piece::Time(Time { what: asctime.clone(), width: value.width, at: value.at }),
        "msecs" if value.zeros == Some(3) && matches!(value.kind, "d" | "i" | "f") => {
            Piece::Time(Time { what: What::Pattern("%3f".to_owned()), width: None, at: value.at })
        }
        "message" | "msg" => {
            let doc = "message, with the lines that follow it: a traceback, usually";
            let field = Field::new(web::column("message", "", "", doc, &[]), ANY, value.at);
            Piece::Field(Box::new(Field { is_message: true, width: value.width, ..field }))
        }
        _ => Piece::Field(Box::new(field(&value))),
    }
}

fn field(value: &Value<'_>) -> Field {
    let known = ATTRIBUTES.iter().find(|(name, ..)| *name == value.name);
    let Some((_, name, dtype, unit, doc, like)) = known else {
        // What extra= or a filter adds.
        let column = web::column(&snake(value.name), "", "", format!("attribute {}", value.name), &[]);
        return Field { width: value.width, ..Field::new(column, ANY, value.at) };
    };
    let dtype = match (*dtype, value.kind) {
        ("", _) => "",
        _ if value.is_odd => "",
        (dtype, "" | "s" | "f" | "F") if dtype.starts_with("timestamp") => dtype,
        ("int16" | "int32" | "int64", "x" | "X") => "hex",
        (_, "e" | "E" | "f" | "F" | "g" | "G") => "float64",
        ("float64", "d" | "i" | "u") => "int64",
        (dtype, "" | "s" | "d" | "i" | "u") => dtype,
        _ => "",
    };
    let like = match dtype {
        "" if matches!(*like, ANY | WORD) || *like == LEVEL && !value.is_odd => like,
        "" | "hex" => r"[^\s]+",
        "float64" => r"[0-9.eE+-]+",
        _ => like,
    };
    let column = web::column(name, dtype, unit, *doc, if *name == "level" { &[] } else { NONE });
    // A text may hold spaces where something else ends it.
    let usual = if like == WORD { Some(Class::Any) } else { None };
    let field = Field::new(column, like, value.at);
    Field { width: value.width, side: value.side, usual: usual.or(field.usual), ..field }
}

/// `requestId` as `request_id`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && was_lower {
            out.push('_');
        }
        was_lower = c.is_lowercase() || c.is_numeric();
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else {
            out.push('_');
        }
    }
    if out.starts_with(|c: char| c.is_numeric()) || out.is_empty() { format!("attribute_{out}") } else { out }
}
