//! logarrow turns semi-structured logs into typed Arrow record batches, at the speed of the hardware, without losing a
//! line.

#![deny(missing_docs)]

pub mod decode;
pub mod error;
pub mod filter;
pub mod format;
#[allow(unsafe_code)]
pub mod simd;
pub mod sink;
pub mod source;
pub mod tokenize;

pub use error::{Category, Error, ErrorKind, Position, Result};
