//! Memory for whole members: large pages where the system has them, used again from one file to the next.
//!
//! On 4 KiB pages, a member of 128 MB touches 31,000 of them for the first time, which took 0.08 s of system time next to
//! 0.09 s of decompression.

use std::sync::{Arc, Mutex, PoisonError};

use memmap2::MmapMut;

/// Sizes are multiples of this: a large page of x86-64 and arm64.
const PAGE_BYTES: usize = 2 << 20;

/// Memory that grows; its bytes are arbitrary.
#[derive(Debug, Default)]
pub(super) struct Room(Option<MmapMut>);

impl Room {
    /// The first `len` bytes; `None` if the system has no such memory.
    pub(super) fn first(&mut self, len: usize) -> Option<&mut [u8]> {
        if self.0.as_ref().is_none_or(|map| map.len() < len) {
            self.0 = None;
            let map = MmapMut::map_anon(len.next_multiple_of(PAGE_BYTES)).ok()?;
            // Only a wish: small pages do too.
            #[cfg(target_os = "linux")]
            let _ = map.advise(memmap2::Advice::HugePage);
            self.0 = Some(map);
        }
        self.0.as_mut()?.get_mut(..len)
    }

    /// The bytes of a range that was filled before.
    pub(super) fn filled(&self, start: usize, end: usize) -> &[u8] {
        self.0.as_ref().and_then(|map| map.get(start..end)).unwrap_or_default()
    }
}

/// Rooms that nobody is in: a stream takes one when it opens and gives it back when it is dropped.
#[derive(Clone, Debug, Default)]
pub(super) struct Spare(Arc<Mutex<Vec<Room>>>);

impl Spare {
    pub(super) fn take(&self) -> Room {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(super) fn give_back(&self, room: Room) {
        if room.0.is_some() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(room);
        }
    }
}
