//! Runs a plan: source to record batches.
//!
//! In: a [`Scan`], which is a source, a format and options. Out: a [`Reader`], which iterates over record batches and
//! afterwards knows what became of every record. One thread reads in the caller's; more threads are `parallel`'s.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use arrow::array::{Array, AsArray, Int64Array, RecordBatch, RecordBatchReader};
use arrow::datatypes::{Int64Type, SchemaRef};
use arrow::error::ArrowError;

use crate::batch::{Assembler, Outcome, RejectLog, Work};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::format::Format;
use crate::options::{Include, OnError, Options};
use crate::parallel::Parallel;
use crate::plan::Plan;
use crate::report::{FileReport, Reject, Report};
use crate::simd::{Pool, Text};
use crate::source::{Item, OpenOptions, Source, Stream};
use crate::split::{Chunk, LineSplitter, Read};

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

    /// What will be done. Reads nothing.
    ///
    /// **Errors**: as [`Plan::new`].
    pub fn plan(&self) -> Result<Plan> {
        Plan::new(&self.format, &self.options)
    }

    /// The columns the scan gives. Reads nothing.
    ///
    /// **Errors**: as [`Plan::new`].
    pub fn schema(&self) -> Result<SchemaRef> {
        Ok(self.plan()?.schema().clone())
    }

    /// Starts reading.
    ///
    /// **Errors**: as [`Plan::new`]; those of the source come with the first batch.
    pub fn read(&self) -> Result<Reader> {
        let plan = self.plan()?;
        let threads = self.options.thread_count().min(MAX_THREADS);
        let items: Arc<[Item]> = self.source.items().to_vec().into();
        let references = self.references();
        let job = Job { plan, options: self.options.clone(), items, references, pool: Pool::default() };
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

/// More would only add memory.
const MAX_THREADS: usize = 256;

/// Everything that threads share about a scan.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) plan: Plan,
    pub(crate) options: Options,
    pub(crate) items: Arc<[Item]>,
    /// What times without a year are held against, in microseconds since 1970 UTC, by item.
    pub(crate) references: Arc<[i64]>,
    pub(crate) pool: Pool,
}

/// An open source with its splitter.
pub(crate) struct Cursor {
    stream: Stream,
    splitter: LineSplitter,
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        Self::read(self, buf)
    }
}

impl Cursor {
    pub(crate) fn open(job: &Job, file: usize) -> Result<Self> {
        let item = &job.items[file];
        let options = &job.options;
        let open = OpenOptions::default()
            .with_compression(options.compression)
            .with_encoding(options.encoding)
            .with_memory_bytes(options.memory_bytes / 2 / options.thread_count());
        let splitter = LineSplitter::new(options.fitting_chunk_bytes(), options.max_record_bytes);
        Ok(Self { stream: item.open(&open)?, splitter })
    }

    /// Fills `text` with the next chunk.
    pub(crate) fn next(&mut self, text: &mut Text) -> Result<Option<Chunk>> {
        self.splitter.next_chunk(&mut self.stream, text)
    }

    /// What the file held, once it has ended.
    pub(crate) fn ended(&self, file: usize) -> Event {
        let (text_bytes, encoding) = (self.splitter.offset(), self.stream.encoding().name());
        Event::End { file, stored_bytes: self.stored_bytes(), text_bytes, encoding }
    }

    /// Bytes as stored that have been read so far.
    pub(crate) fn stored_bytes(&self) -> u64 {
        self.stream.compressed_offset()
    }
}

/// What a thread found in a chunk.
pub(crate) struct Parsed {
    pub(crate) outcome: Outcome,
    /// The source is damaged behind this chunk.
    pub(crate) damage: Option<Error>,
    pub(crate) stored_bytes: u64,
}

/// Works through a chunk, and accounts for the damage behind it.
pub(crate) fn parse_chunk(
    assembler: &mut Assembler,
    job: &Job,
    file: usize,
    text: &Text,
    chunk: Chunk,
    stored_bytes: u64,
    limit: Option<u64>,
) -> Result<Parsed> {
    let (name, reference_us) = (job.items[file].name(), job.references[file]);
    let work = Work { text, skip: chunk.skip, offset: chunk.offset, source: &name, reference_us, limit };
    let mut outcome = assembler.run(&work)?;
    // Where the limit stops the scan, nothing behind this chunk says how long the source is.
    outcome.counts.bytes = outcome.counts.bytes.min((text.len() - chunk.added) as u64);
    // The damage comes behind the rows that were asked for.
    let is_full = limit.is_some_and(|limit| outcome.counts.rows >= limit);
    let damage = chunk.damage.filter(|_| !is_full).map(|(rest, err)| {
        // The record that was cut off, or would have come next, is one more; it cannot be used.
        let counts = &mut outcome.counts;
        counts.records += 1;
        counts.malformed += 1;
        counts.rejected += 1;
        let reason = err.message().to_owned();
        *outcome.reasons.entry((None, reason.clone())).or_default() += 1;
        let reject = Reject {
            line: counts.lines + 1,
            byte: chunk.offset + text.len() as u64,
            at: rest.len() as u32,
            at_end: true,
            column: None,
            reason,
            hint: "the rows before the damage were read; get the file again",
            raw: assembler.kept_raw(&rest),
            kind: Reason::Corrupt,
        };
        match job.options.on_error {
            OnError::Raise => drop(outcome.raised.get_or_insert(reject)),
            OnError::Skip => {}
            OnError::Reject | OnError::Null => outcome.rejects.push(reject),
        }
        err
    });
    Ok(Parsed { outcome, damage, stored_bytes })
}

