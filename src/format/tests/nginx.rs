use super::matcher::cut;
use crate::format::*;

fn nginx(log_format: &str) -> Format {
    let format = Format::nginx(log_format).unwrap_or_else(|err| panic!("{err}"));
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format, "{}", format.to_toml());
    format
}

fn names(log_format: &str) -> Vec<String> {
    let shown = nginx(log_format).columns.into_iter().filter(|column| !column.on_demand);
    shown.map(|column| column.name).collect()
}

/// The only column of a format: name, type, unit.
fn only(log_format: &str) -> (String, String, String) {
    let column = nginx(log_format).columns.remove(0);
    (column.name, column.dtype.name, column.unit.unwrap_or_default())
}

fn check(log_format: &str, record: &str, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    assert_eq!(cut(&nginx(log_format), record), expected, "{log_format}");
}

#[test]
fn combined_has_the_columns_of_the_built_in_format() {
    let (own, known) = (nginx("combined"), named("nginx.combined").unwrap());
    let known: Vec<_> = known.columns.iter().filter(|column| column.name != "ident").cloned().collect();
    assert_eq!(own.columns, known);
    check(
        "combined",
        r#"192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET / HTTP/1.1" 200 5 "-" "a \x22b\x22""#,
        &[
            ("remote_host", "192.0.2.7"),
            ("time", "05/Mar/2026:10:00:01 +0900"),
            ("method", "GET"),
            ("path", "/"),
            ("protocol", "HTTP/1.1"),
            ("status", "200"),
            ("bytes", "5"),
            ("user_agent", r"a \x22b\x22"),
        ],
    );
}

#[test]
fn variables_have_types() {
    let table = [
        ("$msec", "msec", "timestamp", ""),
        ("$time_iso8601", "time", "timestamp", ""),
        ("$request_time", "request_time", "float64", "s"),
        ("${request_length}", "request_length", "int64", "B"),
        ("$upstream_response_time", "upstream_response_time", "list<float64>", "s"),
        ("$upstream_status", "upstream_status", "list<int16>", ""),
        ("$upstream_addr", "upstream_addr", "list<utf8>", ""),
        ("$upstream_http_x_a", "upstream_http_x_a", "", ""),
        ("$http_x_forwarded_for", "http_x_forwarded_for", "", ""),
        ("$ssl_protocol", "ssl_protocol", "", ""),
        ("$request_uri", "path", "", ""),
        ("$gzip_ratio", "gzip_ratio", "float64", ""),
        ("$server_port", "server_port", "int32", ""),
        ("$realip_remote_port", "realip_remote_port", "int32", ""),
        ("$hostname", "hostname", "", ""),
        // Of the stream module.
        ("$bytes_received", "bytes_received", "int64", "B"),
        ("$session_time", "session_time", "float64", "s"),
        ("$protocol", "protocol", "", ""),
        ("$my_own", "my_own", "", ""),
    ];
    for (variable, name, dtype, unit) in table {
        assert_eq!(only(variable), (name.into(), dtype.into(), unit.into()), "{variable}");
    }
    let column = &nginx("$upstream_status").columns[0];
    assert_eq!((&column.dtype.separators[..], &column.null[..]), (&[", ".into(), " : ".into()][..], &["-".into()][..]));
    assert_eq!(nginx("$sent_http_content_type x").columns[0].doc, "response header content-type");
}

#[test]
fn unquoted_lists_keep_their_spaces() {
    check(
        "[$proxy_upstream_name] $upstream_addr $upstream_response_length $upstream_status $request_id",
        "[shop] 10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80 0, 7 : - 502, 200 : 204 f00d",
        &[
            ("proxy_upstream_name", "shop"),
            ("upstream_addr", "10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80"),
            ("upstream_response_length", "0, 7 : -"),
            ("upstream_status", "502, 200 : 204"),
            ("request_id", "f00d"),
        ],
    );
}

#[test]
fn names_stay_apart() {
    assert_eq!(names("$time_local $time_iso8601"), ["time", "time_iso8601"]);
    assert_eq!(names("\"$request\" $request_method $uri"), ["method", "path", "protocol", "request_method", "uri"]);
    assert_eq!(names("$request_method \"$request\""), ["method", "method_2", "path", "protocol"]);
    assert_eq!(names("$status $status $status"), ["status", "status_2", "status_3"]);
}

