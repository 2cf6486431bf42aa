//! Every kind of error, with its full text: where, which column, what was expected, what was found, and a hint.
#![allow(missing_docs)]

mod common;

use std::io::Write;
use std::sync::Arc;

use common::{options, read};
use logarrow::filter::Expr;
use logarrow::format::named;
use logarrow::{Category, Error, ErrorKind, Format, OnError, Options, Position, Result, Scan, Source};

/// The kind's name, the full text, and what raises it.
type Case = (&'static str, &'static str, fn() -> Error);

fn raise() -> Options {
    Options { on_error: OnError::Raise, ..options() }
}

/// The error of reading `log` behind two good lines, so that the place is not the first.
fn of_record(log: &str, options: Options) -> Error {
    let good = "192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 200 512\n";
    let log = format!("{good}\r\n{good}{log}\n{good}");
    read(Source::bytes("access.log", log.as_bytes()), &named("apache.common").unwrap(), options).unwrap_err()
}

/// The error of one cell of a type.
fn of_type(dtype: &str, text: &str) -> Error {
    let format = format!("name = 'own'\nline = '{{id}} {{x}}'\n[columns]\nx = {dtype}");
    let format = Arc::new(Format::from_toml(&format, "own.toml").unwrap());
    let log = format!("17 {text}\n");
    read(Source::bytes("own.log", log.as_bytes()), &format, raise()).unwrap_err()
}

fn of_plan(change: fn(Options) -> Result<Options>) -> Error {
    let run =
        || Scan::new(Source::bytes("a.log", *b""), named("apache.common")?).with_options(change(options())?).schema();
    run().unwrap_err()
}

fn of_sniffing(log: &str) -> Error {
    logarrow::infer::choose(&Source::bytes("notes.txt", log.as_bytes()), &options()).unwrap_err()
}

fn truncated() -> Error {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(b"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 200 512\n192.0.2.7").unwrap();
    let stored = gzip.finish().unwrap();
    let source = Source::bytes("access.log.gz", &stored[..stored.len() - 10]);
    read(source, &named("apache.common").unwrap(), raise()).unwrap_err()
}

fn interrupted() -> Error {
    let scan = Scan::new(Source::bytes("a.log", *b"x\n"), named("apache.common").unwrap()).with_options(options());
    let mut reader = scan.read().unwrap().with_interrupt(Arc::new(|| true));
    let err = reader.next().unwrap().unwrap_err();
    assert!(reader.next().is_none(), "nothing comes behind an error");
    err
}

