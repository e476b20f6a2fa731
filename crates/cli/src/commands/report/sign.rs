//! Signatures that minisign verifies: Ed25519 over BLAKE2b of the file.

use crate::failure::{Failure, said};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minisign::{PublicKey, SecretKey, SecretKeyBox};
use std::io::IsTerminal as _;
use std::path::Path;

/// How a secret key is laid out: the algorithm, that of its password, that of its checksum, the password's salt and its
/// two limits, the key's number, the key, the checksum.
const LENGTH: usize = 2 + 2 + 2 + 32 + 8 + 8 + 8 + 64 + CHECKSUM;
const CHECKSUM: usize = 32;
/// Where the algorithm of the password stands, and what it is in a key without one.
const PASSWORD: std::ops::Range<usize> = 2..4;
const NO_PASSWORD: [u8; 2] = [0, 0];

/// Reads a secret key; one with a password asks for it.
pub(super) fn key(path: &Path) -> Result<SecretKey, Failure> {
    let text = fs_err::read_to_string(path).map_err(|e| Failure::usage(said(&e)))?;
    let wrong = |error: minisign::PError| {
        Failure::usage(format!("`{}` can't sign: {error}", path.display()))
            .hint("`minisign -G -s FILE` makes a key, with `-W` one without a password")
    };
    let sealed = || SecretKeyBox::from_string(&text).map_err(wrong);
    if let Some(key) = unchecked(&text) {
        // Nothing but a signature tells whether such a key is whole.
        sign(&key, b"", "").map_err(wrong)?;
        return Ok(key);
    }
    match sealed()?.into_unencrypted_secret_key() {
        Ok(key) => Ok(key),
        Err(_) if std::io::stdin().is_terminal() => sealed()?.into_secret_key(None).map_err(wrong),
        Err(error) => Err(wrong(error)),
    }
}

/// A key without a password whose checksum was left out: minisign 0.11 writes zeros there and looks at no checksum,
/// while the crate asks for one.
fn unchecked(text: &str) -> Option<SecretKey> {
    let bytes = STANDARD.decode(text.lines().nth(1)?.trim()).ok()?;
    let checksum = bytes.get(LENGTH - CHECKSUM..)?;
    let left_out = bytes.len() == LENGTH
        && bytes.get(PASSWORD)? == NO_PASSWORD.as_slice()
        && checksum.iter().all(|byte| *byte == 0);
    left_out
        .then(|| SecretKey::from_bytes(&bytes).ok())
        .flatten()
}

/// The text of `FILE.minisig`.
pub(super) fn signature(key: &SecretKey, bytes: &[u8], comment: &str) -> Result<String, Failure> {
    sign(key, bytes, comment).map_err(Failure::unfinished)
}

/// Signs, and verifies what was signed with the key's own public half.
fn sign(key: &SecretKey, bytes: &[u8], comment: &str) -> Result<String, minisign::PError> {
    let public = PublicKey::from_secret_key(key)?;
    let untrusted = "signature of a Palisade pack";
    minisign::sign(Some(&public), key, bytes, Some(comment), Some(untrusted))
        .map(minisign::SignatureBox::into_string)
}
