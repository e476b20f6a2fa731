//! The policies named on the command line: files, and the `.json` files of folders.

use crate::failure::{Failure, said};
use palisade_iam::parse::json;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file's bytes.
pub(super) struct Document {
    /// The path as messages show it.
    pub(super) path: PathBuf,
    /// The path in the folder named; empty for a file that is named itself.
    pub(super) inside: PathBuf,
    /// What it holds.
    pub(super) bytes: Vec<u8>,
}

/// A policy's text and what messages call it.
pub(super) struct Text {
    /// The path as typed.
    pub(super) name: String,
    /// Its text, without a byte order mark.
    pub(super) text: String,
}

/// Longer files are no policies: AWS takes at most some tens of kilobytes.
const LONGEST: u64 = 8 << 20;

/// Folders nest no deeper than this; a link may lead back.
const DEEPEST: usize = 32;

/// The file, or those of the folder, sorted by path.
pub(super) fn read(path: &Path) -> Result<Vec<Document>, Failure> {
    let mut paths = Vec::new();
    if path.is_dir() {
        paths = below(path, &[".json"])?;
        if paths.is_empty() {
            return Err(Failure::usage(format!(
                "`{}` has no file that ends in .json",
                path.display()
            )));
        }
    } else {
        paths.push(path.to_owned());
    }
    paths
        .into_iter()
        .map(|file| {
            let reader = fs_err::File::open(&file).map_err(|e| Failure::usage(said(&e)))?;
            Ok(Document {
                bytes: bounded(reader, &file.display().to_string())?,
                inside: file.strip_prefix(path).unwrap_or(&file).to_owned(),
                path: file,
            })
        })
        .collect()
}

/// The texts of files and folders; `-` is stdin. Bytes that are no UTF-8 are an error, with their place.
pub(super) fn texts(paths: &[PathBuf]) -> Result<Vec<Text>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            let name = "<stdin>";
            let bytes = bounded(std::io::stdin().lock(), name)?;
            all.push(text(name.to_owned(), &bytes)?);
            continue;
        }
        for document in read(path)? {
            all.push(text(document.path.display().to_string(), &document.bytes)?);
        }
    }
    Ok(all)
}

fn text(name: String, bytes: &[u8]) -> Result<Text, Failure> {
    match json::text(bytes) {
        Ok(text) => Ok(Text {
            text: text.to_owned(),
            name,
        }),
        Err(wrong) => Err(Failure::usage(format!(
            "{name}:{}:{}: {}",
            wrong.at.line, wrong.at.column, wrong.problem
        ))),
    }
}

/// All that a reader gives, unless it is more than a policy.
fn bounded(reader: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    reader
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::usage(said(&e)))?;
    if bytes.len() as u64 > LONGEST {
        return Err(Failure::usage(format!(
            "`{name}` has more than {LONGEST} bytes, which no policy has"
        )));
    }
    Ok(bytes)
}

/// The files below a folder whose names, in small letters, have one of these ends, in the order of their paths.
pub(super) fn below(folder: &Path, ends: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    walk(folder, ends, 0, &mut files)?;
    files.sort_unstable();
    Ok(files)
}

fn walk(
    folder: &Path,
    ends: &[&str],
    depth: usize,
    files: &mut Vec<PathBuf>,
) -> Result<(), Failure> {
    if depth > DEEPEST {
        return Err(Failure::usage(format!(
            "`{}` lies too deep",
            folder.display()
        )));
    }
    for entry in fs_err::read_dir(folder).map_err(|e| Failure::usage(said(&e)))? {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase());
        if path.is_dir() {
            walk(&path, ends, depth + 1, files)?;
        } else if name.is_some_and(|name| ends.iter().any(|end| name.ends_with(end))) {
            files.push(path);
        }
    }
    Ok(())
}
