//! logarrow turns semi-structured logs into typed Arrow record batches, at the speed of the hardware, without losing a
//! line.
//!
//! It reads texts in which each line is one record that a machine wrote, such as the access and error logs of web
//! servers. Who has CSV or JSON should use `arrow-csv` or `arrow-json`; who searches texts, `regex`; and who wants joins
//! or aggregates, an engine that takes the batches.
//!
//! A [`Scan`] is a source, a format and options; the [`Reader`] it starts iterates over record batches, and afterwards
//! knows what became of every record:
//!
//! ```
//! use logarrow::filter::{col, lit};
//! use logarrow::{Options, Scan, Source, named};
//!
//! let log = *b"\
//! 192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] \"GET /a HTTP/1.1\" 503 512
//! 192.0.2.9 - - [05/Mar/2026:10:00:02 +0900] \"GET /b HTTP/1.1\" 200 17
//! 192.0.2.9 - - [05/Mar/2026:10:00:02 +09
//! ";
//! let options = Options {
//!     columns: Some(vec!["time".into(), "path".into(), "status".into()]),
//!     filter: Some(col("status").ge(lit(500))),
//!     ..Options::default()
//! };
//! let scan = Scan::new(Source::bytes("access.log", log), named("apache.common")?).with_options(options);
//!
//! let mut reader = scan.read()?;
//! let rows: usize = reader.by_ref().map(|batch| batch.map(|batch| batch.num_rows())).sum::<Result<_, _>>()?;
//! let counts = &reader.report().counts;
//! assert_eq!((rows, counts.records, counts.filtered, counts.rejected), (1, 3, 1, 1));
//! assert_eq!(reader.rejects()?.num_rows(), 1);
//! # Ok::<(), logarrow::Error>(())
//! ```
//!
//! [`Source::paths`] takes files, globs and directories, compressed or not; [`job::write_parquet`] writes a scan to a
//! file; [`infer::choose`] finds the format.
//!
//! # The modules
//!
//! Data goes one way, through the stages in this order; no stage knows those behind it.
//!
//! | module | in | out |
//! | --- | --- | --- |
//! | [`source`] | paths, bytes, readers | streams of decompressed UTF-8 bytes |
//! | [`split`] | a stream | chunks of whole records |
//! | [`tokenize`] | a chunk | the spans of each record's fields |
//! | [`decode`] | spans | typed columns |
//! | [`batch`] | a chunk, and all of the above and `filter` | record batches, rejects, counts |
//! | [`sink`] | record batches | Parquet and Arrow IPC files |
//!
//! [`format`](mod@format) says what a log looks like and [`options`] what is wanted of it; [`plan`] chooses from both,
//! once, what the stages run. [`filter`] is `where` and `derive`, [`simd`] the kernels. [`reader`] runs a plan, on many
//! threads if asked to; [`job`] runs one into a sink; [`values`] is the door for columns of log lines; [`infer`] guesses
//! formats. [`report`] says what was done, [`error`](mod@error) what went wrong.

#![deny(missing_docs)]

pub mod batch;
pub mod decode;
pub mod error;
pub mod filter;
pub mod format;
pub mod infer;
pub mod job;
pub mod lower;
pub mod options;
pub mod plan;
#[cfg(feature = "python")]
mod python;
pub mod reader;
pub mod report;
#[allow(unsafe_code)]
pub mod simd;
pub mod sink;
pub mod source;
pub mod split;
pub mod store;
pub mod tokenize;
pub mod values;

pub use error::{Category, Error, ErrorKind, Position, Result};
pub use format::{Format, named};
pub use options::{Include, OnError, Options};
pub use reader::{ArrowReader, Reader, Scan};
pub use report::{Counts, Report};
pub use source::Source;
