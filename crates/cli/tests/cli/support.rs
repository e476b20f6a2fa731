//! The program in a folder of its own, and what it shows.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that the program runs in.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, text).unwrap();
        path
    }

    /// The program with nothing of the caller's environment.
    pub(crate) fn palisade(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_palisade"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path().join("home"))
            // A catalogue that has proved itself once need not do it for each test.
            .env(
                "XDG_STATE_HOME",
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("state"),
            )
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("COLUMNS", "80");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.palisade(arguments).output().unwrap()
    }

    /// What a run shows, as a snapshot.
    pub(crate) fn show(&self, arguments: &[&str]) -> String {
        self.shown(&self.run(arguments))
    }

    pub(crate) fn shown(&self, output: &Output) -> String {
        let text = |bytes: &[u8]| self.without_places(&String::from_utf8_lossy(bytes));
        format!(
            "exit {}\n--- stdout\n{}--- stderr\n{}",
            output
                .status
                .code()
                .map_or_else(|| "by a signal".to_owned(), |c| c.to_string()),
            text(&output.stdout),
            text(&output.stderr)
        )
    }

    /// The text without what differs from machine to machine; lines without the spaces at their ends.
    fn without_places(&self, text: &str) -> String {
        let here = self.path().canonicalize().unwrap();
        text.replace(&here.display().to_string(), "[HERE]")
            .replace(&self.path().display().to_string(), "[HERE]")
            .replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
            .lines()
            .filter(|line| !line.starts_with("the catalogue is new here"))
            .map(|line| format!("{}\n", line.trim_end()))
            .collect()
    }

    /// The demo's snapshot in a folder, to be damaged.
    pub(crate) fn demo(&self) -> PathBuf {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/demo");
        let to = self.path().join("snap");
        copy(&from, &to);
        to
    }
}

fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in fs_err::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs_err::copy(entry.path(), target).unwrap();
        }
    }
}

/// One stable control, so that the catalogue may grow.
pub(crate) const ONE: &[&str] = &["assess", "--demo", "--control", "s3-bucket-versioning"];

pub(crate) fn one<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ONE.iter().chain(more).copied().collect()
}
