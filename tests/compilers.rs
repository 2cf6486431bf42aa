//! What servers are configured with, and what they write then: unusual LogFormats and log_formats end to end.
#![allow(missing_docs)]

mod common;

use std::sync::Arc;

use common::{cells, options, read_bytes};
use logarrow::{Format, Result};

/// Checks every column named in `want`; `-` stands for null.
fn check(format: Result<Format>, line: &str, want: &[(&str, &str)]) {
    let format = Arc::new(format.unwrap());
    let whole = read_bytes(format!("{line}\n").as_bytes(), &format, options()).unwrap();
    let counts = &whole.report.counts;
    let rejects = || cells(&whole.rejects, "reason");
    assert_eq!((counts.rows, counts.bad_values), (1, 0), "{}: {line}: {:?}", format.title, rejects());
    for (name, value) in want {
        let cell = cells(&whole.rows, name)[0].clone();
        assert_eq!(cell.as_deref().unwrap_or("-"), *value, "{}: {name} of {line}", format.title);
    }
}

fn apache(log_format: &str, line: &str, want: &[(&str, &str)]) {
    check(Format::apache(log_format), line, want);
}

fn nginx(log_format: &str, line: &str, want: &[(&str, &str)]) {
    check(Format::nginx(log_format), line, want);
}

#[test]
fn httpd_times() {
    let at = "2026-03-05T01:00:01";
    let millis = format!("{at}.123Z");
    let micros = format!("{at}.123456Z");
    apache("%{sec}t%{msec_frac}t %h", "1772672401123 a", &[("time", &millis), ("remote_host", "a")]);
    apache("%{sec}t%{usec_frac}t %h", "1772672401123456 a", &[("time", &micros)]);
    apache("%{%s}t.%{usec_frac}t %h", "1772672401.123456 a", &[("time", &micros)]);
    apache("%{msec}t %{usec}t", "1772672401123 1772672401123456", &[("time", &millis), ("time_2", &micros)]);
    apache("[%{%d/%b/%Y %T}t.%{msec_frac}t %{%z}t] %h", "[05/Mar/2026 10:00:01.123 +0900] a", &[("time", &millis)]);
    apache(
        "%t %{end:%FT%T%z}t",
        "[05/Mar/2026:10:00:01 +0900] 2026-03-05T10:00:01+0900",
        &[("time", &format!("{at}Z")), ("time_end", &format!("{at}Z"))],
    );
    apache(
        "%{end}t %{begin}t",
        "[05/Mar/2026:10:00:01 +0900] [05/Mar/2026:10:00:01 +0900]",
        &[("time", &format!("{at}Z")), ("time_end", &format!("{at}Z"))],
    );
}

#[test]
fn httpd_modifiers_and_escapes() {
    apache(
        r#"%h \"%!200,304{User-agent}i\" %<s %>s %400,501{Referer}i %%%b"#,
        r#"a "x \"y\" \\ caf\xc3\xa9" 404 200 - %5"#,
        &[
            ("user_agent", "x \"y\" \\ café"),
            ("status_original", "404"),
            ("status_final", "200"),
            ("referer", "-"),
            ("bytes", "5"),
        ],
    );
    apache("%h\\t%{X}i\\t%s", "a\tb c\t200", &[("request_header_x", "b c"), ("status", "200")]);
    apache("%h %b %B %T", "a - 0 -", &[("bytes", "-"), ("bytes_2", "0"), ("duration_s", "-")]);
    apache(
        r#"{ "host":"%h", "line":"%r", "code":%>s }"#,
        r#"{ "host":"a", "line":"GET / HTTP/1.1", "code":200 }"#,
        &[("remote_host", "a"), ("path", "/"), ("status", "200")],
    );
}

#[test]
fn forwarded_addresses_keep_together() {
    let forwarded = "192.0.2.1, 10.0.0.1";
    apache(
        r#"%{X-Forwarded-For}i %h %l %u %t "%r" %>s %b"#,
        &format!(r#"{forwarded} 10.0.0.2 - - [05/Mar/2026:10:00:01 +0900] "GET / HTTP/1.1" 200 5"#),
        &[("request_header_x_forwarded_for", forwarded), ("remote_host", "10.0.0.2"), ("ident", "-"), ("user", "-")],
    );
    for variable in ["http_x_forwarded_for", "proxy_add_x_forwarded_for"] {
        nginx(
            &format!(r#"${variable} - $remote_user [$time_local] "$request" $status"#),
            &format!(r#"{forwarded} - ana [05/Mar/2026:10:00:01 +0900] "GET / HTTP/1.1" 200"#),
            &[(variable, forwarded), ("user", "ana")],
        );
        // At the end nothing is mistaken for it, so that it may hold anything.
        nginx(&format!("$status ${variable}"), "200 a b c", &[(variable, "a b c")]);
    }
}

#[test]
fn nginx_escapes_and_nulls() {
    nginx(
        r#"escape=json {"t":"$time_iso8601","s":$status,"ua":"$http_user_agent","up":"$upstream_addr","us":"$upstream_status","rt":$request_time,"ut":"$upstream_response_time","m":$msec}"#,
        r#"{"t":"2026-03-05T10:00:01+09:00","s":200,"ua":"a \"b\" \u00e9\/","up":"1.1.1.1:80, 2.2.2.2:80 : 3.3.3.3:80","us":"502, 200 : -","rt":0.012,"ut":"","m":1772672401.123}"#,
        &[
            ("time", "2026-03-05T01:00:01Z"),
            ("status", "200"),
            ("user_agent", "a \"b\" é/"),
            ("upstream_addr", "[1.1.1.1:80, 2.2.2.2:80, 3.3.3.3:80]"),
            ("upstream_status", "[502, 200, ]"),
            ("request_time", "0.012"),
            ("upstream_response_time", "-"),
            ("msec", "2026-03-05T01:00:01.123Z"),
        ],
    );
    nginx(
        r#"escape=none ${remote_addr}x"$request" ${status} $gzip_ratio"#,
        r#"1.1.1.1x"GET /"a" HTTP/1.1" 009 -"#,
        &[("remote_host", "1.1.1.1"), ("path", "/\"a\""), ("status", "9"), ("gzip_ratio", "-")],
    );
    nginx(
        r#"$remote_addr "$http_referer" $upstream_response_time $upstream_addr $pipe"#,
        r#"1.1.1.1 "caf\xC3\xA9 \x22" 0.1, - : 0.2 unix:/a.sock, - ."#,
        &[
            ("referer", "café \""),
            ("upstream_response_time", "[0.1, , 0.2]"),
            ("upstream_addr", "[unix:/a.sock, ]"),
            ("pipe", "."),
        ],
    );
    nginx(
        "$request_time $upstream_status|$upstream_addr",
        "- -|-",
        &[("request_time", "-"), ("upstream_status", "-"), ("upstream_addr", "-")],
    );
}

#[test]
fn times_with_a_padded_day_end_where_they_should() {
    for (line, day) in [("Thu Mar  5 10:00:01 2026 a", "05"), ("Sun Mar 15 10:00:01 2026 a", "15")] {
        let time = format!("2026-03-{day}T10:00:01Z");
        apache("%{%c}t %h", line, &[("time", time.as_str()), ("remote_host", "a")]);
    }
}
