//! Objects that are written piece by piece.

use std::io::{self, Write};

use object_store::WriteMultipart;

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
    parts: Option<WriteMultipart>,
}

impl Store {
    /// Begins to write an object, over another one of this key when it is finished.
    ///
    /// **Errors**: `Io`.
    pub fn upload(&self, key: &str) -> Result<Upload> {
        let path = self.path(key)?;
        let parts = self.wait(key, self.inner.put_multipart_opts(&path, Default::default()))?;
        let _entered = self.runtime.enter();
        let parts = WriteMultipart::new_with_chunk_size(parts, PART_BYTES);
        Ok(Upload { store: self.clone(), key: key.to_owned(), parts: Some(parts) })
    }
}

impl Upload {
    /// The object is whole: it is there when this returns.
    ///
    /// **Errors**: `Io`; then it is not there.
    pub fn finish(mut self) -> Result<()> {
        match self.parts.take() {
            Some(parts) => self.store.wait(&self.key, parts.finish()).map(drop),
            None => Ok(()),
        }
    }
}

impl Write for Upload {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let Some(parts) = &mut self.parts else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let _entered = self.store.runtime.enter();
        self.store
            .runtime
            .block_on(parts.wait_for_capacity(MAX_PARTS))
            .map_err(|cause| io::Error::other(self.store.failed(&self.key, cause)))?;
        parts.write(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let Some(parts) = self.parts.take() {
            // What was uploaded is removed if it can be; buckets have rules for what stays behind.
            let _ = self.store.runtime.block_on(parts.abort());
        }
    }
}
