//! What may have been meant: names near to one that is wrong.

/// `did you mean ...?` over the names that share the most with `name`.
pub(crate) fn near<'a>(name: &str, names: impl Iterator<Item = &'a String>) -> Option<String> {
    let name = name.to_lowercase();
    let mut near: Vec<(usize, &String)> = names
        .map(|n| (distance(&name, n), n))
        .filter(|(d, n)| *d <= 2 || *d * 3 <= n.len() || (name.len() > 3 && n.contains(&name)))
        .collect();
    near.sort_unstable();
    near.dedup();
    let near: Vec<&str> = near.into_iter().take(3).map(|(_, n)| n.as_str()).collect();
    (!near.is_empty()).then(|| format!("did you mean `{}`?", near.join("`, `")))
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(256).enumerate() {
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
    fn a_near_name_is_told_and_a_far_one_is_not() {
        let names = ["queue_arn".to_owned(), "policy".to_owned()];
        assert_eq!(
            near("queu_arn", names.iter()).unwrap(),
            "did you mean `queue_arn`?"
        );
        assert_eq!(near("zzzzzz", names.iter()), None);
    }
}
