//! Bytes to chunks of whole records.
//!
//! In: a stream of bytes, however cut. Out: [`Chunk`]s that begin and end at record edges, with the byte offset they
//! start at carried through every refill. A splitter decodes nothing and knows no format beyond its record ends.

mod framing;
mod header;
pub mod journal;
mod lines;
mod octets;
mod parts;
mod quoting;
mod start;
mod values;

#[cfg(test)]
mod tests;

pub use framing::Framing;
pub(crate) use header::pass_lines;
pub use header::{HeaderCarrier, HeaderLines};
pub use lines::{Chunk, LineSplitter, Read};
pub use octets::{Count, count};
pub use parts::{LinePart, PartKind, PartState, Parts};
pub(crate) use quoting::closing;
pub use quoting::{Quoting, Unclosed};
pub use start::StartRule;
pub use values::{Damage, Fault, Frame, RecordStart, Values};
