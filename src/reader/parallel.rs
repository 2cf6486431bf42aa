//! Chunks on many threads: ordered, bounded, and gone when the scan is.
//!
//! Each thread of a rayon pool takes turns at the open sources: it reads the next chunk of one (one thread at a time per
//! source, so a chunk's number is its place), lets go of the source, parses the chunk, and posts the result. The
//! reader takes results in order. Of the file that the reader is at, a fixed number of chunks may be under way or waiting;
//! of the files behind it, a number of bytes may wait; the very chunk the reader waits for may always be begun. So memory
//! is bounded and nothing can wait in a circle. With one number for all, chunks of the second file filled the queue and
//! the threads took turns at the first: four gzip files on two threads ran at 1.15 times the speed of one.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Interrupt;
use super::chunks::{Cursor, Event, Job, Parsed, parse_chunk};
use crate::batch::Assembler;
use crate::error::{Error, ErrorKind, Result};
use crate::simd::Text;

/// How often the reader looks up from waiting.
const LOOK_UP: Duration = Duration::from_millis(50);

/// The pool and what it shares. Dropping it stops the threads at their next chunk.
pub(super) struct Parallel {
    shared: Arc<Shared>,
    _pool: ThreadPool,
}

struct Shared {
    job: Job,
    ordered: bool,
    /// How many times its text a chunk with malformed records may take.
    growth: usize,
    max_open: usize,
    /// Chunks of the reader's file that may be under way or waiting.
    max_begun: usize,
    /// Bytes of files behind it that may wait.
    ahead_bytes: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The next source to be opened.
    next_file: usize,
    /// Sources that are open or being opened, in order.
    open: Vec<Open>,
    /// Results nobody has taken yet, by file and chunk.
    results: BTreeMap<(usize, u64), Result<Event>>,
    /// Chunks begun and not yet taken, and bytes of results nobody has taken: for each file and in all.
    held: Vec<Held>,
    held_in_all: Held,
    /// For each file, the chunk the reader takes next; `u64::MAX` once it has ended.
    heads: Vec<u64>,
    /// The first file that has not ended.
    first: usize,
    /// How many files have ended.
    ended: usize,
    cancelled: bool,
}

/// What is under way or waits.
#[derive(Clone, Copy, Default)]
struct Held {
    chunks: usize,
    bytes: usize,
}

struct Open {
    file: usize,
    next_chunk: u64,
    /// `None` while a thread reads from it.
    cursor: Option<Box<Cursor>>,
}

/// A chunk to be read: of which file, its number, and the source if it is open already.
struct Turn {
    file: usize,
    chunk: u64,
    cursor: Option<Box<Cursor>>,
}

impl Parallel {
    /// Starts `threads` threads on `job`.
    pub(super) fn start(job: Job, threads: usize) -> Result<Self> {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|i| format!("logarrow-{i}"))
            .build()
            .map_err(|err| Error::new(ErrorKind::Io(std::io::ErrorKind::OutOfMemory), err.to_string()))?;
        let files = job.items.len();
        let state = State { heads: vec![0; files], held: vec![Held::default(); files], ..State::default() };
        let shared = Arc::new(Shared {
            ordered: job.options.ordered,
            growth: job.options.worst_growth(),
            max_open: threads,
            max_begun: 2 * threads,
            ahead_bytes: job.options.ahead_bytes(),
            job,
            state: Mutex::new(state),
            changed: Condvar::new(),
        });
        for _ in 0..threads {
            let shared = shared.clone();
            pool.spawn(move || shared.work());
        }
        Ok(Self { shared, _pool: pool })
    }

    /// The next result in order; `None` when all files have ended.
    pub(super) fn next(&mut self, interrupt: Option<&Interrupt>) -> Result<Option<Event>> {
        let mut state = self.shared.lock();
        loop {
            if state.ended == state.heads.len() {
                return Ok(None);
            }
            if let Some(event) = state.take(self.shared.ordered, self.shared.growth) {
                drop(state);
                self.shared.changed.notify_all();
                return event.map(Some);
            }
            let waited = self.shared.changed.wait_timeout(state, LOOK_UP);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if interrupt.is_some_and(|interrupt| interrupt()) {
                return Err(Error::new(ErrorKind::Interrupted, "the scan was interrupted"));
            }
        }
    }
}

impl Drop for Parallel {
    fn drop(&mut self) {
        self.shared.lock().cancelled = true;
        self.shared.changed.notify_all();
    }
}

