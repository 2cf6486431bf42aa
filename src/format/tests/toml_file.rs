use crate::format::*;

const WEB: &str = r#"
name = "own.web"
aliases = ["web"]
line = '{host} {user:any} [{time}] "{request}" {status} {port}:{} "{agent}"{? x={{{rest}?}'
escape = "httpd"
null = "-"

[columns]
time = { type = "timestamp", format = "%d/%b/%Y:%H:%M:%S %z", doc = "when" }
user = { null = ["-", '""'] }
request = { parts = "{method} {path} {protocol}", otherwise = "path" }
status = { type = "int16" }
query = { doc = "what follows the ?" }

[[sample]]
line = 'a b'
row = { host = "a", status = 200 }

[[reject]]
line = 'a'
why = "expected"
"#;

fn capture(name: &str, class: Class, escape: Escape) -> Part {
    Part::Capture(Capture { name: name.into(), class, escape, lead: None })
}

fn literal(text: &str) -> Part {
    Part::Literal(text.into())
}

#[test]
fn a_line_becomes_parts() {
    let format = Format::from_toml(WEB, "web.toml").unwrap();
    let expected = vec![
        capture("host", Class::Word, Escape::Httpd),
        literal(" "),
        capture("user", Class::Any, Escape::Httpd),
        literal(" ["),
        capture("time", Class::Spaces(1), Escape::None),
        literal("] \""),
        capture("request", Class::Any, Escape::Httpd),
        literal("\" "),
        capture("status", Class::Word, Escape::None),
        literal(" "),
        capture("port", Class::Any, Escape::Httpd),
        literal(":"),
        capture("", Class::Word, Escape::Httpd),
        literal(" \""),
        capture("agent", Class::Any, Escape::Httpd),
        literal("\""),
        Part::Optional(vec![literal(" x={"), capture("rest", Class::Any, Escape::Httpd)]),
    ];
    assert_eq!(format.layout, Layout::Pattern(vec![Pattern { parts: expected }]));
}

#[test]
fn columns_come_in_line_order() {
    let format = Format::from_toml(WEB, "web.toml").unwrap();
    let names: Vec<_> = format.columns.iter().map(|column| (column.name.as_str(), column.on_demand)).collect();
    let expected = [
        ("host", false),
        ("user", false),
        ("time", false),
        ("method", false),
        ("path", false),
        ("protocol", false),
        ("status", false),
        ("port", false),
        ("agent", false),
        ("rest", false),
        ("request", true),
        ("query", true),
    ];
    assert_eq!(names, expected);
    assert_eq!(format.columns[1].null, ["-", "\"\""]);
    assert_eq!(format.columns[0].null, ["-"]);
    assert_eq!(format.columns[3].from, From::Request("request".into(), RequestPart::Method));
    assert_eq!(format.columns[11].from, From::Request("request".into(), RequestPart::Query));
    assert_eq!(format.columns[10].from, From::Capture("request".into()));
}

#[test]
fn to_toml_comes_back() {
    let format = Format::from_toml(WEB, "web.toml").unwrap();
    let text = format.to_toml();
    assert_eq!(Format::from_toml(&text, "again").unwrap(), format, "{text}");
    let odd = concat!(
        "name = 'own'\nline = ['{a:list,raw}\\t}}{b:lead=?} {c:spaces=3}', \"it's {a:digits}\"]\nescape = 'nginx'\n",
        "extra = 'count'\ncomment = '#'\ntimezone = 'Asia/Tokyo'\n",
        "[columns]\na = { type = 'list<int64>', separators = [', ', ' : '], unit = 'B', null = ['', '-'] }"
    );
    let format = Format::from_toml(odd, "odd.toml").unwrap();
    let text = format.to_toml();
    assert_eq!(Format::from_toml(&text, "again").unwrap(), format, "{text}");
}

#[test]
fn default_classes() {
    let class = |line: &str, columns: &str| {
        let text = format!("name = 'own'\nline = '{line}'\n[columns]\n{columns}");
        let Layout::Pattern(patterns) = Format::from_toml(&text, "own.toml").unwrap().layout else {
            panic!("no pattern")
        };
        match &patterns[0].parts[patterns[0].parts.iter().position(|part| matches!(part, Part::Capture(_))).unwrap()] {
            Part::Capture(capture) => capture.class,
            _ => unreachable!(),
        }
    };
    assert_eq!(class("{a}", ""), Class::Any);
    assert_eq!(class("{a}", "a = { type = 'int64' }"), Class::Word);
    assert_eq!(class("{a} x", ""), Class::Word);
    assert_eq!(class("{a}{? x?}", ""), Class::Any);
    assert_eq!(class("{a}{? x?} {b}", ""), Class::Word);
    assert_eq!(class("{a}{?:x?} {b}", ""), Class::Any);
    assert_eq!(class("\"{a}\" {b}", "a = { type = 'int64' }"), Class::Any);
    assert_eq!(class("[{a}] {b}", ""), Class::Any);
    assert_eq!(class("{a} {b}", "a = { type = 'timestamp', format = '%F %T %z' }"), Class::Spaces(2));
    assert_eq!(class("{a} {b}", "a = { type = 'timestamp', format = '%b %e %T' }"), Class::Bytes(15));
    assert_eq!(class("{a} {b}", "a = { type = 'timestamp', format = '%FT%T' }"), Class::Word);
    assert_eq!(class("{a} {b}", "a = { type = 'timestamp', format = 'iso8601' }"), Class::Word);
}

