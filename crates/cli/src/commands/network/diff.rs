//! `palisade network diff OLDER NEWER`

use super::words::traffic;
use crate::args::NetworkDiff;
use crate::failure::{Done, Failure};
use crate::terminal::Terminal;
use palisade_core::State;
use palisade_network::ask::{self, DiffAnswer};
use palisade_report::Page;
use std::io;

/// Tells what opened and what closed for the internet.
pub(super) fn run(args: &NetworkDiff, terminal: &Terminal) -> Result<Done, Failure> {
    let older = super::of_folder(&args.older, &args.catalog, terminal)?;
    let newer = super::of_folder(&args.newer, &args.catalog, terminal)?;
    let answer = ask::diff(&older, &newer);
    super::write(&args.form, terminal, &answer, |page| told(page, &answer))?;
    Ok(Done::Clean)
}

fn told(page: &mut Page<'_>, answer: &DiffAnswer) -> io::Result<()> {
    let (mut opened, mut closed) = (0, 0);
    for change in &answer.changes {
        opened += usize::from(!change.opened.is_empty());
        closed += usize::from(!change.closed.is_empty());
        let (state, word) = match (change.opened.is_empty(), change.closed.is_empty()) {
            (false, true) => (State::Fail, "opened"),
            (true, _) => (State::Pass, "closed"),
            (false, false) => (State::Fail, "changed"),
        };
        page.state(
            state,
            word,
            &format!("{} at {}", change.interface, change.address),
        )?;
        traffic(page, "  opened", &change.opened, "from")?;
        traffic(page, "  closed", &change.closed, "from")?;
        page.line("")?;
    }
    page.title(&format!(
        "{} opened something to the internet, {} closed something",
        if opened == 1 {
            "1 address".to_owned()
        } else {
            format!("{opened} addresses")
        },
        closed
    ))
}
