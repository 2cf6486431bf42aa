//! Which format a log is in: every built-in one is tried on a sample.
//!
//! In: a source. Out: [`Guess`]es, best first. A format is tried by its own tokenizer and decoders, so a line matches
//! here just if a scan would give a row for it without a bad value; JSON formats are tried by the keys of the records. A stream that can be read only once keeps the bytes
//! that were looked at.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use memchr::memmem;

use crate::batch::{Assembler, Work};
use crate::error::{Error, ErrorKind, Result};
use crate::format::{self, Format, Header, Layout, builtin_formats};
use crate::options::{OnError, Options};
use crate::plan::{Plan, resolve};
use crate::simd::{Pool, Text};
use crate::source::{Item, OpenOptions, Source};

mod inner;
mod json;
mod keys;
#[cfg(test)]
mod tests;

pub use inner::resolve_inner;
pub use json::{find_framing, json_columns};
pub use keys::resolve_keys;

/// Items looked at, spread over the list: logs of one folder may differ, those of one day seldom do.
const SAMPLE_ITEMS: usize = 5;
/// Lines looked at in each.
const SAMPLE_LINES: usize = 1000;
/// Bytes looked at in each, of decompressed text; also of stored ones where they must be kept.
const SAMPLE_BYTES: usize = 256 << 10;
/// A guess under this share is not good enough to read by.
const GOOD_SHARE: f64 = 0.9;

/// How well a format fits a sample.
#[derive(Clone, Debug)]
pub struct Guess {
    /// The format.
    pub format: Arc<Format>,
    /// `matched / lines`; 0 where there are no lines.
    pub share: f64,
    /// Lines of the sample, but for blank ones and comments.
    pub lines: u64,
    /// Lines that are rows without a bad value.
    pub matched: u64,
    /// What is wrong with the first line that does not match, with its place.
    pub why: Option<String>,
    rank: Rank,
}

/// What decides between formats that fit equally many lines; less is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// Lines that JSON says nothing about: where they are JSON records, a format that names their keys knows them best, then
    /// one that finds them, then any other.
    text: u8,
    /// A layout that fits much: one whose first record names the columns, then one with quotes named by other lines, or
    /// of syslog messages of either kind.
    general: u8,
    /// Rows with values that are possible but unlikely: a host with a port, a user with a space.
    odd_rows: u64,
    /// Rows with text behind the last field: a format that takes all of a line apart knows it better.
    extra_rows: u64,
    /// Cells that hold something: a format that takes a line apart further says more.
    cells: Reverse<u64>,
    /// Signs of the other family of web servers.
    foreign: u64,
    /// Columns that hold nothing in all of the sample: what they are for is not there.
    empty_columns: u64,
}

/// Tries all built-in formats on a sample of `source`; best first.
///
/// They are ranked by the share of lines that match, then by whether these are JSON records, then by how few rows hold unlikely values or text that is not taken
/// apart, then by how many cells are filled and how few columns are empty. What Apache and nginx write alike is Apache's, unless the escapes of the sample are nginx's
/// (`\x22`, upper-case digits) or a status is one that only nginx has (444, 494 to 499). Empty sources give guesses
/// without lines.
///
/// Of the options, `compression`, `encoding`, `timezone`, `reference_time_us`, `max_record_bytes` and `simd` count.
///
/// **Errors**: those of opening and reading; damage behind the sample is none.
///
/// ```
/// use logarrow::{Options, Source, infer};
/// let log = *b"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 200 512\n";
/// let guesses = infer::sniff(&Source::bytes("access.log", log), &Options::default())?;
/// assert_eq!((guesses[0].format.name.as_str(), guesses[0].matched), ("apache.common", 1));
/// # Ok::<(), logarrow::Error>(())
/// ```
pub fn sniff(source: &Source, options: &Options) -> Result<Vec<Guess>> {
    let samples = sample(source, options)?;
    let options = Options {
        on_error: OnError::Reject,
        timezone: options.timezone.clone(),
        reference_time_us: options.reference_time_us,
        max_record_bytes: options.max_record_bytes,
        simd: options.simd,
        ..Options::default()
    };
    let is_nginx = samples.iter().any(|(_, text)| has_nginx_escapes(text.as_bytes()));
    let guess = |format: &Arc<Format>| try_format(format, &samples, &options, is_nginx);
    let mut guesses = builtin_formats().iter().map(guess).collect::<Result<Vec<_>>>()?;
    guesses.sort_by(|a, b| b.matched.cmp(&a.matched).then(a.lines.cmp(&b.lines)).then(a.rank.cmp(&b.rank)));
    Ok(guesses)
}