#[test]
fn variables_side_by_side() {
    check(
        "$scheme://$host$request_uri $status",
        "https://example.org/a?b 200",
        &[("scheme", "https"), ("host", "example.org"), ("path", "/a?b"), ("status", "200")],
    );
    check(
        "escape=none $uri$is_args$args;$status",
        "/a?b=1;200",
        &[("uri", "/a"), ("query", "?b=1"), ("status", "200")],
    );
    check("escape=json $uri$is_args$args;$status", "/a;200", &[("uri", "/a"), ("status", "200")]);
}

#[test]
fn whole_directives() {
    let format = nginx(
        "log_format  main-json  escape=json  # the log of the shop\n  '{\"ip\":\"$remote_addr\",'\n  '\"t\":\"$time_iso8601\",'\n \
         \"\\\"n\\\":${status},\" '\"it\\'s\":\"$request_uri\"}';\n",
    );
    assert_eq!(format.name, "nginx.main_json");
    let Layout::Pattern(patterns) = &format.layout else { panic!("no pattern") };
    let literals = patterns[0].parts.iter().filter_map(|part| match part {
        Part::Literal(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    });
    assert_eq!(literals.collect::<Vec<_>>(), [r#"{"ip":""#, r#"","t":""#, r#"","n":"#, r#","it's":""#, r#""}"#,]);
    assert_eq!(format.columns[0].null, [""]);
    assert_eq!(format.columns[2].null, ["", "-"]);
    let Part::Capture(first) = &patterns[0].parts[1] else { panic!("{patterns:?}") };
    assert_eq!((first.class, first.escape), (Class::Any, Escape::Json));
    let same = nginx(r#"{"ip":"$remote_addr","t":"$time_iso8601","n":$status,"it's":"$request_uri"}"#);
    assert_eq!((same.layout, same.columns), (format.layout, format.columns));
    let plain = nginx("'$remote_addr - ' '$status';");
    assert_eq!(
        (plain.layout, plain.columns),
        (nginx("$remote_addr - $status").layout, nginx("$remote_addr - $status").columns)
    );
    let none = nginx("escape=none '$remote_addr'");
    assert_eq!(none.columns[0].null, [""]);
}

#[test]
fn errors_say_where_and_what_to_do() {
    let error = |text: &str| Format::nginx(text).unwrap_err().to_string();
    assert_eq!(
        error("$remote_addr$status"),
        "log_format:1:13: nothing stands between \"remote_host\" and \"status\"\n\
         hint: nobody could say where the first ends: put text between them, or make them one"
    );
    assert_eq!(
        error("$uri$is_args$args"),
        "log_format:1:5: $is_args$args right behind another variable\n\
         hint: without a query string nginx writes a dash here, as if it were part of the path; use $request_uri, which \
         has both"
    );
    assert_eq!(
        error("$status 5$"),
        "log_format:1:10: $ without a variable's name\n\
         hint: a log_format cannot write a dollar sign as such: nginx would refuse it too"
    );
    assert_eq!(error("${status"), "log_format:1:1: ${ without }\nhint: close the variable's name with }");
    assert_eq!(
        error("log_format a escape=xml '$status';"),
        "log_format:1:14: unknown escape \"xml\"\nhint: known: default, json, none"
    );
    assert_eq!(error("log_format a '$status;"), "log_format:1:14: ' without its end\nhint: close the string");
    assert_eq!(
        error("log_format a;"),
        "log_format:1:13: log_format without its text\nhint: write log_format name '$remote_addr ...';"
    );
    assert_eq!(
        error("log_format a '$status'; access_log x;"),
        "log_format:1:24: text after the directive's ;\nhint: hand over one log_format at a time"
    );
    assert_eq!(
        error("main"),
        "log_format:1:1: no variable in the format\nhint: write a log_format such as $remote_addr [$time_local]"
    );
    assert_eq!(
        error("$status\nx"),
        "log_format:1:8: a newline inside a record\n\
         hint: one record is one line: leave \\n out, and read the lines with a format each"
    );
}
