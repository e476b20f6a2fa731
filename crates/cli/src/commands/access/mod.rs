//! `palisade access ...`: who can do what, decided by the policies themselves.

mod answer;
mod ask;
mod check;
mod escalation;
mod lines;
mod minimise;
mod outside;
mod policies;
mod simulate;
mod validate;

use crate::args::{Access, CatalogArgs, SourceArgs};
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::source::Source;
use crate::terminal::Terminal;
use palisade_iam::estate::Estate;
use palisade_query::{Session, Snapshot};

/// Runs the question asked.
pub(crate) fn run(access: &Access, terminal: &Terminal) -> Result<Done, Failure> {
    match access {
        Access::Simulate(args) => simulate::run(args, terminal),
        Access::Minimise(args) => minimise::run(args, terminal),
        Access::Validate(args) => validate::run(args, terminal),
        Access::Compare(args) => check::compare(args, terminal),
        Access::Check(args) => check::check(args, terminal),
        Access::WhoCan(args) => ask::who_can(args, terminal),
        Access::WhatCan(args) => ask::what_can(args, terminal),
        Access::Public(args) => outside::public(args, terminal),
        Access::External(args) => outside::external(args, terminal),
        Access::Escalation(args) => escalation::run(args, terminal),
        Access::Keys(args) => ask::keys(args, terminal),
    }
}

/// What the snapshot tells of access.
fn estate(
    source: &SourceArgs,
    catalog: &CatalogArgs,
    terminal: &Terminal,
) -> Result<Estate, Failure> {
    let house = House::open(catalog.catalog.as_deref())?;
    let source = Source::of(source)?;
    let snapshot = Snapshot::open(source.path())?;
    if let Some(why) = &snapshot.manifest().incomplete {
        terminal.note(&format!("this snapshot is incomplete: {why}"));
    }
    let session = Session::open(&snapshot, &house.catalog, house.schemas())?;
    Ok(session.access()?)
}
