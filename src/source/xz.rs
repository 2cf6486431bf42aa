//! xz: LZMA2 in blocks, with checksums.

use liblzma::stream::{Error, Status, Stream};

use super::codec::Failure;
use super::streams::{Decoder, Ran};

/// What `xz -9` asks of those who decompress: 64 MiB of window, and a little.
const LEAST_MEMORY_BYTES: u64 = 66 << 20;

/// The decoder of one stream.
pub(super) struct Xz(Stream);

impl Decoder for Xz {
    const MAGIC: &'static [u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0];
    const PADDED: bool = true;

    fn start(memory_bytes: usize) -> Result<Self, Failure> {
        let limit = LEAST_MEMORY_BYTES.max(memory_bytes as u64);
        Stream::new_stream_decoder(limit, 0).map(Self).map_err(failure)
    }

    fn run(&mut self, input: &[u8], out: &mut [u8]) -> Result<Ran, Failure> {
        let (read, written) = (self.0.total_in(), self.0.total_out());
        let status = self.0.process(input, out, liblzma::stream::Action::Run).map_err(failure)?;
        Ok(Ran {
            consumed: (self.0.total_in() - read) as usize,
            produced: (self.0.total_out() - written) as usize,
            ended: status == Status::StreamEnd,
        })
    }
}

fn failure(cause: Error) -> Failure {
    match cause {
        Error::MemLimit | Error::Mem => Failure::Memory("needs a larger window than the memory limit allows".into()),
        cause => Failure::Corrupt(format!("is damaged: {cause}")),
    }
}
