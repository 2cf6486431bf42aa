use crate::format::*;

fn format(pattern: &str) -> Format {
    let format = Format::log4j(pattern).unwrap_or_else(|err| panic!("{pattern}: {err}"));
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format, "{}", format.to_toml());
    format
}

/// The columns of a pattern, `name` or `name:type`.
fn names(pattern: &str) -> Vec<String> {
    let shown = |column: &Column| match column.dtype.name.as_str() {
        "" => column.name.clone(),
        dtype => format!("{}:{dtype}", column.name),
    };
    format(pattern).columns.iter().map(shown).collect()
}

/// The same as one text, without the lines behind a record.
fn only(pattern: &str) -> String {
    names(pattern).join(" ").replace(" stack_trace", "")
}

/// The start rule of a pattern.
fn start(pattern: &str) -> String {
    match format(pattern).framing {
        Framing::Start(rule) => rule,
        Framing::Lines => "lines".into(),
        _ => panic!("{pattern}"),
    }
}

/// The lines of a pattern, as format files have them.
fn lines(pattern: &str) -> Vec<String> {
    let toml: toml::Table = toml::from_str(&format(pattern).to_toml()).unwrap();
    match &toml["line"] {
        toml::Value::Array(all) => all.iter().map(|line| line.as_str().unwrap().to_owned()).collect(),
        line => vec![line.as_str().unwrap().to_owned()],
    }
}

#[test]
fn every_conversion_has_a_column() {
    for (pattern, want) in [
        ("%d", "time:timestamp"),
        ("%date{ISO8601}", "time:timestamp"),
        ("%d{UNIX}", "time:timestamp"),
        ("%d{UNIX_MILLIS}", "time:timestamp"),
        ("%d{ABSOLUTE}", "time"),
        ("%d{dd MMM HH:mm:ss}", "time:timestamp"),
        ("%d{yyyy-MM-dd} %d{HH:mm:ss,SSS}", "time:timestamp"),
        ("%d{yyyy-MM-dd} %d{yyyy}", "time:timestamp time_2"),
        ("%p", "level"),
        ("%le", "level"),
        ("%-5level", "level"),
        ("%level{WARN=Warning, length=2}", "level"),
        ("%c{1}", "logger"),
        ("%lo{36}", "logger"),
        ("%logger{36}", "logger"),
        ("%C", "class"),
        ("%F", "file"),
        ("%L", "line:int32"),
        ("%l", "location"),
        ("%M", "method"),
        ("%t", "thread"),
        ("%tn", "thread"),
        ("%thread", "thread"),
        ("%T", "thread_id:int64"),
        ("%tid", "thread_id:int64"),
        ("%tp", "thread_priority:int32"),
        ("%m", "message"),
        ("%msg", "message"),
        ("%message{nolookups}", "message"),
        ("%r", "relative_ms:int64"),
        ("%relative", "relative_ms:int64"),
        ("%x", "ndc"),
        ("%X", "mdc"),
        ("%X{traceId}", "mdc_traceid"),
        ("%mdc{user-id:-nobody}", "mdc_user_id"),
        ("%X{a, b}", "mdc"),
        ("%K{id}", "map_id"),
        ("%marker", "marker"),
        ("%sn", "sequence_number:int64"),
        ("%u{TIME}", "uuid"),
        ("%pid", "pid:int32"),
        ("%N", "nano_time:int64"),
        ("%endOfBatch", "end_of_batch:bool"),
        ("%property{app}", "app"),
        ("%cn", "context_name"),
        ("${PID:-} ${sys:app-name} %m", "pid:int32 app_name message"),
        ("%highlight{%-5p}{FATAL=red} %style{%m}{bold}", "level message"),
        ("%clr(%5p){faint} %boldRed(%t)", "level thread"),
        ("%equals{%marker}{[]}{-}", "marker"),
        ("%maxLen{%m}{20}", "message"),
        ("%enc{%m}{CRLF}", "message"),
        ("%replace{%logger}{[.]}{/} %replace(%msg){'a','b'}", "logger message"),
        ("%replace{%p %c}{a}{b}", "replaced"),
        ("%repeat{-}{3}%m", "message"),
        ("%t %t", "thread thread_2"),
    ] {
        assert_eq!(only(pattern), want, "{pattern}");
    }
}

