//! Where a dataset lies: a directory, or a prefix of a store. Paths here are relative to it, with slashes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::sink::staged::Staged;
use crate::store::{StorageOptions, Store, Upload};

#[derive(Clone)]
pub(super) enum Place {
    Local(PathBuf),
    Store { store: Store, prefix: String },
}

/// A file under way that nobody sees.
pub(super) struct Part {
    out: Out,
    bytes: u64,
    /// Where it will be.
    path: String,
}

enum Out {
    Local(File),
    Upload(Upload),
}

/// A whole file that nobody sees yet.
pub(super) struct Sealed {
    pub(super) path: String,
    pub(super) bytes: u64,
    how: How,
}

enum How {
    /// To be renamed.
    Temporary(String),
    /// To be completed.
    Upload(Option<Upload>),
}

impl Place {
    /// **Errors**: `Option` for a URL or an option that is none.
    pub(super) fn open(dest: &str, options: &StorageOptions) -> Result<Self> {
        if Store::is_url(dest) {
            let (store, prefix) = Store::open(dest, options)?;
            return Ok(Self::Store { store, prefix: prefix.trim_matches('/').to_owned() });
        }
        match dest.strip_prefix("file://") {
            Some(path) if path.starts_with('/') => Ok(Self::Local(path.into())),
            None if !dest.is_empty() => Ok(Self::Local(dest.into())),
            _ => Err(Error::new(ErrorKind::Option, format!("\"{dest}\" is no directory"))),
        }
    }

    /// The path or URL of a file.
    pub(super) fn full(&self, path: &str) -> PathBuf {
        match self {
            Self::Local(root) => root.join(path),
            Self::Store { store, .. } => store.url(&self.key(path)).into(),
        }
    }

    /// The key of a file in its store.
    pub(super) fn key(&self, path: &str) -> String {
        match self {
            Self::Store { prefix, .. } if !prefix.is_empty() && !path.is_empty() => format!("{prefix}/{path}"),
            Self::Store { prefix, .. } if path.is_empty() => prefix.clone(),
            _ => path.to_owned(),
        }
    }

    fn named<T>(&self, path: &str, done: io::Result<T>) -> Result<T> {
        done.map_err(|cause| Error::io(self.full(path).display(), cause))
    }

    /// Begins a file that will be at `path`; in the meantime its bytes are at `temporary`, where there are such.
    pub(super) fn begin(&self, temporary: &str, path: &str) -> Result<Part> {
        let out = match self {
            Self::Local(root) => {
                let temporary = root.join(temporary);
                let made = temporary.parent().map_or(Ok(()), fs::create_dir_all);
                let file = made.and_then(|()| OpenOptions::new().write(true).create_new(true).open(&temporary));
                Out::Local(self.named(path, file.map_err(too_long))?)
            }
            Self::Store { store, .. } if store.has_rename() => Out::Upload(store.upload(&self.key(temporary))?),
            Self::Store { store, .. } => Out::Upload(store.upload(&self.key(path))?),
        };
        Ok(Part { out, bytes: 0, path: path.to_owned() })
    }

    /// The file is whole; its bytes are safe, and it holds no memory.
    pub(super) fn seal(&self, part: Part, temporary: &str) -> Result<Sealed> {
        let Part { out, bytes, path } = part;
        let how = match out {
            Out::Local(file) => {
                self.named(&path, file.sync_all())?;
                How::Temporary(temporary.to_owned())
            }
            Out::Upload(mut upload) => match self {
                Self::Store { store, .. } if store.has_rename() => {
                    upload.finish()?;
                    How::Temporary(temporary.to_owned())
                }
                _ => {
                    upload.seal()?;
                    How::Upload(Some(upload))
                }
            },
        };
        Ok(Sealed { path, bytes, how })
    }

    /// The file is there for everybody.
    pub(super) fn publish(&self, sealed: &mut Sealed) -> Result<()> {
        let path = &sealed.path;
        match (self, &mut sealed.how) {
            (Self::Local(root), How::Temporary(temporary)) => {
                let to = root.join(path);
                let made = to.parent().map_or(Ok(()), fs::create_dir_all);
                self.named(path, made.and_then(|()| fs::rename(root.join(temporary), &to)))?;
                sync_folder(&to);
                Ok(())
            }
            (Self::Store { store, .. }, How::Temporary(temporary)) => {
                store.rename(&self.key(temporary), &self.key(path))
            }
            (Self::Store { store, .. }, How::Upload(upload)) => {
                let Some(upload) = upload.take() else { return Ok(()) };
                upload.finish().or_else(|err| match store.head(&self.key(path)) {
                    // The answer was lost, and asking again found the upload ended. No other object has this name.
                    Ok(object) if object.size == sealed.bytes => Ok(()),
                    _ => Err(err),
                })
            }
            (Self::Local(_), How::Upload(_)) => Ok(()),
        }
    }

