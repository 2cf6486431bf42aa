//! Readers of objects that read ahead.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use object_store::{GetOptions, GetRange};
use tokio::sync::{Semaphore, mpsc};

use super::Store;
use crate::error::Result;

/// Bytes that are fetched ahead of a reader: what a fast network gives while a chunk is parsed.
pub const AHEAD_BYTES: usize = 2 << 20;

impl Store {
    /// A reader of an object's bytes, or of a range of them. It begins to read at once, and reads ahead while its bytes
    /// are worked on, up to [`AHEAD_BYTES`] and a piece.
    ///
    /// **Errors**: those of its first request come with the first read.
    pub fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<Box<dyn Read + Send>> {
        let path = self.path(key)?;
        let (sender, receiver) = mpsc::unbounded_channel();
        let room = Arc::new(Semaphore::new(AHEAD_BYTES));
        let (inner, free) = (self.inner.clone(), room.clone());
        self.runtime.spawn(async move {
            let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
            let mut stream = match inner.get_opts(&path, options).await {
                Ok(got) => got.into_stream(),
                Err(cause) => {
                    // Whoever reads may have gone.
                    let _ = sender.send(Err(cause));
                    return;
                }
            };
            while let Some(piece) = stream.next().await {
                let len = piece.as_ref().map_or(0, Bytes::len).min(AHEAD_BYTES);
                let is_last = piece.is_err();
                // Closed when the reader goes.
                let Ok(permit) = free.acquire_many(len as u32).await else { return };
                permit.forget();
                if sender.send(piece).is_err() || is_last {
                    return;
                }
            }
        });
        Ok(Box::new(Reader { store: self.clone(), key: key.to_owned(), receiver, room, piece: Bytes::new() }))
    }
}

struct Reader {
    store: Store,
    key: String,
    receiver: mpsc::UnboundedReceiver<object_store::Result<Bytes>>,
    room: Arc<Semaphore>,
    piece: Bytes,
}

impl Read for Reader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.store.runtime.block_on(self.receiver.recv()) {
                Some(Ok(piece)) => {
                    self.room.add_permits(piece.len().min(AHEAD_BYTES));
                    self.piece = piece;
                }
                Some(Err(cause)) => return Err(self.store.failed(&self.key, cause).into()),
                None => return Ok(0),
            }
        }
        let len = buf.len().min(self.piece.len());
        buf[..len].copy_from_slice(&self.piece.split_to(len));
        Ok(len)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.room.close();
    }
}
