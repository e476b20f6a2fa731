//! `palisade collect --out DIR`

use crate::args::Collect;
use crate::failure::{Done, Failure};
use crate::house::House;
use crate::live::{Job, Live};
use crate::state::{State, can_go_on};
use crate::terminal::Terminal;
use palisade_core::Clock;
use palisade_core::catalog::Selection;
use palisade_core::schema::Reads;
use palisade_core::snapshot::MANIFEST;
use std::path::Path;

mod from_dir;

/// Collects, and tells where the snapshot is.
pub(crate) fn run(args: &Collect, terminal: &Terminal, clock: Clock) -> Result<Done, Failure> {
    let house = House::open(&args.catalog, terminal)?;
    if let Some(folder) = &args.from_dir {
        return from_dir::run(folder, args, &house, terminal, clock);
    }
    let reads = if args.tables.is_empty() {
        let controls = Selection::from(&args.select).controls(&house.catalog)?;
        palisade_query::reads(&house.catalog, house.schemas(), &controls)?
    } else {
        whole_tables(args, &house)?
    };
    let out = match &args.out {
        Some(out) => {
            fit(out, args.collect.resume)?;
            out.clone()
        }
        None => State::find()?.place(args.collect.resume, clock)?,
    };
    let job = Job {
        reads,
        house: &house,
        aws: &args.aws,
        collect: &args.collect,
        out,
    };
    Ok(match job.run(terminal, clock)? {
        Live::Planned => Done::Clean,
        Live::Collected { folder, whole } => {
            terminal.note(&format!("snapshot: {}", folder.display()));
            if whole { Done::Clean } else { Done::Incomplete }
        }
    })
}

/// Whether a folder may be written to: a new or empty one, or a snapshot.
fn fit(out: &Path, resume: bool) -> Result<(), Failure> {
    if resume && !can_go_on(out) {
        return Err(Failure::usage(format!(
            "there is no run to go on with in `{}`",
            out.display()
        ))
        .hint("leave `--resume` out to begin one"));
    }
    if out.exists() && !out.is_dir() {
        return Err(
            Failure::usage(format!("`{}` is not a folder", out.display()))
                .hint("a snapshot is a folder of tables"),
        );
    }
    let foreign = fs_err::read_dir(out).is_ok_and(|mut entries| entries.next().is_some())
        && !out.join(MANIFEST).is_file()
        && !can_go_on(out);
    if foreign {
        return Err(Failure::usage(format!(
            "`{}` has other files in it, and is no snapshot",
            out.display()
        ))
        .hint("name a new folder"));
    }
    Ok(())
}

/// The tables named, with all their columns.
fn whole_tables(args: &Collect, house: &House) -> Result<Reads, Failure> {
    let mut reads = Reads::new();
    for name in &args.tables {
        // A derived table stands for all that its engine looks into.
        let names: Vec<&String> = match house.catalog.derived.get(name) {
            Some(derived) => derived.reads.keys().chain(&derived.uses).collect(),
            None => vec![name],
        };
        for name in names {
            let table = house.catalog.table(name)?;
            reads.insert(name.clone(), table.fills.keys().cloned().collect());
        }
    }
    Ok(reads)
}
