//! A file that gets its name when it is complete.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, ErrorKind, Result};

/// Tells the temporary names of one process apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A file under a temporary name beside its destination; dropped uncommitted, it is removed.
pub(super) struct Staged {
    file: File,
    temporary: PathBuf,
    destination: PathBuf,
    overwrite: bool,
    committed: bool,
}

impl Staged {
    /// **Errors**: `Io(AlreadyExists)` if the destination exists and must not be overwritten, so that nothing is read in
    /// vain; other `Io` kinds where the directory is missing or not writable.
    pub(super) fn create(destination: &Path, overwrite: bool) -> Result<Self> {
        let named = |cause| Error::io(destination.display(), cause);
        let Some(name) = destination.file_name() else {
            return Err(Error::new(ErrorKind::Option, format!("{}: not a file name", destination.display()))
                .with_hint("give a path that ends in a file name"));
        };
        match fs::metadata(destination) {
            Ok(metadata) if metadata.is_dir() => return Err(named(io::ErrorKind::IsADirectory.into())),
            Ok(_) if !overwrite => return Err(exists(destination)),
            _ => {}
        }
        loop {
            let count = NEXT.fetch_add(1, Ordering::Relaxed);
            let mut hidden = std::ffi::OsString::from(".");
            hidden.push(name);
            hidden.push(format!(".{}-{count}.tmp", std::process::id()));
            let temporary = destination.with_file_name(hidden);
            match OpenOptions::new().write(true).create_new(true).open(&temporary) {
                Ok(file) => {
                    let destination = destination.to_path_buf();
                    return Ok(Self { file, temporary, destination, overwrite, committed: false });
                }
                // Left by a process that was killed and had our number.
                Err(err) if err.kind() == io::ErrorKind::AlreadyExists => {}
                Err(err) => return Err(named(err)),
            }
        }
    }

    /// Puts the file in place, synced to disk, and says how long it is.
    pub(super) fn commit(mut self) -> Result<u64> {
        self.place().map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => exists(&self.destination),
            _ => Error::io(self.destination.display(), cause),
        })
    }

    fn place(&mut self) -> io::Result<u64> {
        self.file.sync_all()?;
        let bytes = self.file.metadata()?.len();
        if self.overwrite {
            fs::rename(&self.temporary, &self.destination)?;
        } else {
            // A link, unlike a rename, does not replace a file that came up meanwhile.
            match fs::hard_link(&self.temporary, &self.destination) {
                Ok(()) => fs::remove_file(&self.temporary)?,
                Err(err) if err.kind() == io::ErrorKind::AlreadyExists => return Err(err),
                // File systems without links: the check and the rename leave a small window.
                Err(_) if self.destination.exists() => return Err(io::ErrorKind::AlreadyExists.into()),
                Err(_) => fs::rename(&self.temporary, &self.destination)?,
            }
        }
        self.committed = true;
        let dir = self.destination.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Makes the name durable; not every file system can sync a directory, and the data are safe.
        File::open(dir).and_then(|dir| dir.sync_all()).ok();
        Ok(bytes)
    }
}

impl Write for Staged {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.file.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing can be done about a failure here.
            fs::remove_file(&self.temporary).ok();
        }
    }
}

#[cold]
pub(super) fn exists(path: &Path) -> Error {
    Error::new(ErrorKind::Io(io::ErrorKind::AlreadyExists), format!("{}: exists already", path.display()))
        .with_hint("choose another name, or set overwrite to replace it")
}
