//! What a decompressor is, and the one that copies.

use std::io;

use super::input::Input;

/// Why a codec stops before the end.
#[derive(Debug)]
pub(super) enum Failure {
    /// The stored bytes could not be read.
    Io(io::Error),
    /// The stored bytes are not what the codec's format allows; says what is wrong, to follow "gzip stream".
    Corrupt(String),
    /// Reading on would take more memory than allowed; says what is needed, to follow "zstd stream".
    Memory(String),
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}

/// A decompressor: stored bytes in, decompressed bytes out, however either is cut.
pub(super) trait Codec: Send {
    /// Writes decompressed bytes to `buf` and adds their number to `filled`, which may go up before an error too: those
    /// bytes are good. Fills `buf` unless the stream ends or a live input would block; `filled` left at 0 is the end.
    fn read(&mut self, input: &mut Input, buf: &mut [u8], filled: &mut usize) -> Result<(), Failure>;
}

/// No compression: reads go straight into the caller's buffer.
pub(super) struct Plain;

impl Codec for Plain {
    fn read(&mut self, input: &mut Input, buf: &mut [u8], filled: &mut usize) -> Result<(), Failure> {
        while *filled < buf.len() {
            let len = input.read_direct(&mut buf[*filled..])?;
            *filled += len;
            if len == 0 || input.is_live() {
                break;
            }
        }
        Ok(())
    }
}