/// The format of `source`.
///
/// **Errors**: `NoMatch` where the best guess matches fewer than nine in ten lines, where two formats with different
/// columns fit equally, and where there are no lines; otherwise as [`sniff`].
///
/// ```
/// use logarrow::{ErrorKind, Options, Source, infer};
/// let err = infer::choose(&Source::bytes("notes.txt", *b"buy milk\n"), &Options::default()).unwrap_err();
/// assert_eq!(err.kind(), ErrorKind::NoMatch);
/// ```
pub fn choose(source: &Source, options: &Options) -> Result<Arc<Format>> {
    let guesses = sniff(source, options)?;
    let best = guesses.first();
    if best.is_none_or(|best| best.lines == 0) {
        return Err(Error::new(ErrorKind::NoMatch, "the source is empty, so its format cannot be found")
            .with_hint("name the format, for example format=\"apache.combined\""));
    }
    let (Some(best), second) = (best, guesses.get(1)) else {
        return Err(Error::new(ErrorKind::NoMatch, "there are no formats to try"));
    };
    let ties = second.filter(|second| is_tie(best, second));
    if best.share >= GOOD_SHARE && ties.is_none() {
        return Ok(best.format.clone());
    }
    let listed = guesses.iter().filter(|guess| guess.matched > 0).take(5);
    let listed: Vec<_> =
        listed.map(|guess| format!("{} {}", guess.format.name, percent(guess.matched, guess.lines))).collect();
    let listed = if listed.is_empty() { "none matches a line".to_owned() } else { listed.join(", ") };
    let message = match ties {
        Some(_) => format!("two formats fit the sample equally: {listed}"),
        None => format!("no format fits the sample of {} lines: {listed}", best.lines),
    };
    let example = if best.matched > 0 { &best.format.name } else { "apache.combined" };
    let mut hint = format!("name the format, for example format=\"{example}\"");
    if let Some(why) = best.why.as_ref().filter(|_| best.matched > 0 && ties.is_none()) {
        hint.push_str("; its first misfit is ");
        hint.push_str(why);
    }
    Err(Error::new(ErrorKind::NoMatch, message).with_hint(hint))
}

/// Whether nothing speaks for one or the other, and it matters.
fn is_tie(best: &Guess, second: &Guess) -> bool {
    best.share >= GOOD_SHARE
        && best.matched == second.matched
        && best.rank == second.rank
        && (best.format.layout != second.format.layout || best.format.columns != second.format.columns)
}

fn percent(part: u64, whole: u64) -> String {
    // 99.97% is not 100%.
    let percent = part as f64 * 100.0 / whole.max(1) as f64;
    if part < whole && percent > 99.0 { format!("{percent:.2}%") } else { format!("{percent:.0}%") }
}

/// The first whole lines of a few items, and the items' names.
fn sample(source: &Source, options: &Options) -> Result<Vec<(Arc<str>, Text)>> {
    let items = source.items();
    let count = items.len().min(SAMPLE_ITEMS);
    let spread = (0..count).map(|i| &items[if count < 2 { 0 } else { i * (items.len() - 1) / (count - 1) }]);
    spread.map(|item| Ok((item.name(), head(item, options)?))).collect()
}

/// The first whole lines of an item.
fn head(item: &Item, options: &Options) -> Result<Text> {
    let open = OpenOptions::default().with_compression(options.compression).with_encoding(options.encoding);
    let (mut bytes, is_whole) = item.head(&open, SAMPLE_BYTES)?;
    let nth = memchr::memchr_iter(b'\n', &bytes).nth(SAMPLE_LINES - 1);
    match nth.or_else(|| memchr::memrchr(b'\n', &bytes)) {
        Some(end) if nth.is_some() || !is_whole => bytes.truncate(end + 1),
        _ => {}
    }
    if bytes.last().is_some_and(|last| *last != b'\n') {
        bytes.push(b'\n');
    }
    Ok(Text::copied(&bytes))
}

