//! `palisade access ...`: who can do what, decided by the policies themselves.

mod lines;
mod simulate;
mod validate;

use crate::args::Access;
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;

/// Runs the question asked.
pub(crate) fn run(access: &Access, terminal: &Terminal) -> Result<Done, Failure> {
    match access {
        Access::Simulate(args) => simulate::run(args, terminal),
        Access::Validate(args) => validate::run(args, terminal),
    }
}
