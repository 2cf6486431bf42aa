//! From an open source to parsed chunks: what the threads of a scan share, whichever runs them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::ahead::Ahead;
use crate::batch::{Assembler, Outcome, Work};
use crate::error::{Error, Reason, Result};
use crate::options::{OnError, Options};
use crate::plan::Plan;
use crate::report::Reject;
use crate::simd::{Pool, Text};
use crate::source::{Item, OpenOptions, Stream};
use crate::split::{Chunk, HeaderCarrier, LineSplitter, Read, pass_lines};

/// Everything that threads share about a scan.
#[derive(Clone)]
pub(super) struct Job {
    pub(super) plan: Plan,
    pub(super) options: Options,
    pub(super) items: Arc<[Item]>,
    /// What times without a year are held against, in microseconds since 1970 UTC, by item.
    pub(super) references: Arc<[i64]>,
    pub(super) pool: Pool,
    pub(super) open: OpenOptions,
    /// The scan keeps no more rejects. Set once those of the chunks before are in, so that the ones kept are the first.
    pub(super) rejects_full: Arc<AtomicBool>,
    pub(super) ahead: Arc<Ahead>,
}

/// An open source with its splitter.
pub(super) struct Cursor {
    stream: Stream,
    splitter: LineSplitter,
    header: Option<HeaderCarrier>,
    /// Lines at its start that are no records and were not seen yet.
    skip_lines: u32,
}

/// Lines that name fields are whole up to this length, whatever the limit for records.
const MIN_HEADER_BYTES: usize = 64 << 10;

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        Self::read(self, buf)
    }
}

impl Cursor {
    pub(super) fn open(job: &Job, file: usize) -> Result<Self> {
        let item = &job.items[file];
        let options = &job.options;
        let recipe = job.plan.recipe();
        // Of a line over the limit, enough is kept to tell that it is a comment, and of one that names fields all.
        let comments = recipe.grammar.rules().comments.iter().map(|comment| comment.len());
        let least = comments.chain(recipe.header.map(|_| MIN_HEADER_BYTES)).max();
        let max_record_bytes = options.max_record_bytes.max(least.unwrap_or_default());
        let splitter =
            LineSplitter::new(options.fitting_chunk_bytes(), max_record_bytes).with_framing(recipe.framing.clone());
        let header = recipe.header.map(|lines| HeaderCarrier::new(lines, recipe.framing.clone()));
        let stream = match job.ahead.take(&job.items, file) {
            Some(begun) => item.open_begun(begun, &job.open)?,
            None => item.open(&job.open)?,
        };
        Ok(Self { stream, splitter, header, skip_lines: recipe.skip_lines })
    }

    /// Fills `text` with the next chunk.
    pub(super) fn next(&mut self, text: &mut Text) -> Result<Option<Chunk>> {
        let mut chunk = self.splitter.next_chunk(&mut self.stream, text)?;
        if let Some(chunk) = chunk.as_mut().filter(|_| self.skip_lines > 0) {
            let (lines, end) = pass_lines(&text.as_bytes()[chunk.skip..], self.skip_lines);
            self.skip_lines -= lines;
            (chunk.skipped, chunk.passed, chunk.skip) = (lines, chunk.passed + lines, chunk.skip + end);
        }
        if let (Some(chunk), Some(header)) = (&mut chunk, &mut self.header) {
            chunk.header = header.held();
            header.pass(&text.as_bytes()[chunk.skip..]);
        }
        Ok(chunk)
    }

    /// What the file held, once it has ended.
    pub(super) fn ended(&self, file: usize) -> Event {
        let (text_bytes, encoding) = (self.splitter.offset(), self.stream.encoding().name());
        Event::End { file, stored_bytes: self.stored_bytes(), text_bytes, encoding }
    }

    /// Bytes as stored that have been read so far.
    pub(super) fn stored_bytes(&self) -> u64 {
        self.stream.compressed_offset()
    }
}

/// What a thread found in a chunk.
pub(super) struct Parsed {
    pub(super) outcome: Outcome,
    /// The source is damaged behind this chunk.
    pub(super) damage: Option<Error>,
    pub(super) stored_bytes: u64,
}

/// Works through a chunk, and accounts for the damage behind it.
pub(super) fn parse_chunk(
    assembler: &mut Assembler,
    job: &Job,
    file: usize,
    text: &Text,
    chunk: Chunk,
    stored_bytes: u64,
    limit: Option<u64>,
) -> Result<Parsed> {
    let (name, reference_us) = (job.items[file].name(), job.references[file]);
    let work = Work {
        text,
        skip: chunk.skip,
        header: chunk.header.clone(),
        passed: chunk.passed,
        offset: chunk.offset,
        source: &name,
        reference_us,
        limit,
        counts_only: job.rejects_full.load(Ordering::Relaxed),
    };
    let mut outcome = assembler.run(&work)?;
    outcome.counts.records += u64::from(chunk.skipped);
    outcome.counts.skipped += u64::from(chunk.skipped);
    // Where the limit stops the scan, nothing behind this chunk says how long the source is.
    outcome.counts.bytes = outcome.counts.bytes.min((text.len() - chunk.added) as u64);
    // The damage comes behind the rows that were asked for.
    let is_full = limit.is_some_and(|limit| outcome.counts.rows >= limit);
    let damage = chunk.damage.filter(|_| !is_full).map(|(rest, err)| {
        // The record that was cut off, or would have come next, is one more; it cannot be used.
        let counts = &mut outcome.counts;
        counts.records += 1;
        counts.malformed += 1;
        counts.rejected += 1;
        let reason = err.message();
        *outcome.reasons.entry((None, reason.to_owned())).or_default() += 1;
        let reject = Reject {
            line: counts.lines + 1,
            byte: chunk.offset + text.len() as u64,
            at: rest.len() as u32,
            at_end: true,
            column: None,
            reason: reason.into(),
            hint: "the rows before the damage were read; get the file again",
            raw: assembler.kept_raw(&rest),
            kind: Reason::Corrupt,
        };
        match job.options.on_error {
            OnError::Raise => drop(outcome.raised.get_or_insert(reject)),
            OnError::Skip => {}
            OnError::Reject | OnError::Null => outcome.rejects.push(reject),
        }
        err
    });
    Ok(Parsed { outcome, damage, stored_bytes })
}

/// Chunks, parsed, in the order they are given in.
pub(super) enum Event {
    /// A chunk of the file with this number.
    Chunk(usize, Box<Parsed>),
    /// The file has ended: bytes as stored, and of text.
    End { file: usize, stored_bytes: u64, text_bytes: u64, encoding: &'static str },
}
