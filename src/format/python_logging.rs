//! The format strings of Python's `logging`.
//!
//! **Source**: <https://docs.python.org/3/library/logging.html#logrecord-attributes>, and the source of CPython's
//! `logging` for what the page leaves open (which conversions a string may have, where a traceback goes).

mod attribute;
mod style;

use super::app_log::{self, Language, What};
use super::{Format, time_pattern, web};
use crate::error::{Error, ErrorKind, Result};

const LANGUAGE: Language = Language {
    name: "logging",
    trace: ("traceback", "lines behind the record: a traceback, usually"),
    example: "%(asctime)s %(levelname)s %(message)s",
};
const SOURCE: &str = "https://docs.python.org/3/library/logging.html#logrecord-attributes";

/// What `asctime` looks like where nobody says otherwise.
const ASCTIME: &str = "%Y-%m-%d %H:%M:%S,%3f";

/// What a reader of logs of another formatter must know.
const USUAL: &str = "times are as Python writes them where no datefmt is given, 2026-03-05 10:00:01,123; where a program has a \
                     formatter of its own, give datefmt: \"%Y-%m-%dT%H:%M:%S.%f%z\" for Airflow 2";

impl Format {
    /// Reads a format string of Python's `logging`, with `style` and `datefmt` as `logging.Formatter` takes them: `%`
    /// (`%(levelname)-8s`), `{` (`{levelname:<8}`) or `$` (`${levelname}`), and a pattern of strftime for `asctime`.
    ///
    /// Columns are `time` (`asctime`), `name`, `level` (`levelname`), `levelno`, `message`, `module`, `func_name`,
    /// `lineno`, `filename`, `pathname`, `process`, `process_name`, `thread`, `thread_name`, `task_name`, `created` (a
    /// timestamp), `msecs`, `relative_created`. Other names, which `extra=` or a filter adds, are text in snake case.
    /// `msecs` of three digits behind an `asctime` without a fraction is part of `time`; without a day in it, `time` is
    /// text. A `%f` in `datefmt` is the fraction that some formatters write for it, of any number of digits. Programs with a
    /// formatter of their own may write another time where none is given: `%Y-%m-%dT%H:%M:%S.%f%z` is Airflow 2's.
    ///
    /// A record begins with each line that begins like the format string: by the digits of its time, else by all that
    /// stands before its message. The lines that follow, a traceback for the most part, belong to `message` where it
    /// ends the string, and are the column `traceback` where something stands behind it. A record whose message then has
    /// several lines is message to its end, as nobody can tell where that ends.
    ///
    /// Padding with spaces is no part of a value. Times are in the zone of the options, as Python writes local time.
    ///
    /// **Errors**: [`ErrorKind::FormatSyntax`], with the column in the string; [`ErrorKind::Option`] for an unknown style.
    ///
    /// ```
    /// use logarrow::Format;
    /// let format = Format::python_logging("%(asctime)s %(levelname)-8s [%(name)s] %(message)s", "%", None)?;
    /// let names: Vec<_> = format.columns.iter().map(|column| column.name.as_str()).collect();
    /// assert_eq!(names, ["time", "level", "name", "message"]);
    /// # Ok::<(), logarrow::Error>(())
    /// ```
    pub fn python_logging(fmt: &str, style: &str, datefmt: Option<&str>) -> Result<Self> {
        let values = match style {
            "%" => style::percent(fmt)?,
            "{" => style::brace(fmt)?,
            "$" => style::dollar(fmt)?,
            other => {
                return Err(Error::new(ErrorKind::Option, format!("no style of logging is called \"{other}\""))
                    .with_hint("it is %, { or $, as in logging.Formatter(style=...)"));
            }
        };
        if !values.iter().any(|part| matches!(part, style::Part::Value(_)))
            && let Some(at) = fmt.find("%%(")
        {
            let hint = "configuration files double the percent signs: write %(message)s";
            return Err(error(fmt, at, "%% is the text %", hint));
        }
        let datefmt = datefmt.filter(|datefmt| !datefmt.is_empty());
        let tells_time = |part: &style::Part<'_>| matches!(part, style::Part::Value(value) if value.name == "asctime");
        let notes =
            if datefmt.is_none() && values.iter().any(tells_time) { vec![USUAL.to_owned()] } else { Vec::new() };
        let asctime = match datefmt {
            None => What::Pattern(ASCTIME.to_owned()),
            Some(datefmt) => {
                let pattern = time_pattern::plain(datefmt);
                match time_pattern::fields(&pattern) {
                    Ok(_) => What::Pattern(pattern),
                    Err(_) => What::Unread(datefmt.to_owned()),
                }
            }
        };
        let pieces = values.into_iter().map(|part| attribute::piece(part, &asctime)).collect();
        let format = app_log::format(pieces, fmt, &LANGUAGE)?;
        Ok(Self {
            name: "python.log_format".to_owned(),
            title: format!("Python logging, {}", fmt.replace(['\r', '\n'], " ")),
            source: SOURCE.to_owned(),
            notes,
            ..format
        })
    }
}

#[cold]
fn error(text: &str, at: usize, message: impl Into<String>, hint: impl Into<String>) -> Error {
    web::at(LANGUAGE.name, text, at, message, hint)
}
