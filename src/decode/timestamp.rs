//! Points in time.

use super::{Decode, Spec};
use crate::error::Result;
use crate::simd::Pool;

pub(super) fn decoder(_spec: &Spec, _pool: &Pool) -> Result<Box<dyn Decode>> {
    Err(crate::Error::new(crate::ErrorKind::TypeMismatch, "under construction"))
}
