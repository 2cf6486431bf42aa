use crate::format::*;

fn format(fmt: &str, style: &str, datefmt: Option<&str>) -> Format {
    let format = Format::python_logging(fmt, style, datefmt).unwrap_or_else(|err| panic!("{fmt}: {err}"));
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format, "{}", format.to_toml());
    format
}

/// The columns, `name` or `name:type`.
fn names(format: &Format) -> String {
    let shown = |column: &Column| match column.dtype.name.as_str() {
        "" => column.name.clone(),
        dtype => format!("{}:{dtype}", column.name),
    };
    format.columns.iter().map(shown).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_attribute_has_a_column() {
    for (fmt, want) in [
        ("%(asctime)s", "time:timestamp"),
        ("%(created)f", "created:timestamp"),
        ("%(created)g", "created:float64"),
        ("%(filename)s", "filename"),
        ("%(funcName)s", "func_name"),
        ("%(levelname)s", "level"),
        ("%(levelno)s", "levelno:int16"),
        ("%(lineno)d", "lineno:int32"),
        ("%(module)s", "module"),
        ("%(msecs)d", "msecs:int64"),
        ("%(msecs)03d", "msecs:int16"),
        ("%(msecs)s", "msecs:float64"),
        ("%(name)s", "name"),
        ("%(pathname)s", "pathname"),
        ("%(process)d", "process:int64"),
        ("%(process)x", "process:hex"),
        ("%(process)o", "process"),
        ("%(processName)s", "process_name"),
        ("%(relativeCreated)d", "relative_created:int64"),
        ("%(relativeCreated)6.1f", "relative_created:float64"),
        ("%(taskName)s", "task_name"),
        ("%(thread)d", "thread:int64"),
        ("%(threadName)s", "thread_name"),
        ("%(requestId)s", "request_id"),
        ("%(lineno)r", "lineno"),
        ("%(message)s", "message"),
        ("%(asctime)s.%(msecs)03d", "time:timestamp msecs:int16"),
        ("%(name)s %(name)s", "name name_2"),
    ] {
        assert_eq!(names(&format(fmt, "%", None)).replace(" traceback", ""), want, "{fmt}");
    }
}

#[test]
fn times_and_starts() {
    for (fmt, datefmt, time, start) in [
        ("%(asctime)s %(message)s", None, "%Y-%m-%d %H:%M:%S,%3f", r"\d{4}-\d\d?-\d\d? \d\d?:\d\d?:\d\d?,\d{3}"),
        (
            "[%(asctime)s.%(msecs)03d] %(message)s",
            Some("%F %T"),
            "%F %T.%3f",
            r"\[\d{4}-\d\d?-\d\d? \d\d?:\d\d?:\d\d?\.\d{3}",
        ),
        (
            "%(asctime)s %(message)s",
            Some("%d/%b/%Y:%H:%M:%S %z"),
            "%d/%b/%Y:%H:%M:%S %z",
            r"\d\d?/[^\s\d]+/\d{4}:\d\d?:\d\d?:\d\d? (?:Z|[+-]\d\d(?::?\d\d)?)",
        ),
        (
            "%(levelname)s:%(asctime)s:%(message)s",
            Some("%c"),
            "%a %b %e %H:%M:%S %Y",
            r"(?:[A-Z][A-Z0-9_]*|Level \d+):[^\s\d]+ [^\s\d]+  ?\d\d? \d\d?:\d\d?:\d\d? \d{4}",
        ),
        ("%(levelname)s:%(name)s:%(message)s", None, "", r"(?:[A-Z][A-Z0-9_]*|Level \d+):[^\s]*:"),
        ("%(message)s", None, "", "lines"),
        ("%(asctime)s %(message)s", Some("%H:%M:%S"), "", r"\d\d?:\d\d?:\d\d?"),
        ("%(asctime)s %(message)s", Some("%G-W%V"), "", "lines"),
    ] {
        let format = format(fmt, "%", datefmt);
        let times: String = format.columns.iter().filter_map(|column| column.dtype.format.clone()).collect();
        assert_eq!(times, time, "{fmt}");
        let rule = match &format.framing {
            Framing::Start(rule) => rule.as_str(),
            _ => "lines",
        };
        assert_eq!(rule, start, "{fmt}");
    }
}

#[test]
fn styles_agree() {
    let percent = format("%(asctime)s %(levelname)-8s %(name)20s [%(lineno)d] %(message)s", "%", None);
    let brace = format("{asctime} {levelname:<8} {name:>20} [{lineno}] {message}", "{", None);
    let plain = format("%(asctime)s %(levelname)s %(name)s [%(lineno)d] %(message)s", "%", None);
    let dollar = format("$asctime ${levelname} $name [$lineno] $message", "$", None);
    assert_eq!((&percent.layout, &percent.columns, &percent.framing), (&brace.layout, &brace.columns, &brace.framing));
    assert_eq!((&plain.layout, &plain.columns, &plain.framing), (&dollar.layout, &dollar.columns, &dollar.framing));
    let err = Format::python_logging("%(message)s", "%%", None).unwrap_err();
    assert_eq!(
        err.to_string(),
        "no style of logging is called \"%%\"\nhint: it is %, { or $, as in logging.Formatter(style=...)"
    );
    let err = Format::python_logging("{message}", "%", None).unwrap_err().to_string();
    assert!(err.starts_with("logging:1:1: nothing in the pattern becomes a column"), "{err}");
    let err = Format::python_logging("- %%(message)s", "%", None).unwrap_err().to_string();
    assert!(err.starts_with("logging:1:3: %% is the text %\nhint: configuration files double"), "{err}");
}