impl State {
    /// Takes the result the reader waits for, if it is there.
    fn take(&mut self, ordered: bool, growth: usize) -> Option<Result<Event>> {
        let is_next = |key: &(usize, u64)| self.heads[key.0] == key.1;
        let key = if ordered {
            let head = *self.heads.get(self.first)?;
            Some((self.first, head)).filter(|key| self.results.contains_key(key))
        } else {
            self.results.keys().copied().find(is_next)
        }?;
        let event = self.results.remove(&key)?;
        let bytes = waiting_bytes(&event, growth);
        for held in [&mut self.held[key.0], &mut self.held_in_all] {
            held.chunks -= 1;
            held.bytes -= bytes;
        }
        if matches!(event, Ok(Event::Chunk(..))) {
            self.heads[key.0] += 1;
        } else {
            self.heads[key.0] = u64::MAX;
            self.ended += 1;
            while self.heads.get(self.first) == Some(&u64::MAX) {
                self.first += 1;
            }
        }
        Some(event)
    }

    fn begin(&mut self, file: usize) {
        self.held[file].chunks += 1;
        self.held_in_all.chunks += 1;
    }

    /// Whether the reader waits for just this chunk.
    fn is_awaited(&self, file: usize, chunk: u64, ordered: bool) -> bool {
        self.heads[file] == chunk && (!ordered || self.first == file)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One thread, until there is nothing left to read.
    fn work(&self) {
        let mut text = Text::default();
        let mut assembler = None;
        while let Some(turn) = self.turn() {
            let key = (turn.file, turn.chunk);
            let step = AssertUnwindSafe(|| self.step(turn, &mut assembler, &mut text));
            let event = catch_unwind(step).unwrap_or_else(|_| {
                let err = Error::new(ErrorKind::Io(std::io::ErrorKind::Other), "a worker thread failed; this is a bug");
                Err(err.with_hint("please report it, with the log line if you can"))
            });
            let mut state = self.lock();
            if !matches!(event, Ok(Event::Chunk(..))) {
                state.open.retain(|open| open.file != key.0);
            }
            let bytes = waiting_bytes(&event, self.growth);
            state.held[key.0].bytes += bytes;
            state.held_in_all.bytes += bytes;
            state.results.insert(key, event);
            drop(state);
            self.changed.notify_all();
        }
    }

    /// Whether this chunk may be begun.
    fn has_room(&self, state: &State, file: usize, chunk: u64) -> bool {
        let (here, all) = (state.held.get(state.first).copied().unwrap_or_default(), state.held_in_all);
        let is_free = match () {
            () if !self.ordered => all.chunks < self.max_begun,
            () if file > state.first => all.bytes - here.bytes < self.ahead_bytes,
            () => here.chunks < self.max_begun,
        };
        is_free || state.is_awaited(file, chunk, self.ordered)
    }

    /// Waits for a chunk to read.
    fn turn(&self) -> Option<Turn> {
        let mut state = self.lock();
        loop {
            if state.cancelled {
                return None;
            }
            let may_read = |open: &Open| open.cursor.is_some() && self.has_room(&state, open.file, open.next_chunk);
            if let Some(at) = state.open.iter().position(may_read) {
                let file = state.open[at].file;
                state.begin(file);
                let open = &mut state.open[at];
                let cursor = open.cursor.take();
                open.next_chunk += 1;
                return Some(Turn { file: open.file, chunk: open.next_chunk - 1, cursor });
            }
            let file = state.next_file;
            if file == self.job.items.len() && state.open.is_empty() {
                return None;
            }
            let may_open = file < self.job.items.len() && state.open.len() < self.max_open;
            if may_open && self.has_room(&state, file, 0) {
                state.begin(file);
                state.next_file += 1;
                state.open.push(Open { file, next_chunk: 1, cursor: None });
                return Some(Turn { file, chunk: 0, cursor: None });
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Reads a chunk, lets go of the source, parses.
    fn step(&self, turn: Turn, assembler: &mut Option<Assembler>, text: &mut Text) -> Result<Event> {
        let file = turn.file;
        let mut cursor = match turn.cursor {
            Some(cursor) => cursor,
            None => Box::new(Cursor::open(&self.job, file)?),
        };
        let Some(chunk) = cursor.next(text)? else {
            return Ok(cursor.ended(file));
        };
        let stored_bytes = cursor.stored_bytes();
        let mut state = self.lock();
        if let Some(open) = state.open.iter_mut().find(|open| open.file == file) {
            open.cursor = Some(cursor);
        }
        drop(state);
        self.changed.notify_all();
        let assembler = match assembler {
            Some(assembler) => assembler,
            None => assembler.insert(Assembler::new(self.job.plan.recipe().clone(), &self.job.pool)?),
        };
        let parsed: Parsed = parse_chunk(assembler, &self.job, file, text, chunk, stored_bytes, None)?;
        Ok(Event::Chunk(file, Box::new(parsed)))
    }
}

/// Bytes that a result takes, about: columns are a quarter longer than their text.
fn waiting_bytes(event: &Result<Event>, growth: usize) -> usize {
    let Ok(Event::Chunk(_, parsed)) = event else { return 0 };
    let counts = &parsed.outcome.counts;
    let text = counts.bytes as usize;
    if counts.malformed > 0 { text * growth.max(2) } else { text + text / 4 }
}
