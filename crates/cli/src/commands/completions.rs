//! `palisade completions SHELL`

use crate::args::{Cli, Completions};
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use clap::CommandFactory as _;

/// Prints the script.
pub(crate) fn run(args: &Completions, terminal: &Terminal) -> Result<Done, Failure> {
    let mut output = terminal.output(None)?;
    clap_complete::generate(args.shell, &mut Cli::command(), "palisade", &mut output);
    output.finish()?;
    Ok(Done::Clean)
}