/// Chunks, parsed, in the order they are given in.
pub(crate) enum Event {
    /// A chunk of the file with this number.
    Chunk(usize, Box<Parsed>),
    /// The file has ended: bytes as stored, and of text.
    End { file: usize, stored_bytes: u64, text_bytes: u64, encoding: &'static str },
}

enum Feed {
    Serial(Box<Serial>),
    Parallel(Parallel),
    Ended,
}

/// One thread, the caller's.
struct Serial {
    job: Job,
    assembler: Assembler,
    text: Text,
    file: usize,
    cursor: Option<Cursor>,
    limit: Option<u64>,
}

impl Serial {
    fn new(job: &Job) -> Result<Self> {
        let assembler = Assembler::new(job.plan.recipe().clone(), &job.pool)?;
        let limit = job.options.limit;
        Ok(Self { job: job.clone(), assembler, text: Text::default(), file: 0, cursor: None, limit })
    }

    fn next(&mut self) -> Result<Option<Event>> {
        if self.limit == Some(0) || self.file >= self.job.items.len() {
            return Ok(None);
        }
        if self.cursor.is_none() {
            self.cursor = Some(Cursor::open(&self.job, self.file)?);
        }
        let Some(cursor) = &mut self.cursor else { return Ok(None) };
        let Some(chunk) = cursor.next(&mut self.text)? else {
            let ended = cursor.ended(self.file);
            self.cursor = None;
            self.file += 1;
            return Ok(Some(ended));
        };
        let stored = cursor.stored_bytes();
        let parsed = parse_chunk(&mut self.assembler, &self.job, self.file, &self.text, chunk, stored, self.limit)?;
        self.limit = self.limit.map(|limit| limit - parsed.outcome.counts.rows.min(limit));
        Ok(Some(Event::Chunk(self.file, Box::new(parsed))))
    }
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

/// Puts the outcomes of chunks together, in order.
struct Ledger {
    report: Report,
    rejects: RejectLog,
    /// Where `_line` is among the columns, if it is.
    line_column: Option<usize>,
    stored_bytes: u64,
    ended_bytes: u64,
    total_bytes: Option<u64>,
    lines_known: bool,
}

impl Ledger {
    fn new(job: &Job) -> Self {
        let files = job.items.iter().zip(&*job.references).map(|(item, reference_us)| FileReport {
            name: item.name(),
            counts: Default::default(),
            stored_bytes: item.size(),
            damage: None,
            reference_time_us: *reference_us,
            encoding: None,
        });
        let schema = job.plan.schema();
        let report = Report {
            files: files.collect(),
            reference_time_us: job
                .references
                .first()
                .copied()
                .filter(|first| job.references.iter().all(|us| us == first)),
            nulls: schema.fields().iter().map(|field| (field.name().clone(), 0)).collect(),
            ..Report::default()
        };
        Self {
            report,
            rejects: RejectLog::default(),
            line_column: schema.index_of(Include::Line.column()).ok(),
            stored_bytes: 0,
            ended_bytes: 0,
            total_bytes: job.items.iter().map(Item::size).sum(),
            lines_known: true,
        }
    }

    /// Enters a chunk's outcome: its lines follow those of the chunks before.
    fn enter(&mut self, file: usize, parsed: Parsed, sink: Option<&mut RejectSink>) -> Result<Vec<RecordBatch>> {
        let Parsed { outcome, damage, stored_bytes } = parsed;
        self.stored_bytes = self.ended_bytes + stored_bytes;
        let entry = &mut self.report.files[file];
        let lines_before = entry.counts.lines;
        let name = entry.name.clone();
        if let Some(mut reject) = outcome.raised {
            reject.line += lines_before;
            return Err(match damage {
                Some(err) if reject.kind == Reason::Corrupt => err,
                _ => reject.to_error(&name, self.lines_known),
            });
        }
        entry.counts.add(&outcome.counts);
        entry.damage = damage.map(|err| err.to_string());
        self.report.counts.add(&outcome.counts);
        for (reason, count) in outcome.reasons {
            *self.report.reasons.entry(reason).or_default() += count;
        }
        let mut all = sink.is_some().then(RejectLog::default);
        for mut reject in outcome.rejects {
            reject.line += lines_before;
            if let Some(all) = &mut all {
                all.push_whole(&name, self.lines_known, reject.clone());
            }
            self.rejects.push(&name, self.lines_known, reject);
        }
        if let (Some(sink), Some(all)) = (sink, all)
            && !all.is_empty()
        {
            sink(&all.to_batch()?)?;
        }
        let mut batches = outcome.batches;
        for batch in &mut batches {
            if let Some(column) = self.line_column {
                *batch = move_lines(batch, column, lines_before as i64)?;
            }
            for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
                if let Some(nulls) = self.report.nulls.get_mut(field.name()) {
                    *nulls += array.null_count() as u64;
                }
            }
        }
        Ok(batches)
    }

    fn end(&mut self, file: usize, stored_bytes: u64, text_bytes: u64) {
        let entry = &mut self.report.files[file];
        self.ended_bytes += entry.stored_bytes.unwrap_or(stored_bytes);
        // Chunks count the newline a last line lacks, and nothing that was passed over in an overlong record.
        self.report.counts.bytes = self.report.counts.bytes - entry.counts.bytes + text_bytes;
        entry.counts.bytes = text_bytes;
        self.stored_bytes = self.ended_bytes;
    }
}

/// The batch with `by` added to its column of lines.
fn move_lines(batch: &RecordBatch, column: usize, by: i64) -> Result<RecordBatch> {
    let lines = batch.column(column).as_primitive::<Int64Type>();
    let moved: Int64Array = lines.unary(|line| line + by);
    let mut columns = batch.columns().to_vec();
    columns[column] = Arc::new(moved);
    Ok(RecordBatch::try_new(batch.schema(), columns)?)
}
