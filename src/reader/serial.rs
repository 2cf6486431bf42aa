//! Chunks on one thread, the caller's.

use crate::batch::Assembler;
use crate::error::Result;
use crate::simd::Text;

use super::chunks::{Cursor, Event, Job, parse_chunk};

/// One thread, the caller's.
pub(super) struct Serial {
    job: Job,
    assembler: Assembler,
    text: Text,
    file: usize,
    cursor: Option<Cursor>,
    limit: Option<u64>,
}

impl Serial {
    pub(super) fn new(job: &Job) -> Result<Self> {
        let assembler = Assembler::new(job.plan.recipe().clone(), &job.pool)?;
        let limit = job.options.limit;
        Ok(Self { job: job.clone(), assembler, text: Text::default(), file: 0, cursor: None, limit })
    }

    /// The next result; `None` when all files have ended, or the limit is reached.
    pub(super) fn next(&mut self) -> Result<Option<Event>> {
        if self.limit == Some(0) || self.file >= self.job.items.len() {
            return Ok(None);
        }
        if self.cursor.is_none() {
            self.cursor = Some(Cursor::open(&self.job, self.file)?);
        }
        let Some(cursor) = &mut self.cursor else { return Ok(None) };
        let Some(chunk) = cursor.next(&mut self.text)? else {
            let ended = cursor.ended(self.file);
            self.cursor = None;
            self.file += 1;
            return Ok(Some(ended));
        };
        let stored = cursor.stored_bytes();
        let parsed = parse_chunk(&mut self.assembler, &self.job, self.file, &self.text, chunk, stored, self.limit)?;
        self.limit = self.limit.map(|limit| limit - parsed.outcome.counts.rows.min(limit));
        Ok(Some(Event::Chunk(self.file, Box::new(parsed))))
    }
}
