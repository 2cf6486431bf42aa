//! logarrow turns semi-structured logs into typed Arrow record batches, at the speed of the hardware, without losing a
//! line.

#![deny(missing_docs)]

pub mod batch;
pub mod decode;
pub mod error;
pub mod filter;
pub mod format;
pub mod infer;
pub mod job;
pub mod options;
mod parallel;
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
pub mod tokenize;
pub mod values;

pub use error::{Category, Error, ErrorKind, Position, Result};
pub use format::{Format, named};
pub use options::{Include, OnError, Options};
pub use reader::{ArrowReader, Reader, Scan};
pub use report::{Counts, Report};
pub use source::Source;
