//! One file or one object that gets its name when it is complete.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::staged::Staged;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{StorageOptions, Store, Upload};

/// Where the bytes of one file go: beside its destination on disk, or into an upload. Dropped uncommitted, it leaves
/// nothing.
pub(super) enum Output {
    Local(Staged),
    Object(Box<Object>),
}

/// An object under way.
pub(super) struct Object {
    upload: Upload,
    store: Store,
    key: String,
    path: PathBuf,
    overwrite: bool,
    bytes: u64,
}

impl Output {
    /// **Errors**: `Io(AlreadyExists)` if there is one already that must not be written over, so that nothing is read in
    /// vain; `Option` for a URL or an option that is none; other `Io` kinds.
    pub(super) fn create(path: &Path, overwrite: bool, options: &StorageOptions) -> Result<Self> {
        let Some(url) = path.to_str().filter(|text| Store::is_url(text)) else {
            return Staged::create(path, overwrite).map(Self::Local);
        };
        let (store, key) = Store::open(url, options)?;
        if key.is_empty() || key.ends_with('/') {
            return Err(Error::new(ErrorKind::Option, format!("{url}: not the name of an object"))
                .with_hint("give a URL that ends in a name"));
        }
        refuse_existing(&store, &key, path, overwrite)?;
        let upload = store.upload(&key)?;
        Ok(Self::Object(Box::new(Object { upload, store, key, path: path.into(), overwrite, bytes: 0 })))
    }

    /// Puts it in place and says how long it is.
    pub(super) fn commit(self) -> Result<u64> {
        match self {
            Self::Local(staged) => staged.commit(),
            Self::Object(object) => {
                let Object { upload, store, key, path, overwrite, bytes } = *object;
                // Uploads replace what is there; this keeps the window small.
                refuse_existing(&store, &key, &path, overwrite)?;
                upload.finish()?;
                Ok(bytes)
            }
        }
    }
}

fn refuse_existing(store: &Store, key: &str, path: &Path, overwrite: bool) -> Result<()> {
    if overwrite {
        return Ok(());
    }
    match store.head(key) {
        Ok(_) => Err(super::staged::exists(path)),
        Err(err) if err.kind() == ErrorKind::Io(io::ErrorKind::NotFound) => Ok(()),
        Err(err) => Err(err),
    }
}

impl Write for Output {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Local(staged) => staged.write(buf),
            Self::Object(object) => {
                let len = object.upload.write(buf)?;
                object.bytes += len as u64;
                Ok(len)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Local(staged) => staged.flush(),
            Self::Object(object) => object.upload.flush(),
        }
    }
}