#[test]
fn lines_of_patterns() {
    for (pattern, want) in [
        ("%d %-5p [%t] %c{1} - %m%n", "{time} {level}{? {? {? {? ?}?}?}?} [{thread}] {logger} - {message}"),
        ("[%3p] %m", "[{? {? ?}?}{level:word}] {message}"),
        ("[%3p] %-2tid %m", "[{level:padded=3}] {thread_id:padded=2} {message}"),
        ("%d %-5p %m", "{time} {level:padded=5} {message}"),
        ("%d %5p %m", "{time} {? {? {? {? ?}?}?}?}{level} {message}"),
        ("%d %-5p %c %m", "{time} {level}{? {? {? {? ?}?}?}?} {logger} {message}"),
        ("%d %-5p [%-9t] %m", "{time} {level:padded=5} [{thread:trimmed=9}] {message}"),
        ("%d{ISO8601} %m%n%ex", "{time:bytes=23} {message}"),
        ("%d %m %xEx%n", "{time} {message:trimmed}"),
        ("%d %30.30t %c", "{time} {thread:trimmed=30} {logger:word}{?\n{stack_trace}?}"),
        ("%d [%m]%n", "{time} [{message}]{?\n{stack_trace}?}"),
        ("%d %p%nX %m%n", "{time} {level}\nX {message}"),
        ("%d (%F:%L) \\(x\\) %%a %m", "{time} ({file:word}:{line}) (x) %a {message}"),
        ("%d %-30(%p %t) %c", "{time} {level} {thread:trimmed} {logger:padded}{?\n{stack_trace}?}"),
        ("%d %30(%p [%t])| %m", "{time} {level:padded} [{thread}]| {message}"),
        ("%d %-30(%p [%t])| %m", "{time} {level} [{thread}]{}| {message}"),
        ("%-24d{ISO8601} %m", "{time:trimmed=24} {message}"),
        ("%d %notEmpty{[%marker] }%m", "{time} {?[{marker}] ?}{message}"),
        ("%m", "{message}"),
        ("%d %X %m", "{time} {{{mdc}}} {message}"),
        ("%d [%X] %x - %m", "{time} [{mdc}] {ndc:any} - {message}"),
        ("%d %X{a,b} %p %m", "{time} {{{mdc}}} {level} {message}"),
        ("%d %notEmpty{%X }%m", "{time} {?{{{mdc}}} ?}{message}"),
        ("%d %notEmpty{%K} %m", "{time} {?{{{map}}}?} {message}"),
        ("%d %notEmpty{%x }- %m", "{time} {?{ndc:any} ?}- {message}"),
        ("%d %m %X%n", "{time} {message:any} {{{mdc}}}{?\n{stack_trace}?}"),
        ("%d %c %x%n", "{time} {logger} {ndc}"),
        ("%d %property{map} %m", "{time} {map:any} {message}"),
        ("\"%m\" %d{UNIX}", "\"{message}\" {time}{?\n{stack_trace}?}"),
        ("{\"m\":\"%enc{%m}{JSON}\"}", "{{\"m\":\"{message}\"}}{?\n{stack_trace:raw}?}"),
        ("%rms %m", "{relative_ms}ms {message}"),
        ("%d %m%nEND", "{time} {message}\nEND{?\n{stack_trace}?}"),
    ] {
        // Where a record ends with something else than its message, lines end in two ways, and the message may be open.
        let lines = lines(pattern);
        let two = want.contains('\n');
        assert_eq!(lines[usize::from(two)], want, "{pattern}");
        assert!(!two || lines[0] == want.replace('\n', "\r\n"), "{lines:?}");
        let open: Vec<&str> = lines[1 + usize::from(two)..].iter().map(String::as_str).collect();
        assert_eq!(
            open,
            match pattern {
                "%d [%m]%n" => &["{time} [{message}"][..],
                "%d %m%nEND" | "%d %m %X%n" => &["{time} {message}"],
                _ => &[],
            },
            "{pattern}"
        );
    }
}

