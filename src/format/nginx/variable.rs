//! What each variable means: its column, and what an unquoted value of it may hold.

use crate::format::web::{self, CLF_TIME, Output};
use crate::format::{Class, Column, TypeSpec};

/// A variable's column or columns, and the class of its unquoted values.
pub(super) struct Meaning {
    pub(super) output: Output,
    pub(super) class: Class,
    /// Every value starts with this byte, so the variable may follow another one without text between.
    pub(super) lead: Option<u8>,
}

/// Variables with a name in the shared vocabulary, and that name.
const SHARED: &[(&str, &str)] = &[
    ("remote_addr", "remote_host"),
    ("remote_user", "user"),
    ("request_method", "method"),
    ("request_uri", "path"),
    ("server_protocol", "protocol"),
    ("args", "query"),
    ("query_string", "query"),
    ("status", "status"),
    ("body_bytes_sent", "bytes"),
    ("http_referer", "referer"),
    ("http_user_agent", "user_agent"),
];

/// Variables with a type or words of their own: name, type, unit, doc. They hold no spaces.
const TYPED: &[(&str, &str, &str, &str)] = &[
    ("binary_remote_addr", "binary", "", "address of the client in four or sixteen bytes"),
    ("bytes_received", "int64", "B", "bytes received from the client"),
    ("bytes_sent", "int64", "B", "bytes sent to the client, with headers"),
    ("connection", "int64", "", "number of the connection"),
    ("connection_requests", "int64", "", "number of requests on the connection so far"),
    ("connection_time", "float64", "s", "age of the connection"),
    ("connections_active", "int64", "", "connections, idle ones included"),
    ("connections_reading", "int64", "", "connections whose request header is read"),
    ("connections_waiting", "int64", "", "idle connections"),
    ("connections_writing", "int64", "", "connections whose response is written"),
    ("content_length", "int64", "B", "request header Content-Length"),
    ("gzip_ratio", "float64", "", "original size by compressed size of the response"),
    ("host", "", "", "host of the request line, else of the header Host, else the server's name"),
    ("hostname", "", "", "name of the machine"),
    ("limit_conn_status", "", "", "PASSED, REJECTED or REJECTED_DRY_RUN"),
    ("limit_rate", "int64", "", "rate limit of the response"),
    ("limit_req_status", "", "", "PASSED, DELAYED, REJECTED, DELAYED_DRY_RUN or REJECTED_DRY_RUN"),
    ("msec", "timestamp:epoch", "", "when the request was logged"),
    ("pid", "int64", "", "process that served the request"),
    ("pipe", "", "", "p when the request was pipelined, else a dot"),
    ("protocol", "", "", "TCP or UDP"),
    ("proxy_port", "int32", "", "port of the proxied server"),
    ("proxy_protocol_port", "int32", "", "port of the client, by the PROXY protocol"),
    ("proxy_protocol_server_port", "int32", "", "port of the server, by the PROXY protocol"),
    ("realip_remote_addr", "", "", "address of the connection's other end"),
    ("realip_remote_port", "int32", "", "port of the connection's other end"),
    ("remote_port", "int32", "", "port of the client"),
    ("request_id", "", "", "random id of the request"),
    ("request_length", "int64", "B", "bytes of the request, with line and headers"),
    ("request_time", "float64", "s", "time from the first byte of the request to the log entry"),
    ("scheme", "", "", "http or https"),
    ("sent_http_content_length", "int64", "B", "response header Content-Length"),
    ("server_addr", "", "", "address of the server"),
    ("server_name", "", "", "name of the server"),
    ("server_port", "int32", "", "port of the server"),
    ("session_time", "float64", "s", "length of the session with the client"),
    ("tcpinfo_rcv_space", "int64", "B", "receive window of the client's connection"),
    ("tcpinfo_rtt", "int64", "us", "round-trip time of the client's connection"),
    ("tcpinfo_rttvar", "int64", "us", "variation of the round-trip time"),
    ("tcpinfo_snd_cwnd", "int64", "", "congestion window of the client's connection"),
    ("upstream_cache_status", "", "", "MISS, BYPASS, EXPIRED, STALE, UPDATING, REVALIDATED or HIT"),
];

