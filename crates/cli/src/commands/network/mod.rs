//! `palisade network exposed|egress|path|check|diff|graph`

mod check;
mod diff;
mod egress;
mod exposed;
mod graph;
mod path;
mod words;

use crate::args::{AnswerArgs, CatalogArgs, Estate, Network as Args};
use crate::dump;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::source::{self, Source};
use crate::terminal::Terminal;
use palisade_core::snapshot::MANIFEST;
use palisade_network::{Network, Warning, from_dump};
use palisade_report::Page;
use serde::Serialize;
use std::io;
use std::path::Path;

/// Asks the network one question.
pub(crate) fn run(args: &Args, terminal: &Terminal) -> Result<Done, Failure> {
    match args {
        Args::Exposed(args) => exposed::run(args, terminal),
        Args::Egress(args) => egress::run(args, terminal),
        Args::Path(args) => path::run(args, terminal),
        Args::Check(args) => check::run(args, terminal),
        Args::Diff(args) => diff::run(args, terminal),
        Args::Graph(args) => graph::run(args, terminal),
    }
}

/// The network that the arguments name: of a folder of JSON, of a snapshot, or of the newest snapshot.
fn network(estate: &Estate, terminal: &Terminal) -> Result<Network, Failure> {
    if let Some(folder) = &estate.from_dir {
        return of_dump(folder, terminal);
    }
    let source = Source::of(&estate.source)?;
    of_snapshot(source.path(), &estate.catalog, terminal)
}

/// The network in a folder, whichever kind it is of.
fn of_folder(
    folder: &Path,
    catalog: &CatalogArgs,
    terminal: &Terminal,
) -> Result<Network, Failure> {
    if folder.join(MANIFEST).is_file() {
        of_snapshot(folder, catalog, terminal)
    } else {
        of_dump(folder, terminal)
    }
}

fn of_dump(folder: &Path, terminal: &Terminal) -> Result<Network, Failure> {
    let documents = dump::documents(folder)?;
    let (estate, warnings) = from_dump(&documents);
    warn(&warnings, terminal);
    Ok(Network::new(estate))
}

fn of_snapshot(
    folder: &Path,
    catalog: &CatalogArgs,
    terminal: &Terminal,
) -> Result<Network, Failure> {
    let house = House::open(catalog, terminal)?;
    let (_, session) = source::open(folder, &house, terminal)?;
    let (network, warnings) = session.network()?;
    warn(&warnings, terminal);
    Ok(network)
}

fn warn(warnings: &[Warning], terminal: &Terminal) {
    let lines = warnings.iter().map(|w| format!("{}: {}", w.at, w.message));
    terminal.notes(&lines.collect::<Vec<_>>());
}

/// Writes an answer: as JSON, or as `told` tells it to people.
fn write<T: Serialize>(
    form: &AnswerArgs,
    terminal: &Terminal,
    answer: &T,
    told: impl FnOnce(&mut Page<'_>) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut output = terminal.output(form.out.as_deref())?;
    if form.format == "json" {
        output.json(answer)?;
    } else {
        let mut page = Page::new(Box::new(&mut output), terminal.options(false));
        told(&mut page)?;
        page.flush()?;
        drop(page);
    }
    output.finish()?;
    Ok(())
}

/// An error of a question.
fn wrong(error: palisade_network::Error) -> Failure {
    Failure::usage(error)
}
