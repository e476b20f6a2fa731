//! CloudTrail's log files, as it delivers them: JSON, compressed or not.

use super::documents::below;
use crate::failure::{Failure, said};
use crate::terminal::Terminal;
use flate2::read::MultiGzDecoder;
use palisade_iam::generate::{Record, records};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file holds less: CloudTrail ends one after some minutes or some ten megabytes.
const LONGEST: u64 = 256 << 20;

/// The records of files and folders, in the order of their paths. A file that can't be read is told and left out.
///
/// # Errors
/// When there is no file, or no record in any of them.
pub(super) fn read(paths: &[PathBuf], terminal: &Terminal) -> Result<Vec<Record>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(below(path, &[".json", ".json.gz"])?);
        } else {
            files.push(path.clone());
        }
    }
    files.sort_unstable();
    files.dedup();
    if files.is_empty() {
        return Err(
            Failure::usage("there is no log file in what `--trail` names".to_owned())
                .hint("CloudTrail's files end in .json.gz or .json"),
        );
    }
    let mut all = Vec::new();
    let mut bad = 0;
    for file in &files {
        match one(file) {
            Ok(found) => all.extend(found),
            Err(why) => {
                bad += 1;
                terminal.note(&format!("{}: {why}; left out", file.display()));
            }
        }
    }
    if bad == files.len() {
        return Err(Failure::usage(
            "none of the log files could be read".to_owned(),
        ));
    }
    Ok(all)
}

fn one(path: &Path) -> Result<Vec<Record>, String> {
    let file = fs_err::File::open(path).map_err(|e| said(&e))?;
    let packed = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("gz"));
    let text = if packed {
        bounded(MultiGzDecoder::new(file))?
    } else {
        bounded(file)?
    };
    records(&text).map_err(|wrong| format!("record {}: {}", wrong.record, wrong.problem))
}

fn bounded(reader: impl Read) -> Result<String, String> {
    let mut text = String::new();
    let read = reader.take(LONGEST + 1).read_to_string(&mut text);
    read.map_err(|e| said(&e))?;
    if text.len() as u64 > LONGEST {
        return Err(format!("it has more than {LONGEST} bytes"));
    }
    Ok(text)
}
