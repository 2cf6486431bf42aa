//! Messages whose lines are records of another tokenizer: those that go on with one are parts of its first row.

use super::tape::{Malformed, Tape, Tokenize};
use crate::error::Fault;
use crate::simd::{Field, Row, Text, TextBlock};
use crate::split::{PartState, Parts};

/// Runs another tokenizer, and puts the rows of lines that go on with a message behind the first one's, in
/// [`Tape::parts`].
#[derive(Debug)]
pub(super) struct PartsTokenizer {
    inner: Box<dyn Tokenize>,
    parts: Parts,
}

impl PartsTokenizer {
    pub(super) fn new(inner: Box<dyn Tokenize>, parts: Parts) -> Self {
        Self { inner, parts }
    }

    fn join(&self, text: &Text, tape: &mut Tape) {
        let mut state = PartState::default();
        let mut heads = [Row::new(0, 0); PartState::STREAMS];
        // Messages of which only malformed lines were seen have no row.
        let mut has_head = [false; PartState::STREAMS];
        let record = self.inner.record();
        let mut malformed = std::mem::take(&mut tape.malformed);
        let mut rows = std::mem::take(&mut tape.rows);
        let (mut kept, mut next_malformed) = (0, 0);
        for at in 0..=rows.len() {
            while let Some(bad) = malformed.get_mut(next_malformed).filter(|bad| bad.rows_before as usize <= at) {
                state.is_closed(bad.start as usize, self.parts.max_bytes);
                if let Some(part) = self.parts.kind.part(text.span(bad.start, bad.end)) {
                    state.take(part, bad.start as usize);
                    has_head[part.stream] = false;
                }
                bad.rows_before = kept as u32;
                next_malformed += 1;
            }
            let Some(row) = rows.get(at).copied() else { break };
            let (start, end) = record.span_of_any(&tape.positions, row).unwrap_or_default();
            state.is_closed(start as usize, self.parts.max_bytes);
            let part = self.parts.kind.part(text.span(start, end));
            if let Some(part) = part {
                if state.take(part, start as usize) && has_head[part.stream] {
                    tape.parts.push((heads[part.stream].base() as u32, row));
                    continue;
                }
                (heads[part.stream], has_head[part.stream]) = (row, true);
            }
            rows[kept] = row;
            kept += 1;
        }
        tape.fast_rows = tape.fast_rows.saturating_sub((rows.len() - kept) as u32);
        rows.truncate(kept);
        // Streams interleave: parts of one message stand together, in their order.
        tape.parts.sort_by_key(|(head, _)| *head);
        (tape.rows, tape.malformed) = (rows, malformed);
    }
}

impl Tokenize for PartsTokenizer {
    fn tokenize<'t>(&mut self, text: &'t Text, start: usize, end: usize, line: u32, tape: &mut Tape) -> TextBlock<'t> {
        let block = self.inner.tokenize(text, start, end, line, tape);
        self.join(text, tape);
        block
    }

    fn start(&mut self, header: Option<&[u8]>) {
        self.inner.start(header);
    }

    fn fields(&self) -> &[Field] {
        self.inner.fields()
    }

    fn record(&self) -> Field {
        self.inner.record()
    }

    fn extra(&self) -> Field {
        self.inner.extra()
    }

    fn extra_joint(&self) -> Option<&[u8]> {
        self.inner.extra_joint()
    }

    fn separator(&self) -> Option<Field> {
        self.inner.separator()
    }

    fn null_row(&self, malformed: &Malformed, tape: &mut Tape) -> Row {
        self.inner.null_row(malformed, tape)
    }

    fn describe(&self, fault: Fault) -> String {
        self.inner.describe(fault)
    }

    fn explain(&self) -> String {
        format!("{}; messages that were split are joined", self.inner.explain())
    }
}
