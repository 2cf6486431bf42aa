//! Objects that are asked for before their turn.
//!
//! A store answers after 20 to 100 ms, however small the object is: 2,000 of them one after the other would take minutes
//! of waiting alone.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::options::Options;
use crate::source::{Begun, Item};

/// Requests that are under way at once, at most.
const MAX_BEGUN: usize = 64;
/// What a request takes besides the bytes that are read ahead.
const REQUEST_BYTES: usize = 64 << 10;

/// The objects that come next, as far as memory goes.
pub(super) struct Ahead {
    memory_bytes: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    begun: BTreeMap<usize, Begun>,
    /// What those of `begun` may take.
    bytes: usize,
    /// The first item that was not thought of yet.
    next: usize,
}

impl Ahead {
    pub(super) fn new(options: &Options) -> Self {
        // Whoever wants a few rows wants no object that may not be needed.
        let memory_bytes = if options.limit.is_some() { 0 } else { options.memory_bytes / 8 };
        Self { memory_bytes, state: Mutex::default() }
    }

    /// The item with this number, if it was begun; and begins those that follow.
    pub(super) fn take(&self, items: &[Item], file: usize) -> Option<Begun> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let own = state.begun.remove(&file);
        if own.is_some() {
            state.bytes -= cost(&items[file]);
        }
        state.next = state.next.max(file + 1);
        while let Some(item) = items.get(state.next)
            && state.begun.len() < MAX_BEGUN
            && state.bytes + cost(item) <= self.memory_bytes
        {
            let number = state.next;
            state.next += 1;
            if let Some(begun) = item.begin() {
                state.bytes += cost(item);
                state.begun.insert(number, begun);
            }
        }
        own
    }
}

fn cost(item: &Item) -> usize {
    item.ahead_bytes() + REQUEST_BYTES
}
