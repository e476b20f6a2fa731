//! Signatures that minisign verifies: Ed25519 over BLAKE2b of the file.

use crate::failure::{Failure, said};
use minisign::{SecretKey, SecretKeyBox};
use std::io::IsTerminal as _;
use std::path::Path;

/// Reads a secret key; one with a password asks for it.
pub(super) fn key(path: &Path) -> Result<SecretKey, Failure> {
    let text = fs_err::read_to_string(path).map_err(|e| Failure::usage(said(&e)))?;
    let wrong = |error: minisign::PError| {
        Failure::usage(format!("`{}` can't sign: {error}", path.display()))
            .hint("`minisign -G -s FILE` makes a key, with `-W` one without a password")
    };
    let sealed = || SecretKeyBox::from_string(&text).map_err(wrong);
    match sealed()?.into_unencrypted_secret_key() {
        Ok(key) => Ok(key),
        Err(_) if std::io::stdin().is_terminal() => sealed()?.into_secret_key(None).map_err(wrong),
        Err(error) => Err(wrong(error)),
    }
}

/// The text of `FILE.minisig`.
pub(super) fn signature(key: &SecretKey, bytes: &[u8], comment: &str) -> Result<String, Failure> {
    let untrusted = "signature of a Palisade pack";
    minisign::sign(None, key, bytes, Some(comment), Some(untrusted))
        .map(minisign::SignatureBox::into_string)
        .map_err(Failure::unfinished)
}
