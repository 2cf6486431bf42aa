//! Object stores and HDFS, by URL, for callers that block.
//!
//! Comes in: `s3://`, `gs://`, `az://`, `http(s)://` and `hdfs://` URLs, with options. Goes out: listings, readers that
//! read ahead, uploads, and the few operations that a commit needs (put if absent, rename, delete). The protocols are
//! the `object_store` crate's; here are the names of things, the runtime, and errors that say what to do. Local files
//! need none of this.

mod list;
mod open;
mod options;
mod profile;
mod read;
mod upload;

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, UpdateVersion};
use tokio::runtime::Runtime;

pub use list::Level;
pub use options::StorageOptions;
pub use read::AHEAD_BYTES;
pub use upload::Upload;

use crate::error::{Error, ErrorKind, Result};

/// A bucket, a container, a web server or a name node. Cloning is cheap.
///
/// Its threads live as long as the last clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<dyn ObjectStore>,
    runtime: Arc<Runtime>,
    /// What stands in front of each key in a URL, without the slash: `s3://bucket`.
    base: Arc<str>,
}

/// An object, as it was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its name within the store.
    pub key: String,
    /// Bytes as stored.
    pub size: u64,
    /// When it was last written.
    pub modified: SystemTime,
    /// What changes when the object does.
    pub e_tag: Option<String>,
}

/// A state of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(UpdateVersion);

impl Object {
    fn new(meta: ObjectMeta) -> Self {
        Self {
            key: meta.location.as_ref().to_owned(),
            size: meta.size,
            modified: meta.last_modified.into(),
            e_tag: meta.e_tag,
        }
    }
}

impl Store {
    /// Whether `text` is a URL that [`Store::open`] is for.
    ///
    /// ```
    /// use logarrow::store::Store;
    /// assert!(Store::is_url("s3://logs/2026/"));
    /// assert!(!Store::is_url("logs/2026/"));
    /// ```
    pub fn is_url(text: &str) -> bool {
        text.split_once("://").is_some_and(|(scheme, _)| open::SCHEMES.contains(&&*scheme.to_ascii_lowercase()))
    }

    /// The store of a URL, and the key that its path is, perhaps with wildcards, `/` at its end or empty.
    ///
    /// **Errors**: `Option` for a URL or an option that is none; nothing is asked of the store yet.
    pub fn open(url: &str, options: &StorageOptions) -> Result<(Self, String)> {
        open::open(url, options)
    }

    /// The URL of a key.
    pub fn url(&self, key: &str) -> String {
        format!("{}/{key}", self.base)
    }

    /// Whether renaming is one step here, as in a file system; object stores copy and delete.
    pub fn has_rename(&self) -> bool {
        self.base.starts_with("hdfs")
    }

    /// Whether its objects can be listed; pages of a web server are only known by their names.
    pub fn has_listing(&self) -> bool {
        !self.base.starts_with("http")
    }

    /// What is known of an object.
    ///
    /// **Errors**: `Io`, with kind `NotFound` if there is none.
    pub fn head(&self, key: &str) -> Result<Object> {
        let path = self.path(key)?;
        self.wait(key, self.inner.head(&path)).map(Object::new)
    }

    /// The bytes of an object, or of a range of them.
    ///
    /// **Errors**: `Io`.
    pub fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<Vec<u8>> {
        let path = self.path(key)?;
        let bytes = match range {
            Some(range) => self.wait(key, self.inner.get_range(&path, range))?,
            None => self.wait(key, async { self.inner.get(&path).await?.bytes().await })?,
        };
        Ok(bytes.into())
    }

    /// Writes an object, over another one of this key if `overwrite`; else only if there is none.
    ///
    /// **Errors**: `Io`, with kind `AlreadyExists` if there is one and it must not be written over.
    pub fn put(&self, key: &str, bytes: Vec<u8>, overwrite: bool) -> Result<()> {
        let path = self.path(key)?;
        let mode = if overwrite { PutMode::Overwrite } else { PutMode::Create };
        let options = PutOptions::from(mode);
        self.wait(key, self.inner.put_opts(&path, bytes.into(), options)).map(drop)
    }

    /// What tells the present state of an object from any other.
    ///
    /// **Errors**: `Io`, with kind `NotFound` if there is none.
    pub fn tag(&self, key: &str) -> Result<Tag> {
        let path = self.path(key)?;
        let meta = self.wait(key, self.inner.head(&path))?;
        Ok(Tag(UpdateVersion { e_tag: meta.e_tag, version: meta.version }))
    }

    /// Writes an object if it is still as it was: absent (`None`), or with this tag. Gives its new tag.
    ///
    /// **Errors**: `Io`, with kind `AlreadyExists` if it is not, `Unsupported` where a store cannot compare tags.
    pub fn put_if(&self, key: &str, bytes: Vec<u8>, tag: Option<&Tag>) -> Result<Tag> {
        let path = self.path(key)?;
        let mode = tag.map_or(PutMode::Create, |tag| PutMode::Update(tag.0.clone()));
        let done = self.wait(key, self.inner.put_opts(&path, bytes.into(), PutOptions::from(mode)))?;
        Ok(Tag(UpdateVersion { e_tag: done.e_tag, version: done.version }))
    }

    /// Renames an object, over another one of the new key.
    ///
    /// **Errors**: `Io`.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        let (from_path, to_path) = (self.path(from)?, self.path(to)?);
        self.wait(from, self.inner.rename(&from_path, &to_path))
    }

    /// Removes an object; it is no error if there is none.
    ///
    /// **Errors**: `Io`.
    pub fn delete(&self, key: &str) -> Result<()> {
        let path = self.path(key)?;
        match self.wait(key, self.inner.delete(&path)) {
            Err(err) if err.kind() == ErrorKind::Io(std::io::ErrorKind::NotFound) => Ok(()),
            done => done,
        }
    }

    /// The key as the store knows it.
    fn path(&self, key: &str) -> Result<Path> {
        Path::parse(key).map_err(|cause| {
            Error::new(ErrorKind::Option, format!("{} cannot be the name of an object", self.url(key)))
                .with_cause(cause)
        })
    }

    /// Waits for what a future gives.
    fn wait<T>(&self, key: &str, work: impl Future<Output = object_store::Result<T>>) -> Result<T> {
        self.runtime.block_on(work).map_err(|cause| self.failed(key, cause))
    }

    /// The error of an operation on `key`.
    #[cold]
    fn failed(&self, key: &str, cause: object_store::Error) -> Error {
        open::failed(&self.url(key), cause)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.base).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn err_options_say_what_is_wrong() {
        let none = StorageOptions::default();
        assert!(Store::open("s3:///key", &none).unwrap_err().to_string().contains("no URL of a store"));
        let odd = StorageOptions::from_iter([("endpiont", "http://127.0.0.1:1")]);
        let err = Store::open("s3://logs/a", &odd).unwrap_err();
        assert_eq!(err.kind(), ErrorKind::Option);
        assert!(err.to_string().contains("\"endpiont\""), "{err}");
    }

    #[test]
    fn ok_urls_and_keys() {
        let region = StorageOptions::from_iter([("region", "eu-west-1")]);
        let (store, key) = Store::open("s3a://logs/AWSLogs/1/x.gz", &region).unwrap();
        assert_eq!((key.as_str(), store.url(&key).as_str()), ("AWSLogs/1/x.gz", "s3a://logs/AWSLogs/1/x.gz"));
        assert!(Store::is_url("HDFS://node/x") && !Store::is_url("file:///x") && !Store::is_url("a/b"));
    }
}
