//! tar archives, compressed as a whole or not.
//!
//! A member of one that is not lies open: it is read as a range. One that is compressed is gone through once for the
//! list, and again for the members: they share streams, and each takes the one that has come nearest to its start, so
//! that members read in order cost one more pass for each thread.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tar::Archive;

use super::bytes::{Seekable, Unpacked, is_damage};
use super::{Member, corrupt, member_name};
use crate::error::{Error, ErrorKind, Result};
use crate::source::Item;

/// More members are a slip, or an attack.
const MAX_MEMBERS: usize = 1 << 20;
/// Streams that wait for the next member.
const MAX_PARKED: usize = 16;

/// The regular files of a tar archive; `None` if it is none.
pub(super) fn members(item: &Item) -> Result<Option<Vec<Member>>> {
    let Some(bytes) = Seekable::new(item) else { return Ok(None) };
    let mut archive = Archive::new(bytes);
    let entries = archive.entries_with_seek().map_err(|cause| Error::io(item.name(), cause))?;
    let found = listed(item, entries)?;
    let opened = |(name, start, len): (String, u64, u64)| {
        let parent = item.clone();
        let opener = move |from: u64| {
            let reader = parent.stored(start.saturating_add(from), start.saturating_add(len))?;
            Ok(Box::new(Exact { reader, left: len.saturating_sub(from) }) as Box<dyn Read + Send>)
        };
        let shown = member_name(item, &name);
        (name, Item::opened(shown, Some(len), item.modified(), Arc::new(opener)))
    };
    Ok(found.map(|found| found.into_iter().map(opened).collect()))
}

/// The regular files of a compressed tar archive; `None` if it is none.
pub(super) fn packed_members(item: &Item) -> Result<Option<Vec<Member>>> {
    let mut archive = Archive::new(Unpacked::open(item)?);
    let entries = archive.entries().map_err(|cause| Error::io(item.name(), cause))?;
    let Some(found) = listed(item, entries)? else { return Ok(None) };
    let shared = Arc::new(Shared { item: item.clone(), parked: Mutex::default() });
    let opened = |(name, start, len): (String, u64, u64)| {
        let shared = shared.clone();
        let opener = move |from: u64| {
            let left = len.saturating_sub(from);
            Shared::open(&shared, start.saturating_add(from), left).map(|member| Box::new(member) as Box<_>)
        };
        let shown = member_name(item, &name);
        (name, Item::opened(shown, Some(len), item.modified(), Arc::new(opener)))
    };
    Ok(Some(found.into_iter().map(opened).collect()))
}

/// Names, starts and lengths; `None` if the first bytes are no header. Behind damage, no more are known.
fn listed<R: Read>(item: &Item, entries: tar::Entries<'_, R>) -> Result<Option<Vec<(String, u64, u64)>>> {
    let mut out: Vec<(String, u64, u64)> = Vec::new();
    let mut is_first = true;
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(cause) if !is_damage(&cause) => return Err(Error::io(item.name(), cause)),
            Err(_) if is_first => return Ok(None),
            // The member that the damage is in tells of it when it is read.
            Err(_) if !out.is_empty() => break,
            Err(cause) => return Err(corrupt(item, &format!("the tar archive is damaged: {cause}"))),
        };
        is_first = false;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let name = name.strip_prefix("./").map_or(name.clone(), str::to_owned);
        out.push((name, entry.raw_file_position(), entry.size()));
        if out.len() > MAX_MEMBERS {
            return Err(corrupt(item, "the tar archive has more than a million members"));
        }
    }
    Ok(Some(out))
}

/// A member that lies open, and what is left of it.
struct Exact {
    reader: Box<dyn Read + Send>,
    left: u64,
}

impl Read for Exact {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.reader.read(buf)?;
        if len == 0 && !buf.is_empty() && self.left > 0 {
            return Err(truncated());
        }
        self.left = self.left.saturating_sub(len as u64);
        Ok(len)
    }
}

#[cold]
fn truncated() -> io::Error {
    Error::new(ErrorKind::Corrupt, "the tar archive is truncated")
        .with_hint("the bytes before this place are good; get the archive again for the rest")
        .into()
}

/// What the members of a compressed archive share.
struct Shared {
    item: Item,
    /// Streams that no member reads from.
    parked: Mutex<Vec<Unpacked>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Vec<Unpacked>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(shared: &Arc<Self>, start: u64, left: u64) -> Result<Shelf> {
        let parked = {
            let mut parked = shared.lock();
            let before = parked.iter().enumerate().filter(|(_, stream)| stream.pos <= start);
            let nearest = before.max_by_key(|(_, stream)| stream.pos).map(|(at, _)| at);
            nearest.map(|at| parked.swap_remove(at))
        };
        let mut stream = match parked {
            Some(stream) => stream,
            None => Unpacked::open(&shared.item)?,
        };
        let gap = start - stream.pos;
        let named = |cause| Error::io(shared.item.name(), cause);
        let skipped = io::copy(&mut stream.by_ref().take(gap), &mut io::sink()).map_err(named)?;
        if skipped < gap {
            return Err(corrupt(&shared.item, "the archive has become shorter"));
        }
        Ok(Shelf { shared: shared.clone(), stream: Some(stream), left, is_broken: false })
    }
}

/// A member of a compressed archive; gives the stream back when it is dropped.
struct Shelf {
    shared: Arc<Shared>,
    stream: Option<Unpacked>,
    left: u64,
    is_broken: bool,
}

impl Read for Shelf {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(stream) = &mut self.stream else { return Ok(0) };
        if self.left == 0 || buf.is_empty() {
            return Ok(0);
        }
        let len = usize::try_from(self.left).unwrap_or(usize::MAX).min(buf.len());
        match stream.read(&mut buf[..len]) {
            Ok(0) => {
                self.is_broken = true;
                Err(truncated())
            }
            Ok(len) => {
                self.left -= len as u64;
                Ok(len)
            }
            Err(cause) => {
                self.is_broken = true;
                Err(cause)
            }
        }
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take().filter(|_| !self.is_broken) {
            let mut parked = self.shared.lock();
            if parked.len() < MAX_PARKED {
                parked.push(stream);
            }
        }
    }
}