fn try_format(format: &Arc<Format>, samples: &[(Arc<str>, Text)], options: &Options, is_nginx: bool) -> Result<Guess> {
    if format.is_json() {
        return Ok(json::guess(format, samples));
    }
    let text_lines = samples.iter().map(|(_, text)| nonblank(text.as_bytes())).sum::<u64>();
    let (general, resolved) = resolved(format, samples);
    let plan = Plan::new(&resolved, options)?;
    let mut assembler = Assembler::new(plan.recipe().clone(), &Pool::default())?;
    let family = format.name.split('.').next().unwrap_or_default();
    let mut guess = Guess::none(format, 0);
    guess.rank.text = TEXT;
    guess.rank.general = general;
    if general == GENERAL && !is_table(&resolved, samples) {
        guess.lines = text_lines;
        guess.why = Some("the lines have no header with the same number of fields as they".into());
        return Ok(guess);
    }
    let mut has_nginx_status = false;
    let is_inside = has_json_inside(format);
    let mut has_cells = vec![false; plan.schema().fields().len()];
    for (name, text) in samples {
        let skip = if text.as_bytes().starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let reference_us = options.reference_time_us.unwrap_or_default();
        let outcome = assembler.run(&Work { reference_us, ..Work::of_head(text, skip, name) })?;
        let bad_lines: BTreeSet<u64> =
            outcome.rejects.iter().filter(|reject| reject.column.is_some()).map(|reject| reject.line).collect();
        guess.lines += outcome.counts.records - outcome.counts.skipped;
        let strangers: u64 = outcome.batches.iter().map(|batch| keys::strangers(format, batch)).sum();
        guess.matched += (outcome.counts.rows - bad_lines.len() as u64).saturating_sub(strangers);
        if strangers > 0 && guess.why.is_none() && outcome.rejects.is_empty() {
            guess.why = Some(format!("{name}: {strangers} lines are pairs only by chance"));
        }
        if guess.why.is_none() {
            guess.why = outcome.rejects.first().map(|reject| reject.to_error(name, true)).map(|err| shown(&err));
        }
        // The keys of a record inside are not found here: all of it is extra, and is one cell.
        guess.rank.extra_rows += if is_inside { 0 } else { outcome.counts.extra };
        for batch in &outcome.batches {
            for (has, column) in has_cells.iter_mut().zip(batch.columns()) {
                *has |= column.null_count() < column.len();
            }
            let filled = batch.columns().iter().map(|column| (column.len() - column.null_count()) as u64);
            let keyless = batch.column_by_name("_extra").filter(|_| is_inside).map_or(0, |extra| extra.null_count());
            guess.rank.cells.0 += keyless as u64;
            guess.rank.cells.0 += filled.sum::<u64>();
            guess.rank.odd_rows += odd_rows(batch);
            has_nginx_status |= has_status_of_nginx(batch);
        }
    }
    guess.rank.empty_columns = has_cells.iter().filter(|has| !**has).count() as u64;
    if guess.rank.empty_columns == 0 && is_inside {
        guess.rank.text = JSON_INSIDE;
    }
    if guess.lines > 0 {
        guess.share = guess.matched as f64 / guess.lines as f64;
    }
    let is_nginx = is_nginx || has_nginx_status;
    guess.rank.foreign = u64::from(family == if is_nginx { "apache" } else { "nginx" });
    Ok(guess)
}

/// The rank of formats that are no JSON.
const TEXT: u8 = 2;
/// The rank of those whose lines are JSON records with something before them.
const JSON_INSIDE: u8 = 1;

/// Whether the records of a format end with one of JSON.
fn has_json_inside(format: &Format) -> bool {
    let inner = format.inner.as_ref().and_then(|inner| inner.format.as_deref());
    inner.and_then(|name| format::named(name).ok()).is_some_and(|inner| inner.is_json())
}
/// The rank of layouts that almost any text fits.
const GENERAL: u8 = 2;

/// The format as the first sample's header makes it, strict about the number of fields, and how general it is.
fn resolved(format: &Arc<Format>, samples: &[(Arc<str>, Text)]) -> (u8, Arc<Format>) {
    let delimited = match &format.layout {
        Layout::Delimited(delimited) => delimited,
        Layout::Syslog(dialects) => return (u8::from(dialects.rfc5424 && dialects.rfc3164), format.clone()),
        _ => return (0, format.clone()),
    };
    let mut strict = Format::clone(format);
    let general = match delimited.header {
        Header::None => 0,
        Header::First => GENERAL,
        _ => u8::from(delimited.quote.is_some()),
    };
    if general == GENERAL {
        strict.layout = Layout::Delimited(format::Delimited { exact: true, ..delimited.clone() });
    }
    let strict = Arc::new(strict);
    let head = samples.first().map_or(&[][..], |(_, text)| text.as_bytes());
    (general, resolve(&strict, head))
}

