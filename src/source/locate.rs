//! What a list of patterns names, wherever it is.

use std::collections::{BTreeMap, HashSet};
use std::io;

use super::Item;
use super::archive;
use super::dates::{Dates, expand};
use super::glob::has_wildcards;
use super::objects::find;
use super::paths::{Listing, percent_decoded};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Object, StorageOptions, Store};

/// How sources are found.
///
/// ```
/// use logarrow::source::{Dates, LocateOptions};
/// let days = Dates::new("2026-03-01", "2026-03-07")?;
/// let options = LocateOptions::default().with_dates(days);
/// assert_eq!(options.dates, Some(days));
/// # Ok::<(), logarrow::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LocateOptions {
    /// Options of the stores that URLs name.
    pub storage: StorageOptions,
    /// The days for `{yyyy}`, `{MM}` and `{dd}` in patterns.
    pub dates: Option<Dates>,
}

impl LocateOptions {
    /// Sets the options of stores.
    #[must_use]
    pub fn with_storage(mut self, storage: StorageOptions) -> Self {
        self.storage = storage;
        self
    }

    /// Sets the days.
    #[must_use]
    pub fn with_dates(mut self, dates: Dates) -> Self {
        self.dates = Some(dates);
        self
    }
}

/// A pattern of a store.
struct Place {
    pattern: String,
    /// Where its store is among those that are open.
    store: usize,
    keys: Vec<String>,
    /// The object that its only key is, once it was looked for.
    object: Option<Object>,
}

impl Place {
    /// Its key, if that names one object, or all below it.
    fn key(&self) -> Option<&str> {
        match &*self.keys {
            [key] if !key.is_empty() && !key.ends_with('/') && !has_wildcards(key) => Some(key),
            _ => None,
        }
    }
}

enum Pattern {
    Local(Vec<String>),
    Store(Place),
}

/// The items that `patterns` name, in their order.
pub(super) fn locate(patterns: &[impl AsRef<str>], options: &LocateOptions) -> Result<Vec<Item>> {
    let mut stores = Stores { storage: &options.storage, open: Vec::new(), numbers: BTreeMap::new() };
    let mut all = Vec::with_capacity(patterns.len());
    let mut wanted = Vec::with_capacity(patterns.len());
    for pattern in patterns {
        let (pattern, members) = archive::split(pattern.as_ref());
        wanted.push(members);
        all.push(match () {
            () if Store::is_url(pattern) => Pattern::Store(stores.place(pattern, options.dates)?),
            // A file may well be called so.
            () if options.dates.is_none() && std::fs::metadata(pattern).is_ok() => {
                Pattern::Local(vec![pattern.to_owned()])
            }
            () => Pattern::Local(expand(pattern, options.dates)?),
        });
    }
    stores.look_for(&mut all)?;
    let mut listing = Listing::default();
    let mut seen = HashSet::new();
    for (pattern, wanted) in all.into_iter().zip(wanted) {
        let before = listing.items.len();
        match pattern {
            Pattern::Local(patterns) => listing.add_any(&patterns)?,
            Pattern::Store(place) => {
                let store = &stores.open[place.store];
                for object in objects(store, place)? {
                    if seen.insert(store.url(&object.key)) {
                        listing.items.push(Item::object(store.clone(), object));
                    }
                }
            }
        }
        for item in listing.items.split_off(before) {
            listing.items.extend(archive::expand(item, wanted)?);
        }
    }
    Ok(listing.items)
}

struct Stores<'o> {
    storage: &'o StorageOptions,
    open: Vec<Store>,
    /// Stores by what stands in front of the keys.
    numbers: BTreeMap<String, usize>,
}

impl Stores<'_> {
    fn place(&mut self, pattern: &str, dates: Option<Dates>) -> Result<Place> {
        let at = pattern.find("://").map_or(0, |at| at + 3);
        let base = &pattern[..pattern[at..].find('/').map_or(pattern.len(), |slash| at + slash)];
        let store = match self.numbers.get(base) {
            Some(store) => *store,
            None => {
                self.open.push(Store::open(pattern, self.storage)?.0);
                self.numbers.insert(base.to_owned(), self.open.len() - 1);
                self.open.len() - 1
            }
        };
        let key = pattern[base.len()..].trim_start_matches('/');
        let keys = if self.open[store].has_listing() { expand(key, dates)? } else { vec![web_key(pattern, key)?] };
        Ok(Place { pattern: pattern.to_owned(), store, keys, object: None })
    }

    /// Looks for all objects that are named by their keys at once.
    fn look_for(&self, patterns: &mut [Pattern]) -> Result<()> {
        for (number, store) in self.open.iter().enumerate() {
            let places = patterns.iter_mut().filter_map(|pattern| match pattern {
                Pattern::Store(place) if place.store == number => Some(place),
                _ => None,
            });
            let places: Vec<_> = places.filter(|place| place.key().is_some()).collect();
            let keys: Vec<String> = places.iter().filter_map(|place| place.key().map(str::to_owned)).collect();
            for (place, object) in places.into_iter().zip(store.heads(&keys)?) {
                place.object = object;
            }
        }
        Ok(())
    }
}

fn objects(store: &Store, mut place: Place) -> Result<Vec<Object>> {
    if let Some(object) = place.object {
        return Ok(vec![object]);
    }
    if !store.has_listing() {
        return Err(no_object(&place.pattern, "no such page"));
    }
    if let Some(key) = place.key() {
        place.keys = vec![format!("{key}/")];
    }
    let mut found = find(store, &place.keys)?;
    // A key with a literal `[` in it.
    if let ([], [key]) = (&*found, &*place.keys)
        && has_wildcards(key)
    {
        found.extend(store.heads(std::slice::from_ref(key))?.into_iter().flatten());
    }
    match found.is_empty() {
        true => Err(no_object(&place.pattern, "matches no object")),
        false => Ok(found),
    }
}

/// The key of a page: its path, decoded.
fn web_key(pattern: &str, key: &str) -> Result<String> {
    if key.contains(['?', '#']) {
        let message = format!("{pattern}: a URL with a query is not read here");
        return Err(Error::new(ErrorKind::Option, message)
            .with_hint("open it with urllib.request.urlopen or the like, and hand over the open file"));
    }
    percent_decoded(key).filter(|key| !key.is_empty()).ok_or_else(|| {
        Error::new(ErrorKind::Option, format!("{pattern}: not the URL of a file")).with_hint("write a % as %25")
    })
}

#[cold]
fn no_object(pattern: &str, what: &str) -> Error {
    Error::new(ErrorKind::Io(io::ErrorKind::NotFound), format!("{pattern}: {what}"))
        .with_hint("names that start with . or _ or end with ~ are left out unless they are named")
}
