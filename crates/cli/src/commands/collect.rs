//! `palisade collect --out DIR`

use crate::args::Collect;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::live::{Job, Live};
use crate::state::State;
use crate::terminal::Terminal;
use palisade_core::Clock;
use palisade_core::catalog::Selection;
use palisade_core::schema::Reads;

/// Collects, and tells where the snapshot is.
pub(crate) fn run(args: &Collect, terminal: &Terminal, clock: Clock) -> Result<Done, Failure> {
    let house = House::open(args.catalog.catalog.as_deref())?;
    let reads = if args.tables.is_empty() {
        let controls = Selection::from(&args.select).controls(&house.catalog)?;
        palisade_query::reads(&house.catalog, house.schemas(), &controls)?
    } else {
        whole_tables(args, &house)?
    };
    let out = match &args.out {
        Some(out) => out.clone(),
        None => State::find()?.place(args.collect.resume, clock)?,
    };
    let job = Job {
        reads,
        house: &house,
        aws: &args.aws,
        collect: &args.collect,
        out,
    };
    if let Live::Collected(folder) = job.run(terminal, clock)? {
        terminal.note(&format!("snapshot: {}", folder.display()));
    }
    Ok(Done::Clean)
}

/// The tables named, with all their columns.
fn whole_tables(args: &Collect, house: &House) -> Result<Reads, Failure> {
    let mut reads = Reads::new();
    for name in &args.tables {
        let table = house.catalog.table(name)?;
        reads.insert(name.clone(), table.fills.keys().cloned().collect());
    }
    Ok(reads)
}
