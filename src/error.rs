//! The one error type, and the places it points at.
//!
//! Every stage reports through [`Error`]: one word wide, with a [`ErrorKind`] to branch on, a [`Category`] for callers
//! that only need the rough direction, a [`Position`] where there is one, and a hint that says what to do next. Row
//! loops never build one; they record a [`Fault`], and the text is made at the edge.

mod nearest;

use std::fmt;
use std::sync::Arc;

pub(crate) use nearest::{did_you_mean, suggest};

/// The result of anything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, precisely enough to branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file, pipe or directory could not be opened, read or written.
    Io(std::io::ErrorKind),
    /// A compressed stream is truncated or damaged.
    Corrupt,
    /// No format has this name.
    UnknownFormat,
    /// A format description (TOML, LogFormat, log_format, ...) cannot be understood.
    FormatSyntax,
    /// No format fits the sample well enough to be chosen.
    NoMatch,
    /// A record does not fit the layout.
    Malformed,
    /// A record is longer than `max_record_bytes`.
    TooLong,
    /// A field fits the layout but does not decode as its column's type.
    BadValue,
    /// A column is named that the format does not have.
    UnknownColumn,
    /// A type is unknown, or two types do not go together.
    TypeMismatch,
    /// A `where` or `derive` expression cannot be parsed.
    Expression,
    /// An option has a value that makes no sense.
    Option,
    /// The caller asked to stop.
    Interrupted,
}

/// The rough direction of an [`ErrorKind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Files, pipes, compressed streams.
    Io,
    /// Format descriptions.
    Format,
    /// The log's own bytes.
    Data,
    /// Columns and types.
    Schema,
    /// The call itself.
    Usage,
}

impl ErrorKind {
    /// The category this kind belongs to.
    pub fn category(self) -> Category {
        match self {
            Self::Io(_) | Self::Corrupt => Category::Io,
            Self::UnknownFormat | Self::FormatSyntax | Self::NoMatch => Category::Format,
            Self::Malformed | Self::TooLong | Self::BadValue => Category::Data,
            Self::UnknownColumn | Self::TypeMismatch => Category::Schema,
            Self::Expression | Self::Option | Self::Interrupted => Category::Usage,
        }
    }
}

/// A place in a source. Lines and columns count from 1, bytes from 0; the column counts bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The source's name, as the user gave it.
    pub source: Option<Arc<str>>,
    /// 1-based line.
    pub line: Option<u64>,
    /// 1-based column, in bytes.
    pub column: Option<u64>,
    /// 0-based offset from the start of the (decompressed) source.
    pub byte: Option<u64>,
}

