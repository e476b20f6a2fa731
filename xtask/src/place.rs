//! Where things lie: the checkout, the cache outside version control, the tools found on the path.

use crate::error::TaskError;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The checkout.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// `$PALISADE_CACHE`, or `.cache` in the checkout: the virtual environment, fetched archives, tools.
pub(crate) fn cache() -> PathBuf {
    variable("PALISADE_CACHE").map_or_else(|| root().join(".cache"), PathBuf::from)
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    variable("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A variable of the environment that is set and not empty.
#[expect(
    clippy::disallowed_methods,
    reason = "a task has no command line module that reads the environment for it"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The first of these programs that the path has.
pub(crate) fn program(names: &[&str]) -> Option<PathBuf> {
    let path = variable("PATH")?;
    names
        .iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".to_owned()));
    command.current_dir(root());
    command
}

/// Runs the command to its end; anything but success is an error that shows the command.
pub(crate) fn succeed(command: &mut Command) -> Result<(), TaskError> {
    let status = command
        .status()
        .map_err(|error| TaskError::new(format!("{}: {error}", shown(command))))?;
    if status.success() {
        return Ok(());
    }
    Err(TaskError::new(format!("{}: {status}", shown(command))))
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
