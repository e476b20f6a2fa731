//! Where catalogue files come from: the binary itself, and a user's folder laid over it.

use super::{Text, unread};
use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

#[derive(RustEmbed)]
#[folder = "../../catalog"]
struct Files;

/// A tree of catalogue files.
pub trait Source {
    /// What errors call the tree.
    fn name(&self) -> String;
    /// The paths of all files, relative, with `/`, sorted.
    ///
    /// # Errors
    /// When the tree can't be listed.
    fn paths(&self) -> std::io::Result<Vec<String>>;
    /// Files that were meant to be read and are not, each with what is expected, sorted.
    ///
    /// # Errors
    /// When the tree can't be listed.
    fn unread(&self) -> std::io::Result<Vec<String>> {
        Ok(Vec::new())
    }
    /// A file's text.
    ///
    /// # Errors
    /// When it can't be read or is not UTF-8.
    fn text(&self, path: &str) -> std::io::Result<Text>;
}

/// The built-in catalogue.
#[derive(Debug, Clone, Copy, Default)]
pub struct Embedded;

impl Source for Embedded {
    fn name(&self) -> String {
        "catalog".to_owned()
    }

    fn paths(&self) -> std::io::Result<Vec<String>> {
        let mut paths: Vec<String> = Files::iter()
            .map(|p| p.replace('\\', "/"))
            .filter(|p| p.ends_with(".toml"))
            .collect();
        paths.sort_unstable();
        Ok(paths)
    }

    fn text(&self, path: &str) -> std::io::Result<Text> {
        let file = Files::get(path).ok_or(std::io::ErrorKind::NotFound)?;
        match file.data {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes)
                .map(Text::built)
                .map_err(std::io::Error::other),
            Cow::Owned(bytes) => String::from_utf8(bytes)
                .map(Text::from)
                .map_err(std::io::Error::other),
        }
    }
}

/// Any built-in file, models and the demo included.
#[must_use]
pub fn embedded_file(path: &str) -> Option<Cow<'static, [u8]>> {
    Files::get(path).map(|f| f.data)
}

/// The paths of the built-in files of a folder (`demo/`), sorted.
#[must_use]
pub fn embedded_files(folder: &str) -> Vec<String> {
    let mut paths: Vec<String> = Files::iter()
        .map(|p| p.replace('\\', "/"))
        .filter(|p| p.starts_with(folder))
        .collect();
    paths.sort_unstable();
    paths
}

/// A user's own folder. Its files are data: nothing in it is run, and it can call no operation that is not in the
/// built-in list of reads.
#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

/// A folder with more files than this is not a catalogue.
const MOST_FILES: usize = 20_000;

impl Source for Folder {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    fn paths(&self) -> std::io::Result<Vec<String>> {
        self.walk(|path| path.ends_with(".toml"))
    }

    fn unread(&self) -> std::io::Result<Vec<String>> {
        let paths = self.walk(|path| unread::why(path).is_some())?;
        let told = |path: &String| {
            let why = unread::why(path).unwrap_or_default();
            format!("`{}/{path}` is not read: {why}", self.name())
        };
        Ok(paths.iter().map(told).collect())
    }

    fn text(&self, path: &str) -> std::io::Result<Text> {
        fs_err::read_to_string(self.0.join(path)).map(Text::from)
    }
}

impl Folder {
    /// The paths of the files that are wanted, sorted.
    fn walk(&self, wanted: impl Fn(&str) -> bool) -> std::io::Result<Vec<String>> {
        let mut paths = Vec::new();
        walk(&self.0, "", &wanted, &mut paths, 0)?;
        paths.sort_unstable();
        Ok(paths)
    }
}

fn walk(
    folder: &Path,
    prefix: &str,
    wanted: &impl Fn(&str) -> bool,
    paths: &mut Vec<String>,
    depth: usize,
) -> std::io::Result<()> {
    if depth > 8 || paths.len() > MOST_FILES {
        return Err(std::io::Error::other(format!(
            "`{}` has too many files or levels for a catalogue",
            folder.display()
        )));
    }
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}/{name}")
        };
        // Links are not followed: a stranger's folder reaches nothing outside itself.
        let kind = entry.file_type()?;
        if kind.is_dir() && !name.starts_with('.') {
            walk(&folder.join(&name), &path, wanted, paths, depth + 1)?;
        } else if kind.is_file() && wanted(&path) {
            paths.push(path);
        }
    }
    Ok(())
}
