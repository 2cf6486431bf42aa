//! Runs a plan: source to record batches.
//!
//! In: a [`Scan`], which is a source, a format and options. Out: a [`Reader`], which iterates over record batches and
//! afterwards knows what became of every record. `serial` reads in the caller's thread, `parallel` in
//! many; both parse `chunks`, whose outcomes the `ledger` puts together in order.

mod ahead;
mod chunks;
mod ledger;
mod parallel;
mod serial;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use arrow::array::{RecordBatch, RecordBatchReader};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;

use self::ahead::Ahead;
use self::chunks::{Event, Job};
use self::ledger::Ledger;
use self::parallel::Parallel;
use self::serial::Serial;
use crate::error::{Error, ErrorKind, Result};
use crate::format::Format;
use crate::infer::{resolve_inner, resolve_keys};
use crate::options::Options;
use crate::plan::{Plan, resolve, with_schema};
use crate::report::Report;
use crate::simd::Pool;
use crate::source::{Item, OpenOptions, Source};

/// What to read, as what, and how. Nothing is read until [`Scan::read`].
///
/// ```
/// use std::sync::Arc;
/// use logarrow::{Options, Scan, Source, named};
///
/// let log = *b"192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 200 512\n";
/// let scan = Scan::new(Source::bytes("access.log", log), named("apache.common")?)
///     .with_options(Options { columns: Some(vec!["status".into(), "path".into()]), ..Options::default() });
/// let mut reader = scan.read()?;
/// let batch = reader.next().unwrap()?;
/// assert_eq!((batch.num_rows(), batch.num_columns()), (1, 2));
/// assert!(reader.next().is_none() && reader.report().counts.is_balanced());
/// # Ok::<(), logarrow::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scan {
    source: Arc<Source>,
    format: Arc<Format>,
    options: Options,
}

/// Asked now and then; true stops the scan with an `Interrupted` error.
pub type Interrupt = Arc<dyn Fn() -> bool + Send + Sync>;

/// Takes each batch of rejects, where all of them are wanted.
pub type RejectSink = Box<dyn FnMut(&RecordBatch) -> Result<()> + Send>;

impl Scan {
    /// Reads `source` as `format`.
    pub fn new(source: Source, format: Arc<Format>) -> Self {
        Self { source: Arc::new(source), format, options: Options::default() }
    }

    /// Replaces the options.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The source.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The format.
    pub fn format(&self) -> &Arc<Format> {
        &self.format
    }

    /// What will be done. Reads nothing, but for the head of the source where a format takes its columns from there.
    ///
    /// **Errors**: as [`Plan::new`]; those of opening and reading a head.
    pub fn plan(&self) -> Result<Plan> {
        let own = with_schema(&self.format, &self.options)?;
        if !own.reads_header() {
            let format = resolve_keys(&own, &self.source, &self.options)?;
            return Plan::new(&format, &resolve_inner(&format, &self.source, &self.options)?);
        }
        let mut format = own.clone();
        for item in self.source.items() {
            let (head, _) = item.head(&self.open_options(), HEAD_BYTES)?;
            format = resolve(&own, &head);
            if !Arc::ptr_eq(&format, &own) {
                break;
            }
        }
        Plan::new(&format, &resolve_inner(&format, &self.source, &self.options)?)
    }

    fn open_options(&self) -> OpenOptions {
        let options = &self.options;
        OpenOptions::default().with_compression(options.compression).with_encoding(options.encoding)
    }

    /// The columns the scan gives. Reads what [`Scan::plan`] reads.
    ///
    /// **Errors**: as [`Scan::plan`].
    pub fn schema(&self) -> Result<SchemaRef> {
        Ok(self.plan()?.schema().clone())
    }

    /// Starts reading.
    ///
    /// **Errors**: as [`Scan::plan`]; those of the source come with the first batch.
    pub fn read(&self) -> Result<Reader> {
        let plan = self.plan()?;
        let threads = self.options.thread_count().min(MAX_THREADS);
        let items: Arc<[Item]> = self.source.items().to_vec().into();
        let references = self.references();
        let options = &self.options;
        // Half of the memory is for members that are decompressed whole; each thread has one source open at a time.
        let open = self.open_options().with_memory_bytes(options.memory_bytes / 2 / options.thread_count());
        let job = Job {
            plan,
            options: options.clone(),
            items,
            references,
            pool: Pool::default(),
            open,
            rejects_full: Default::default(),
            ahead: Arc::new(Ahead::new(options)),
        };
        let feed = if threads > 1 {
            Feed::Parallel(Parallel::start(job.clone(), threads)?)
        } else {
            Feed::Serial(Box::new(Serial::new(&job)?))
        };
        let ledger = Ledger::new(&job);
        Ok(Reader {
            schema: job.plan.schema().clone(),
            feed,
            pending: VecDeque::new(),
            ledger,
            started: Instant::now(),
            interrupt: None,
            reject_sink: None,
        })
    }

