//! What may have been meant: names near to one that is wrong.

/// Of a name so many characters are looked at: no name is longer, and a stranger's may be.
const LONGEST: usize = 256;
/// So many names are offered.
const OFFERED: usize = 3;

/// The names that share the most with `name`, the nearest first; none where nothing looks like it.
#[must_use]
pub fn near<'a>(name: &str, names: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
    let name: String = name.to_lowercase().chars().take(LONGEST).collect();
    let mut near: Vec<(usize, &String)> = names
        .into_iter()
        .map(|one| (distance(&name, one), one))
        .filter(|(distance, one)| {
            *distance <= 2 || *distance * 3 <= one.len() || (name.len() > 3 && one.contains(&name))
        })
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter()
        .take(OFFERED)
        .map(|(_, one)| one.as_str())
        .collect()
}

/// `did you mean ...?` over the names that [`near`] gives; none where there are none.
#[must_use]
pub fn question(near: &[impl AsRef<str>]) -> Option<String> {
    let names: Vec<&str> = near.iter().map(AsRef::as_ref).collect();
    (!names.is_empty()).then(|| format!("did you mean `{}`?", names.join("`, `")))
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (slot, cb) in row.iter_mut().skip(1).zip(&b) {
            let cost = (diagonal + usize::from(ca != *cb))
                .min(left + 1)
                .min(*slot + 1);
            diagonal = *slot;
            *slot = cost;
            left = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn a_near_name_is_told_and_a_far_one_is_not() {
        let names = ["queue_arn", "policy", "queue_url"].map(str::to_owned);
        assert_eq!(near("Queu_arn", &names), ["queue_arn", "queue_url"]);
        assert_eq!(near("zzzzzz", &names), Vec::<&str>::new());
        // Three letters are part of too much.
        assert_eq!(near("que", &names), Vec::<&str>::new());
        assert_eq!(near("queue", &names), ["queue_arn", "queue_url"]);
        assert_eq!(near(&"x".repeat(1_000_000), &names), Vec::<&str>::new());
    }

    #[test]
    fn the_question_names_all() {
        assert_eq!(question(&["a", "b"]).unwrap(), "did you mean `a`, `b`?");
        assert_eq!(question(&[""; 0]), None);
    }
}
