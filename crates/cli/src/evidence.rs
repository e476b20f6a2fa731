//! The evidence of statements: a link, or a file beside the statements that is recorded by its hash. A statement whose
//! evidence is neither, or has changed, shows nothing.

use crate::failure::{Failure, said};
use palisade_core::catalog::{Attestation, Attestations, Void};
use palisade_core::hex;
use sha2::{Digest as _, Sha256};
use std::io;
use std::path::{Component, Path, PathBuf};

/// Whether evidence is a link; it is the path of a file otherwise.
pub(crate) fn is_link(evidence: &str) -> bool {
    evidence.contains("://")
}

/// Whether a link leads to somebody: `scheme://host` (RFC 3986).
pub(crate) fn has_host(link: &str) -> bool {
    let Some((_, rest)) = link.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.starts_with(|first: char| first.is_alphanumeric() || first == '[')
}

/// SHA-256 as hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A file as the statements name it: from their folder on, so that it is found wherever the program runs. A whole path
/// stays one.
pub(crate) fn from_beside(statements: &Path, evidence: &Path) -> Result<PathBuf, Failure> {
    if evidence.is_absolute() {
        return Ok(evidence.to_owned());
    }
    let whole = |path: &Path| {
        let folder = folder(path);
        fs_err::canonicalize(folder)
            .map_err(|_| Failure::usage(format!("there is no folder `{}`", folder.display())))
    };
    let (from, to) = (whole(statements)?, whole(evidence)?);
    let pairs = from.components().zip(to.components());
    let shared = pairs.take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    let down = to.components().skip(shared);
    let name = evidence.file_name().map(Component::Normal);
    Ok(up.chain(down).chain(name).collect())
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Sets the statements aside whose evidence shows nothing, and says so of each. `file` is that of the statements:
/// evidence is looked for beside it.
pub(crate) fn verify(attestations: &mut Attestations, file: &Path) -> Vec<String> {
    let mut notes = Vec::new();
    for statement in std::mem::take(&mut attestations.entries) {
        let Some(why) = wrong(&statement, folder(file)) else {
            attestations.entries.push(statement);
            continue;
        };
        notes.push(format!(
            "warning: the evidence `{}` of the statement on `{}` {why}: the statement does not count",
            statement.evidence, statement.recommendation
        ));
        attestations.void.push(Void { statement, why });
    }
    notes
}

/// What is wrong with the evidence of a statement in a folder.
fn wrong(statement: &Attestation, folder: &Path) -> Option<String> {
    let evidence = statement.evidence.trim();
    if is_link(evidence) {
        return (!has_host(evidence)).then(|| "is a link that names no host".to_owned());
    }
    let recorded = statement.sha256.as_ref();
    let bytes = match fs_err::read(folder.join(evidence)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let why = match recorded {
                Some(_) => "is gone",
                None => "is neither a link nor a file that is there",
            };
            return Some(why.to_owned());
        }
        Err(e) => return Some(format!("can't be read ({})", said(&e))),
    };
    match recorded {
        None => Some("is a file without its `sha256`, as `palisade attest` records it".to_owned()),
        Some(recorded) if sha256(&bytes).eq_ignore_ascii_case(recorded) => None,
        Some(_) => Some("has changed since (sha256 differs)".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(evidence: &str, sha256: Option<String>) -> Attestation {
        Attestation {
            recommendation: "red-team".to_owned(),
            account: None,
            statement: "held".to_owned(),
            by: "ada".to_owned(),
            date: "2026-11-01".parse().unwrap(),
            expires: "2027-11-01".parse().unwrap(),
            evidence: evidence.to_owned(),
            sha256,
        }
    }

    #[test]
    fn only_what_is_as_it_was_counts() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("attestations.toml");
        fs_err::write(folder.path().join("m.txt"), "held").unwrap();
        let mut all = Attestations::from(vec![
            statement("https://wiki/red-team", None),
            statement("m.txt", Some(sha256(b"held").to_uppercase())),
            statement("m.txt", Some(sha256(b"never held"))),
            statement("n.txt", Some(sha256(b"held"))),
            statement("m.txt", None),
            statement("yes trust me", None),
            statement("https://", None),
        ]);
        let notes = verify(&mut all, &file);
        assert_eq!(all.entries.len(), 2);
        assert_eq!(all.void.len(), 5);
        assert_eq!(
            notes,
            [
                "warning: the evidence `m.txt` of the statement on `red-team` has changed since (sha256 differs): the statement does not count",
                "warning: the evidence `n.txt` of the statement on `red-team` is gone: the statement does not count",
                "warning: the evidence `m.txt` of the statement on `red-team` is a file without its `sha256`, as `palisade attest` records it: the statement does not count",
                "warning: the evidence `yes trust me` of the statement on `red-team` is neither a link nor a file that is there: the statement does not count",
                "warning: the evidence `https://` of the statement on `red-team` is a link that names no host: the statement does not count",
            ]
        );
    }

    #[test]
    fn a_link_leads_to_a_host() {
        for link in [
            "https://wiki",
            "https://me@wiki:8443/page",
            "s3://bucket/minutes.pdf",
            "http://[::1]/x",
        ] {
            assert!(has_host(link), "{link}");
        }
        for link in ["https://", "https:///page", "https://:443/x", "://"] {
            assert!(!has_host(link), "{link}");
        }
    }

    #[test]
    fn a_file_is_named_from_the_folder_of_the_statements() {
        let root = tempfile::tempdir().unwrap();
        let within = |path: &str| root.path().join(path);
        fs_err::create_dir_all(within("a/b")).unwrap();
        let whole = within("a/m.txt");
        assert_eq!(from_beside(&within("x.toml"), &whole).unwrap(), whole);
        let named = |statements: &str| from_beside(Path::new(statements), Path::new("Cargo.toml"));
        assert_eq!(named("x.toml").unwrap(), Path::new("Cargo.toml"));
        assert_eq!(named("src/x.toml").unwrap(), Path::new("../Cargo.toml"));
        assert!(named("nowhere/x.toml").is_err());
    }
}