    /// The time that each file's texts without a year are held against: the option, else when the file was changed, else
    /// now.
    fn references(&self) -> Arc<[i64]> {
        let now = now_us();
        let of_item = |item: &Item| item.modified().map_or(now, micros);
        self.source.items().iter().map(|item| self.options.reference_time_us.unwrap_or_else(|| of_item(item))).collect()
    }
}

/// The time as texts without a year are held against it.
pub(crate) fn now_us() -> i64 {
    micros(SystemTime::now())
}

fn micros(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as i64)
}

/// As much of a source is looked at for its header.
const HEAD_BYTES: usize = 64 << 10;

/// More would only add memory.
const MAX_THREADS: usize = 256;

enum Feed {
    Serial(Box<Serial>),
    Parallel(Parallel),
    Ended,
}

/// Iterates over the batches of a scan, in input order.
pub struct Reader {
    schema: SchemaRef,
    feed: Feed,
    pending: VecDeque<RecordBatch>,
    ledger: Ledger,
    started: Instant,
    interrupt: Option<Interrupt>,
    reject_sink: Option<RejectSink>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("counts", &self.ledger.report.counts).finish_non_exhaustive()
    }
}

impl Reader {
    /// Asks `interrupt` now and then whether to stop.
    #[must_use]
    pub fn with_interrupt(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = Some(interrupt);
        self
    }

    /// Gives all rejects to `sink`; ask for them with [`Options::rejects_to`].
    #[must_use]
    pub fn with_reject_sink(mut self, sink: RejectSink) -> Self {
        self.reject_sink = Some(sink);
        self
    }

    /// The columns of the batches.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// What was done so far; complete once the iterator has ended.
    pub fn report(&self) -> &Report {
        &self.ledger.report
    }

    /// The first 10,000 rejects so far, as a table.
    ///
    /// **Errors**: none known; Arrow could refuse a column.
    pub fn rejects(&self) -> Result<RecordBatch> {
        self.ledger.rejects.to_batch()
    }

    /// Bytes as stored that have been read, and how many there are, where that is known.
    pub fn progress(&self) -> (u64, Option<u64>) {
        (self.ledger.stored_bytes, self.ledger.total_bytes)
    }

    fn advance(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.pending.pop_front() {
                return Ok(Some(batch));
            }
            if matches!(self.feed, Feed::Ended) {
                return Ok(None);
            }
            if self.interrupt.as_ref().is_some_and(|interrupt| interrupt()) {
                return Err(Error::new(ErrorKind::Interrupted, "the scan was interrupted"));
            }
            let event = match &mut self.feed {
                Feed::Serial(serial) => serial.next(),
                Feed::Parallel(parallel) => parallel.next(self.interrupt.as_ref()),
                Feed::Ended => return Ok(None),
            };
            self.ledger.report.elapsed = self.started.elapsed();
            match event? {
                Some(Event::Chunk(file, parsed)) => {
                    let batches = self.ledger.enter(file, *parsed, self.reject_sink.as_mut())?;
                    self.pending.extend(batches);
                }
                Some(Event::End { file, stored_bytes, text_bytes, encoding }) => {
                    self.ledger.end(file, stored_bytes, text_bytes);
                    self.ledger.report.files[file].encoding = Some(encoding);
                }
                None => {
                    self.feed = Feed::Ended;
                    self.ledger.report.complete = true;
                }
            }
        }
    }
}

impl Iterator for Reader {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance().transpose();
        if matches!(next, Some(Err(_))) {
            self.feed = Feed::Ended;
            self.pending.clear();
        }
        next
    }
}

/// A reader that speaks Arrow's own iterator, for sinks and the C stream.
impl RecordBatchReader for ArrowReader {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }
}

/// See [`Reader`]; its errors are Arrow's.
#[derive(Debug)]
pub struct ArrowReader(pub Reader);

impl Iterator for ArrowReader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|batch| batch.map_err(|err| ArrowError::ExternalError(Box::new(err))))
    }
}
