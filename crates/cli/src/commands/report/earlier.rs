//! The earlier pack of `--since`: compared with only if it is what it was when it was made.

use crate::failure::{Failure, said};
use crate::terminal::Terminal;
use minisign::{PublicKey, PublicKeyBox, SignatureBox};
use palisade_core::hex;
use palisade_report::pack::{FileOf, MANIFEST, Manifest, SCHEMA};
use sha2::{Digest as _, Sha256};
use std::io::{self, Cursor};
use std::path::{Component, Path};

/// Files that a message names; a pack may have hundreds.
const NAMED: usize = 5;

/// The manifest of an earlier pack, and its hash. Its files are those of the manifest; the manifest is that of whoever
/// has the key, where a public key is given.
pub(super) fn earlier(
    folder: &Path,
    key: Option<&Path>,
    terminal: &Terminal,
) -> Result<(Manifest, String), Failure> {
    let path = folder.join(MANIFEST);
    let bytes = fs_err::read(&path).map_err(|e| Failure::usage(said(&e)))?;
    match key {
        Some(key) => signed(folder, &bytes, key)?,
        None if signature(folder).is_file() => terminal.note(
            "the signature of the earlier pack was not looked at: `--since-key KEY.pub` does it",
        ),
        None => {}
    }
    let manifest: Manifest = serde_json::from_slice(&bytes)
        .ok()
        .filter(|manifest: &Manifest| manifest.schema == SCHEMA)
        .ok_or_else(|| {
            Failure::usage(format!("`{}` is no manifest of a pack", path.display()))
                .hint(format!("it says `\"schema\": \"{SCHEMA}\"`"))
        })?;
    whole(folder, &manifest)?;
    Ok((manifest, hex(&Sha256::digest(&bytes))))
}

fn signature(folder: &Path) -> std::path::PathBuf {
    folder.join(format!("{MANIFEST}.minisig"))
}

/// An error where the signature is missing or is not that of the key over the manifest.
fn signed(folder: &Path, manifest: &[u8], key: &Path) -> Result<(), Failure> {
    let read = |path: &Path| fs_err::read_to_string(path).map_err(|e| Failure::usage(said(&e)));
    let text = read(key)?;
    let public = PublicKeyBox::from_string(&text)
        .and_then(PublicKeyBox::into_public_key)
        .or_else(|_| PublicKey::from_base64(text.trim()))
        .map_err(|_| {
            Failure::usage(format!("`{}` is no public key of minisign", key.display()))
                .hint("`minisign -G` writes it into `minisign.pub`")
        })?;
    let path = signature(folder);
    let wrong = |e: minisign::PError| {
        Failure::usage(format!(
            "the earlier pack `{}` is not what `{}` has signed: {e}",
            folder.display(),
            key.display()
        ))
        .hint("compare with the pack as it was handed over")
    };
    let signature = SignatureBox::from_string(&read(&path)?).map_err(wrong)?;
    minisign::verify(
        &public,
        &signature,
        Cursor::new(manifest),
        true,
        false,
        false,
    )
    .map_err(wrong)
}

/// An error where a file is not the one that the manifest has hashed.
fn whole(folder: &Path, manifest: &Manifest) -> Result<(), Failure> {
    let wrong: Vec<String> = manifest
        .files
        .iter()
        .filter_map(|(path, file)| Some(format!("`{path}` {}", differs(folder, path, file)?)))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let more = wrong.len().saturating_sub(NAMED);
    let rest = match more {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let named: Vec<&str> = wrong.iter().take(NAMED).map(String::as_str).collect();
    Err(Failure::usage(format!(
        "the earlier pack `{}` is not what its manifest says: {}{rest}",
        folder.display(),
        named.join(", ")
    ))
    .hint("compare with the pack as it was made"))
}

/// What of a file is not as it was.
fn differs(folder: &Path, path: &str, file: &FileOf) -> Option<String> {
    // A manifest is a stranger's word: it names nothing outside its folder.
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
    if !Path::new(path).components().all(inside) {
        return Some("is outside of it".to_owned());
    }
    let hash = || {
        let mut hash = Sha256::new();
        io::copy(&mut fs_err::File::open(folder.join(path))?, &mut hash)?;
        Ok::<_, io::Error>(hex(&hash.finalize()))
    };
    match hash() {
        Ok(hash) if hash == file.sha256 => None,
        Ok(_) => Some("has changed (sha256 differs)".to_owned()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Some("is gone".to_owned()),
        Err(e) => Some(format!("can't be read ({})", said(&e))),
    }
}
