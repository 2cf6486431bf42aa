//! PatternLayout of Log4j 1, Log4j 2 and Logback.
//!
//! **Source**: <https://logging.apache.org/log4j/2.x/manual/pattern-layout.html>,
//! <https://logback.qos.ch/manual/layouts.html>,
//! <https://logging.apache.org/log4j/1.x/apidocs/org/apache/log4j/PatternLayout.html>, and
//! <https://docs.spring.io/spring-boot/reference/features/logging.html> for what Spring Boot adds.

mod context;
mod conversion;
mod date;
mod lookup;
mod parse;

use super::app_log::{self, Language, Piece};
use super::{Format, web};
use crate::error::{Error, Result};

/// Who writes such logs.
const LANGUAGE: Language = Language {
    name: "PatternLayout",
    trace: ("stack_trace", "lines behind the record: a stack trace, usually"),
    example: "%d %-5p [%t] %c - %m%n",
};
const SOURCE: &str = "https://logging.apache.org/log4j/2.x/manual/pattern-layout.html";

/// Logback can be told to write the pattern itself at the head of a file.
const HEADER: &str = "#logback.classic pattern: ";

impl Format {
    /// Reads a PatternLayout of Log4j 1, Log4j 2 or Logback, such as `%d{ISO8601} %-5p [%t] %c{1} - %m%n`.
    ///
    /// Columns are `time`, `level`, `logger`, `thread`, `message`, `class`, `method`, `file`, `line`, `location`, `mdc`
    /// and so on; `%X{key}` is `mdc_key`, `%property{key}` and `${key}` have the key's name. A second one of a name has
    /// `_2` behind it. `time` is a timestamp in the zone that the pattern or its text names, else in that of the
    /// options; without a day in it, it is text. Several `%d` that tell parts of one time are one column.
    ///
    /// A record begins with each line that begins like the pattern: by the digits of its time, else by all that stands
    /// before its message. The lines that follow belong to `message` where it ends the pattern (an `%ex` behind it
    /// changes nothing), and are the column `stack_trace` where something stands behind it. A record whose message then has
    /// several lines is message to its end, as nobody can tell where that ends.
    /// `%n` in the midst of a pattern is a line end inside the record, LF or CRLF.
    ///
    /// Padding (`%-5p`) is no part of a value; what was cut off (`%.30c`) is lost. Colours and styles are taken to be
    /// switched off, as they are in files. `%replace` gives its result: under the name of what is replaced in, if that
    /// is one conversion, else `replaced`. `${name:-default}` is its default.
    ///
    /// `%X`, all of a context, is what Log4j 2 writes in braces where nothing but spaces stand around it; in brackets, `[%X]`, it
    /// is what either of them writes. `%x` and `%kvp` need something else than spaces behind them.
    ///
    /// A conversion that an application has added is unknown here: write `%property{name}` in its place.
    ///
    /// **Errors**: [`crate::ErrorKind::FormatSyntax`], with the column in the pattern, for a conversion or a letter of a
    /// time that is unknown, conversions with nothing between them, and `%x` or `%kvp` with nothing but spaces.
    ///
    /// ```
    /// let format = logarrow::Format::log4j("%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p [%t] %c{1} - %m%n")?;
    /// let names: Vec<_> = format.columns.iter().map(|column| column.name.as_str()).collect();
    /// assert_eq!(names, ["time", "level", "thread", "logger", "message"]);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn log4j(pattern: &str) -> Result<Self> {
        let text = lookup::expand(pattern)?;
        let mut zone = None;
        let nodes = parse::parse(&text)?;
        let pieces = conversion::pieces(&nodes, &text, &mut zone)?;
        refuse_dots(&pieces, &text)?;
        let mut notes = Vec::new();
        let pieces = context::delimit(&pieces, &text, &mut notes)?;
        let format = app_log::format(pieces, &text, &LANGUAGE)?;
        Ok(Self {
            name: "log4j.pattern_layout".to_owned(),
            title: format!("Log4j or Logback, {}", pattern.replace(['\r', '\n'], " ")),
            source: SOURCE.to_owned(),
            timezone: zone,
            comments: vec![HEADER.to_owned()],
            notes,
            ..format
        })
    }
}

/// Refuses a name with dots and a method with only a dot between them: nothing would tell the one from the other. A name
/// of one part, `%c{1}`, has none.
fn refuse_dots(pieces: &[Piece], text: &str) -> Result<()> {
    for pieces in pieces.windows(3) {
        let [Piece::Field(name), Piece::Text(between), Piece::Field(method)] = pieces else { continue };
        let has_dots = matches!(&*name.column.name, "logger" | "class") && {
            let rest = text[name.at..].strip_prefix('%').unwrap_or(&text[name.at..]);
            let own = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-.".contains(c))).unwrap_or(rest.len());
            !rest[own..].starts_with("{1}")
        };
        if has_dots && between == "." && method.column.name == "method" {
            let message = format!("only a dot stands between the {} and the method", name.column.name);
            let hint = "the name has dots itself, so nobody could say where it ends: let the pattern write %c{1}.%M or \
                        another text between them, or read the log with Format.regex and (?<logger>[^ ]+)[.](?<method>[^. ]+)";
            return Err(error(text, method.at, message, hint));
        }
    }
    Ok(())
}

#[cold]
fn error(text: &str, at: usize, message: impl Into<String>, hint: impl Into<String>) -> Error {
    web::at(LANGUAGE.name, text, at, message, hint)
}