#[test]
fn records_begin_as_their_pattern() {
    for (pattern, want) in [
        ("%d %m%n", r"\d{4}-\d\d?-\d\d? \d\d?:\d\d?:\d\d?,\d{3}"),
        ("%d{ISO8601} %m%n", r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d"),
        ("%n[%d{HH:mm}] %m%n", r"\[\d\d?:\d\d?"),
        ("%5p %d{UNIX} %m", r" *[A-Z][A-Z0-9_]* * \d{9,}"),
        ("%p %m%n", "[A-Z][A-Z0-9_]* "),
        ("[%t] %-5p %c %x - %m%n", r"\[[^\n]*\]  *[A-Z][A-Z0-9_]* * [^\s]* [^\n]* - "),
        ("%r [%t] %m", r"\d+ \[[^\n]*\] "),
        ("%m%n", "lines"),
        ("%t %m%n", "lines"),
    ] {
        assert_eq!(start(pattern), want, "{pattern}");
    }
}

#[test]
fn zones_and_nulls() {
    assert_eq!(format("%d{HH:mm:ss yyyy-MM-dd}{America/New_York} %m").timezone.as_deref(), Some("America/New_York"));
    assert_eq!(format("%d{yyyy-MM-dd HH:mm:ss, UTC} %m").timezone.as_deref(), Some("UTC"));
    let columns = format("%d %X{a:-none} [%x] %F %m").columns;
    let nulls: Vec<_> = columns.iter().map(|column| column.null.join("|")).collect();
    assert_eq!(nulls, ["", "|none", "", "?", ""]);
    assert_eq!(columns[2].null, [""]);
    assert!(columns[4].null.is_empty());
}

/// What Spring Boot, Hadoop, Kafka and others have in their files.
#[test]
fn patterns_in_use() {
    for (pattern, want) in [
        (
            "%clr(%d{${LOG_DATEFORMAT_PATTERN:-yyyy-MM-dd'T'HH:mm:ss.SSSXXX}}){faint} %clr(${LOG_LEVEL_PATTERN:-%5p}) \
             %clr(${PID:-}){magenta} %clr(---){faint} %clr([%15.15t]){faint} \
             %clr(${LOG_CORRELATION_PATTERN:-}){faint}%clr(%-40.40logger{39}){cyan} %clr(:){faint} \
             %m%n${LOG_EXCEPTION_CONVERSION_WORD:-%wEx}",
            "time level pid thread logger message",
        ),
        ("%d{ISO8601} %-5p [%t] %c{2} (%F:%M(%L)) - %m%n", "time level thread logger file method line message"),
        ("%d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex", "time level logger message"),
        ("[%d] %p %m (%c)%n", "time level message logger stack_trace"),
        ("%date %level [%thread] %logger{10} [%file:%line] %msg%n", "time level thread logger file line message"),
        (
            "%d{HH:mm:ss.SSS} [%thread] %-5level %logger{36} -%kvp- %msg%n",
            "time thread level logger key_values message",
        ),
        ("%r [%t] %p %c %notEmpty{%x }- %m%n", "relative_ms thread level logger ndc message"),
    ] {
        let names: Vec<String> = format(pattern).columns.into_iter().map(|column| column.name).collect();
        assert_eq!(names.join(" "), want, "{pattern}");
    }
}

#[test]
fn errors_say_where_and_what_to_do() {
    let error = |pattern: &str| Format::log4j(pattern).unwrap_err().to_string();
    let see = "see https://logging.apache.org/log4j/2.x/manual/pattern-layout.html";
    assert_eq!(
        error("%d %q"),
        format!(
            "PatternLayout:1:4: unknown conversion %q\nhint: {see}; for a conversion of your own write %property{{q}}"
        )
    );
    assert!(error("[%node_name] %m").starts_with("PatternLayout:1:2: unknown conversion %node"));
    assert!(error("%cluster %m").starts_with("PatternLayout:1:1: unknown conversion %cluster"));
    assert_eq!(error("%lvel %m"), "PatternLayout:1:1: unknown conversion %lvel\nhint: did you mean \"level\"?");
    assert_eq!(
        error("%d %p%c"),
        "PatternLayout:1:6: nothing stands between \"level\" and \"logger\"\n\
         hint: nobody could say where the first ends: put text between them, or make them one"
    );
    assert_eq!(
        error("%d %x %m"),
        "PatternLayout:1:4: nothing tells where \"ndc\" ends: it may hold spaces, and there are only spaces around it\n\
         hint: let the pattern put it between brackets, as [%x]; a log that is there already can be read with Format.regex \
         and (?<ndc>\\[[^\\]]*\\]) or the like"
    );
    for pattern in ["%d %kvp %m", "%d %-20X %m", "%m %x", "%d %notEmpty{%x }%m"] {
        assert!(error(pattern).contains("nothing tells where"), "{pattern}");
    }
    assert_eq!(error("%m %"), "PatternLayout:1:4: % without a conversion\nhint: write %% for a percent sign");
    assert_eq!(error("%X{a"), "PatternLayout:1:3: { without }\nhint: close the option with }");
    assert_eq!(error("%-5(%m"), "PatternLayout:1:1: ( without )\nhint: close the group with )");
    assert_eq!(
        error("hello%n"),
        "PatternLayout:1:1: nothing in the pattern becomes a column\nhint: write a pattern such as %d %-5p [%t] %c - %m%n"
    );
    assert_eq!(
        error("%m%n%d"),
        "PatternLayout:1:3: a newline inside a record that begins like any line\n\
         hint: begin the pattern with what tells the first line of a record, such as a time"
    );
    assert!(error("%d{yyyy-MM-ddTHH}").starts_with("PatternLayout:1:14: unknown letter T in a time"));
    assert!(error("%style").starts_with("PatternLayout:1:1: %style without a pattern"));
    assert!(error("%d{HH}{UTC} %d{yyyy}{Asia/Tokyo}").contains("times in two zones"));
    assert!(error(&"%highlight{".repeat(100)).contains("{ without }"));
    let deep = format!("{}%m{}", "%-5(".repeat(100), ")".repeat(100));
    assert!(error(&deep).contains("nested too deep"));
    let deep = format!("{}%m{}", "%red{".repeat(100), "}".repeat(100));
    assert!(error(&deep).contains("nested too deep"));
}