const CASES: &[Case] = &[
    (
        "Io",
        r##"/nowhere/access.log: no such file or directory
hint: check the path"##,
        || {
            Source::paths(&["/nowhere/access.log"])
                .and_then(|source| read(source, &named("apache.common")?, options()))
                .unwrap_err()
        },
    ),
    (
        "Io",
        r##"/nowhere/*.log: matches no file
hint: names that start with . or _ or end with ~ are left out unless they are named"##,
        || {
            Source::paths(&["/nowhere/*.log"])
                .and_then(|source| read(source, &named("apache.common")?, options()))
                .unwrap_err()
        },
    ),
    (
        "Corrupt",
        r##"access.log.gz (byte 78): gzip stream is truncated: it ends inside a member (compressed byte 93)
hint: the bytes before this place are good; fetch the file again to get the rest"##,
        truncated,
    ),
    (
        "UnknownFormat",
        r##"no format is called "apache.combine"
hint: did you mean "apache.combined" or "apache.common"?"##,
        || named("apache.combine").unwrap_err(),
    ),
    (
        "FormatSyntax",
        r##"LogFormat:1:22: unknown directive %&
hint: see https://httpd.apache.org/docs/current/mod/mod_log_config.html#formats; write %% for a percent sign"##,
        || Format::apache("%h %l %u %t \"%r\" %>s %&").unwrap_err(),
    ),
    (
        "FormatSyntax",
        r##"log_format:1:13: nothing stands between "remote_host" and "status"
hint: nobody could say where the first ends: put text between them, or make them one"##,
        || Format::nginx("$remote_addr$status").unwrap_err(),
    ),
    (
        "FormatSyntax",
        r##"own.toml:2:13: key "line": { without }
hint: close the capture with }, or write {{ for the text {"##,
        || Format::from_toml("name = 'own'\nline = '{a} {b'", "own.toml").unwrap_err(),
    ),
    (
        "FormatSyntax",
        r##"own.toml:4:14: column "b": unknown type "int99"
hint: did you mean "int16", "int32" or "int64"?"##,
        || Format::from_toml("name = 'own'\nline = '{a}'\n[columns]\nb = { type = 'int99' }", "own.toml").unwrap_err(),
    ),
    (
        "Malformed",
        r##"access.log:4:70 (byte 213): expected a closing ", found the end of the record
hint: check that the format is the right one, or set on_error to "null" to keep a row for it"##,
        || of_record("192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1 200 512", raise()),
    ),
    (
        "Malformed",
        r##"access.log:4:13 (byte 156): expected " [", found "ana 05/Mar/2026:10:00:01 +0900 \"GET /a HTTP/1.1\" 200 512"
hint: check that the format is the right one, or set on_error to "null" to keep a row for it"##,
        || of_record("192.0.2.7 - ana 05/Mar/2026:10:00:01 +0900 \"GET /a HTTP/1.1\" 200 512", raise()),
    ),
    (
        "Malformed",
        r##"access.log:4:68 (byte 211): expected the end of the record, found "512 \"-\""
hint: check that the format is the right one, or set on_error to "null" to keep a row for it"##,
        || of_record("192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 200 512 \"-\"", raise()),
    ),
    (
        "Malformed",
        r##"access.log:4:1 (byte 144): expected " ", found "\x1b[31m\x00"
hint: check that the format is the right one, or set on_error to "null" to keep a row for it"##,
        || of_record("\u{1b}[31m\0", raise()),
    ),
    (
        "TooLong",
        r##"access.log:4:1 (byte 144): the record is longer than 1000 bytes
hint: raise max_record_bytes to read longer records"##,
        || of_record(&"x".repeat(1001), Options { max_record_bytes: 1000, ..raise() }),
    ),
    (
        "BadValue",
        r##"access.log:4:64 (byte 207): column "status": expected a 16-bit integer, found "2OO"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_record("192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 2OO 512", raise()),
    ),
    (
        "BadValue",
        r##"access.log:4:18 (byte 161): column "time": expected a time like %d/%b/%Y:%H:%M:%S %z, found "31/Feb/2026:10:00:01 +0900"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_record("192.0.2.7 - ana [31/Feb/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 200 512", raise()),
    ),
    (
        "BadValue",
        r##"access.log:4:64 (byte 207): column "status": expected a 16-bit integer, found "\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9\x1b9"...
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || {
            of_record(
                &format!(
                    "192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" {} 512",
                    "\u{1b}9".repeat(100)
                ),
                raise(),
            )
        },
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected a 32-bit integer, found "2147483648"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'int32' }", "2147483648"),
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected a 64-bit integer, found "+"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'int64' }", "+"),
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected a number, found "1,5"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'float64' }", "1,5"),
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected true or false, found "maybe"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'bool' }", "maybe"),
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected a decimal(5,2), found "12345.6"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'decimal(5,2)' }", "12345.6"),
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected a date like %Y-%m-%d, found "2026-02-29"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'date', format = '%Y-%m-%d' }", "2026-02-29"),
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected an ISO 8601 time, found "yesterday"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'timestamp', format = 'iso8601' }", "yesterday"),
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected milliseconds since 1970, found "soon"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'timestamp', format = 'epoch_ms' }", "soon"),
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected a length of time, found "fast"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'duration', format = 'ms' }", "fast"),
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected hexadecimal digits of a 64-bit integer, found "0xfg"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'hex' }", "0xfg"),
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected an IP address, found "1.2.3"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'ip' }", "1.2.3"),
    ),
    (
        "BadValue",
        r##"own.log:1:4 (byte 3): column "x": expected items that are each a 16-bit integer, found "1,b,3"
hint: read the column as text with types={column: "utf8"}, or name its null texts in the format"##,
        || of_type("{ type = 'list<int16>', separators = [','] }", "1,b,3"),
    ),
    (
        "UnknownColumn",
        r##"format "apache.common" has no column "statsu"
hint: it has remote_host, ident, user, time, method, path, protocol, status, bytes, request, query"##,
        || of_plan(|options| Ok(Options { columns: Some(vec!["statsu".into()]), ..options })),
    ),
    (
        "UnknownColumn",
        r##"format "apache.common" has no column "stats"
hint: it has remote_host, ident, user, time, method, path, protocol, status, bytes, request, query"##,
        || of_plan(|options| Ok(Options { filter: Some(Expr::parse("stats = 1")?), ..options })),
    ),
    (
        "UnknownColumn",
        r##"format "apache.common" has no column "nothing_like_it"
hint: it has remote_host, ident, user, time, method, path, protocol, status, bytes, request, query"##,
        || {
            of_plan(|options| {
                Ok(Options {
                    derive: vec![(
                        "x".into(),
                        Expr::parse("nothing_like_it + 1").or_else(|_| Expr::parse("date(nothing_like_it)"))?,
                    )],
                    ..options
                })
            })
        },
    ),
    (
        "TypeMismatch",
        r##"column "status": expected a value of type int16, found 'ok'
hint: write a whole number from -32768 to 32767"##,
        || of_plan(|options| Ok(Options { filter: Some(Expr::parse("status = 'ok'")?), ..options })),
    ),
    (
        "TypeMismatch",
        r##"expected a condition, but path is utf8
hint: compare it with something, or test it with IS NOT NULL"##,
        || of_plan(|options| Ok(Options { filter: Some(Expr::parse("path")?), ..options })),
    ),
    (
        "TypeMismatch",
        r##"column "status": unknown type "int9"
hint: did you mean "int8", "int16" or "int32"?"##,
        || Arc::unwrap_or_clone(named("apache.common").unwrap()).with_types(&[("status", "int9")]).unwrap_err(),
    ),
    (
        "Expression",
        r##"expression:1:11: expected an expression, found the end
hint: supported are comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, ILIKE, IS NULL, IS TRUE, CASE, CAST, + - * / % and functions; anything richer belongs to the engine that takes the stream"##,
        || of_plan(|options| Ok(Options { filter: Some(Expr::parse("status >= ")?), ..options })),
    ),
    (
        "Expression",
        r##"expression:1:19: no function is called "soundex"
hint: functions are starts_with, ends_with, contains, lower, upper, length, coalesce, date, year, month, day, hour, minute, lookup"##,
        || Expr::parse("status >= 500 AND soundex(path) = 'A'").unwrap_err(),
    ),
    (
        "Option",
        r##"option "batch_rows" must be at least 1, not 0
hint: leave it out to have the default"##,
        || of_plan(|options| Ok(Options { batch_rows: 0, ..options })),
    ),
    (
        "Option",
        r##"option "max_record_bytes" must be at most 536870912, not 1099511627776
hint: positions in a chunk are 31-bit numbers; a larger one would gain nothing"##,
        || of_plan(|options| Ok(Options { max_record_bytes: 1 << 40, ..options })),
    ),
    (
        "Option",
        r##""derive" names a column the format has: "path"
hint: choose another name"##,
        || of_plan(|options| Ok(Options { derive: vec![("path".into(), Expr::parse("1")?)], ..options })),
    ),
    (
        "Option",
        r##"no time zone is called "Mars/Olympus"
hint: a time zone is an IANA name such as "Asia/Tokyo", or an offset such as "+09:00""##,
        || of_plan(|options| Ok(Options { timezone: "Mars/Olympus".into(), ..options })),
    ),
    (
        "NoMatch",
        r##"no format fits the sample of 1 lines: none matches a line
hint: name the format, for example format="apache.combined""##,
        || of_sniffing("buy milk\n"),
    ),
    (
        "NoMatch",
        r##"the source is empty, so its format cannot be found
hint: name the format, for example format="apache.combined""##,
        || of_sniffing("\n\n"),
    ),
    ("Interrupted", r##"the scan was interrupted"##, interrupted),
];
#[test]
fn every_case_has_its_full_text() {
    let mut wrong = Vec::new();
    for (name, text, make) in CASES {
        let err = make();
        let kind = format!("{:?}", err.kind());
        assert_eq!(kind.split('(').next(), Some(*name), "{err}");
        if err.to_string() != *text {
            wrong.push(format!("{name}: {err}\n-- not\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Lower case, no full stop, one line of at most so many bytes, nothing a terminal would act on; a hint that helps.
#[test]
fn texts_are_well_formed() {
    for (name, _, make) in CASES {
        let err = make();
        let (text, message) = (err.to_string(), err.message());
        assert!(
            !message.is_empty() && (!message.ends_with('.') || message.ends_with("\"...")) && !message.contains('\n'),
            "{text}"
        );
        assert!(message.starts_with(|c: char| !c.is_ascii_uppercase() || message.starts_with("TIMESTAMP")), "{text}");
        assert!(text.len() < 1000 && text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(err.hint().is_some() || *name == "Interrupted", "no hint: {text}");
        assert!(!err.hint().is_some_and(|hint| hint.ends_with('.') || hint.contains('\n')), "{text}");
        if err.category() == Category::Data {
            let place = err.position();
            assert!(place.source.is_some() && place.line.is_some() && place.column.is_some(), "{text}");
            assert!(place.byte.is_some(), "{text}");
        }
    }
}

/// The variants of [`ErrorKind`], read where they are written: the enum may grow, and then this test fails.
fn kinds() -> Vec<&'static str> {
    let text = include_str!("../src/error.rs");
    let body = text.split("pub enum ErrorKind {").nth(1).and_then(|rest| rest.split("\n}").next()).unwrap();
    let variants = body.lines().map(str::trim).filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    variants.map(|line| line.split([',', '(', ' ']).next().unwrap()).collect()
}

#[test]
fn every_kind_has_a_case() {
    let kinds = kinds();
    assert!(kinds.len() >= 13 && kinds.contains(&"BadValue") && kinds.contains(&"Io"), "{kinds:?}");
    for kind in kinds {
        assert!(CASES.iter().any(|(name, ..)| *name == kind), "no case for ErrorKind::{kind}");
    }
}

#[test]
fn places_of_all_shapes() {
    let at = |source: Option<&str>, line, column, byte| {
        let position = Position { source: source.map(Into::into), line, column, byte };
        Error::new(ErrorKind::Malformed, "it broke").with_position(position).to_string()
    };
    assert_eq!(at(None, None, None, None), "it broke");
    assert_eq!(at(Some("a.log"), None, None, None), "a.log: it broke");
    assert_eq!(at(Some("a.log"), Some(7), None, None), "a.log:7: it broke");
    assert_eq!(at(Some("a.log"), Some(7), Some(3), None), "a.log:7:3: it broke");
    assert_eq!(at(Some("a.log"), Some(7), Some(3), Some(99)), "a.log:7:3 (byte 99): it broke");
    assert_eq!(at(Some("a.log"), None, None, Some(99)), "a.log (byte 99): it broke");
    assert_eq!(at(None, None, None, Some(99)), "(byte 99): it broke");
    assert_eq!(at(None, Some(7), Some(3), None), "7:3: it broke");
}

#[test]
fn an_error_is_one_word_and_keeps_its_cause() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    let err = Error::io("a.log", std::io::Error::from(std::io::ErrorKind::PermissionDenied));
    assert_eq!((err.category(), err.to_string().as_str()), (Category::Io, "a.log: permission denied"));
    assert!(std::error::Error::source(&err).is_some());
}