#[test]
fn errors_say_where_and_what_to_do() {
    let error = |text: &str| Format::from_toml(text, "own.toml").unwrap_err().to_string();
    let line = |line: &str| error(&format!("name = 'own'\nline = '{line}'"));
    let column = |column: &str| error(&format!("name = 'own'\nline = '{{a}} {{b}}'\n[columns]\n{column}"));
    let table = [
        (
            error("name = "),
            "own.toml:1:8: string values must be quoted, expected literal string\nhint: the text must be TOML (https://toml.io)",
        ),
        (error("line = 'x'"), "own.toml:1:1: key \"name\" is missing\nhint: add name = \"...\""),
        (
            error("name = 'x'"),
            "own.toml:1:1: key \"line\" is missing\nhint: add line = '{host} {message:any}' or the like",
        ),
        (error("name = 1"), "own.toml:1:8: key \"name\": expected a string, found integer\nhint: write a string"),
        (error("nam = 'x'"), "own.toml:1:1: unknown key \"nam\"\nhint: did you mean \"name\"?"),
        (
            error("name = 'x'\nescape = 'htpd'\nline = 'x'"),
            "own.toml:2:10: key \"escape\": unknown value \"htpd\"\nhint: did you mean \"httpd\"?",
        ),
        (
            error("name = 'x'\nline = []"),
            "own.toml:2:8: key \"line\": a line is empty\nhint: write what a record looks like",
        ),
        (
            line("{a} {b:wrd}"),
            "own.toml:2:13: key \"line\": capture \"b\": unknown class \"wrd\"\nhint: known: any, word, bare, digits, list, escaped, object, dated, spaces=2, padded=5, trimmed=9, bytes=1; raw, httpd, nginx, json, cef, percent; lead=?; or pairs alone",
        ),
        (
            line("{a} {a}"),
            "own.toml:2:13: key \"line\": capture \"a\" is there twice in one line\nhint: give the second another name, or leave it out with {}",
        ),
        (
            line("{a}{b}"),
            "own.toml:2:12: key \"line\": nothing stands between \"a\" and \"b\"\nhint: nobody could say where the first ends: put text between them, or make them one",
        ),
        (
            line("{a b}"),
            "own.toml:2:9: key \"line\": \"a b\" cannot name a capture\nhint: use letters, digits and _, or write {{ for the text {",
        ),
        (
            line("{a"),
            "own.toml:2:9: key \"line\": { without }\nhint: close the capture with }, or write {{ for the text {",
        ),
        (line("a}"), "own.toml:2:10: key \"line\": } without {\nhint: write }} for the text }"),
        (line("a{? b"), "own.toml:2:10: key \"line\": {? without ?}\nhint: close the optional part with ?}"),
        (
            line("a?}"),
            "own.toml:2:10: key \"line\": ?} without {?\nhint: open the optional part with {?, or write ?}} for the text ?}",
        ),
        (
            line("a{?{b}?}"),
            "own.toml:2:10: key \"line\": an optional part without text of its own\nhint: put the text that announces it inside",
        ),
        (
            column("c = {}"),
            "own.toml:4:1: no capture feeds column \"c\"\nhint: name it in line as {c}, or leave the column out",
        ),
        (
            column("a = { typ = 'int16' }"),
            "own.toml:4:7: unknown key \"typ\" of column \"a\"\nhint: did you mean \"type\"?",
        ),
        (
            column("a = { type = 'int9' }"),
            "own.toml:4:14: column \"a\": unknown type \"int9\"\nhint: did you mean \"int8\", \"int16\" or \"int32\"?",
        ),
        (
            column("a = { type = 'int16', format = '%F' }"),
            "own.toml:4:32: column \"a\": format \"%F\" does not go with type \"int16\"\nhint: only timestamp, date, duration and bool have a format",
        ),
        (
            column("a = { type = 'timestamp', format = 'epoch|%F' }"),
            "own.toml:4:36: column \"a\": time format \"epoch|%F\": epoch stands alone\nhint: write patterns, iso8601 or syslog between the |",
        ),
        (
            column("a = { type = 'date', format = '%F|%D' }"),
            "own.toml:4:31: column \"a\": date format \"%F|%D\": a date has one pattern\nhint: leave | out",
        ),
        (
            column("a = { type = 'timestamp' }"),
            "own.toml:4:14: column \"a\": type \"timestamp\" needs a format\nhint: give a pattern such as \"%Y-%m-%d %H:%M:%S\", or one of iso8601, syslog, epoch, epoch_ms, epoch_us, epoch_ns, auto",
        ),
        (
            column("a = { type = 'list<int16>' }"),
            "own.toml:4:14: column \"a\": type \"list<int16>\" does not say what separates items\nhint: add separators = [\", \"]",
        ),
        (
            column("a = { separators = ',' }"),
            "own.toml:4:20: column \"a\": separators do not go with type \"utf8\"\nhint: write type = \"list<utf8>\", or leave separators out",
        ),
        (
            column("a = { type = 'decimal(40,2)' }"),
            "own.toml:4:14: column \"a\": type \"decimal(40,2)\" is out of range\nhint: precision is 1 to 38, scale at most precision",
        ),
        (
            column("a = { parts = '{a}' }"),
            "own.toml:4:5: column \"a\": key \"parts\": expected three captures with a space between them\nhint: write parts = \"{method} {path} {protocol}\", otherwise = \"path\"",
        ),
        (
            column("a = { parts = '{a} {c} {d}', otherwise = 'd' }"),
            "own.toml:4:5: column \"a\": key \"otherwise\" must name the second part: it holds what is not a request line\nhint: write parts = \"{method} {path} {protocol}\", otherwise = \"path\"",
        ),
        (
            column("a = { parts = '{b} {c} {d}', otherwise = 'c' }"),
            "own.toml:4:1: two columns are called \"b\"\nhint: give the part, or the capture, another name",
        ),
        (column("a = 3"), "own.toml:4:5: key \"columns.a\": expected a table, found integer\nhint: write a table"),
        (
            column("[[sample]]\nline = 'x'\nrow = { z = 1 }"),
            "own.toml:4:1: key \"row\" of a sample: no column is called \"z\"\nhint: did you mean \"a\" or \"b\"?",
        ),
        (column("[[reject]]\nline = 'x'"), "own.toml:4:1: key \"why\" of a reject is missing\nhint: add why = \"...\""),
    ];
    for (found, expected) in table {
        assert_eq!(found, expected);
    }
}

