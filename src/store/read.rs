//! Readers of objects that read ahead.

use std::io::{self, Read};
use std::ops::Range;

use bytes::Bytes;
use futures::StreamExt;
use object_store::{GetOptions, GetRange};
use tokio::sync::mpsc;

use super::Store;
use crate::error::Result;

/// Pieces that are fetched ahead of the reader, each what the network gave at once (mostly 8 to 64 KiB).
const AHEAD: usize = 32;

impl Store {
    /// A reader of an object's bytes, or of a range of them. It reads ahead while its bytes are worked on.
    ///
    /// **Errors**: those of its first request come with the first read.
    pub fn read(&self, key: &str, range: Option<Range<u64>>) -> Result<Box<dyn Read + Send>> {
        let path = self.path(key)?;
        let (sender, receiver) = mpsc::channel(AHEAD);
        let store = self.clone();
        let inner = self.inner.clone();
        self.runtime.spawn(async move {
            let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
            let mut stream = match inner.get_opts(&path, options).await {
                Ok(got) => got.into_stream(),
                Err(cause) => {
                    // Whoever reads may have gone.
                    let _ = sender.send(Err(cause)).await;
                    return;
                }
            };
            while let Some(piece) = stream.next().await {
                let is_last = piece.is_err();
                if sender.send(piece).await.is_err() || is_last {
                    return;
                }
            }
        });
        Ok(Box::new(Reader { store, key: key.to_owned(), receiver, piece: Bytes::new() }))
    }
}

struct Reader {
    store: Store,
    key: String,
    receiver: mpsc::Receiver<object_store::Result<Bytes>>,
    piece: Bytes,
}

impl Read for Reader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.store.runtime.block_on(self.receiver.recv()) {
                Some(Ok(piece)) => self.piece = piece,
                Some(Err(cause)) => return Err(self.store.failed(&self.key, cause).into()),
                None => return Ok(0),
            }
        }
        let len = buf.len().min(self.piece.len());
        buf[..len].copy_from_slice(&self.piece.split_to(len));
        Ok(len)
    }
}
