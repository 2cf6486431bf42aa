//! Keeps two live jobs off one dataset.
//!
//! On disk the system keeps the lock, and lets go of it when the process ends, however it does. Stores have no such
//! thing: there it is an object that says who holds it, written anew now and then. It is taken over when its holder is a
//! process of this machine that is gone, or when it was not written for a while.

use std::fs::{self, File, TryLockError};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Serialize};

use super::place::Place;
use super::record::{FOLDER, bytes};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Store, Tag};

/// Where it is.
const PATH: &str = "_logarrow/lock";
/// How old the lock of a store may get before others take it over. Clocks may differ by less.
const LEASE: Duration = Duration::from_secs(600);
/// How often it is written anew.
const RENEW: Duration = Duration::from_secs(60);

/// A lock that is held; let go when dropped.
pub(super) struct Lock(Held);

enum Held {
    File {
        file: Option<File>,
        place: Place,
    },
    Object {
        store: Store,
        key: String,
        text: Vec<u8>,
        tag: Tag,
        renewed: Instant,
    },
    /// Let go already.
    Nothing,
}

/// Who holds a lock.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    job: String,
    host: String,
    /// Tells processes of one system apart, and systems from one another.
    system: String,
    pid: u32,
    /// When the process began, in the system's own count.
    born: String,
    /// Tells the locks of one process apart.
    token: u64,
}

impl Lock {
    /// **Errors**: `Io(ResourceBusy)` if another job holds it; other `Io` kinds.
    pub(super) fn take(place: &Place, job: &str) -> Result<Self> {
        match place {
            Place::Local(root) => {
                let path = root.join(PATH);
                let named = |cause| Error::io(path.display(), cause);
                loop {
                    fs::create_dir_all(root.join(FOLDER)).map_err(named)?;
                    let file = match File::options().write(true).create(true).truncate(false).open(&path) {
                        // The folder went away meanwhile, with the lock of the job before.
                        Err(err) if err.kind() == io::ErrorKind::NotFound && root.exists() => continue,
                        file => file.map_err(named)?,
                    };
                    match file.try_lock() {
                        Ok(()) => {}
                        // Some file systems have no locks; the commit record is still written once only.
                        Err(TryLockError::Error(err)) if err.kind() == io::ErrorKind::Unsupported => {}
                        Err(TryLockError::Error(err)) => return Err(named(err)),
                        Err(TryLockError::WouldBlock) => {
                            return Err(busy(place, "another job", "wait until it has ended"));
                        }
                    }
                    if is_at(&file, &path) {
                        return Ok(Self(Held::File { file: Some(file), place: place.clone() }));
                    }
                }
            }
            Place::Store { store, .. } => Self::take_object(place, store, job),
        }
    }

    fn take_object(place: &Place, store: &Store, job: &str) -> Result<Self> {
        let me = Holder::current(job);
        let key = place.key(PATH);
        let text = bytes(&me)?;
        let held = |tag| {
            Self(Held::Object {
                store: store.clone(),
                key: key.clone(),
                text: text.clone(),
                tag,
                renewed: Instant::now(),
            })
        };
        let is_mine = || place.get(PATH).ok().flatten().is_some_and(|there| there == text);
        // Twice, since the lock may be let go between two questions.
        for _ in 0..2 {
            match store.put_if(&key, text.clone(), None) {
                Ok(tag) => return Ok(held(tag)),
                Err(err) if err.kind() != ErrorKind::Io(io::ErrorKind::AlreadyExists) => return Err(err),
                Err(_) if is_mine() => return Ok(held(store.tag(&key)?)),
                Err(_) => {}
            }
            // Before it is looked at, so that one who writes it meanwhile keeps it.
            let tag = match store.tag(&key) {
                Err(err) if err.kind() == ErrorKind::Io(io::ErrorKind::NotFound) => continue,
                tag => tag?,
            };
            let object = match store.head(&key) {
                Err(err) if err.kind() == ErrorKind::Io(io::ErrorKind::NotFound) => continue,
                object => object?,
            };
            let holder: Option<Holder> = place.get(PATH)?.and_then(|bytes| serde_json::from_slice(&bytes).ok());
            let age = SystemTime::now().duration_since(object.modified).unwrap_or_default();
            if age < LEASE && !holder.as_ref().is_some_and(Holder::is_gone) {
                let who = holder.map_or("another job".into(), |holder| {
                    format!("job {} (process {} on {})", holder.job, holder.pid, holder.host)
                });
                let hint = format!(
                    "wait until it has ended; if it died, remove the lock or wait {} minutes",
                    LEASE.as_secs() / 60
                );
                return Err(busy(place, &who, &hint));
            }
            match store.put_if(&key, text.clone(), Some(&tag)) {
                Ok(tag) => return Ok(held(tag)),
                Err(err) if err.kind() == ErrorKind::Io(io::ErrorKind::Unsupported) => store.delete(&key)?,
                Err(err) if err.kind() == ErrorKind::Io(io::ErrorKind::AlreadyExists) => {}
                Err(err) => return Err(err),
            }
        }
        Err(busy(place, "another job", "wait until it has ended"))
    }

