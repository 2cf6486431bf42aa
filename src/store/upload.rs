//! Objects that are written piece by piece.

use std::io::{self, Write};

use object_store::{MultipartUpload, PutPayload};
use tokio::task::JoinSet;

use super::Store;
use crate::error::Result;

/// Bytes of a part. Ten thousand parts are allowed, so an object may have 80 GB.
const PART_BYTES: usize = 8 << 20;
/// Parts that are under way at once.
const MAX_PARTS: usize = 4;

/// An object under way: nobody sees it before [`Upload::finish`], and none comes of it if it is dropped.
pub struct Upload {
    store: Store,
    key: String,
    /// `None` once it has ended.
    parts: Option<Box<dyn MultipartUpload>>,
    under_way: JoinSet<object_store::Result<()>>,
    buf: Vec<u8>,
}

impl Store {
    /// Begins to write an object, over another one of this key when it is finished.
    ///
    /// **Errors**: `Io`.
    pub fn upload(&self, key: &str) -> Result<Upload> {
        let path = self.path(key)?;
        let parts = self.wait(key, self.inner.put_multipart_opts(&path, Default::default()))?;
        let key = key.to_owned();
        Ok(Upload { store: self.clone(), key, parts: Some(parts), under_way: JoinSet::new(), buf: Vec::new() })
    }
}

impl Upload {
    /// Sends all there is and waits until the store has it; then no memory is held. The object is still not there, and
    /// nothing may be written any more.
    ///
    /// **Errors**: `Io`.
    pub fn seal(&mut self) -> Result<()> {
        if !self.buf.is_empty() {
            self.send();
        }
        self.buf = Vec::new();
        self.wait_for_room(1)
    }

    /// The object is whole: it is there when this returns.
    ///
    /// **Errors**: `Io`; then it is not there, unless the answer was lost.
    pub fn finish(mut self) -> Result<()> {
        self.seal()?;
        let Some(mut parts) = self.parts.take() else { return Ok(()) };
        let done = self.store.wait(&self.key, parts.complete());
        if done.is_err() {
            // The first error is the one to tell.
            let _ = self.store.runtime.block_on(parts.abort());
        }
        done.map(drop)
    }

    /// Memory held for bytes that the store does not have yet.
    pub fn memory_bytes(&self) -> usize {
        self.buf.capacity() + self.under_way.len() * PART_BYTES
    }

    /// Starts to send what was gathered.
    fn send(&mut self) {
        if let Some(parts) = &mut self.parts {
            let part = parts.put_part(PutPayload::from(std::mem::take(&mut self.buf)));
            self.under_way.spawn_on(part, self.store.runtime.handle());
        }
    }

    /// Waits until fewer than `max` parts are under way.
    fn wait_for_room(&mut self, max: usize) -> Result<()> {
        while self.under_way.len() >= max {
            match self.store.runtime.block_on(self.under_way.join_next()) {
                Some(Ok(done)) => done.map_err(|cause| self.store.failed(&self.key, cause))?,
                Some(Err(cause)) => {
                    return Err(crate::Error::io(self.store.url(&self.key), io::Error::other(cause)));
                }
                None => return Ok(()),
            }
        }
        Ok(())
    }
}

impl Write for Upload {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.parts.is_none() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let len = buf.len().min(PART_BYTES - self.buf.len());
        self.buf.extend_from_slice(&buf[..len]);
        if self.buf.len() == PART_BYTES {
            self.wait_for_room(MAX_PARTS).map_err(io::Error::from)?;
            self.send();
        }
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Some(mut parts) = self.parts.take() {
            self.under_way.abort_all();
            // What was uploaded is removed if it can be; buckets have rules for what stays behind.
            let _ = self.store.runtime.block_on(parts.abort());
        }
    }
}
