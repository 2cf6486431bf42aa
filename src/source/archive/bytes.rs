//! The bytes of an archive, as its readers want them.

use std::io::{self, Read, Seek, SeekFrom};

use super::super::{Item, OpenOptions, Stream};
use crate::error::{ErrorKind, Result};

/// Bytes that are read around a place: the directory of a zip archive and small members take one or two requests.
const BLOCK_BYTES: u64 = 64 << 10;

/// An item that is looked at here and there.
pub(super) struct Seekable {
    item: Item,
    len: u64,
    pos: u64,
    /// Where the block that was read last begins.
    start: u64,
    block: Vec<u8>,
}

impl Seekable {
    /// `None` if its size is not known.
    pub(super) fn new(item: &Item) -> Option<Self> {
        Some(Self { len: item.size()?, item: item.clone(), pos: 0, start: 0, block: Vec::new() })
    }
}

impl Read for Seekable {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.pos >= self.len || buf.is_empty() {
            return Ok(0);
        }
        let end = self.start + self.block.len() as u64;
        if !(self.start..end).contains(&self.pos) {
            self.start = self.pos - self.pos % BLOCK_BYTES;
            let wanted = BLOCK_BYTES.min(self.len - self.start);
            self.block.clear();
            let reader = self.item.stored(self.start, self.start + wanted)?;
            reader.take(wanted).read_to_end(&mut self.block)?;
        }
        let rest = self.block.get((self.pos - self.start) as usize..).unwrap_or_default();
        let len = rest.len().min(buf.len());
        buf[..len].copy_from_slice(&rest[..len]);
        self.pos += len as u64;
        Ok(len)
    }
}

impl Seek for Seekable {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::End(by) => (self.len, by),
            SeekFrom::Current(by) => (self.pos, by),
        };
        self.pos = from.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.pos)
    }
}

/// The decompressed bytes of an item, and how far they were read.
pub(super) struct Unpacked {
    stream: Stream,
    pub(super) pos: u64,
}

impl Unpacked {
    pub(super) fn open(item: &Item) -> Result<Self> {
        // Several may be open at a time: none holds the whole.
        let options = OpenOptions::default().with_memory_bytes(0);
        Ok(Self { stream: item.open(&options)?, pos: 0 })
    }
}

impl Read for Unpacked {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.stream.read(buf)?;
        self.pos += len as u64;
        Ok(len)
    }
}

/// Whether an error says that an archive is damaged, and not that it could not be read.
pub(super) fn is_damage(cause: &io::Error) -> bool {
    let own = cause.get_ref().and_then(|inner| inner.downcast_ref::<crate::error::Error>());
    own.is_none_or(|err| err.kind() == ErrorKind::Corrupt)
}
