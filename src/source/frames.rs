//! Codecs whose decoders read for themselves: lz4 frames and framed snappy.
//!
//! They are lent the input for the time of a call. Both decode a block at once, of 4 MiB at most and of 64 KiB.

use std::io::{self, Read};
use std::mem::replace;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::codec::{Codec, Failure};
use super::input::Input;

/// An input that is lent to a decoder.
#[derive(Clone)]
struct Feed(Arc<Mutex<Lent>>);

struct Lent {
    input: Input,
    /// What the decoder read during this call.
    read: u64,
    /// It met the end, or the input failed.
    ended: bool,
    failed: bool,
}

impl Feed {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Lent { input: nothing(), read: 0, ended: false, failed: false })))
    }

    fn lock(&self) -> MutexGuard<'_, Lent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `call` with the input; says what it read, and whether it met the end or a failure.
    fn lend<T>(&self, input: &mut Input, call: impl FnOnce() -> T) -> (T, u64, bool, bool) {
        let lent = Lent { input: replace(input, nothing()), read: 0, ended: false, failed: false };
        *self.lock() = lent;
        let result = call();
        let mut lent = self.lock();
        *input = replace(&mut lent.input, nothing());
        (result, lent.read, lent.ended, lent.failed)
    }
}

fn nothing() -> Input {
    Input::new(Box::new(io::empty()), false)
}

impl Read for Feed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut lent = self.lock();
        if lent.input.buffered().is_empty()
            && let Err(cause) = lent.input.fill()
        {
            lent.failed = true;
            return Err(cause);
        }
        let len = out.len().min(lent.input.buffered().len());
        out[..len].copy_from_slice(&lent.input.buffered()[..len]);
        lent.input.consume(len);
        lent.read += len as u64;
        lent.ended |= len == 0 && !out.is_empty();
        Ok(len)
    }
}

/// A decoder that reads for itself.
pub(super) struct Frames<D> {
    feed: Feed,
    decoder: D,
    /// Something has begun and not ended.
    in_frame: bool,
}

/// How a decoder ends its frames.
pub(super) trait Framed: Read + Send {
    /// Whether it gives nothing once at the end of each frame.
    const PAUSES: bool;
}

impl<R: Read + Send> Framed for lz4_flex::frame::FrameDecoder<R> {
    const PAUSES: bool = true;
}

impl<R: Read + Send> Framed for snap::read::FrameDecoder<R> {
    const PAUSES: bool = false;
}

/// lz4 frames.
pub(super) fn lz4() -> impl Codec {
    let feed = Feed::new();
    Frames { decoder: lz4_flex::frame::FrameDecoder::new(feed.clone()), feed, in_frame: false }
}

/// Framed snappy.
pub(super) fn snappy() -> impl Codec {
    let feed = Feed::new();
    Frames { decoder: snap::read::FrameDecoder::new(feed.clone()), feed, in_frame: false }
}

impl<D: Framed> Codec for Frames<D> {
    fn read(&mut self, input: &mut Input, buf: &mut [u8], filled: &mut usize) -> Result<(), Failure> {
        while *filled < buf.len() {
            if input.is_live() && *filled > 0 && input.buffered().is_empty() {
                return Ok(());
            }
            if D::PAUSES && !self.in_frame {
                skip_skippable(input)?;
            }
            let (decoder, out) = (&mut self.decoder, &mut buf[*filled..]);
            let (result, read, ended, failed) = self.feed.lend(input, || decoder.read(out));
            match result {
                Ok(0) if ended && D::PAUSES && (self.in_frame || read > 0) => return Err(truncated()),
                Ok(0) if ended || !D::PAUSES => return Ok(()),
                Ok(0) => self.in_frame = false,
                Ok(len) => {
                    self.in_frame = true;
                    *filled += len;
                }
                Err(cause) if failed => return Err(cause.into()),
                Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => return Err(truncated()),
                Err(cause) => {
                    return Err(Failure::Corrupt(format!("is damaged: {}", cause.to_string().to_lowercase())));
                }
            }
        }
        Ok(())
    }
}

fn truncated() -> Failure {
    Failure::Corrupt("is truncated: it ends inside a frame".into())
}

/// Skips frames that hold something for other programs.
fn skip_skippable(input: &mut Input) -> Result<(), Failure> {
    while input.fill_to(8)?
        && let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, ..] = *input.buffered()
    {
        input.consume(8);
        let mut left = u32::from_le_bytes([a, b, c, d]) as usize;
        while left > 0 {
            if !input.fill_to(1)? {
                return Err(truncated());
            }
            let part = left.min(input.buffered().len());
            input.consume(part);
            left -= part;
        }
    }
    Ok(())
}
