//! Files of a user's catalogue that nothing reads. A file in the wrong place would be missed in silence: a control that
//! was written is never asked.

use crate::near;

/// The folders that are read.
const FOLDERS: [&str; 5] = [
    "controls",
    "derived",
    "frameworks",
    "recommendations",
    "tables",
];
/// Folders of the built-in catalogue that others read.
const OTHERS: [&str; 4] = ["authorization", "demo", "editions", "models"];
/// Files that a user keeps beside a catalogue, and commands look for.
const BESIDE: [&str; 3] = ["attestations.toml", "exceptions.toml", "palisade.toml"];

/// Why nothing reads a file, and what is expected; `None` where it is read, or is none that was meant to be.
pub(super) fn why(path: &str) -> Option<String> {
    let is_entry = path.ends_with(".toml");
    let Some((folder, rest)) = path.split_once('/') else {
        let meant = is_entry && !BESIDE.contains(&path);
        return meant.then(|| {
            format!(
                "it stands in none of the folders of a catalogue: move it into one of {}",
                folders()
            )
        });
    };
    if FOLDERS.contains(&folder) {
        let file = rest.rsplit('/').next().unwrap_or(rest);
        let is_note = file.ends_with(".md") || file.starts_with('.');
        let stem = file.split('.').next().unwrap_or(file);
        return (!is_entry && !is_note)
            .then(|| format!("an entry's file ends in `.toml`: call it `{stem}.toml`"));
    }
    if !is_entry || OTHERS.contains(&folder) {
        return None;
    }
    let names = FOLDERS.map(str::to_owned);
    Some(match near::near(folder, &names).first() {
        Some(near) => format!("a catalogue has no folder `{folder}`: did you mean `{near}`?"),
        None => format!("a catalogue has no folder `{folder}`, only {}", folders()),
    })
}

fn folders() -> String {
    FOLDERS.map(|folder| format!("`{folder}/`")).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_or_not_meant_to_be_is_nothing_to_tell() {
        for path in [
            "controls/sqs/x.toml",
            "tables/x.toml",
            "palisade.toml",
            "README.md",
            "controls/README.md",
            "models/reads.toml",
            "scripts/run.sh",
        ] {
            assert_eq!(why(path), None, "{path}");
        }
    }

    #[test]
    fn what_was_meant_is_told() {
        let told = |path: &str| why(path).unwrap();
        assert!(told("control/sqs/x.toml").contains("did you mean `controls`?"));
        assert!(told("x.toml").contains("move it into one of `controls/`, `derived/`"));
        assert!(told("controls/x.tml").contains("call it `x.toml`"));
        assert!(told("zzz/x.toml").contains("no folder `zzz`, only `controls/`"));
    }
}
