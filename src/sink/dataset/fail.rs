//! Places at which a test can end the process or let a step fail.

use std::sync::OnceLock;

use crate::error::{Error, ErrorKind, Result};

/// The steps of writing a dataset, in their order. Environment variable `LOGARROW_FAIL_POINT` names the one behind which
/// the process aborts, or, with `:error` behind the name, the job fails.
pub const FAIL_POINTS: [&str; 15] = [
    "after_lock",
    "after_recovery",
    "after_intent",
    "after_first_batch",
    "after_first_file",
    "after_files",
    "after_plan",
    "after_first_publish",
    "after_publish",
    "after_record",
    "after_first_removal",
    "after_removal",
    "after_retired",
    "after_intent_removal",
    "after_unlock",
];

/// Says that a step is done.
pub(super) fn reached(step: &'static str) -> Result<()> {
    static ASKED: OnceLock<Option<String>> = OnceLock::new();
    let Some(asked) = ASKED.get_or_init(|| std::env::var("LOGARROW_FAIL_POINT").ok()) else { return Ok(()) };
    match asked.strip_prefix(step) {
        Some("") => std::process::abort(),
        Some(":error") => Err(Error::new(ErrorKind::Io(std::io::ErrorKind::Other), format!("fail point {step}"))),
        _ => Ok(()),
    }
}
