//! bzip2: blocks of up to 900 kB, each with a checksum behind it; of a damaged one, wrong bytes may come before the error.

use bzip2::{Decompress, Status};

use super::codec::Failure;
use super::streams::{Decoder, Ran};

/// The decoder of one stream.
pub(super) struct Bzip2(Decompress);

impl Decoder for Bzip2 {
    const MAGIC: &'static [u8] = b"BZh";
    const PADDED: bool = false;

    fn start(_: usize) -> Result<Self, Failure> {
        // Takes 4 MB at most.
        Ok(Self(Decompress::new(false)))
    }

    fn run(&mut self, input: &[u8], out: &mut [u8]) -> Result<Ran, Failure> {
        let (read, written) = (self.0.total_in(), self.0.total_out());
        let status = self.0.decompress(input, out).map_err(|cause| Failure::Corrupt(format!("is damaged: {cause}")))?;
        Ok(Ran {
            consumed: (self.0.total_in() - read) as usize,
            produced: (self.0.total_out() - written) as usize,
            ended: status == Status::StreamEnd,
        })
    }
}
