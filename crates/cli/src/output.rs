//! Where data goes: stdout, or a file that is written whole or not at all.

use crate::failure::{Failure, said};
use serde::Serialize;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A stream of data.
pub(crate) enum Output {
    /// stdout.
    Screen(BufWriter<Screen>),
    /// A device or a pipe that has a name.
    Device(BufWriter<fs_err::File>),
    /// A file under a temporary name, which goes with the value if it is never finished.
    File {
        /// The open file.
        writer: BufWriter<NamedTempFile>,
        /// Its name at the end.
        name: PathBuf,
    },
}

/// stdout. A reader that has seen enough (`| head`) is no error: what follows is dropped, and the exit status still
/// tells what was found. Work that is done for the reader alone stops instead.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    closed: bool,
    /// Whether a reader that is gone ends the work: each write is then an error.
    stops: bool,
}

impl Output {
    /// Opens stdout, or the file named.
    ///
    /// A report tells as much as a snapshot: only its owner may read the file.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, Failure> {
        let Some(name) = file else {
            return Ok(Self::Screen(BufWriter::new(Screen::default())));
        };
        let shown = name.display();
        // A link's target is written, not the link.
        let name = fs_err::canonicalize(name).unwrap_or_else(|_| name.to_owned());
        if name.is_dir() {
            return Err(
                Failure::usage(format!("`{shown}` is a folder")).hint(format!(
                    "name a file in it: `{}`",
                    name.join("report").display()
                )),
            );
        }
        if name.exists() && !name.is_file() {
            let device = fs_err::OpenOptions::new().write(true).open(&name)?;
            return Ok(Self::Device(BufWriter::new(device)));
        }
        let folder = match name.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            return Err(Failure::usage(format!(
                "`{shown}` can't be written: there is no folder `{}`",
                folder.display()
            ))
            .hint(format!("`mkdir -p {}` makes it", folder.display())));
        }
        let file = NamedTempFile::with_prefix_in(".palisade-", folder)
            .map_err(|e| Failure::usage(format!("`{shown}` can't be written: {}", cause(&e))))?;
        Ok(Self::File {
            writer: BufWriter::with_capacity(1 << 16, file),
            name,
        })
    }

    /// Ends the work with an error when the reader of stdout is gone, in place of writing on to nobody.
    pub(crate) fn stopping(mut self) -> Self {
        if let Self::Screen(writer) = &mut self {
            writer.get_mut().stops = true;
        }
        self
    }

    /// Whether the reader of stdout is gone.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self, Self::Screen(writer) if writer.get_ref().closed)
    }

    /// Writes a document for programs and people: indented, a line break at its end.
    pub(crate) fn json(&mut self, document: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_writer_pretty(&mut *self, document).map_err(Failure::unfinished)?;
        self.write_all(b"\n")?;
        Ok(())
    }

    /// Closes the stream; a file gets its name now, once its bytes are on the disk.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Self::Screen(mut w) => w.flush(),
            Self::Device(mut w) => w.flush().map_err(|e| unwritten(w.get_ref().path(), &e)),
            Self::File { writer, name } => {
                let file = writer
                    .into_inner()
                    .map_err(|e| unwritten(&name, e.error()))?;
                let synced = file.as_file().sync_all();
                synced.map_err(|e| unwritten(&name, &e))?;
                file.persist(&name)
                    .map_err(|e| unwritten(&name, &e.error))?;
                Ok(())
            }
        }
    }
}

/// Writes a file of the user's anew: whole, or the old one stays as it was. Whoever may read the old one may read the new.
pub(crate) fn replace(name: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut output = Output::open(Some(name))?;
    if let Output::File { writer, name } = &output
        && let Ok(old) = fs_err::metadata(name)
    {
        let file = writer.get_ref().as_file();
        file.set_permissions(old.permissions())
            .map_err(|e| unwritten(name, &e))?;
    }
    output.write_all(bytes)?;
    Ok(output.finish()?)
}

/// That a file can't be written, under the name that the user gave it: that of the temporary file says nothing.
fn unwritten(name: &Path, error: &io::Error) -> io::Error {
    let name = name.display();
    let words = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!("the disk is full while writing `{name}`")
        }
        _ => format!("`{name}` can't be written: {}", cause(error)),
    };
    io::Error::new(error.kind(), words)
}

/// The system's words without the name of the temporary file.
fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "its folder takes no files".to_owned(),
        io::ErrorKind::Other => said(error),
        kind => kind.to_string(),
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Screen(w) => w.write(bytes),
            Self::Device(w) => w
                .write(bytes)
                .map_err(|e| unwritten(w.get_ref().path(), &e)),
            Self::File { writer, name } => writer.write(bytes).map_err(|e| unwritten(name, &e)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Screen(w) => w.flush(),
            Self::Device(w) => w.flush().map_err(|e| unwritten(w.get_ref().path(), &e)),
            Self::File { writer, name } => writer.flush().map_err(|e| unwritten(name, &e)),
        }
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return self.gone(bytes.len());
        }
        let result = io::stdout().write(bytes);
        self.unless_closed(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return self.gone(());
        }
        let result = io::stdout().flush();
        self.unless_closed(result, ())
    }
}

impl Screen {
    fn unless_closed<T>(&mut self, result: io::Result<T>, otherwise: T) -> io::Result<T> {
        match result {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                self.gone(otherwise)
            }
            other => other,
        }
    }

    /// What a write to nobody gives.
    fn gone<T>(&self, otherwise: T) -> io::Result<T> {
        if self.stops {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(otherwise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.txt");
        let mut output = Output::open(Some(&path)).unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 0);
        let mut output = Output::open(Some(&path)).unwrap();
        output.write_all(b"whole").unwrap();
        output.finish().unwrap();
        assert_eq!(fs_err::read(&path).unwrap(), b"whole");
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn only_the_owner_may_read_a_report() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.txt");
        Output::open(Some(&path)).unwrap().finish().unwrap();
        let mode = fs_err::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_is_replaced_is_read_by_those_who_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("attestations.toml");
        fs_err::write(&path, "old").unwrap();
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs_err::read(&path).unwrap(), b"new");
        let mode = fs_err::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_error_names_the_file_that_was_asked_for() {
        let told = |kind| unwritten(Path::new("out/report.html"), &io::Error::from(kind));
        let full = told(io::ErrorKind::StorageFull);
        assert_eq!(
            full.to_string(),
            "the disk is full while writing `out/report.html`"
        );
        assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        assert_eq!(
            told(io::ErrorKind::PermissionDenied).to_string(),
            "`out/report.html` can't be written: permission denied"
        );
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_as_such() {
        let mut output = Output::open(Some(Path::new("/dev/full"))).unwrap();
        let written = output.write_all(b"x").and_then(|()| output.finish());
        assert_eq!(
            written.unwrap_err().to_string(),
            "the disk is full while writing `/dev/full`"
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_device_is_written_and_never_replaced() {
        let null = Path::new("/dev/null");
        let mut output = Output::open(Some(null)).unwrap();
        assert!(matches!(output, Output::Device(_)));
        output.write_all(b"x").unwrap();
        output.finish().unwrap();
        assert!(!null.is_file());
    }
}
