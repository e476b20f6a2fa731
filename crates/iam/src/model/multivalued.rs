//! Which condition keys can have several values ("Single-valued vs. multivalued context keys", IAM User Guide).

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Global keys with their types.
const GLOBAL: &str = include_str!("../../data/global-keys.txt");
/// Keys of services, lower case; a star at the end stands for any text.
const OF_SERVICES: &str = include_str!("../../data/multivalued-keys.txt");

/// Whether the key, lower case, is known to be multivalued.
pub(crate) fn is_multivalued(lower: &str) -> bool {
    static KEYS: LazyLock<(BTreeSet<String>, Vec<&str>)> = LazyLock::new(read);
    let (names, stems) = &*KEYS;
    // "amr" lists how the user was authenticated, whoever the provider is ("Available keys for AWS web identity federation").
    names.contains(lower)
        || lower.ends_with(":amr")
        || stems.iter().any(|stem| lower.starts_with(stem))
}

fn read() -> (BTreeSet<String>, Vec<&'static str>) {
    let lines = |text: &'static str| text.lines().filter(|line| !line.starts_with('#'));
    let global = lines(GLOBAL)
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, kind)| kind.starts_with("ArrayOf"))
        .map(|(name, _)| name.to_lowercase());
    let (stems, names): (Vec<&str>, Vec<&str>) =
        lines(OF_SERVICES).partition(|line| line.ends_with('*'));
    let stems = stems
        .into_iter()
        .map(|stem| stem.trim_end_matches('*'))
        .collect();
    let names = names.into_iter().map(str::to_owned);
    (global.chain(names).collect(), stems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_several_values() {
        for key in [
            "aws:tagkeys",
            "aws:principalorgpaths",
            "dynamodb:leadingkeys",
            "events:metadata/x",
            "cognito-identity.amazonaws.com:amr",
        ] {
            assert!(is_multivalued(key), "{key}");
        }
        for key in ["aws:principalorgid", "aws:principaltag/x", "x:many", ""] {
            assert!(!is_multivalued(key), "{key}");
        }
    }
}
