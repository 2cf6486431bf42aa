//! "Did you mean": the names nearest to one that does not exist.

/// A hint that offers the names nearest to `wanted`, or all of them where none is near.
pub(super) fn suggest<'n>(wanted: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let mut near: Vec<(usize, &str)> = known.iter().map(|name| (distance(wanted, name), *name)).collect();
    let limit = (wanted.chars().count() / 2).clamp(1, 4);
    near.retain(|(far, name)| *far <= limit || (wanted.len() >= 3 && name.contains(wanted)));
    near.sort();
    let quoted: Vec<String> = near.iter().take(3).map(|(_, name)| format!("\"{name}\"")).collect();
    match quoted.as_slice() {
        [] => format!("known: {}", known.join(", ")),
        [only] => format!("did you mean {only}?"),
        [first @ .., last] => format!("did you mean {} or {last}?", first.join(", ")),
    }
}

/// How many characters must be added, removed, replaced or swapped with their neighbour to make one from the other.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().flat_map(char::to_lowercase).collect();
    let mut older: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut before = None;
    for (row, c) in left.chars().flat_map(char::to_lowercase).enumerate() {
        let mut line = vec![row + 1];
        for (col, &d) in right.iter().enumerate() {
            let mut best = (above[col] + usize::from(c != d)).min(above[col + 1] + 1).min(line[col] + 1);
            if col > 0 && before == Some(d) && right[col - 1] == c {
                best = best.min(older[col - 1] + 1);
            }
            line.push(best);
        }
        older = std::mem::replace(&mut above, line);
        before = Some(c);
    }
    above.last().copied().unwrap_or(0)
}

/// A header or variable name as a column name: lower case, other characters than letters and digits as `_`.
pub(super) fn snake(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        let known = ["apache.common", "apache.combined", "nginx.combined"];
        assert_eq!(suggest("apache.combine", known), "did you mean \"apache.combined\" or \"apache.common\"?");
        assert_eq!(suggest("combined", known), "did you mean \"nginx.combined\" or \"apache.combined\"?");
        assert_eq!(suggest("xyz", known), "known: apache.common, apache.combined, nginx.combined");
        assert_eq!((distance("abc", "abc"), distance("ab", "ba"), distance("", "abc")), (0, 1, 3));
        assert_eq!(snake("X-Forwarded-For"), "x_forwarded_for");
    }
}