    /// Writes it anew, if it is time to, or if `now`.
    ///
    /// **Errors**: `Io(ResourceBusy)` if another job has taken it over.
    pub(super) fn renew(&mut self, now: bool) -> Result<()> {
        let Held::Object { store, key, text, tag, renewed } = &mut self.0 else { return Ok(()) };
        if !now && renewed.elapsed() < RENEW {
            return Ok(());
        }
        let lost = || {
            Error::new(
                ErrorKind::Io(io::ErrorKind::ResourceBusy),
                format!("{}: another job took the lock over", store.url(key)),
            )
            .with_hint("this job was silent for too long; run it again when the other has ended")
        };
        match store.put_if(key, text.clone(), Some(tag)) {
            Ok(new) => *tag = new,
            // Written and not heard of, or a store that compares no tags: what is there decides.
            Err(err)
                if matches!(
                    err.kind(),
                    ErrorKind::Io(io::ErrorKind::AlreadyExists | io::ErrorKind::Unsupported | io::ErrorKind::NotFound)
                ) =>
            {
                match store.get(key, None) {
                    Ok(there) if there == *text => {}
                    _ => return Err(lost()),
                }
                if err.kind() == ErrorKind::Io(io::ErrorKind::Unsupported) {
                    store.put(key, text.clone(), true)?;
                } else {
                    *tag = store.tag(key)?;
                }
            }
            Err(err) => return Err(err),
        }
        *renewed = Instant::now();
        Ok(())
    }

    /// Lets go of it.
    pub(super) fn release(&mut self) {
        match std::mem::replace(&mut self.0, Held::Nothing) {
            Held::File { file, place } => {
                // Removed while it is held: whoever waits for it sees that it is gone, and makes another.
                place.remove(PATH).ok();
                drop(file);
            }
            Held::Object { store, key, text, .. } => {
                // One that was taken over is not ours to remove.
                if store.get(&key, None).is_ok_and(|there| there == text) {
                    store.delete(&key).ok();
                }
            }
            Held::Nothing => {}
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.release();
    }
}

impl Holder {
    fn current(job: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let pid = std::process::id();
        let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.subsec_nanos());
        Self {
            job: job.to_owned(),
            host: read("/proc/sys/kernel/hostname"),
            system: system(),
            pid,
            born: born(pid).unwrap_or_default(),
            token: NEXT.fetch_add(1, Ordering::Relaxed) << 32 | u64::from(nanos),
        }
    }

    /// Whether it is a process of this system that has ended.
    fn is_gone(&self) -> bool {
        let here = system();
        !here.is_empty() && self.system == here && born(self.pid).as_ref() != Some(&self.born)
    }
}

/// This boot of this machine, and the processes that can be seen from here; empty where the system does not say.
fn system() -> String {
    let boot = read("/proc/sys/kernel/random/boot_id");
    match fs::read_link("/proc/self/ns/pid") {
        Ok(namespace) if !boot.is_empty() => format!("{boot} {}", namespace.display()),
        _ => String::new(),
    }
}

/// When a process began; none if there is no such process.
fn born(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Behind the name, which may hold anything; the twenty-second of all, zombies are dead.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    (*fields.first()? != "Z").then(|| fields.get(19).map(|&text| text.to_owned()))?
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// Whether the file is still the one of this name.
#[cfg(unix)]
fn is_at(file: &File, path: &std::path::Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Whether the file is still the one of this name: other systems remove no file that is open.
#[cfg(not(unix))]
fn is_at(_: &File, _: &std::path::Path) -> bool {
    true
}

#[cold]
fn busy(place: &Place, who: &str, hint: &str) -> Error {
    let message = format!("{}: {who} is writing here", place.full("").display());
    Error::new(ErrorKind::Io(io::ErrorKind::ResourceBusy), message).with_hint(hint)
}
