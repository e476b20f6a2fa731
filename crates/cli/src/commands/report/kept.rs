//! The files of a pack in the making, hashed as they are written; the folder gets its name when it is whole.

use crate::failure::Failure;
use palisade_core::hex;
use palisade_report::pack::{FileOf, Folder};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder beside the one that is to be made.
pub(super) struct Kept {
    folder: TempDir,
    open: BTreeMap<String, Open>,
    closed: BTreeMap<String, FileOf>,
}

struct Open {
    file: BufWriter<fs_err::File>,
    hash: Sha256,
    bytes: u64,
}

impl Kept {
    /// A new folder in the one that will hold `out`.
    pub(super) fn beside(out: &Path) -> Result<Self, Failure> {
        let parent = match out.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        if !parent.is_dir() {
            return Err(Failure::usage(format!(
                "there is no folder `{}`",
                parent.display()
            )));
        }
        // Only its owner can enter it, as with reports and snapshots: findings name what is weak.
        let folder = tempfile::Builder::new()
            .prefix(".palisade-pack-")
            .tempdir_in(parent)?;
        private_folder(folder.path())?;
        Ok(Self {
            folder,
            open: BTreeMap::new(),
            closed: BTreeMap::new(),
        })
    }

    /// Closes the files that are open; all hashes so far.
    pub(super) fn close(&mut self) -> io::Result<BTreeMap<String, FileOf>> {
        for (path, mut open) in std::mem::take(&mut self.open) {
            open.file.flush()?;
            let file = FileOf {
                sha256: hex(&open.hash.finalize()),
                bytes: open.bytes,
            };
            self.closed.insert(path, file);
        }
        Ok(self.closed.clone())
    }

    /// Writes a file that the manifest does not name.
    pub(super) fn whole(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        private(&self.folder.path().join(name))?.write_all(bytes)
    }

    /// Gives the folder its name.
    pub(super) fn finish(self, out: &Path) -> io::Result<()> {
        if out.is_dir() {
            // It was empty when the work began; if it no longer is, this fails.
            fs_err::remove_dir(out)?;
        }
        let made = self.folder.keep();
        fs_err::rename(made, out)
    }

    fn begin(&self, path: &str) -> io::Result<Open> {
        let path = self.folder.path().join(path);
        if let Some(parent) = path.parent() {
            private_folder(parent)?;
        }
        Ok(Open {
            file: BufWriter::new(private(&path)?),
            hash: Sha256::new(),
            bytes: 0,
        })
    }
}

/// A new file that only its owner can read.
fn private(path: &Path) -> io::Result<fs_err::File> {
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// A folder that only its owner can enter.
fn private_folder(path: &Path) -> io::Result<()> {
    fs_err::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

impl Folder for Kept {
    fn append(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        if !self.open.contains_key(path) {
            let begun = self.begin(path)?;
            self.open.insert(path.to_owned(), begun);
        }
        if let Some(open) = self.open.get_mut(path) {
            open.file.write_all(bytes)?;
            open.hash.update(bytes);
            open.bytes += bytes.len() as u64;
        }
        Ok(())
    }
}
