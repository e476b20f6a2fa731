//! Names close to one that does not exist, and globs that meet.

use strsim::levenshtein;

/// The closest of the names, if it is close enough to be meant.
pub(super) fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let limit = 1 + wrong.chars().count() / 6;
    names
        .filter(|name| name.chars().count().abs_diff(wrong.chars().count()) <= limit)
        .map(|name| (levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Whether every text that `inner` matches, `outer` matches too: `inner`'s wildcards are met by `outer`'s. Never says
/// yes wrongly; misses patterns that are the same only taken together (`?*` and `*?`).
pub(super) fn covers(outer: &str, inner: &str) -> bool {
    let outer = outer.as_bytes();
    let inner = inner.as_bytes();
    let (mut o, mut i) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let step = match (outer.get(o), inner.get(i)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                star = Some((o + 1, i));
                o += 1;
                continue;
            }
            (Some(b'?'), Some(character)) => *character != b'*' && character.is_ascii(),
            (Some(wanted), Some(character)) => wanted == character && *character != b'*',
            _ => false,
        };
        if step {
            o += 1;
            i += 1;
            continue;
        }
        match star {
            Some((after, from)) if from < inner.len() => {
                star = Some((after, from + 1));
                o = after;
                i = from + 1;
            }
            _ => return false,
        }
    }
}

/// Whether a text exists that both globs match.
pub(super) fn meet(left: &str, right: &str) -> bool {
    // Most pairs differ in their first letters.
    for (one, other) in left.bytes().zip(right.bytes()) {
        if matches!(one, b'*' | b'?') || matches!(other, b'*' | b'?') {
            break;
        }
        if one != other {
            return false;
        }
    }
    let right: Vec<u8> = right.bytes().collect();
    // reached[j]: some text is matched by what is read of `left` and by the first j pieces of `right`.
    let mut reached = vec![false; right.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    close(&mut reached, &right);
    for piece in left.bytes() {
        let mut next = vec![false; right.len() + 1];
        for (at, here) in reached.iter().enumerate() {
            if !*here {
                continue;
            }
            if piece == b'*' {
                // The star takes any of what is left of the other side.
                for later in next.iter_mut().skip(at) {
                    *later = true;
                }
                break;
            }
            match right.get(at) {
                Some(b'*') => set(&mut next, at),
                Some(other) if piece == b'?' || *other == b'?' || *other == piece => {
                    set(&mut next, at + 1);
                }
                _ => {}
            }
        }
        close(&mut next, &right);
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// Stars of the other side may take nothing.
fn close(reached: &mut [bool], right: &[u8]) {
    for (at, piece) in right.iter().enumerate() {
        if *piece == b'*' && reached.get(at).copied().unwrap_or_default() {
            set(reached, at + 1);
        }
    }
}

fn set(flags: &mut [bool], at: usize) {
    if let Some(flag) = flags.get_mut(at) {
        *flag = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_glob_covers_another() {
        for (outer, inner) in [
            ("*", ""),
            ("*", "a?b*"),
            ("a*", "a*b"),
            ("a*c", "ab*c"),
            ("a?c", "a?c"),
            ("*ab*", "xaby*"),
            ("a*b*c", "aXbb*Yc"),
        ] {
            assert!(covers(outer, inner), "{outer} {inner}");
        }
        for (outer, inner) in [
            ("a?", "a*"),
            ("a*b", "a*"),
            ("ab", "a?"),
            ("a", "ab"),
            ("?", "é"),
        ] {
            assert!(!covers(outer, inner), "{outer} {inner}");
        }
    }

    #[test]
    fn two_globs_meet() {
        for (left, right) in [
            ("a*", "*b"),
            ("a?c", "ab*"),
            ("*", ""),
            ("", "*"),
            ("a*b*c", "*b?c"),
        ] {
            assert!(meet(left, right), "{left} {right}");
            assert!(meet(right, left), "{right} {left}");
        }
        for (left, right) in [("a", "b"), ("a*b", "*c"), ("a?", "a"), ("", "?")] {
            assert!(!meet(left, right), "{left} {right}");
            assert!(!meet(right, left), "{right} {left}");
        }
    }

    #[test]
    fn the_nearest_name_is_near() {
        let names = ["GetObject", "GetObjectAcl", "PutObject"];
        assert_eq!(nearest("getobjects", names.into_iter()), Some("GetObject"));
        assert_eq!(nearest("Frobnicate", names.into_iter()), None);
        assert_eq!(levenshtein("kitten", "sitting"), 3);
    }
}