#[test]
fn braces_and_question_marks() {
    let parts = |line: &str| {
        let text = format!("name = 'own'\nline = '{line}'");
        let Layout::Pattern(mut patterns) = Format::from_toml(&text, "own.toml").unwrap().layout else {
            panic!("no pattern")
        };
        patterns.remove(0).parts
    };
    assert_eq!(parts("a?}}b{{c?d"), [literal("a?}b{c?d")]);
    assert_eq!(
        parts("a{?b{?c?}?}d"),
        [literal("a"), Part::Optional(vec![literal("b"), Part::Optional(vec![literal("c")])]), literal("d"),]
    );
    assert_eq!(parts("{?b??}}}"), [Part::Optional(vec![literal("b?")]), literal("}")]);
}

#[test]
fn parts_found_from_the_right() {
    let read = |line: &str| Format::from_toml(&format!("name = 'own'\nline = '{line}'"), "own.toml");
    let format = read(r#"{a}->}}{m}{<, b: {b:word}{?, c: "{c}"?}>}"#).unwrap();
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format);
    let Layout::Pattern(patterns) = &format.layout else { panic!("no pattern") };
    assert_eq!(patterns[0].parts[1], literal("->}"));
    let tail = vec![
        literal(", b: "),
        capture("b", Class::Word, Escape::None),
        Part::Optional(vec![literal(", c: \""), capture("c", Class::Any, Escape::None), literal("\"")]),
    ];
    assert_eq!(patterns[0].parts[3], Part::Tail(tail));
    let midst = "parts found from the right in the midst of a line";
    let shape = "parts found from the right of another shape";
    let wrong = [
        ("{m}{<, b: {b}", "{< without >}"),
        ("{m}, b: {b}>}", ">} without {<"),
        ("{m}{<, b: {b}?}", "?} without {?"),
        ("{m}{<, b: {b}>} x", midst),
        ("x{<, b: {b}>}", midst),
        ("{m:word}{<, b: {b}>}", midst),
        ("{m}{?, x{<, b: {b}>}?}", "parts found from the right inside optional ones"),
        ("{m}{<{b}>}", "an optional part without text of its own"),
        ("{m}{<, b: {b}{?, c?}>}", shape),
        ("{m}{<, b: {b}, c: {c}>}", shape),
        ("{m}{<, b: {b}{?; c: {c}?}>}", "parts found from the right that do not begin alike, or are too many"),
    ];
    for (line, message) in wrong {
        let err = read(line).unwrap_err();
        assert!(err.message().contains(message), "{line}: {err}");
    }
}

