//! `where` and `derive`: expressions over the columns of a batch.
//!
//! In: SQL text (the subset [`Expr::parse`] lists) or a tree built by code ([`col`], [`lit`]). [`Bound::bind`] checks it
//! against a schema, casts its literals to the columns' types, resolves lookup tables and the time zone, and folds what
//! is constant. Out: a [`Bound`] expression, evaluated once per batch with Arrow's kernels and three-valued logic.
//! Nothing here reads a log, keeps state between batches, or fails because of a value in a row: what cannot be computed
//! (an overflow, a division by zero, a text that is no number) is null.
//!
//! ```
//! use std::sync::Arc;
//! use arrow::array::{ArrayRef, Int16Array, RecordBatch};
//! use logarrow::filter::{Bound, Context, Expr};
//!
//! let status: ArrayRef = Arc::new(Int16Array::from(vec![Some(200), Some(503), None]));
//! let batch = RecordBatch::try_from_iter([("status", status)])?;
//! let keep = Bound::bind(&Expr::parse("status >= 500")?, &batch.schema(), &Context::default())?;
//! assert_eq!(keep.predicate(&batch)?.true_count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bind;
mod build;
mod calendar;
mod compare;
mod convert;
mod display;
mod eval;
mod expr;
mod kernels;
mod sql;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod types;
mod walk;

pub use bind::{Bound, Context};
pub use build::{col, lit, lookup};
pub use expr::{ArithmeticOp, CastType, CompareOp, Expr, Function, Literal, TableRef};
pub use tables::{Key, LookupTable, builtin_tables};
