//! Where the cases of other projects lie: `PALISADE_PEERS`, or beside the checkout. They are not part of the repository.

use palisade_network::model::Place;
use palisade_network::{Document, Network, from_dump};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder, or `None` with a word on what is left out.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/peers");
    let root = std::env::var_os("PALISADE_PEERS")
        .map_or(beside, PathBuf::from)
        .join(name);
    if root.is_dir() {
        return Some(root);
    }
    say(&format!(
        "skipped: {name} is not there (set PALISADE_PEERS)"
    ));
    None
}

/// A word for those who run the tests.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Every JSON file below a folder, with account and Region from `accounts/<id>/<region>/`.
pub(crate) fn load(folder: &Path) -> Network {
    let mut files = Vec::new();
    gather(folder, &mut files);
    files.sort();
    let documents: Vec<Document> = files
        .iter()
        .map(|path| {
            let parts: Vec<&str> = path
                .strip_prefix(folder)
                .unwrap()
                .iter()
                .map(|part| part.to_str().unwrap())
                .collect();
            let account = parts
                .iter()
                .position(|part| *part == "accounts")
                .map_or("", |at| parts[at + 1]);
            let region = if parts.len() > 1 {
                parts[parts.len() - 2]
            } else {
                ""
            };
            let place = Place {
                account: account.to_owned(),
                region: region.to_owned(),
            };
            Document {
                name: path.display().to_string(),
                place,
                json: serde_json::from_slice(&fs_err::read(path).unwrap()).unwrap(),
            }
        })
        .collect();
    Network::new(from_dump(&documents).0)
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, files);
        } else if path.extension().is_some_and(|ext| ext == "json") {
            files.push(path);
        }
    }
}
