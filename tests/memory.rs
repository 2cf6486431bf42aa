//! A source of any length is read in memory that does not grow with it, though it is one line, whatever is in it.
#![allow(missing_docs)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use logarrow::{Counts, Options, Scan, Source, named};

/// Counts what is held, and the most there was.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: all calls go to the system's allocator as they are.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: passed on from the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: passed on from the caller.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Gives `first`, then `again` over and over until there are `len` bytes, then `last`.
#[derive(Clone)]
struct Endless {
    first: &'static str,
    again: &'static str,
    last: &'static str,
    len: usize,
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let whole = self.len.next_multiple_of(self.again.len());
        let end = self.first.len() + whole;
        let rest: &str = match self.at {
            at if at < self.first.len() => &self.first[at..],
            at if at < end => &self.again[(at - self.first.len()) % self.again.len()..],
            at => self.last.get(at - end..).unwrap_or_default(),
        };
        // Many at once: a read of a few bytes each would take long.
        let is_again = self.at >= self.first.len() && self.at < end;
        let mut filled = rest.len().min(buf.len());
        buf[..filled].copy_from_slice(&rest.as_bytes()[..filled]);
        while is_again && self.at + filled < end && filled + self.again.len() <= buf.len() {
            buf[filled..filled + self.again.len()].copy_from_slice(self.again.as_bytes());
            filled += self.again.len();
        }
        self.at += filled;
        Ok(filled)
    }
}

/// What was counted, and the most bytes that were held beside what was before.
fn read(source: impl Read + Send + 'static, format: &str, threads: usize) -> (Counts, usize) {
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let options = Options { threads, chunk_bytes: 256 << 10, max_record_bytes: 1 << 20, ..Options::default() };
    let scan = Scan::new(Source::reader("a.log", Box::new(source)), named(format).unwrap()).with_options(options);
    let mut reader = scan.read().unwrap();
    for batch in &mut reader {
        drop(batch.unwrap());
    }
    let counts = reader.report().counts.clone();
    assert!(counts.is_balanced());
    (counts, MOST.load(Ordering::Relaxed) - before)
}

const LEN: usize = 160 << 20;
const MAX_HELD: usize = 16 << 20;

// One test: the allocator counts for the whole process.
#[test]
fn one_line_of_any_length_is_read_in_little_memory() {
    let record =
        r#"{"eventVersion":"1.09","userIdentity":{"type":"Root"},"eventTime":"2026-03-05T10:00:01Z","eventName":"a"},"#;
    let records = Endless { first: "{\"Records\":[", again: record, last: "{}]}", len: LEN, at: 0 };
    let rows = LEN.div_ceil(record.len()) as u64 + 1;
    for threads in [1, 2] {
        let (counts, held) = read(records.clone(), "aws.cloudtrail", threads);
        assert_eq!((counts.rows, counts.malformed, counts.lines), (rows, 0, 1));
        // Chunks wait for their turn where there are several threads.
        assert!(held < MAX_HELD * (4 * threads - 3), "{held} bytes were held on {threads} threads");
    }

    let mut zipped = GzEncoder::new(Vec::new(), Compression::fast());
    io::copy(&mut records.clone(), &mut zipped).unwrap();
    zipped.flush().unwrap();
    let zipped = zipped.finish().unwrap();
    let (counts, held) = read(io::Cursor::new(zipped), "aws.cloudtrail", 1);
    assert_eq!((counts.rows, counts.malformed, counts.lines), (rows, 0, 1));
    assert!(held < MAX_HELD, "{held} bytes were held of what was compressed");

    for (first, again) in [
        ("", "no JSON at all "),
        ("{\"Records\":[{\"a\":\"", "never closed "),
        ("{\"a\":\"", "x"),
        ("{\"Records\":[", " "),
        ("{\"x\":0", ",\"a\":[1]"),
        ("{\"Records\":[{},", "{\"a\":[{"),
    ] {
        for format in ["aws.cloudtrail", "json.lines"] {
            let broken = Endless { first, again, last: "", len: LEN / 8, at: 0 };
            let (counts, held) = read(broken, format, 1);
            assert!(counts.malformed > 0 && counts.lines == 1, "{again:?}: {counts:?}");
            assert!(held < MAX_HELD, "{held} bytes were held of {again:?} as {format}");
        }
    }
}
