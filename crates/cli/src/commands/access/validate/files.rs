//! The policies named on the command line.

use crate::failure::{Failure, said};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A policy's text and what messages call it.
pub(crate) struct Document {
    /// The path as typed.
    pub(crate) name: String,
    /// Its text; bytes that are no UTF-8 are told as the syntax errors that they are.
    pub(crate) text: String,
}

/// Longer files are no policies: AWS takes at most some tens of kilobytes.
const LONGEST: u64 = 8 << 20;

/// The files, and those named *.json in the folders, sorted.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<Document>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .take(LONGEST + 1)
                .read_to_end(&mut bytes)?;
            all.push(document("<stdin>".to_owned(), bytes)?);
        } else if path.is_dir() {
            let mut files = Vec::new();
            walk(path, 0, &mut files)?;
            files.sort_unstable();
            if files.is_empty() {
                return Err(Failure::usage(format!(
                    "`{}` has no file that ends in .json",
                    path.display()
                )));
            }
            for file in files {
                all.push(of_file(&file)?);
            }
        } else {
            all.push(of_file(path)?);
        }
    }
    Ok(all)
}

fn of_file(path: &Path) -> Result<Document, Failure> {
    let file = fs_err::File::open(path).map_err(|e| Failure::usage(said(&e)))?;
    let mut bytes = Vec::new();
    file.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::usage(said(&e)))?;
    document(path.display().to_string(), bytes)
}

fn document(name: String, bytes: Vec<u8>) -> Result<Document, Failure> {
    if bytes.len() as u64 > LONGEST {
        return Err(Failure::usage(format!(
            "`{name}` has more than {LONGEST} bytes, which no policy has"
        )));
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let text = text
        .strip_prefix('\u{feff}')
        .map_or(text.clone(), str::to_owned);
    Ok(Document { name, text })
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if depth > 32 {
        return Err(Failure::usage(format!(
            "`{}` lies too deep",
            folder.display()
        )));
    }
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, depth + 1, files)?;
        } else if path.extension().is_some_and(|end| end == "json") {
            files.push(path);
        }
    }
    Ok(())
}