/// Whether a text looks like a table: several columns, and more than a header.
fn is_table(format: &Format, samples: &[(Arc<str>, Text)]) -> bool {
    let is_cut = |text: &[u8]| text.len() < SAMPLE_BYTES && nonblank(text) < 2;
    format.columns.len() > 1 && !samples.iter().any(|(_, text)| is_cut(text.as_bytes()))
}

fn nonblank(text: &[u8]) -> u64 {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && *line != b"\r").count() as u64
}

/// An error in one line, without its hint.
fn shown(err: &Error) -> String {
    let text = err.to_string();
    text.split_once("\nhint: ").map_or(text.as_str(), |(text, _)| text).to_owned()
}

/// Words for how grave an event is, as the loggers of the usual languages and servers have them.
const LEVELS: [&str; 30] = [
    "all",
    "alert",
    "audit",
    "config",
    "crit",
    "critical",
    "debug",
    "dpanic",
    "emerg",
    "emergency",
    "err",
    "error",
    "fatal",
    "fine",
    "finer",
    "finest",
    "info",
    "information",
    "notice",
    "off",
    "panic",
    "severe",
    "success",
    "trace",
    "unknown",
    "verbose",
    "warn",
    "warning",
    "wtf",
    "note",
];

/// Rows in which a format for one kind of line shows that it took in another: a first word such as `www:80` where a
/// client's address belongs, a user that begins with what should have been the fields before it, a program that begins as
/// JSON does, or a level that is none.
fn odd_rows(batch: &RecordBatch) -> u64 {
    let texts = |name: &str| {
        batch.column_by_name(name).filter(|column| *column.data_type() == DataType::Utf8).map(|c| c.as_string::<i32>())
    };
    let (host, user, level) = (texts("remote_host"), texts("user"), texts("level"));
    let programs = [texts("hostname"), texts("app_name")];
    let is_odd = |row: &usize| {
        let host = host.filter(|host| host.is_valid(*row)).map(|host| host.value(*row));
        let user = user.filter(|user| user.is_valid(*row)).map(|user| user.value(*row));
        let level = level.filter(|level| level.is_valid(*row)).map(|level| level.value(*row));
        let is_json = |text: &&arrow::array::StringArray| text.is_valid(*row) && text.value(*row).starts_with('{');
        level.is_some_and(is_odd_level)
            || programs.iter().flatten().any(is_json)
            || host.is_some_and(is_odd_host)
            || user.is_some_and(|user| user.contains(' ') && user != "\"\"")
    };
    (0..batch.num_rows()).filter(is_odd).count() as u64
}

/// `PDT`, but not `INFO`, `trace8` or a letter.
fn is_odd_level(level: &str) -> bool {
    let word = level.trim_end_matches(|c: char| c.is_ascii_digit());
    level.len() > 1 && !LEVELS.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// `www:80`, but no IPv6 address.
fn is_odd_host(host: &str) -> bool {
    let Some((name, port)) = host.rsplit_once(':') else { return false };
    let bracketed = name.starts_with('[') && name.ends_with(']');
    (bracketed || !name.contains(':')) && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// nginx has these for itself: connection closed without an answer, and its own kinds of bad request.
fn has_status_of_nginx(batch: &RecordBatch) -> bool {
    let status =
        batch.column_by_name("status").and_then(|column| column.as_any().downcast_ref::<arrow::array::Int16Array>());
    status.is_some_and(|status| status.iter().flatten().any(|status| status == 444 || (494..=499).contains(&status)))
}

/// nginx writes `\x22` for a quote and upper-case digits; httpd writes `\"` and lower-case ones.
fn has_nginx_escapes(text: &[u8]) -> bool {
    memmem::find_iter(text, b"\\x").any(|at| match text.get(at + 2..at + 4) {
        Some(b"22" | b"5C") => true,
        Some(digits) => {
            digits.iter().all(u8::is_ascii_hexdigit) && digits.iter().any(|digit| digit.is_ascii_uppercase())
        }
        None => false,
    })
}
