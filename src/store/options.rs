//! Options of stores, which hold secrets.

use std::collections::BTreeMap;

/// Options by name, as the `object_store` crate spells them (`endpoint`, `region`, `aws_access_key_id`, `allow_http`, ..);
/// what is not given is taken from the environment. Their values are never printed.
///
/// ```
/// use logarrow::store::StorageOptions;
/// let options = StorageOptions::from_iter([("aws_secret_access_key", "hush")]);
/// assert_eq!(format!("{options:?}"), "{\"aws_secret_access_key\": ..}");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct StorageOptions(BTreeMap<String, String>);

impl StorageOptions {
    /// The value of an option.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for StorageOptions {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(options: I) -> Self {
        Self(options.into_iter().map(|(name, value)| (name.into().to_ascii_lowercase(), value.into())).collect())
    }
}

impl std::fmt::Debug for StorageOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.0.keys().map(|name| (name, format_args!("..")))).finish()
    }
}
