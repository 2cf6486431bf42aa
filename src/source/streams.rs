//! Codecs of streams that may follow one another: bzip2 and xz.

use super::codec::{Codec, Failure};
use super::input::Input;

/// What a call of a decoder did.
pub(super) struct Ran {
    pub(super) consumed: usize,
    pub(super) produced: usize,
    /// The stream has come to its end, and its checksums are right.
    pub(super) ended: bool,
}

/// A decoder of one stream.
pub(super) trait Decoder: Send + Sized {
    /// How each stream begins.
    const MAGIC: &'static [u8];
    /// Zeros may stand between streams.
    const PADDED: bool;

    /// A decoder that may take about `memory_bytes`.
    fn start(memory_bytes: usize) -> Result<Self, Failure>;

    /// Decodes what it can of `input` into `out`; nothing at all if it needs more input.
    fn run(&mut self, input: &[u8], out: &mut [u8]) -> Result<Ran, Failure>;
}

/// Any number of streams, one after the other.
pub(super) struct Streams<D> {
    memory_bytes: usize,
    ended: u64,
    decoder: Option<D>,
    /// The decoder may hold output that needs no more input.
    pending: bool,
}

impl<D> Streams<D> {
    pub(super) fn new(memory_bytes: usize) -> Self {
        Self { memory_bytes, ended: 0, decoder: None, pending: false }
    }
}

impl<D: Decoder> Streams<D> {
    /// Begins the next stream; false at the end of the input.
    fn enter(&mut self, input: &mut Input) -> Result<bool, Failure> {
        while D::PADDED && self.ended > 0 && input.fill_to(1)? && input.buffered()[0] == 0 {
            let zeros = input.buffered().iter().take_while(|byte| **byte == 0).count();
            input.consume(zeros);
        }
        input.fill_to(D::MAGIC.len())?;
        let head = input.buffered();
        if head.is_empty() {
            return Ok(false);
        }
        let shown = head.len().min(D::MAGIC.len());
        if head[..shown] != D::MAGIC[..shown] {
            return Err(Failure::Corrupt(match self.ended {
                0 => "does not start with a header".into(),
                n => format!("goes on after stream {n} with bytes that are none"),
            }));
        }
        self.decoder = Some(D::start(self.memory_bytes)?);
        Ok(true)
    }
}

impl<D: Decoder> Codec for Streams<D> {
    fn read(&mut self, input: &mut Input, buf: &mut [u8], filled: &mut usize) -> Result<(), Failure> {
        while *filled < buf.len() {
            if input.buffered().is_empty() && !self.pending && input.is_live() && *filled > 0 {
                return Ok(());
            }
            if self.decoder.is_none() && !self.enter(input)? {
                return Ok(());
            }
            let Some(decoder) = &mut self.decoder else { return Ok(()) };
            if input.buffered().is_empty() && !self.pending {
                input.fill()?;
            }
            let ran = decoder.run(input.buffered(), &mut buf[*filled..])?;
            input.consume(ran.consumed);
            *filled += ran.produced;
            let was_pending = std::mem::replace(&mut self.pending, *filled == buf.len() && !ran.ended);
            if ran.ended {
                self.decoder = None;
                self.ended += 1;
            } else if ran.consumed == 0 && ran.produced == 0 && !was_pending && !input.fill()? {
                return Err(Failure::Corrupt("is truncated: it ends inside a stream".into()));
            }
        }
        Ok(())
    }
}
