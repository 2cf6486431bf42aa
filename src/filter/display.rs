//! Expressions as SQL text that [`Expr::parse`] reads back to the same tree.

use std::fmt;

use sqlparser::keywords::ALL_KEYWORDS;

use super::expr::{CastType, Expr, Literal, TableRef};

/// Common column names that are keywords of some SQL but never of an expression; a test parses each.
pub(super) const PLAIN_KEYWORDS: &[&str] = &[
    "action",
    "bytes",
    "date",
    "day",
    "domain",
    "file",
    "format",
    "host",
    "hour",
    "key",
    "level",
    "location",
    "message",
    "method",
    "minute",
    "month",
    "name",
    "path",
    "port",
    "protocol",
    "query",
    "region",
    "request",
    "scheme",
    "source",
    "status",
    "text",
    "time",
    "timestamp",
    "trace",
    "type",
    "url",
    "user",
    "value",
    "version",
    "year",
    "zone",
];

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(name) => write_name(f, name),
            Self::Literal(literal) => write!(f, "{literal}"),
            Self::Compare { op, left, right } => write!(f, "{} {} {}", Tight(left), op.as_str(), Tight(right)),
            Self::Arithmetic { op, left, right } => write!(f, "{} {} {}", Tight(left), op.as_str(), Tight(right)),
            Self::And(all) => write_joined(f, all, " AND "),
            Self::Or(all) => write_joined(f, all, " OR "),
            Self::Not(expr) => write!(f, "NOT {}", Tight(expr)),
            Self::In { expr, list, negated } => {
                write!(f, "{}{} IN (", Tight(expr), not(*negated))?;
                write_list(f, list)?;
                f.write_str(")")
            }
            Self::Between { expr, low, high, negated } => {
                write!(f, "{}{} BETWEEN {} AND {}", Tight(expr), not(*negated), Tight(low), Tight(high))
            }
            Self::Like { expr, pattern, negated, ignore_case, escape } => {
                let like = if *ignore_case { "ILIKE" } else { "LIKE" };
                write!(f, "{}{} {like} {}", Tight(expr), not(*negated), Quoted(pattern))?;
                match escape {
                    Some(escape) => write!(f, " ESCAPE {}", Quoted(escape.encode_utf8(&mut [0; 4]))),
                    None => Ok(()),
                }
            }
            Self::IsNull { expr, negated } => write!(f, "{} IS{} NULL", Tight(expr), not(*negated)),
            Self::IsTruth { expr, value, negated } => {
                write!(f, "{} IS{} {}", Tight(expr), not(*negated), if *value { "TRUE" } else { "FALSE" })
            }
            Self::Function { name, args } => {
                write!(f, "{}(", name.as_str())?;
                write_list(f, args)?;
                f.write_str(")")
            }
            Self::Case { operand, branches, otherwise } => {
                f.write_str("CASE")?;
                if let Some(operand) = operand {
                    write!(f, " {operand}")?;
                }
                for (when, then) in branches {
                    write!(f, " WHEN {when} THEN {then}")?;
                }
                if let Some(otherwise) = otherwise {
                    write!(f, " ELSE {otherwise}")?;
                }
                f.write_str(" END")
            }
            Self::Lookup { expr, table, default } => {
                write!(f, "lookup({expr}, ")?;
                match table {
                    TableRef::Named(name) => write!(f, "{}", Quoted(name))?,
                    TableRef::Inline(table) => write!(f, "{table}")?,
                }
                if let Some(default) = default {
                    write!(f, ", {default}")?;
                }
                f.write_str(")")
            }
            Self::Cast { expr, to } => write!(f, "CAST({expr} AS {to})"),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Bool(value) => f.write_str(if *value { "TRUE" } else { "FALSE" }),
            Self::Int(value) => write!(f, "{value}"),
            // Debug keeps the ".0" that tells it from a whole number.
            Self::Float(value) if value.is_finite() => write!(f, "{value:?}"),
            Self::Float(value) => write!(f, "CAST('{value}' AS float64)"),
            Self::Text(text) => write!(f, "{}", Quoted(text)),
            Self::Binary(bytes) => {
                f.write_str("X'")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str("'")
            }
            Self::Date(text) => write!(f, "DATE {}", Quoted(text)),
            Self::Timestamp(text) => write!(f, "TIMESTAMP {}", Quoted(text)),
        }
    }
}

impl fmt::Display for CastType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Utf8 => "utf8",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Decimal(precision, scale) => return write!(f, "decimal({precision}, {scale})"),
        })
    }
}

fn not(negated: bool) -> &'static str {
    if negated { " NOT" } else { "" }
}

/// An operand: in parentheses unless it is one word or carries its own.
struct Tight<'a>(&'a Expr);

impl fmt::Display for Tight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expr::Column(_)
            | Expr::Literal(_)
            | Expr::Function { .. }
            | Expr::Case { .. }
            | Expr::Lookup { .. }
            | Expr::Cast { .. } => self.0.fmt(f),
            other => write!(f, "({other})"),
        }
    }
}

/// A text in single quotes.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\'', "''"))
    }
}

fn write_joined(f: &mut fmt::Formatter<'_>, all: &[Expr], word: &str) -> fmt::Result {
    for (idx, expr) in all.iter().enumerate() {
        if idx > 0 {
            f.write_str(word)?;
        }
        match expr {
            Expr::And(_) | Expr::Or(_) | Expr::Not(_) => write!(f, "({expr})")?,
            _ => write!(f, "{expr}")?,
        }
    }
    Ok(())
}

fn write_list(f: &mut fmt::Formatter<'_>, list: &[Expr]) -> fmt::Result {
    for (idx, expr) in list.iter().enumerate() {
        if idx > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{expr}")?;
    }
    Ok(())
}

fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let mut bytes = name.bytes();
    let plain = bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_')
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && (PLAIN_KEYWORDS.contains(&name) || ALL_KEYWORDS.binary_search(&name.to_uppercase().as_str()).is_err());
    match plain {
        true => f.write_str(name),
        false => write!(f, "\"{}\"", name.replace('"', "\"\"")),
    }
}
