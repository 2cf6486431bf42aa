//! Letting go of the interpreter's lock, and asking it about Ctrl-C.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

use crate::reader::Interrupt;

/// Often enough that Ctrl-C seems answered at once, seldom enough that taking the lock does not show.
const LOOK_UP: Duration = Duration::from_millis(50);

/// Whether the interpreter knows the calling thread. A thread of a reader's own pool is unknown to it; taking the lock
/// there could wait for a thread that holds it and waits for the pool.
#[allow(unsafe_code)]
fn is_python_thread() -> bool {
    // SAFETY: the function takes nothing, may be called by any thread with or without the lock once the interpreter
    // runs, which it does since it has loaded this module, and the pointer is not followed.
    unsafe { !pyo3::ffi::PyGILState_GetThisThreadState().is_null() }
}

/// Runs `work` without the lock, whether or not the calling thread holds it. For callbacks from C.
pub(super) fn without_gil<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let mut work = Some(work);
    let done = match is_python_thread() {
        true => Python::try_attach(|py| work.take().map(|work| py.detach(work))).flatten(),
        false => None,
    };
    match (done, work) {
        (Some(done), _) => done,
        (None, Some(work)) => work(),
        (None, None) => unreachable!("the work is taken only where it is done"),
    }
}

/// What made a scan stop from the Python side: a signal handler that raised, or a callback.
#[derive(Debug)]
pub(super) struct Signals {
    last: Mutex<Instant>,
    raised: Mutex<Option<PyErr>>,
}

impl Signals {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { last: Mutex::new(Instant::now()), raised: Mutex::new(None) })
    }

    /// The question a reader asks now and then.
    pub(super) fn interrupt(self: &Arc<Self>) -> Interrupt {
        let signals = self.clone();
        Arc::new(move || signals.is_interrupted())
    }

    /// Makes the scan stop with `err`.
    pub(super) fn raise(&self, err: PyErr) {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(err);
    }

    /// What the scan stopped with; asked once.
    pub(super) fn take(&self) -> Option<PyErr> {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The same, to look at.
    pub(super) fn raised(&self, py: Python<'_>) -> Option<PyErr> {
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        raised.as_ref().map(|err| err.clone_ref(py))
    }

    /// Makes the interpreter see Ctrl-C once more: the signal was used up here, and what called us through C will raise
    /// some other exception.
    pub(super) fn repeat(&self) {
        if !is_python_thread() {
            return;
        }
        Python::try_attach(|py| {
            if self.raised(py).is_some_and(|err| err.is_instance_of::<PyKeyboardInterrupt>(py)) {
                // Where it cannot be done the other exception has to do.
                let _ = py.import("_thread").and_then(|module| module.call_method0("interrupt_main"));
            }
        });
    }

    fn is_raised(&self) -> bool {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn is_interrupted(&self) -> bool {
        if self.is_raised() {
            return true;
        }
        {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.elapsed() < LOOK_UP {
                return false;
            }
            *last = Instant::now();
        }
        // In other threads than the main one the interpreter looks at nothing, and nothing is raised.
        if is_python_thread()
            && let Some(Err(err)) = Python::try_attach(|py| py.check_signals())
        {
            self.raise(err);
        }
        self.is_raised()
    }
}
