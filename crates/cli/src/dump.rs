//! Folders of the JSON that `aws ... describe-*` prints: `[accounts/<id>/][<region>/]*.json`.

use crate::failure::{Failure, said};
use palisade_network::Document;
use palisade_network::model::Place;
use serde_json::Value;
use std::io::BufReader;
use std::path::Path;

/// Deeper folders, or more files, than any dump has.
const DEEPEST: usize = 8;
const MOST_FILES: usize = 100_000;

/// Every JSON file below a folder, with the account and region that its folders tell. Names starting with a dot are
/// left out, and links are not followed.
pub(crate) fn documents(folder: &Path) -> Result<Vec<Document>, Failure> {
    if !folder.is_dir() {
        return Err(
            Failure::usage(format!("`{}` is not a folder", folder.display()))
                .hint("name a folder with the output of `aws ec2 describe-...` as *.json"),
        );
    }
    let mut names = Vec::new();
    list(folder, &mut Vec::new(), &mut names)?;
    if names.is_empty() {
        return Err(
            Failure::usage(format!("`{}` has no *.json in it", folder.display()))
                .hint("`aws ec2 describe-vpcs > vpcs.json` writes one"),
        );
    }
    names.sort();
    names.iter().map(|name| read(folder, name)).collect()
}

fn list(root: &Path, at: &mut Vec<String>, names: &mut Vec<Vec<String>>) -> Result<(), Failure> {
    let folder = at
        .iter()
        .fold(root.to_owned(), |path, part| path.join(part));
    for entry in fs_err::read_dir(&folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let kind = entry.file_type()?;
        at.push(name);
        if kind.is_dir() {
            if at.len() > DEEPEST {
                let text = format!("`{}` has too many levels of folders", folder.display());
                return Err(Failure::usage(text));
            }
            list(root, at, names)?;
        } else if kind.is_file() && at.last().is_some_and(|name| name.ends_with(".json")) {
            if names.len() >= MOST_FILES {
                let text = format!("`{}` has more than {MOST_FILES} files", root.display());
                return Err(Failure::usage(text));
            }
            names.push(at.clone());
        }
        at.pop();
    }
    Ok(())
}

fn read(root: &Path, name: &[String]) -> Result<Document, Failure> {
    let path = name
        .iter()
        .fold(root.to_owned(), |path, part| path.join(part));
    let file = fs_err::File::open(&path).map_err(|e| Failure::usage(said(&e)))?;
    let json: Value = serde_json::from_reader(BufReader::with_capacity(1 << 16, file))
        .map_err(|e| wrong(&path, &e))?;
    Ok(Document {
        name: name.join("/"),
        place: place(name),
        json,
    })
}

fn wrong(path: &Path, error: &serde_json::Error) -> Failure {
    let (line, column) = (error.line(), error.column());
    let shown = path.display();
    if error.is_eof() {
        return Failure::usage(format!("{shown}:{line}:{column}: the JSON is cut off"))
            .hint("write the file again");
    }
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    Failure::usage(format!("{shown}:{line}:{column}: not JSON: {text}"))
        .hint("the files are what `aws ... --output json` prints")
}

/// The account after a folder `accounts`, and the nearest folder that is named like a region.
fn place(name: &[String]) -> Place {
    let folders = name
        .split_last()
        .map_or(&[] as &[_], |(_, folders)| folders);
    let mut folders = folders.iter();
    let account = folders
        .clone()
        .position(|f| f == "accounts")
        .and_then(|at| folders.clone().nth(at + 1));
    let region = folders.rfind(|f| is_region(f));
    Place {
        account: account.cloned().unwrap_or_default(),
        region: region.cloned().unwrap_or_default(),
    }
}

/// Whether a folder is named like a region: `eu-west-1`, `us-gov-east-1`.
fn is_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let (Some(last), Some(first)) = (parts.last(), parts.first()) else {
        return false;
    };
    parts.len() >= 3
        && (2..=4).contains(&first.len())
        && last.len() <= 2
        && last.chars().all(|c| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_tell_account_and_region() {
        let of = |name: &str| {
            let parts: Vec<String> = name.split('/').map(str::to_owned).collect();
            let place = place(&parts);
            (place.account, place.region)
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            of("accounts/111122223333/eu-west-1/Vpcs.json"),
            pair("111122223333", "eu-west-1")
        );
        assert_eq!(of("us-gov-east-1/a.json"), pair("", "us-gov-east-1"));
        assert_eq!(of("vpcs.json"), pair("", ""));
        assert_eq!(of("my-dumps/vpcs.json"), pair("", ""));
    }

    #[test]
    fn a_file_that_is_cut_off_is_told_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("a.json"), "{\"Vpcs\": [\n  {").unwrap();
        let text = documents(dir.path()).unwrap_err().text();
        assert!(text.ends_with("a.json:2:3: the JSON is cut off"), "{text}");
        fs_err::write(dir.path().join("a.json"), "{]").unwrap();
        let text = documents(dir.path()).unwrap_err().text();
        assert!(text.contains("a.json:1:2: not JSON: "), "{text}");
    }
}
