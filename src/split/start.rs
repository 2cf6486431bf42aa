//! Which lines start a record, where one may go on over several.

use std::sync::Arc;

use memchr::memrchr;
use regex_automata::Anchored;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::util::{start, syntax};

use crate::error::{Error, ErrorKind, Result};

/// What a line says about itself, as far as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    /// The line breaks off before that can be told.
    Unknown,
}

/// A regular expression that is tried at the start of each line. A line that it does not match goes on with the record
/// before it (or the other way round); an empty line always does.
///
/// **Cost**: one table look-up a byte, up to the first byte that decides: the first one for most lines of a stack trace.
///
/// ```
/// let rule = logarrow::split::StartRule::new(r"\d{4}-\d\d-\d\d ", false)?;
/// assert!(rule.starts(b"2026-03-05 10:00:01 INFO go\n"));
/// assert!(!rule.starts(b"\tat a.B.c(B.java:7)\n"));
/// # Ok::<(), logarrow::Error>(())
/// ```
#[derive(Clone)]
pub struct StartRule {
    regex: Arc<str>,
    continues: bool,
    dfa: Arc<dense::DFA<Vec<u32>>>,
    /// Lines that start a record and take the next line along, even if that one looks like a start.
    leads: Option<Arc<StartRule>>,
}

impl std::fmt::Debug for StartRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StartRule")
            .field("regex", &self.regex)
            .field("continues", &self.continues)
            .field("leads", &self.leads)
            .finish()
    }
}

impl PartialEq for StartRule {
    fn eq(&self, other: &Self) -> bool {
        (&self.regex, self.continues, &self.leads) == (&other.regex, other.continues, &other.leads)
    }
}

/// Tables of a rule take this much memory at most. Rules of a few dozen bytes take a few kilobytes.
const MAX_TABLE_BYTES: usize = 4 << 20;

impl StartRule {
    /// A rule for lines that start a record; for lines that do not, if `continues`.
    ///
    /// **Errors**: `FormatSyntax` for a regular expression that is none, or is too large.
    pub fn new(regex: &str, continues: bool) -> Result<Self> {
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .dfa_size_limit(Some(MAX_TABLE_BYTES))
            .determinize_size_limit(Some(MAX_TABLE_BYTES));
        let syntax = syntax::Config::new().unicode(false).utf8(false).multi_line(true);
        let dfa = dense::Builder::new().configure(config).syntax(syntax).build(regex).map_err(|err| {
            let shown = crate::error::quoted(regex.as_bytes());
            Error::new(ErrorKind::FormatSyntax, format!("the start rule {shown} cannot be used: {err}"))
                .with_hint("it is a regular expression for the start of a line, for example '\\d{4}-\\d\\d-\\d\\d '")
        })?;
        Ok(Self { regex: regex.into(), continues, dfa: Arc::new(dfa), leads: None })
    }

    /// The same with lines that lead: the line behind one of them starts no record. A line that leads must start one.
    ///
    /// **Errors**: as [`Self::new`].
    pub fn with_leads(self, regex: &str) -> Result<Self> {
        Ok(Self { leads: Some(Arc::new(Self::new(regex, false)?)), ..self })
    }

    /// Whether it takes two lines to tell where a record starts.
    pub fn has_leads(&self) -> bool {
        self.leads.is_some()
    }

    /// Whether the line at `at` starts a record; the line before it is there too, if there is one.
    ///
    /// **Cost**: that of [`Self::starts`], and as much again for lines that do, where some lead.
    pub fn starts_at(&self, bytes: &[u8], at: usize) -> bool {
        if !self.starts(&bytes[at..]) {
            return false;
        }
        let Some(newline) = at.checked_sub(1).filter(|_| self.leads.is_some()) else { return true };
        let before = memrchr(b'\n', &bytes[..newline]).map_or(0, |at| at + 1);
        !self.takes_next(&bytes[before..at])
    }

    /// Whether the line at the start of `bytes` starts a record. It ends with a newline, or with `bytes`.
    pub fn starts(&self, bytes: &[u8]) -> bool {
        self.answer(bytes) == Answer::Yes
    }

    /// Whether a record starts with `bytes`, or could with more of them.
    pub fn may_start(&self, bytes: &[u8]) -> bool {
        self.answer(bytes) != Answer::No
    }

    /// Whether more bytes of the line at the start of `bytes` could tell if it starts a record, or takes the next along.
    pub(super) fn is_open(&self, bytes: &[u8]) -> bool {
        self.answer(bytes) == Answer::Unknown || self.leads.as_ref().is_some_and(|leads| leads.is_open(bytes))
    }

    /// Whether the line at the start of `bytes` takes the next one along.
    pub(super) fn takes_next(&self, bytes: &[u8]) -> bool {
        self.leads.as_ref().is_some_and(|leads| leads.starts(bytes))
    }

    fn answer(&self, bytes: &[u8]) -> Answer {
        match bytes {
            [b'\n', ..] | [b'\r', b'\n', ..] => return Answer::No,
            [] | [b'\r'] => return Answer::Unknown,
            _ => {}
        }
        match self.matches(bytes) {
            Answer::Yes if self.continues => Answer::No,
            Answer::No if self.continues => Answer::Yes,
            answer => answer,
        }
    }

    fn matches(&self, bytes: &[u8]) -> Answer {
        let config = start::Config::new().anchored(Anchored::Yes);
        let Ok(mut state) = self.dfa.start_state(&config) else { return Answer::No };
        for byte in bytes {
            state = self.dfa.next_state(state, *byte);
            if self.dfa.is_special_state(state) {
                // A match shows one byte late.
                if self.dfa.is_match_state(state) {
                    return Answer::Yes;
                }
                if self.dfa.is_dead_state(state) || self.dfa.is_quit_state(state) {
                    return Answer::No;
                }
            }
            if *byte == b'\n' {
                return Answer::No;
            }
        }
        Answer::Unknown
    }
}
