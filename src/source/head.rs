//! The first text of an item, for those who look before they read.

use super::{Item, OpenOptions, Source};
use crate::error::{ErrorKind, Result};

impl Item {
    /// The first `limit` bytes of text at most, and whether they are all. An item that can be read only once keeps them.
    ///
    /// **Errors**: those of opening and reading; damage behind some text is none.
    pub fn head(&self, open: &OpenOptions, limit: usize) -> Result<(Vec<u8>, bool)> {
        // A head needs no buffer for a whole object.
        let open = open.clone().with_memory_bytes(4 * limit);
        let (mut stream, is_cut) = match self.peek(limit)? {
            Some((bytes, is_all)) => {
                let kept = Source::bytes(self.name(), bytes);
                (kept.items()[0].open(&open)?, !is_all)
            }
            None => (self.open(&open)?, false),
        };
        let mut bytes = vec![0; limit];
        let mut len = 0;
        let mut is_whole = false;
        while len < bytes.len() && !is_whole {
            match stream.read(&mut bytes[len..]) {
                Ok(read) => {
                    len += read;
                    is_whole = read == 0;
                }
                // What stands before the damage is text too.
                Err(err) if err.kind() == ErrorKind::Corrupt && len > 0 => break,
                Err(err) => return Err(err),
            }
        }
        bytes.truncate(len);
        Ok((bytes, is_whole && !is_cut))
    }
}