/// Variables that list a value per server tried: name, type of an item, unit, doc.
const LISTS: &[(&str, &str, &str, &str)] = &[
    ("upstream_addr", "utf8", "", "addresses of the upstream servers tried"),
    ("upstream_bytes_received", "int64", "B", "bytes received from each upstream server tried"),
    ("upstream_bytes_sent", "int64", "B", "bytes sent to each upstream server tried"),
    ("upstream_connect_time", "float64", "s", "time to connect to each upstream server tried"),
    ("upstream_first_byte_time", "float64", "s", "time to the first byte of each upstream server tried"),
    ("upstream_header_time", "float64", "s", "time to the response header of each upstream server tried"),
    ("upstream_queue_time", "float64", "s", "time in the queue for each upstream server tried"),
    ("upstream_response_length", "int64", "B", "length of the response of each upstream server tried"),
    ("upstream_response_time", "float64", "s", "time to the whole response of each upstream server tried"),
    ("upstream_session_time", "float64", "s", "length of the session with each upstream server tried"),
    ("upstream_status", "int16", "", "status of the response of each upstream server tried"),
];

/// Beginnings of names that stand for a family, and what is said of its members.
const FAMILIES: &[(&str, &str)] = &[
    ("http_", "request header"),
    ("sent_http_", "response header"),
    ("sent_trailer_", "response trailer"),
    ("upstream_http_", "response header of the upstream server,"),
    ("upstream_trailer_", "response trailer of the upstream server,"),
    ("upstream_cookie_", "cookie set by the upstream server,"),
    ("cookie_", "cookie"),
    ("arg_", "argument of the request line"),
    ("ssl_", "property of the TLS connection,"),
    ("proxy_protocol_tlv_", "TLV of the PROXY protocol,"),
    ("proxy_protocol_", "value of the PROXY protocol,"),
    ("jwt_", "claim or header of the token,"),
    ("geoip_", "place of the client,"),
    ("geoip2_", "place of the client,"),
];

/// What a variable gives. Every name is taken: maps, modules and scripts make variables of their own.
pub(super) fn meaning(name: &str, null: &[&str], null_number: &[&str]) -> Meaning {
    let (column, class) = match name {
        "request" => return Meaning { output: Output::request(null), class: Class::Any, lead: None },
        "time_local" => {
            let dtype = format!("timestamp:{CLF_TIME}");
            (web::column("time", &dtype, "", "when the request was logged", null_number), Class::Any)
        }
        "time_iso8601" => {
            (web::column("time", "timestamp:iso8601", "", "when the request was logged", null_number), Class::Word)
        }
        _ => other(name, null, null_number),
    };
    let lead = match name {
        "uri" | "document_uri" | "request_uri" => Some(b'/'),
        "is_args" => Some(b'?'),
        _ => None,
    };
    Meaning { output: Output::One(column), class, lead }
}

fn other(name: &str, null: &[&str], null_number: &[&str]) -> (Column, Class) {
    if let Some((_, shared)) = SHARED.iter().find(|(own, _)| *own == name) {
        let mut column = web::shared(shared, null);
        let text = column.dtype.is_text();
        if !text {
            column = web::shared(shared, null_number);
        }
        let word = !text || matches!(*shared, "remote_host" | "method" | "protocol");
        return (column, if word { Class::Word } else { Class::Any });
    }
    if let Some((_, dtype, unit, doc)) = TYPED.iter().find(|(own, ..)| *own == name) {
        let class = if name.ends_with("_port") { Class::Digits } else { Class::Word };
        let null = if dtype.is_empty() { null } else { null_number };
        return (web::column(name, dtype, unit, *doc, null), class);
    }
    if let Some((_, item, unit, doc)) = LISTS.iter().find(|(own, ..)| *own == name) {
        let mut column = web::column(name, "", unit, *doc, null_number);
        column.dtype = TypeSpec {
            name: format!("list<{item}>"),
            format: None,
            separators: vec![", ".to_owned(), " : ".to_owned()],
        };
        return (column, Class::List);
    }
    let doc = match FAMILIES.iter().find_map(|(start, doc)| Some((doc, name.strip_prefix(start)?))) {
        Some((doc, member)) if doc.contains("header") || doc.contains("trailer") => {
            format!("{doc} {}", member.replace('_', "-"))
        }
        Some((doc, member)) => format!("{doc} {member}"),
        None => format!("variable ${name}"),
    };
    let class = match name {
        "proxy_add_x_forwarded_for" => Class::List,
        _ => web::header_class(name.strip_prefix("http_").unwrap_or_default()),
    };
    (web::column(name, "", "", doc, null), class)
}
