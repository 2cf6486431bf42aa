//! "Did you mean": the names nearest to one that does not exist.

/// Names are compared by their first characters, so that a hint about a hostile name stays cheap.
const COMPARED: usize = 64;

/// `did you mean "a" or "b"?`, with the names nearest to `wanted`, three at most; `None` where none is near.
///
/// Near is one slip for each two letters, but no more than four, or a name that holds `wanted`.
pub(crate) fn did_you_mean<'n>(wanted: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let lower = |name: &str| -> Vec<char> { name.chars().flat_map(char::to_lowercase).take(COMPARED).collect() };
    let letters = lower(wanted);
    let limit = (letters.len() / 2).clamp(1, 4);
    let slips = |name: &'n str| (distance(&letters, &lower(name)), name);
    let mut near: Vec<(usize, &str)> = known.into_iter().map(slips).collect();
    near.retain(|(count, name)| *count <= limit || (wanted.len() >= 3 && name.contains(wanted)));
    near.sort();
    let quoted: Vec<String> = near.iter().take(3).map(|(_, name)| format!("\"{name}\"")).collect();
    match quoted.as_slice() {
        [] => None,
        [only] => Some(format!("did you mean {only}?")),
        [first @ .., last] => Some(format!("did you mean {} or {last}?", first.join(", "))),
    }
}

/// A hint that offers the names nearest to `wanted`, where there are such, and then says `list`: what there is.
pub(crate) fn suggest<'n>(wanted: &str, known: impl IntoIterator<Item = &'n str>, list: String) -> String {
    match did_you_mean(wanted, known) {
        Some(near) => format!("{near} {list}"),
        None => list,
    }
}

/// How many characters must be added, removed, replaced or swapped with their neighbour to make one from the other.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut older: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, &c) in left.iter().enumerate() {
        let mut line = vec![row + 1];
        for (col, &d) in right.iter().enumerate() {
            let mut best = (above[col] + usize::from(c != d)).min(above[col + 1] + 1).min(line[col] + 1);
            if row > 0 && col > 0 && left[row - 1] == d && right[col - 1] == c {
                best = best.min(older[col - 1] + 1);
            }
            line.push(best);
        }
        older = std::mem::replace(&mut above, line);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        let known = ["apache.common", "apache.combined", "nginx.combined"];
        let told = |wanted| did_you_mean(wanted, known);
        assert_eq!(told("apache.combine").unwrap(), "did you mean \"apache.combined\" or \"apache.common\"?");
        assert_eq!(told("combined").unwrap(), "did you mean \"nginx.combined\" or \"apache.combined\"?");
        assert_eq!(told("xyz"), None);
        assert_eq!(did_you_mean("lenght", ["lower", "length"]).unwrap(), "did you mean \"length\"?");
    }

    #[test]
    fn distances() {
        let between =
            |left: &str, right: &str| distance(&left.chars().collect::<Vec<_>>(), &right.chars().collect::<Vec<_>>());
        assert_eq!((between("abc", "abc"), between("ab", "ba"), between("", "abc"), between("abc", "")), (0, 1, 3, 3));
    }
}
