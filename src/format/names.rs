//! Names: those that were probably meant, and those of columns.

use crate::error::did_you_mean;

/// Columns of our own, whose names no key of a log takes.
pub(crate) const RESERVED: [&str; 6] = ["_path", "_line", "_offset", "_raw", "_extra", "_error"];

/// A hint that offers the names nearest to `wanted`, or all of them where none is near.
pub(super) fn suggest<'n>(wanted: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    did_you_mean(wanted, known.iter().copied()).unwrap_or_else(|| format!("known: {}", known.join(", ")))
}

/// A header or variable name as a column name: lower case, other characters than letters and digits as `_`.
pub(super) fn snake(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(suggest("xyz", ["apache.common", "nginx.main"]), "known: apache.common, nginx.main");
        assert_eq!(suggest("nginx.mian", ["apache.common", "nginx.main"]), "did you mean \"nginx.main\"?");
        assert_eq!(snake("X-Forwarded-For"), "x_forwarded_for");
    }
}