#[test]
fn types_can_be_changed() {
    let format = Format::from_toml(WEB, "web.toml").unwrap();
    let format = format.with_types(&[("port", "int32"), ("rest", "timestamp:%Y-%m-%d %H:%M:%S")]).unwrap();
    assert_eq!(format.columns[7].dtype, TypeSpec { name: "int32".into(), ..TypeSpec::default() });
    assert_eq!(format.columns[9].dtype.format.as_deref(), Some("%Y-%m-%d %H:%M:%S"));
    let error = |name, text| format.clone().with_types(&[(name, text)]).unwrap_err().to_string();
    assert_eq!(error("prt", "int32"), "format \"own.web\" has no column \"prt\"\nhint: did you mean \"port\"?");
    assert_eq!(
        error("port", "int"),
        "column \"port\": unknown type \"int\"\nhint: did you mean \"int8\", \"int16\" or \"int32\"?"
    );
    assert_eq!(
        error("time", "timestamp:%Q"),
        "column \"time\": time format \"%Q\": unknown token \"%Q\"\nhint: known: %Y %y %m %b %B %d %e %j %H %I %p %M %S %f \
         %1f to %9f %.f %s %z %Z %a %A %T %R %D %F %n %t %%"
    );
    assert_eq!(TypeSpec::parse("list<float64>:, ").unwrap().separators, [", "]);
    assert_eq!(
        error("port", "timestamp[ms]"),
        "column \"port\": a timestamp has no unit \"ms\"\nhint: write timestamp[us] or timestamp[ns]"
    );
    assert_eq!(
        error("port", "decimal128(50, 2)").lines().next(),
        Some("column \"port\": type \"decimal(50,2)\" is out of range")
    );
    assert_eq!(
        error("port", "larg_utf8"),
        "column \"port\": unknown type \"larg_utf8\"\nhint: did you mean \"large_utf8\"?"
    );
}

#[test]
fn types_as_arrow_spells_them() {
    let text = "name = 'own'\nline = '{time} {took} {n} {list} {path}'\n[columns]\n\
        time = { type = 'timestamp[ns, tz=UTC]', format = 'epoch' }\ntook = { type = 'duration[us]', format = 'ms' }\n\
        n = { type = 'decimal128(10, 2)' }\nlist = { type = 'list<item: double>', separators = [','] }\n\
        path = { type = 'large_string' }\n";
    let format = Format::from_toml(text, "own.toml").unwrap();
    let names = |format: &Format| format.columns.iter().map(|column| column.dtype.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&format), ["timestamp[ns]", "duration", "decimal(10,2)", "list<float64>", "large_utf8"]);
    assert_eq!(Format::from_toml(&format.to_toml(), "own.toml").unwrap().columns, format.columns);
    // What stays a time or a duration keeps how it is written.
    let other = [("time", "timestamp[us, UTC]"), ("took", "duration[us]"), ("list", "list<item: string>")];
    let other = format.clone().with_types(&other).unwrap();
    assert_eq!(names(&other)[..4], ["timestamp[us]", "duration", "decimal(10,2)", "list<utf8>"]);
    let written =
        |column: usize| (other.columns[column].dtype.format.as_deref(), &other.columns[column].dtype.separators[..]);
    assert_eq!((written(0).0, written(1).0, written(3).1), (Some("epoch"), Some("ms"), &[",".to_owned()][..]));
    assert!(format.with_types(&[("n", "timestamp[us]")]).unwrap_err().to_string().contains("needs a format"));
    let bad = Format::from_toml(&text.replace("tz=UTC", "tz=Asia/Tokyo"), "own.toml").unwrap_err().to_string();
    assert!(bad.starts_with("own.toml:4:17: column \"time\": timestamps are UTC, not \"Asia/Tokyo\""), "{bad}");
}

#[test]
fn layouts_in_words() {
    let text = "name = 'own'\nline = ['{host} {n:digits}{?, at {where}?}', '{}: {q:lead=?} x']\nescape = 'json'";
    assert_eq!(
        Format::from_toml(text, "own.toml").unwrap().explain_layout(),
        r#"line 1 of 2, tried in this order:
  host     no space, JSON escapes
  " "
  n        digits, JSON escapes
  if there:
    ", at "
    where  any text, JSON escapes
line 2 of 2, tried in this order:
  (skipped)  any text, JSON escapes
  ": "
  q          no space, JSON escapes, empty or starting with "?"
  " x"
"#
    );
}
