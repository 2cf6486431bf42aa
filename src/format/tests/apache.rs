use super::matcher::cut;
use crate::format::*;

fn names(log_format: &str) -> Vec<String> {
    let format = Format::apache(log_format).unwrap_or_else(|err| panic!("{err}"));
    assert_eq!(Format::from_toml(&format.to_toml(), "again").unwrap(), format, "{}", format.to_toml());
    format.columns.into_iter().filter(|column| !column.on_demand).map(|column| column.name).collect()
}

/// The only column of a format: name, type, format, unit.
fn only(log_format: &str) -> (String, String, String, String) {
    let column = Format::apache(log_format).unwrap_or_else(|err| panic!("{err}")).columns.remove(0);
    (column.name, column.dtype.name, column.dtype.format.unwrap_or_default(), column.unit.unwrap_or_default())
}

fn check(log_format: &str, record: &str, expected: &[(&str, &str)]) {
    let format = Format::apache(log_format).unwrap_or_else(|err| panic!("{err}"));
    let expected: Vec<_> = expected.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect();
    assert_eq!(cut(&format, record), expected, "{log_format}");
}

#[test]
fn the_nicknames_are_the_built_in_formats() {
    for name in ["common", "combined"] {
        let built_in = named(&format!("apache.{name}")).unwrap();
        let format = Format::apache(name).unwrap();
        assert_eq!((&format.layout, &format.columns), (&built_in.layout, &built_in.columns));
    }
    let combined = Format::apache(r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#).unwrap();
    let quoted = Format::apache(r#"%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\""#).unwrap();
    assert_eq!(combined.layout, named("apache.combined").unwrap().layout);
    assert_eq!(combined.layout, quoted.layout);
    assert_eq!(names("referer"), ["referer", "path"]);
    assert_eq!(names("agent"), ["user_agent"]);
    assert_eq!(names("combinedio")[9..], ["referer", "user_agent", "bytes_in", "bytes_out"]);
    let vhost = Format::apache(r#"%v:%p %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#).unwrap();
    let (Layout::Pattern(own), Layout::Pattern(known)) =
        (vhost.layout, &named("apache.vhost_combined").unwrap().layout)
    else {
        panic!("no pattern")
    };
    assert_eq!(own[0], known[0]);
}

#[test]
fn every_directive_has_a_column() {
    let table = [
        ("%a", "client_ip", "ip", ""),
        ("%{c}a", "peer_ip", "ip", ""),
        ("%A", "local_ip", "ip", ""),
        ("%B", "bytes", "int64", "B"),
        ("%b", "bytes", "int64", "B"),
        ("%{sid}C", "cookie_sid", "", ""),
        ("%D", "duration_us", "int64", "us"),
        ("%{A-b}e", "env_a_b", "", ""),
        ("%f", "filename", "", ""),
        ("%F", "flushed", "", ""),
        ("%h", "remote_host", "", ""),
        ("%{c}h", "peer_host", "", ""),
        ("%H", "protocol", "", ""),
        ("%{Host}i", "request_header_host", "", ""),
        ("%I", "bytes_in", "int64", "B"),
        ("%{referer}i", "referer", "", ""),
        ("%{USER-AGENT}i", "user_agent", "", ""),
        ("%k", "keepalive", "int32", ""),
        ("%l", "ident", "", ""),
        ("%L", "log_id", "", ""),
        ("%{c}L", "connection_log_id", "", ""),
        ("%m", "method", "", ""),
        ("%{x}n", "note_x", "", ""),
        ("%{Age}o", "response_header_age", "", ""),
        ("%O", "bytes_out", "int64", "B"),
        ("%p", "port", "int32", ""),
        ("%{canonical}p", "port", "int32", ""),
        ("%{local}p", "local_port", "int32", ""),
        ("%{remote}p", "remote_port", "int32", ""),
        ("%P", "pid", "int64", ""),
        ("%{pid}P", "pid", "int64", ""),
        ("%{tid}P", "tid", "int64", ""),
        ("%{hextid}P", "tid", "hex", ""),
        ("%q", "query", "", ""),
        ("%r", "method", "", ""),
        ("%R", "handler", "", ""),
        ("%s", "status", "int16", ""),
        ("%>s", "status", "int16", ""),
        ("%<s", "status", "int16", ""),
        ("%S", "bytes_total", "int64", "B"),
        ("%T", "duration_s", "int64", "s"),
        ("%{S}T", "duration_s", "int64", "s"),
        ("%{MS}T", "duration_ms", "int64", "ms"),
        ("%{us}T", "duration_us", "int64", "us"),
        ("%u", "user", "", ""),
        ("%U", "path", "", ""),
        ("%v", "vhost", "", ""),
        ("%V", "vhost", "", ""),
        ("%X", "connection_status", "", ""),
        ("%{SSL_PROTOCOL}x", "ssl_protocol", "", ""),
        ("%{cipher}c", "ssl_cipher", "", ""),
        ("%{a}^ti", "request_trailer_a", "", ""),
        ("%{a}^to", "response_trailer_a", "", ""),
        ("%^FB", "first_byte_us", "int64", "us"),
    ];
    for (directive, name, dtype, unit) in table {
        assert_eq!(only(directive), (name.into(), dtype.into(), String::new(), unit.into()), "{directive}");
    }
}

#[test]
fn times() {
    let table = [
        ("%t", "time", "timestamp", "%d/%b/%Y:%H:%M:%S %z"),
        ("%{}t", "time", "timestamp", "%d/%b/%Y:%H:%M:%S %z"),
        ("%{sec}t", "time", "timestamp", "epoch"),
        ("%{begin:msec}t", "time", "timestamp", "epoch_ms"),
        ("%{end:usec}t", "time_end", "timestamp", "epoch_us"),
        ("%{sec}t.%{usec_frac}t", "time", "timestamp", "epoch"),
        ("%{sec}t%{msec_frac}t", "time", "timestamp", "epoch_ms"),
        ("%{%s}t%{usec_frac}t", "time", "timestamp", "epoch_us"),
        ("%{end}t", "time_end", "timestamp", "%d/%b/%Y:%H:%M:%S %z"),
        ("%{begin}t", "time", "timestamp", "%d/%b/%Y:%H:%M:%S %z"),
        ("%{msec_frac}t", "time_msec_frac", "int16", ""),
        ("%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t", "time", "timestamp", "%d/%b/%Y %T.%3f %z"),
        ("%{%Y-%m-%d %H:%M:%S %z}t [%{msec_frac}t]", "time", "timestamp", "%Y-%m-%d %H:%M:%S %z [%3f"),
        ("%{%-d/%^b/%Y %-H:%M}t", "time", "timestamp", "%d/%b/%Y %H:%M"),
        ("%{%c}t", "time", "timestamp", "%a %b %e %H:%M:%S %Y"),
        ("%{%FT%T}t%{usec_frac}t", "time", "timestamp", "%FT%T%6f"),
        ("%{end:%Y}t 100%% %{end:%m-%d}t", "time_end", "timestamp", "%Y 100%% %m-%d"),
        ("%{%H:%M}t", "time", "", ""),
        ("%{%F week %V}t", "time", "", ""),
    ];
    for (directive, name, dtype, format) in table {
        let (found, found_dtype, found_format, _) = only(directive);
        assert_eq!((found.as_str(), found_dtype.as_str(), found_format.as_str()), (name, dtype, format), "{directive}");
    }
    assert_eq!(names("%t %{msec}t %{end:%F}t %T"), ["time", "time_2", "time_end", "duration_s"]);
    assert_eq!(names("%{%F}t %h %{%T}t"), ["time", "remote_host", "time_2"]);
    check(
        "%t %{usec_frac}t %D",
        "[05/Mar/2026:10:00:01 +0900] 000042 7",
        &[("time", "05/Mar/2026:10:00:01 +0900] 000042"), ("duration_us", "7")],
    );
}

#[test]
fn names_stay_apart() {
    assert_eq!(names("%<s %s %>s"), ["status_original", "status", "status_final"]);
    assert_eq!(names("%s %>s"), ["status", "status_final"]);
    assert_eq!(names("%>s %>s"), ["status", "status_2"]);
    assert_eq!(names("%<{Referer}i %{Referer}i %>{Referer}i"), ["referer_original", "referer", "referer_final"]);
    assert_eq!(names("%m \"%r\""), ["method", "method_2", "path", "protocol"]);
    assert_eq!(names("\"%400r\" \"%!200,304r\""), ["method", "path", "protocol", "method_2", "path_2", "protocol_2"]);
    assert_eq!(names("%v %V %b %B"), ["vhost", "vhost_2", "bytes", "bytes_2"]);
}

#[test]
fn lines_are_cut() {
    check(
        "\"%m %U%q %H\" %X",
        "\"GET /a b?c=1 HTTP/1.1\" +",
        &[("method", "GET"), ("path", "/a b"), ("query", "?c=1"), ("protocol", "HTTP/1.1"), ("connection_status", "+")],
    );
    check("%U%q", "/a", &[("path", "/a"), ("query", "")]);
    check(
        "%a:%{remote}p <-> %A:%p %P:%{tid}P",
        "2001:db8::5:1234 <-> ::1:80 16:140168",
        &[
            ("client_ip", "2001:db8::5"),
            ("remote_port", "1234"),
            ("local_ip", "::1"),
            ("port", "80"),
            ("pid", "16"),
            ("tid", "140168"),
        ],
    );
    check("%{X-Id}i\\t%{User-Agent}i\\n", "a b\tc d", &[("request_header_x_id", "a b"), ("user_agent", "c d")]);
    check("100%% {%h}", "100% {a}", &[("remote_host", "a")]);
    check("%u %>s", "\"\" 200", &[("status", "200")]);
}

#[test]
fn errors_say_where_and_what_to_do() {
    let error = |text: &str| Format::apache(text).unwrap_err().to_string();
    let link = "see https://httpd.apache.org/docs/current/mod/mod_log_config.html#formats; write %% for a percent sign";
    assert_eq!(error("%h %Z"), format!("LogFormat:1:4: unknown directive %Z\nhint: {link}"));
    assert_eq!(error("%h %^xy"), format!("LogFormat:1:4: unknown directive %^xy\nhint: {link}"));
    assert_eq!(error("%i"), "LogFormat:1:1: unknown directive %i\nhint: it needs a name: %{name}i");
    assert_eq!(error("%{m}T"), "LogFormat:1:1: unknown directive %{m}T\nhint: did you mean \"ms\" or \"s\"?");
    assert_eq!(error("%h %"), "LogFormat:1:4: a directive without its letter\nhint: write %% for a percent sign");
    assert_eq!(error("%{x"), "LogFormat:1:1: { without } in a directive\nhint: close the directive's argument with }");
    assert_eq!(
        error("%h%l"),
        "LogFormat:1:3: nothing stands between \"remote_host\" and \"ident\"\n\
         hint: nobody could say where the first ends: put text between them, or make them one"
    );
    assert_eq!(
        error("%h\\n%l"),
        "LogFormat:1:3: a newline inside a record\n\
         hint: one record is one line: leave \\n out, and read the lines with a format each"
    );
    assert_eq!(
        error("common log"),
        "LogFormat:1:1: no directive in the format\nhint: write a LogFormat such as %h %l %u %t \"%r\" %>s %b"
    );
    assert!(error("%é").starts_with("LogFormat:1:1: unknown directive %é"));
}
