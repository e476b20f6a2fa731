//! The two streams: data on stdout, everything else on stderr.

use crate::args::Cli;
use crate::failure::{Failure, rendered};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::Path;

/// What the streams can do.
#[derive(Debug, Clone)]
pub(crate) struct Terminal {
    /// Say less.
    pub(crate) quiet: bool,
    /// Whether stdout may have colours.
    pub(crate) colour: bool,
    /// Columns of stdout.
    pub(crate) width: usize,
    /// Whether stderr is a terminal: only then is there a progress bar.
    pub(crate) progress: bool,
}

impl Terminal {
    /// Looks at the streams and the environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the environment is read here, once"
    )]
    pub(crate) fn detect(cli: &Cli) -> Self {
        let on_screen = io::stdout().is_terminal();
        let no_colour = cli.no_color || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
        let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        let width = columns
            .or_else(|| terminal_size::terminal_size().map(|(w, _)| usize::from(w.0)))
            .unwrap_or(100);
        Self {
            quiet: cli.quiet,
            colour: on_screen && !no_colour,
            width: width.clamp(40, 200),
            progress: io::stderr().is_terminal() && !cli.quiet,
        }
    }

    /// Where data goes: stdout, or a file that is written whole or not at all.
    pub(crate) fn output(&self, file: Option<&Path>) -> Result<Output, Failure> {
        Output::open(file)
    }

    /// How a report for people looks here.
    pub(crate) const fn options(&self, verbose: bool) -> palisade_report::Options {
        palisade_report::Options {
            width: self.width,
            colour: self.colour,
            quiet: self.quiet,
            verbose,
        }
    }

    /// A line for people, on stderr.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            // stderr that is gone is no reason to stop.
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// A failure, with its hint.
    pub(crate) fn failure(&self, failure: &Failure) {
        let mut err = io::stderr().lock();
        let colour = self.colour && io::stderr().is_terminal();
        let _ = match failure {
            Failure::Usage(m) | Failure::Unfinished(m) => {
                let hint = m
                    .hint
                    .as_ref()
                    .map_or_else(String::new, |h| format!("\nhint: {h}"));
                writeln!(err, "error: {}{hint}", m.text)
            }
            Failure::Files(errors) => errors
                .iter()
                .try_for_each(|e| writeln!(err, "{}", rendered(e, colour, self.width).trim_end())),
        };
    }
}

/// A stream of data.
pub(crate) enum Output {
    /// stdout.
    Screen(BufWriter<io::Stdout>),
    /// A file under a temporary name.
    File {
        /// The open file.
        writer: BufWriter<fs_err::File>,
        /// Its temporary name.
        temporary: std::path::PathBuf,
        /// Its name at the end.
        name: std::path::PathBuf,
    },
}

impl Output {
    fn open(file: Option<&Path>) -> Result<Self, Failure> {
        let Some(name) = file else {
            return Ok(Self::Screen(BufWriter::new(io::stdout())));
        };
        let mut temporary = name.as_os_str().to_owned();
        temporary.push(".partial");
        let temporary = std::path::PathBuf::from(temporary);
        let writer = BufWriter::with_capacity(1 << 16, create_private(&temporary)?);
        Ok(Self::File {
            writer,
            temporary,
            name: name.to_owned(),
        })
    }

    /// Closes the stream; a file gets its name now.
    pub(crate) fn finish(self) -> io::Result<()> {
        match self {
            Self::Screen(mut w) => w.flush(),
            Self::File {
                mut writer,
                temporary,
                name,
            } => {
                writer.flush()?;
                drop(writer);
                fs_err::rename(temporary, name)
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Screen(w) => w.write(bytes),
            Self::File { writer, .. } => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Screen(w) => w.flush(),
            Self::File { writer, .. } => writer.flush(),
        }
    }
}

/// A report tells as much as a snapshot: only its owner may read it.
fn create_private(path: &Path) -> io::Result<fs_err::File> {
    let mut options = fs_err::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