    /// The bytes of a small file, if it is there.
    pub(super) fn get(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let got = match self {
            Self::Local(root) => self.named(path, fs::read(root.join(path))),
            Self::Store { store, .. } => store.get(&self.key(path), None),
        };
        match got {
            Err(err) if err.kind() == ErrorKind::Io(io::ErrorKind::NotFound) => Ok(None),
            got => got.map(Some),
        }
    }

    /// Writes a small file, whole or not at all; over another one if `overwrite`.
    ///
    /// **Errors**: `Io(AlreadyExists)`, and other `Io` kinds.
    pub(super) fn put(&self, path: &str, bytes: Vec<u8>, overwrite: bool) -> Result<()> {
        match self {
            Self::Local(root) => {
                let to = root.join(path);
                self.named(path, to.parent().map_or(Ok(()), fs::create_dir_all))?;
                let mut staged = Staged::create(&to, overwrite)?;
                self.named(path, staged.write_all(&bytes))?;
                staged.commit().map(drop)
            }
            Self::Store { store, .. } => match store.put(&self.key(path), bytes.clone(), overwrite) {
                // Tried again after its answer was lost, it found itself.
                Err(err) if !overwrite && self.get(path).ok().flatten().is_some_and(|there| there == bytes) => {
                    drop(err);
                    Ok(())
                }
                done => done,
            },
        }
    }

    /// All files below `path`, in no order. Links are not followed.
    pub(super) fn list(&self, path: &str) -> Result<Vec<String>> {
        match self {
            Self::Local(root) => {
                let mut out = Vec::new();
                self.named(path, walk(&root.join(path), path, &mut out))?;
                Ok(out)
            }
            Self::Store { store, prefix } => {
                let mut out = Vec::new();
                for object in store.list(&self.key(path))? {
                    let object = match object {
                        Err(err) if err.kind() == ErrorKind::Io(io::ErrorKind::NotFound) => break,
                        object => object?,
                    };
                    let path = object.key.strip_prefix(prefix.as_str()).unwrap_or(&object.key);
                    out.push(path.trim_start_matches('/').to_owned());
                }
                Ok(out)
            }
        }
    }

    /// Removes a file, if it is there, and the folders that are empty then.
    pub(super) fn remove(&self, path: &str) -> Result<()> {
        match self {
            Self::Local(root) => match fs::remove_file(root.join(path)) {
                Err(err) if err.kind() == io::ErrorKind::NotFound => {}
                done => self.named(path, done)?,
            },
            Self::Store { store, .. } => store.delete(&self.key(path))?,
        }
        self.remove_empty(path);
        Ok(())
    }

    /// Removes what lies below a folder, if it is there, and the folder.
    pub(super) fn remove_all(&self, folder: &str) -> Result<()> {
        match self {
            Self::Local(root) => match fs::remove_dir_all(root.join(folder)) {
                Err(err) if err.kind() == io::ErrorKind::NotFound => {}
                done => self.named(folder, done)?,
            },
            Self::Store { .. } => {
                for path in self.list(folder)? {
                    self.remove(&path)?;
                }
                if let Self::Store { store, .. } = self
                    && store.has_rename()
                {
                    // There only if nothing was written below it.
                    store.delete(&self.key(folder)).ok();
                }
            }
        }
        self.remove_empty(folder);
        Ok(())
    }

    /// Removes the folders above `path` that are empty, but for the dataset's own.
    fn remove_empty(&self, path: &str) {
        let mut path = path;
        while let Some((folder, _)) = path.rsplit_once('/') {
            let gone = match self {
                Self::Local(root) => fs::remove_dir(root.join(folder)).is_ok(),
                Self::Store { store, .. } => store.has_rename() && store.delete(&self.key(folder)).is_ok(),
            };
            if !gone {
                return;
            }
            path = folder;
        }
    }
}

impl Part {
    /// Memory held for bytes that are on their way.
    pub(super) fn memory_bytes(&self) -> usize {
        match &self.out {
            Out::Local(_) => 0,
            Out::Upload(upload) => upload.memory_bytes(),
        }
    }
}

impl Write for Part {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let len = match &mut self.out {
            Out::Local(file) => file.write(buf)?,
            Out::Upload(upload) => upload.write(buf)?,
        };
        self.bytes += len as u64;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn walk(folder: &Path, path: &str, out: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        // A name that is no UTF-8 is none of ours.
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let below = if path.is_empty() { name } else { format!("{path}/{name}") };
        match entry.file_type()?.is_dir() {
            true => walk(&entry.path(), &below, out)?,
            false => out.push(below),
        }
    }
    Ok(())
}

/// Makes a new name durable; not every file system can sync a directory, and the data are safe.
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent() {
        File::open(folder).and_then(|folder| folder.sync_all()).ok();
    }
}

/// Says why a name cannot be: the value of a partition is longer than the system allows.
fn too_long(cause: io::Error) -> io::Error {
    match cause.kind() {
        io::ErrorKind::InvalidFilename => Error::new(
            ErrorKind::Io(io::ErrorKind::InvalidFilename),
            "partition_by: a value is longer than the name of a directory may be",
        )
        .with_hint("derive a shorter one")
        .into(),
        _ => cause,
    }
}
