//! Values that the folders of a path name, as Hive lays out partitions: `.../dt=2026-03-05/hr=07/file`.

use crate::decode::{Escape, unescape};

/// What Hive calls the folder of rows without a value.
const NONE: &str = "__HIVE_DEFAULT_PARTITION__";

/// What a path says of a key.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    /// No folder has it.
    Missing,
    /// It is that of rows without a value.
    Null,
    Text(Vec<u8>),
}

/// The value of the last folder of `path` that is called `key=...`, in any case, with `%HH` decoded.
pub(super) fn value(path: &str, key: &str) -> Value {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let parts = folders.rsplit('/').filter_map(|folder| folder.split_once('='));
    match parts.filter(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value).next() {
        None => Value::Missing,
        Some(NONE) => Value::Null,
        Some(text) => {
            let mut out = Vec::new();
            unescape(Escape::Percent, text.as_bytes(), &mut out);
            Value::Text(out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_name_values() {
        let value = |path: &str| match value(path, "dt") {
            Value::Text(text) => Some(String::from_utf8(text).unwrap()),
            Value::Null => Some("NULL".to_owned()),
            Value::Missing => None,
        };
        for (path, want) in [
            ("s3://b/t/dt=2026-03-05/hr=07/a.gz", Some("2026-03-05")),
            ("t/hr=07/DT=x%2Fy%20z/a", Some("x/y z")),
            ("dt=1/dt=2/a", Some("2")),
            ("t/dt=a=b/a", Some("a=b")),
            ("t/dt=/a", Some("")),
            ("t/dt=%zz/a", Some("%zz")),
            ("t/dt=__HIVE_DEFAULT_PARTITION__/a", Some("NULL")),
            ("t/xdt=1/a", None),
            ("t/dt=1", None),
            ("dt=1", None),
            ("", None),
        ] {
            assert_eq!(value(path).as_deref(), want, "{path}");
        }
    }
}
