//! The evidence of statements: a file is recorded by its hash, and a statement whose file has changed shows nothing.

use crate::failure::said;
use palisade_core::catalog::{Attestation, Attestations};
use palisade_core::hex;
use sha2::{Digest as _, Sha256};
use std::io;
use std::path::Path;

/// Whether evidence is a link; it is the path of a file otherwise.
pub(crate) fn is_link(evidence: &str) -> bool {
    evidence.contains("://")
}

/// SHA-256 as hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Leaves out the statements whose file is gone or is not what was recorded, and says so of each. A file is looked for
/// from here, where `attest` was given it, and beside the `file` of the statements.
pub(crate) fn verify(attestations: &mut Attestations, file: &Path) -> Vec<String> {
    let mut notes = Vec::new();
    attestations.entries.retain(|entry| {
        let Some(wrong) = wrong(entry, file) else {
            return true;
        };
        notes.push(format!(
            "warning: the evidence `{}` of the statement on `{}` {wrong}: the statement does not count",
            entry.evidence, entry.recommendation
        ));
        false
    });
    notes
}

/// What is wrong with the file of a statement, where it has one with a hash.
fn wrong(entry: &Attestation, file: &Path) -> Option<String> {
    let recorded = entry.sha256.as_ref()?;
    if is_link(&entry.evidence) {
        return None;
    }
    match read(Path::new(&entry.evidence), file) {
        Ok(bytes) if sha256(&bytes).eq_ignore_ascii_case(recorded) => None,
        Ok(_) => Some("has changed since (sha256 differs)".to_owned()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Some("is gone".to_owned()),
        Err(e) => Some(format!("can't be read ({})", said(&e))),
    }
}

fn read(evidence: &Path, file: &Path) -> io::Result<Vec<u8>> {
    match fs_err::read(evidence) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            fs_err::read(file.with_file_name("").join(evidence))
        }
        other => other,
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
        ]);
        let notes = verify(&mut all, &file);
        assert_eq!(all.entries.len(), 2);
        assert_eq!(
            notes,
            [
                "warning: the evidence `m.txt` of the statement on `red-team` has changed since (sha256 differs): the statement does not count",
                "warning: the evidence `n.txt` of the statement on `red-team` is gone: the statement does not count",
            ]
        );
    }
}
