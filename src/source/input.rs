//! Stored bytes on their way into a codec, with look-ahead and a running offset.

use std::io::{self, Read};

/// Bytes asked of the reader at once: large enough that the system call does not show (limits.md section 6 lost 5% at
/// 64 KiB against 1 MiB), small enough to stay in L2.
const FILL_BYTES: usize = 256 << 10;

/// A reader with look-ahead.
pub(super) struct Input {
    reader: Box<dyn Read + Send>,
    live: bool,
    buf: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    eof: bool,
}

impl Input {
    /// `live`: more bytes may come at any time, so that a reader must not wait for a full buffer.
    pub(super) fn new(reader: Box<dyn Read + Send>, live: bool) -> Self {
        Self { reader, live, buf: Vec::new(), start: 0, end: 0, offset: 0, eof: false }
    }

    pub(super) fn is_live(&self) -> bool {
        self.live && !self.eof
    }

    /// Stored bytes given out so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether all there is has been read (it may still be buffered).
    pub(super) fn at_eof(&self) -> bool {
        self.eof
    }

    pub(super) fn buffered(&self) -> &[u8] {
        &self.buf[self.start..self.end]
    }

    pub(super) fn consume(&mut self, len: usize) {
        debug_assert!(len <= self.end - self.start);
        self.start += len;
        self.offset += len as u64;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Reads once more behind what is buffered; false at the end.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        self.fill_by(FILL_BYTES)
    }

    fn fill_by(&mut self, want: usize) -> io::Result<bool> {
        if self.eof {
            return Ok(false);
        }
        if self.start > 0 {
            self.buf.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.buf.len() < self.end + want {
            self.buf.resize(self.end + want, 0);
        }
        let len = read_retrying(&mut self.reader, &mut self.buf[self.end..self.end + want])?;
        self.end += len;
        self.eof = len == 0;
        Ok(len > 0)
    }

    /// Reads until `len` bytes are buffered; false if the end comes first.
    pub(super) fn fill_to(&mut self, len: usize) -> io::Result<bool> {
        while self.buffered().len() < len {
            if !self.fill()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads a little, for looking at the first bytes without copying a buffer of what will be read directly.
    pub(super) fn peek_more(&mut self) -> io::Result<bool> {
        self.fill_by(16)
    }

    /// Buffers everything if that is at most `limit` bytes; says whether it was.
    pub(super) fn load(&mut self, size_hint: u64, limit: usize) -> io::Result<bool> {
        let mut want = usize::try_from(size_hint).unwrap_or(limit).saturating_sub(self.end).max(1);
        while !self.eof && self.buffered().len() <= limit {
            self.fill_by(want)?;
            want = FILL_BYTES;
        }
        Ok(self.eof)
    }

    /// Gives what is buffered, else reads straight into `out`.
    pub(super) fn read_direct(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = if self.start < self.end {
            let len = out.len().min(self.end - self.start);
            out[..len].copy_from_slice(&self.buffered()[..len]);
            self.consume(len);
            return Ok(len);
        } else if self.eof {
            0
        } else {
            read_retrying(&mut self.reader, out)?
        };
        self.eof = len == 0;
        self.offset += len as u64;
        Ok(len)
    }
}

fn read_retrying(reader: &mut dyn Read, out: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(out) {
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
