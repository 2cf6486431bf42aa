//! Listings: one after the other, or many at once.

use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt};

use super::{Object, Store};
use crate::error::Result;

/// Requests that are under way at once: a listing or a look at an object takes 20 to 100 ms, nearly all of it waiting.
const CONCURRENT: usize = 32;

/// What lies right below a prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// The objects.
    pub objects: Vec<Object>,
    /// The prefixes one step below, without a slash at their ends.
    pub folders: Vec<String>,
}

impl Store {
    /// All objects whose keys lie below `prefix` (whole parts of the path), as they come.
    ///
    /// **Errors**: the iterator gives them, `Io`, and ends.
    pub fn list(&self, prefix: &str) -> Result<impl Iterator<Item = Result<Object>> + Send + use<>> {
        let prefix = self.prefix(prefix)?;
        let stream: BoxStream<'static, _> = self.inner.list(prefix.as_ref());
        Ok(Objects { store: self.clone(), stream: Some(stream) })
    }

    /// All objects below each of `prefixes`.
    ///
    /// **Errors**: `Io`, the first one.
    pub fn below(&self, prefixes: &[String]) -> Result<Vec<Vec<Object>>> {
        self.each(prefixes, |_, prefix| async move {
            let objects = self.inner.list(prefix.as_ref()).map_ok(Object::new);
            objects.try_collect().await
        })
    }

    /// What lies right below each of `prefixes`.
    ///
    /// **Errors**: `Io`, the first one.
    pub fn levels(&self, prefixes: &[String]) -> Result<Vec<Level>> {
        self.each(prefixes, |_, prefix| async move {
            let found = self.inner.list_with_delimiter(prefix.as_ref()).await?;
            Ok(Level {
                objects: found.objects.into_iter().map(Object::new).collect(),
                folders: found.common_prefixes.iter().map(|folder| folder.as_ref().to_owned()).collect(),
            })
        })
    }

    /// What is known of each of `keys`; `None` where there is no such object.
    ///
    /// **Errors**: `Io`, the first one.
    pub fn heads(&self, keys: &[String]) -> Result<Vec<Option<Object>>> {
        self.each(keys, |key, path| async move {
            match self.inner.head(&path.unwrap_or_default()).await {
                Ok(meta) => Ok(Some(Object { key: key.to_owned(), ..Object::new(meta) })),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(cause) => Err(cause),
            }
        })
    }

    /// What `ask` gives for each of `keys`, in their order.
    fn each<'k, T, F>(&'k self, keys: &'k [String], ask: impl Fn(&'k str, Option<Path>) -> F) -> Result<Vec<T>>
    where
        F: Future<Output = object_store::Result<T>>,
    {
        let paths: Vec<_> = keys.iter().map(|key| self.prefix(key)).collect::<Result<_>>()?;
        let one = |(key, path): (&'k String, Option<Path>)| {
            let asked = ask(key, path);
            async move { asked.await.map_err(|cause| self.failed(key, cause)) }
        };
        let all = stream::iter(keys.iter().zip(paths)).map(one).buffered(CONCURRENT);
        self.runtime.block_on(all.try_collect())
    }

    fn prefix(&self, prefix: &str) -> Result<Option<Path>> {
        let path = self.path(prefix.trim_end_matches('/'))?;
        Ok((!path.as_ref().is_empty()).then_some(path))
    }
}

/// A listing under way.
struct Objects {
    store: Store,
    stream: Option<BoxStream<'static, object_store::Result<ObjectMeta>>>,
}

impl Iterator for Objects {
    type Item = Result<Object>;

    fn next(&mut self) -> Option<Self::Item> {
        let stream = self.stream.as_mut()?;
        match self.store.runtime.block_on(stream.next()) {
            Some(Ok(meta)) => Some(Ok(Object::new(meta))),
            Some(Err(cause)) => {
                self.stream = None;
                Some(Err(self.store.failed("", cause)))
            }
            None => {
                self.stream = None;
                None
            }
        }
    }
}
