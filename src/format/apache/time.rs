//! `%t` and `%{...}t`: one time out of several directives.

use super::Item;
use crate::format::time_pattern::{self, DATE, FRACTION};
use crate::format::web::{self, CLF_TIME};
use crate::format::{Class, Column};

/// A time directive, or several that build one time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Time {
    /// At the end of the request instead of its beginning.
    pub(super) end: bool,
    pub(super) what: What,
    pub(super) at: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// A strftime-like pattern, all tokens known.
    Pattern(String),
    /// A count since 1970 that stands alone.
    Count(&'static str),
    /// A pattern with tokens that are not read.
    Unread(String),
}

/// Reads the braces of `%{...}t`, or their absence.
pub(super) fn directive(arg: Option<&str>, at: usize) -> Vec<Item> {
    let (end, text) = match arg {
        None => (false, ""),
        // Alone they are a prefix without a pattern.
        Some("begin") => (false, ""),
        Some("end") => (true, ""),
        Some(arg) => match (arg.strip_prefix("end:"), arg.strip_prefix("begin:")) {
            (Some(rest), _) => (true, rest),
            (None, rest) => (false, rest.unwrap_or(arg)),
        },
    };
    let what = match text {
        "" => What::Pattern(CLF_TIME.to_owned()),
        "sec" => What::Pattern("%s".to_owned()),
        "msec" => What::Count("epoch_ms"),
        "usec" => What::Count("epoch_us"),
        "msec_frac" => What::Pattern("%3f".to_owned()),
        "usec_frac" => What::Pattern("%6f".to_owned()),
        pattern => {
            let pattern = time_pattern::plain(pattern);
            match time_pattern::fields(&pattern) {
                Ok(_) => What::Pattern(pattern),
                Err(_) => What::Unread(pattern),
            }
        }
    };
    let time = Item::Time(Time { end, what, at });
    if text.is_empty() { vec![Item::Literal("[".into()), time, Item::Literal("]".into())] } else { vec![time] }
}

/// Joins time directives that have only text between them and tell different parts of one time.
pub(super) fn merge(items: Vec<Item>) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::new();
    for item in items {
        if let Item::Time(next) = &item {
            let (is_joined, between) = match out.as_mut_slice() {
                [.., Item::Time(last), Item::Literal(between)] => (last.join(next, between), 1),
                [.., Item::Time(last)] => (last.join(next, ""), 0),
                _ => (false, 0),
            };
            if is_joined {
                out.truncate(out.len() - between);
                continue;
            }
        }
        match (item, out.last_mut()) {
            (Item::Literal(text), Some(Item::Literal(last))) => last.push_str(&text),
            (item, _) => out.push(item),
        }
    }
    out
}

impl Time {
    /// Takes `next` in, with the text before it, if it tells another part of the same time.
    fn join(&mut self, next: &Self, between: &str) -> bool {
        let (What::Pattern(left), What::Pattern(right)) = (&mut self.what, &next.what) else { return false };
        let joined = time_pattern::join(left, between, right).filter(|_| self.end == next.end);
        if let Some(joined) = joined {
            *left = joined;
            return true;
        }
        false
    }

    /// The column, and what an unquoted capture of it may hold where its pattern does not say.
    pub(super) fn column(&self) -> (Column, Option<Class>) {
        let name = if self.end { "time_end" } else { "time" };
        let doc = if self.end { "when the response was finished" } else { "when the request was received" };
        let own = |dtype: &str| web::column(name, dtype, "", doc, &["-"]);
        match &self.what {
            What::Count(word) => (own(&format!("timestamp:{word}")), Some(Class::Word)),
            What::Pattern(pattern) => match pattern.as_str() {
                "%s" | "%s.%3f" | "%s.%6f" => (own("timestamp:epoch"), Some(Class::Word)),
                // Digits of a fraction right behind those of the seconds: a count of smaller units.
                "%s%3f" => (own("timestamp:epoch_ms"), Some(Class::Word)),
                "%s%6f" => (own("timestamp:epoch_us"), Some(Class::Word)),
                "%3f" => (fraction(name, "msec_frac", "int16", "ms"), Some(Class::Digits)),
                "%6f" => (fraction(name, "usec_frac", "int32", "us"), Some(Class::Digits)),
                pattern if has_date(pattern) => (own(&format!("timestamp:{pattern}")), None),
                pattern => (self.text(name, pattern), Some(text_class(pattern))),
            },
            What::Unread(pattern) => (self.text(name, pattern), Some(text_class(pattern))),
        }
    }

    fn text(&self, name: &str, pattern: &str) -> Column {
        web::column(name, "", "", format!("text of the time pattern {pattern}, which tells no full date"), &["-"])
    }
}

fn fraction(name: &str, suffix: &str, dtype: &str, unit: &str) -> Column {
    web::column(&format!("{name}_{suffix}"), dtype, unit, "fraction of the second", &["-"])
}

fn has_date(pattern: &str) -> bool {
    time_pattern::fields(pattern).is_ok_and(|fields| fields & DATE == DATE && fields != FRACTION)
}

/// Spaces are counted here, as the column is text and its type tells none.
fn text_class(pattern: &str) -> Class {
    match time_pattern::spaces(pattern) {
        Some(0) => Class::Word,
        Some(count) => Class::Spaces(count),
        None => Class::Any,
    }
}
