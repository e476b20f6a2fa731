//! The two streams: data on stdout, everything else on stderr.

use crate::args::Cli;
use crate::failure::{Failure, listed};
use crate::output::Output;
use std::io::{self, IsTerminal as _, Write as _};
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
    /// Whether stdout is a terminal.
    pub(crate) on_screen: bool,
    /// Whether there is a progress bar: stderr is a terminal, and no log goes there.
    pub(crate) progress: bool,
    /// Whether stderr may have colours.
    pub(crate) paint_log: bool,
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
            on_screen,
            progress: io::stderr().is_terminal() && !cli.quiet && cli.verbose == 0,
            paint_log: io::stderr().is_terminal() && !no_colour,
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

    /// Lines for people, the first ten of them: a folder of dumps can give thousands.
    pub(crate) fn notes(&self, lines: &[String]) {
        const MOST: usize = 10;
        for line in lines.iter().take(MOST) {
            self.note(line);
        }
        let more = lines.len().saturating_sub(MOST);
        if more > 0 {
            self.note(&format!("... and {more} more of {}", lines.len()));
        }
    }

    /// A failure, with its hint.
    pub(crate) fn failure(&self, failure: &Failure) {
        let mut err = io::stderr().lock();
        let colour = self.paint_log;
        let _ = match failure {
            Failure::Usage(m) | Failure::Unfinished(m) => {
                let hint = m
                    .hint
                    .as_ref()
                    .map_or_else(String::new, |h| format!("\nhint: {h}"));
                writeln!(err, "error: {}{hint}", m.text)
            }
            Failure::Files(errors) => err.write_all(listed(errors, colour, self.width).as_bytes()),
        };
    }
}
