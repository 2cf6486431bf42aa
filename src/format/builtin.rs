//! The formats that come with the library: the files of `builtin/`, embedded when the library is built.

use std::sync::{Arc, LazyLock};

use super::{Format, names};
use crate::error::{Error, ErrorKind, Result};

/// Each file with its text; `build.rs` lists the folder.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

static FORMATS: LazyLock<Vec<Arc<Format>>> = LazyLock::new(|| {
    // A file that does not load is left out here, and fails the test below: a library must not take its host down.
    FILES.iter().filter_map(|(file, text)| Format::from_toml(text, file).ok()).map(Arc::new).collect()
});

/// All formats that come with the library, by name. They are read once, at the first call.
pub fn all() -> &'static [Arc<Format>] {
    &FORMATS
}

/// The format of this name, or with this alias.
///
/// **Errors**: [`ErrorKind::UnknownFormat`]; the hint has the nearest names.
///
/// ```
/// let format = logarrow::format::named("apache.combined")?;
/// assert_eq!(format.columns.iter().filter(|column| !column.on_demand).count(), 11);
/// # Ok::<(), logarrow::Error>(())
/// ```
pub fn named(name: &str) -> Result<Arc<Format>> {
    let found = all().iter().find(|format| format.name == name || format.aliases.iter().any(|alias| alias == name));
    found.cloned().ok_or_else(|| {
        Error::new(ErrorKind::UnknownFormat, format!("no format is called \"{name}\""))
            .with_hint(names::suggest(name, all().iter().map(|format| format.name.as_str())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_loads_and_comes_back() {
        for (file, text) in FILES {
            let format = Format::from_toml(text, file).unwrap_or_else(|err| panic!("{err}"));
            assert_eq!(*file, format!("builtin/{}.toml", format.name));
            assert!(!format.title.is_empty() && format.source.starts_with("https://"), "{file}");
            assert!(format.samples.len() >= 3 && !format.rejects.is_empty(), "{file}");
            assert!(format.columns.iter().all(|column| !column.doc.is_empty()), "{file}");
            let text = format.to_toml();
            assert_eq!(Format::from_toml(&text, file).unwrap_or_else(|err| panic!("{err}\n{text}")), format, "{text}");
        }
    }

    #[test]
    fn every_file_of_the_folder_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/format/builtin");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| format!("builtin/{}", entry.unwrap().file_name().into_string().unwrap()))
            .collect();
        files.sort();
        assert_eq!(files, FILES.iter().map(|(file, _)| *file).collect::<Vec<_>>());
    }

    #[test]
    fn names_and_aliases_are_unique() {
        let mut names: Vec<&str> = Vec::new();
        for format in all() {
            names.push(&format.name);
            names.extend(format.aliases.iter().map(String::as_str));
        }
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(Arc::ptr_eq(&named("nginx").unwrap(), &named("nginx.combined").unwrap()));
    }

    #[test]
    fn unknown_names() {
        let err = named("apache.combine").unwrap_err();
        assert_eq!(err.kind(), ErrorKind::UnknownFormat);
        assert_eq!(
            err.to_string(),
            "no format is called \"apache.combine\"\n\
             hint: did you mean \"apache.combined\" or \"apache.common\"?"
        );
    }

    #[test]
    fn access_columns_share_their_names() {
        let shown = |name: &str| -> Vec<String> {
            let format = named(name).unwrap();
            format.columns.iter().filter(|column| !column.on_demand).map(|column| column.name.clone()).collect()
        };
        let combined = [
            "remote_host",
            "ident",
            "user",
            "time",
            "method",
            "path",
            "protocol",
            "status",
            "bytes",
            "referer",
            "user_agent",
        ];
        assert_eq!(shown("apache.combined"), combined);
        assert_eq!(shown("apache.common"), combined[..9]);
        assert_eq!(shown("apache.vhost_combined")[2..], combined);
        assert_eq!(shown("nginx.combined"), [&combined[..1], &combined[2..]].concat());
        assert_eq!(shown("nginx.main")[..10], shown("nginx.combined"));
    }
}
