//! What each directive means: its column, and what an unquoted value of it may hold.

use super::Directive;
use crate::format::Class;
use crate::format::names::snake;
use crate::format::web::{self, Output};

/// Which request of an internal redirect is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    /// As the directive has it by itself.
    #[default]
    None,
    /// `<`
    Original,
    /// `>`
    Final,
}

/// A directive's column or columns, the class of its unquoted values, and the byte they start with if not empty.
pub(super) struct Meaning {
    pub(super) output: Output,
    pub(super) class: Class,
    pub(super) lead: Option<u8>,
}

/// httpd writes `-` for what is not there.
const NULL: &[&str] = &["-"];

/// Columns of directives without an argument: letter, name, type, unit, doc. They hold no spaces.
const PLAIN: &[(&str, &str, &str, &str, &str)] = &[
    ("a", "client_ip", "ip", "", "address of the client, behind a trusted proxy the one it tells"),
    ("A", "local_ip", "ip", "", "address of the server"),
    ("B", "bytes", "int64", "B", "bytes sent to the client, without headers"),
    ("D", "duration_us", "int64", "us", "time taken to serve the request"),
    ("F", "flushed", "", "", "F when the response was flushed before the log was written"),
    ("H", "protocol", "", "", "protocol of the request"),
    ("I", "bytes_in", "int64", "B", "bytes received, with request line and headers"),
    ("k", "keepalive", "int32", "", "number of requests before this one on the connection"),
    ("L", "log_id", "", "", "id of the request in the error log"),
    ("m", "method", "", "", "method of the request"),
    ("O", "bytes_out", "int64", "B", "bytes sent, with headers"),
    ("p", "port", "int32", "", "port of the server"),
    ("P", "pid", "int64", "", "process that served the request"),
    ("R", "handler", "", "", "handler that made the response"),
    ("S", "bytes_total", "int64", "B", "bytes received and sent"),
    ("T", "duration_s", "int64", "s", "time taken to serve the request"),
    ("v", "vhost", "", "", "name of the server"),
    ("V", "vhost", "", "", "name of the server, by the setting UseCanonicalName"),
    ("X", "connection_status", "", "", "X: aborted, +: may be kept alive, -: closed"),
    ("^FB", "first_byte_us", "int64", "us", "time from the request to the first byte of the response"),
];

/// Columns of directives with an argument of a fixed set.
const WITH_ARG: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("a", "c", "peer_ip", "ip", "", "address of the connection's other end"),
    ("h", "c", "peer_host", "", "", "host name or address of the connection's other end"),
    ("L", "c", "connection_log_id", "", "", "id of the connection in the error log"),
    ("p", "canonical", "port", "int32", "", "port of the server"),
    ("p", "local", "local_port", "int32", "", "port that the connection came in on"),
    ("p", "remote", "remote_port", "int32", "", "port of the client"),
    ("P", "pid", "pid", "int64", "", "process that served the request"),
    ("P", "tid", "tid", "int64", "", "thread that served the request"),
    ("P", "hextid", "tid", "hex", "", "thread that served the request"),
    ("T", "s", "duration_s", "int64", "s", "time taken to serve the request"),
    ("T", "ms", "duration_ms", "int64", "ms", "time taken to serve the request"),
    ("T", "us", "duration_us", "int64", "us", "time taken to serve the request"),
];

impl Directive {
    /// What the directive gives; `None` where there is no such directive.
    pub(super) fn meaning(&self) -> Option<Meaning> {
        let arg = self.arg.as_deref().filter(|arg| !arg.is_empty());
        let one = |column, class| Some(Meaning { output: Output::One(column), class, lead: None });
        // An argument that the directive does not look at changes nothing.
        match (self.letter.as_str(), arg) {
            ("a" | "h" | "L" | "p" | "P" | "T", Some(arg)) => {
                let arg = if self.letter == "T" { arg.to_ascii_lowercase() } else { arg.to_owned() };
                let known = WITH_ARG.iter().find(|(letter, known, ..)| *letter == self.letter && *known == arg)?;
                let (_, _, name, dtype, unit, doc) = *known;
                one(web::column(name, dtype, unit, doc, NULL), self.class_of(dtype))
            }
            ("i" | "o" | "C" | "e" | "n" | "c" | "x" | "^ti" | "^to", Some(arg)) => {
                let (name, doc) = named(&self.letter, arg);
                let class = if self.letter == "i" { web::header_class(arg) } else { Class::Any };
                one(web::column(&name, "", "", doc, NULL), class)
            }
            ("h", _) => one(web::shared("remote_host", NULL), Class::Word),
            ("l", _) => one(web::shared("ident", NULL), Class::Word),
            ("u", _) => one(web::shared("user", &["-", "\"\""]), Class::Any),
            ("s", _) => one(web::shared("status", NULL), Class::Word),
            ("b", _) => one(web::shared("bytes", NULL), Class::Word),
            ("t", _) => one(web::column("time", "", "", "when the request was received", NULL), Class::Any),
            ("f", _) => one(web::column("filename", "", "", "file of the response", NULL), Class::Any),
            ("U", _) => {
                let doc = "path of the request, without its query string";
                one(web::column("path", "", "", doc, NULL), Class::Any)
            }
            ("q", _) => {
                let doc = "query string of the request with its leading ?, empty when there is none";
                let column = web::column("query", "", "", doc, NULL);
                Some(Meaning {
                    output: Output::One(column),
                    class: Class::Any,
                    lead: Some(b'?').filter(|_| !self.by_status),
                })
            }
            ("r", _) => Some(Meaning { output: Output::request(NULL), class: Class::Any, lead: None }),
            (letter, _) => {
                let (_, name, dtype, unit, doc) = *PLAIN.iter().find(|(known, ..)| *known == letter)?;
                one(web::column(name, dtype, unit, doc, NULL), self.class_of(dtype))
            }
        }
    }

    /// Ports and ids are digits always, which tells them from the colons of an address before them.
    fn class_of(&self, dtype: &str) -> Class {
        match self.letter.as_str() {
            "p" | "P" if dtype != "hex" && !self.by_status => Class::Digits,
            _ => Class::Word,
        }
    }
}

/// Name and doc of the column of a header, cookie, variable and so on.
fn named(letter: &str, arg: &str) -> (String, String) {
    let name = snake(arg);
    match letter {
        "i" if name == "referer" || name == "user_agent" => {
            let doc = web::shared(&name, NULL).doc;
            (name, doc)
        }
        "i" => (format!("request_header_{name}"), format!("request header {arg}")),
        "o" => (format!("response_header_{name}"), format!("response header {arg}")),
        "C" => (format!("cookie_{name}"), format!("cookie {arg}")),
        "e" => (format!("env_{name}"), format!("environment variable {arg}")),
        "n" => (format!("note_{name}"), format!("note {arg}")),
        "^ti" => (format!("request_trailer_{name}"), format!("request trailer {arg}")),
        "^to" => (format!("response_trailer_{name}"), format!("response trailer {arg}")),
        "c" => (format!("ssl_{name}"), format!("property {arg} of the TLS connection")),
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => (format!("ssl_{name}"), format!("TLS variable {arg}")),
        _ => (name, format!("TLS variable {arg}")),
    }
}