/// An error: kind, message, and where it applies position, column and hint.
///
/// ```
/// use logarrow::{Error, ErrorKind};
/// let err = Error::new(ErrorKind::UnknownFormat, "no format is called \"apache.combine\"")
///     .with_hint("did you mean \"apache.combined\"?");
/// assert_eq!(err.to_string(), "no format is called \"apache.combine\"\nhint: did you mean \"apache.combined\"?");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    position: Position,
    column_name: Option<String>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind` that says `message` (lower case, no full stop).
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            hint: None,
            position: Position::default(),
            column_name: None,
            cause: None,
        }))
    }

    /// An error from the operating system about `name` (a path, or what stands for one).
    #[cold]
    pub fn io(name: impl fmt::Display, cause: std::io::Error) -> Self {
        // One of ours that went through a reader or a writer has said it already.
        let cause = match cause.downcast::<Self>() {
            Ok(own) => return own,
            Err(cause) => cause,
        };
        let message = format!("{name}: {}", io_text(&cause));
        let mut err = Self::new(ErrorKind::Io(cause.kind()), message);
        err.0.cause = Some(Box::new(cause));
        err
    }

    /// Adds what the reader should do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds where it happened.
    #[must_use]
    pub fn with_position(mut self, position: Position) -> Self {
        self.0.position = position;
        self
    }

    /// Adds the output column it is about.
    #[must_use]
    pub fn with_column(mut self, name: impl Into<String>) -> Self {
        self.0.column_name = Some(name.into());
        self
    }

    /// Adds the error of another library that caused this one.
    #[must_use]
    pub fn with_cause(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Box::new(cause));
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The rough direction of [`Error::kind`].
    pub fn category(&self) -> Category {
        self.0.kind.category()
    }

    /// The message alone, without position and hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, where something can be done.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Where it happened; all parts are `None` where there is no such place.
    pub fn position(&self) -> &Position {
        &self.0.position
    }

    /// The output column it is about.
    pub fn column_name(&self) -> Option<&str> {
        self.0.column_name.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = &self.0.position;
        let mut place = at.source.as_deref().unwrap_or_default().to_owned();
        for part in [at.line, at.column].into_iter().flatten() {
            let colon = if place.is_empty() { "" } else { ":" };
            place += &format!("{colon}{part}");
        }
        if let Some(byte) = at.byte {
            let space = if place.is_empty() { "" } else { " " };
            place += &format!("{space}(byte {byte})");
        }
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        if let Some(name) = &self.0.column_name {
            write!(f, "column \"{name}\": ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(hint) = &self.0.hint {
            write!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_ref().map(|cause| &**cause as _)
    }
}

impl From<Error> for std::io::Error {
    #[cold]
    fn from(err: Error) -> Self {
        match err.kind() {
            ErrorKind::Io(kind) => Self::new(kind, err),
            _ => Self::other(err),
        }
    }
}

impl From<arrow::error::ArrowError> for Error {
    #[cold]
    fn from(cause: arrow::error::ArrowError) -> Self {
        Self::new(ErrorKind::TypeMismatch, cause.to_string()).with_cause(cause)
    }
}

impl From<parquet::errors::ParquetError> for Error {
    #[cold]
    fn from(cause: parquet::errors::ParquetError) -> Self {
        Self::new(ErrorKind::Io(std::io::ErrorKind::Other), cause.to_string()).with_cause(cause)
    }
}

/// The operating system's words without Rust's "(os error 2)".
fn io_text(cause: &std::io::Error) -> String {
    let text = cause.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

/// Shows hostile bytes in a message: printable UTF-8 as it is, the rest escaped, cut after 80 bytes.
///
/// ```
/// assert_eq!(logarrow::error::quoted(b"a\x1b[0m\xff"), r#""a\x1b[0m\xff""#);
/// ```
pub fn quoted(bytes: &[u8]) -> String {
    const SHOWN_BYTES: usize = 80;
    let cut = bytes.len() > SHOWN_BYTES;
    let mut rest = &bytes[..bytes.len().min(SHOWN_BYTES)];
    let mut out = String::from("\"");
    while !rest.is_empty() {
        let (good, bad) = match std::str::from_utf8(rest) {
            Ok(text) => (text, 0),
            Err(err) => {
                let (good, tail) = rest.split_at(err.valid_up_to());
                (std::str::from_utf8(good).unwrap_or_default(), err.error_len().unwrap_or(tail.len()))
            }
        };
        for c in good.chars() {
            match c {
                '"' | '\\' => out.extend(['\\', c]),
                c if c.is_control() => out.extend(c.to_string().bytes().map(|b| format!("\\x{b:02x}"))),
                c => out.push(c),
            }
        }
        let (broken, tail) = rest[good.len()..].split_at(bad);
        out.extend(broken.iter().map(|b| format!("\\x{b:02x}")));
        rest = tail;
    }
    out.push_str(if cut { "\"..." } else { "\"" });
    out
}

/// What a row loop records about a record or a cell it could not use; the text is made at the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong.
    pub reason: Reason,
    /// Where, in bytes from the start of the record.
    pub at: u32,
}

/// The reasons a record or a cell is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The literal with this number was not found. Numbers are the layout's own ([`Reason`] text is made there).
    ExpectedLiteral(u16),
    /// A quote is never closed.
    ExpectedQuote,
    /// The record goes on after the layout ends.
    TrailingText,
    /// The regular expression does not match.
    NoMatch,
    /// The record is longer than `max_record_bytes`.
    TooLong,
    /// The compressed stream broke off or is damaged here.
    Corrupt,
    /// The cell is not a value of its column's type.
    BadValue,
}
