//! What globs match, and what they leave out, wherever the names are.

use glob::{MatchOptions, Pattern, PatternError};

use crate::error::{Error, ErrorKind, Result};

/// A shell's rules: `*` stops at `/`; hidden names are dealt with by [`left_out`].
pub(super) const GLOB_OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

/// Whether directories and globs leave `name` out.
pub(super) fn left_out(name: &str) -> bool {
    name.starts_with(['.', '_']) || name.ends_with('~')
}

pub(super) fn has_wildcards(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// The part of a glob that `text` is; `pattern` is all of it.
pub(super) fn compile(pattern: &str, text: &str) -> Result<Pattern> {
    Pattern::new(text).map_err(|err| bad_glob(pattern, &err))
}

#[cold]
pub(super) fn bad_glob(pattern: &str, err: &PatternError) -> Error {
    Error::new(ErrorKind::Option, format!("{pattern}: not a glob: {} at character {}", err.msg, err.pos))
        .with_hint("`**` stands alone between slashes; write [[] for a literal [")
}
